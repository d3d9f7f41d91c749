import type { RefObject } from 'react';
import type { DocumentRow } from '../../platform/bindings/DocumentRow';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { RecordStateTag } from '../chart/RecordStateTag';
import { Section } from '../chart/Section';

/** Everything signed or filed, each with its way to the EHR. */
export function Documents({
  items,
  read,
  scroller,
}: {
  items: readonly DocumentRow[];
  read: (row: DocumentRow) => void;
  scroller: RefObject<HTMLElement | null>;
}) {
  return (
    <Section id="documents" count={items.length}>
      {items.length === 0 ? undefined : (
        <Rows
          label={t('section.documents')}
          columns={columns()}
          rows={items}
          keyOf={({ source }) => `${source.kind}/${source.id}`}
          open={read}
          rowTestId={({ source }) => `document-${source.id}`}
          scroller={scroller}
          dim={({ status }) => status === 'superseded'}
        />
      )}
    </Section>
  );
}

function columns(): Column<DocumentRow>[] {
  return [
    { id: 'when', name: t('column.when'), width: 'minmax(6.5rem, 0.8fr)', cell: (row) => row.when ?? t('column.no_date') },
    {
      id: 'title',
      name: t('column.document'),
      width: 'minmax(9rem, 2fr)',
      cell: (row) => (
        <>
          <strong>{row.title}</strong>
          {row.excerpt === null ? null : <div className="soft small one-line">{row.excerpt}</div>}
        </>
      ),
    },
    { id: 'author', name: t('column.author'), width: 'minmax(6rem, 1fr)', cell: (row) => row.author ?? t('column.not_recorded') },
    { id: 'status', name: t('column.status'), width: 'minmax(4.5rem, 0.6fr)', cell: (row) => wordsOf('status', row.status) },
    {
      id: 'state',
      name: t('column.state'),
      width: 'minmax(6.5rem, 0.8fr)',
      cell: (row) => <RecordStateTag state={row.source.state} testId={`note-state-${row.source.id}`} />,
    },
  ];
}
