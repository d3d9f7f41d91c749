import type { RefObject } from 'react';
import type { Encounter } from '../../platform/bindings/Encounter';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { NotSynced } from '../chart/RecordStateTag';
import { Section } from '../chart/Section';

export function Encounters({ items, scroller }: { items: readonly Encounter[]; scroller: RefObject<HTMLElement | null> }) {
  const columns: Column<Encounter>[] = [
    { id: 'period', name: t('column.when'), width: 'minmax(9rem, 1.1fr)', cell: (row) => row.period ?? t('column.no_date') },
    {
      id: 'kind',
      name: t('column.encounter'),
      width: 'minmax(9rem, 1.4fr)',
      cell: (row) => (
        <>
          {row.kind} <NotSynced state={row.source.state} />
        </>
      ),
    },
    { id: 'reason', name: t('column.reason'), width: 'minmax(7rem, 1.3fr)', cell: (row) => row.reason ?? '' },
    { id: 'with', name: t('column.with'), width: 'minmax(7rem, 1.2fr)', cell: (row) => row.with ?? '' },
    { id: 'status', name: t('column.status'), width: 'minmax(5rem, 0.7fr)', cell: (row) => wordsOf('status', row.status) },
  ];
  return (
    <Section id="encounters" count={items.length}>
      {items.length === 0 ? undefined : (
        <Rows label={t('section.encounters')} columns={columns} rows={items} keyOf={({ source }) => source.id} scroller={scroller} />
      )}
    </Section>
  );
}
