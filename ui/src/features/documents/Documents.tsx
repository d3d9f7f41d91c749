import type { RefObject } from 'react';
import type { DocumentRow } from '../../platform/bindings/DocumentRow';
import { Button } from '../../shared/Button';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { useDesk, useDrafts } from '../desk/DeskContext';
import { useMay } from '../desk/may';
import { useActions } from '../desk/useActions';
import { RecordStateTag } from '../chart/RecordStateTag';
import { Section } from '../chart/Section';
import { NewNote } from '../notes/NewNote';

/** Unsigned notes of this clinician first, then everything signed, each with its way to the EHR. */
export function Documents({
  patient,
  items,
  read,
  scroller,
}: {
  patient: string;
  items: readonly DocumentRow[];
  read: (row: DocumentRow) => void;
  scroller: RefObject<HTMLElement | null>;
}) {
  const { move } = useDesk();
  const act = useActions();
  const may = useMay();
  const drafts = useDrafts(patient);
  return (
    <Section id="documents" count={items.length} actions={may.writeNotes ? <NewNote act={act} /> : null}>
      {drafts.length === 0 && items.length === 0 ? undefined : (
        <>
      {drafts.length === 0 ? null : (
        <ul className="draft-list" aria-label={t('notes.drafts')}>
          {drafts.map((draft) => (
            <li key={draft.id}>
              <span className="tag" data-tone="warn">
                {t('notes.unsigned')}
              </span>
              <span className="grow draft-words" dir="auto">
                <strong>{wordsOf('note_type', draft.noteType)}</strong> {draft.text.slice(0, 120)}
              </span>
              <Button onPress={() => move({ to: 'draft', patient, draft: draft.id })} testId={`draft-open-${draft.id}`}>
                {t('notes.continue')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {items.length === 0 ? null : (
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
        </>
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
