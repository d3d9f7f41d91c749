import type { RefObject } from 'react';
import type { Immunization } from '../../platform/bindings/Immunization';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { NotSynced } from '../chart/RecordStateTag';
import { Section } from '../chart/Section';

export function Immunizations({ items, scroller }: { items: readonly Immunization[]; scroller: RefObject<HTMLElement | null> }) {
  const columns: Column<Immunization>[] = [
    {
      id: 'vaccine',
      name: t('column.vaccine'),
      width: 'minmax(10rem, 2fr)',
      cell: (row) => (
        <>
          {row.vaccine} <NotSynced state={row.source.state} />
        </>
      ),
    },
    { id: 'cvx', name: t('column.cvx'), width: '4rem', cell: (row) => row.cvx ?? '' },
    { id: 'given', name: t('column.given'), width: 'minmax(6rem, 0.8fr)', cell: (row) => row.given ?? t('column.no_date') },
    { id: 'status', name: t('column.status'), width: 'minmax(5rem, 0.7fr)', cell: (row) => wordsOf('status', row.status) },
    { id: 'detail', name: t('column.detail'), width: 'minmax(6rem, 1fr)', cell: (row) => row.detail ?? '' },
  ];
  return (
    <Section id="immunizations" count={items.length}>
      {items.length === 0 ? undefined : (
        <Rows
          label={t('section.immunizations')}
          columns={columns}
          rows={items}
          keyOf={({ source }) => source.id}
          scroller={scroller}
          dim={({ status }) => status !== 'completed'}
        />
      )}
    </Section>
  );
}
