import type { RefObject } from 'react';
import type { Line } from '../../platform/bindings/Line';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { NotSynced } from './RecordStateTag';
import { Section } from './Section';

type Scroller = RefObject<HTMLElement | null>;

/** Records that need no more than a line: reports, procedures, orders. */
export function Lines({ id, items, scroller }: { id: 'reports' | 'procedures' | 'orders'; items: readonly Line[]; scroller: Scroller }) {
  return (
    <Section id={id} count={items.length}>
      {items.length === 0 ? undefined : <LineRows label={t(`section.${id}`)} items={items} scroller={scroller} />}
    </Section>
  );
}

export function LineRows({
  label,
  items,
  scroller,
  kinds = false,
}: {
  label: string;
  items: readonly Line[];
  scroller: Scroller;
  /** Names the kind of record, where kinds are mixed. */
  kinds?: boolean;
}) {
  const columns: Column<Line>[] = [
    ...(kinds
      ? [{ id: 'kind', name: t('column.kind'), width: 'minmax(6rem, 0.8fr)', cell: (row: Line) => wordsOf('kind', row.source.kind) }]
      : []),
    {
      id: 'title',
      name: t('column.what'),
      width: 'minmax(10rem, 2fr)',
      cell: (row) => (
        <>
          {row.title} <NotSynced state={row.source.state} />
        </>
      ),
    },
    { id: 'status', name: t('column.status'), width: 'minmax(5rem, 0.7fr)', cell: (row) => (row.status === null ? '' : wordsOf('status', row.status)) },
    { id: 'when', name: t('column.when'), width: 'minmax(6.5rem, 0.8fr)', cell: (row) => row.when ?? t('column.no_date') },
    { id: 'detail', name: t('column.detail'), width: 'minmax(6rem, 1.4fr)', cell: (row) => row.detail ?? '' },
  ];
  return (
    <Rows
      label={label}
      columns={columns}
      rows={items}
      keyOf={({ source }) => `${source.kind}/${source.id}`}
      scroller={scroller}
    />
  );
}
