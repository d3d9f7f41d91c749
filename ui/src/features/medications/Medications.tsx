import type { RefObject } from 'react';
import type { Medication } from '../../platform/bindings/Medication';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { NotSynced } from '../chart/RecordStateTag';
import { Section } from '../chart/Section';

/** Whether the patient may still be taking it; what is not known counts. */
export function isCurrent({ status }: Medication): boolean {
  return !['stopped', 'completed', 'cancelled', 'not-taken', 'draft'].includes(status);
}

export function Medications({ items, scroller }: { items: readonly Medication[]; scroller: RefObject<HTMLElement | null> }) {
  const columns: Column<Medication>[] = [
    {
      id: 'name',
      name: t('column.medication'),
      width: 'minmax(10rem, 2fr)',
      cell: (row) => (
        <>
          <strong>{row.name}</strong> <NotSynced state={row.source.state} />
        </>
      ),
    },
    { id: 'dosage', name: t('column.dosage'), width: 'minmax(9rem, 1.8fr)', cell: (row) => row.dosage ?? t('column.not_recorded') },
    {
      id: 'status',
      name: t('column.status'),
      width: 'minmax(5rem, 0.7fr)',
      cell: (row) => (
        <>
          {wordsOf('status', row.status)}
          {row.intent === null || row.intent === 'order' ? null : <div className="soft small">{wordsOf('intent', row.intent)}</div>}
        </>
      ),
    },
    { id: 'written', name: t('column.written'), width: 'minmax(6rem, 0.7fr)', cell: (row) => row.written ?? '' },
    { id: 'prescriber', name: t('column.prescriber'), width: 'minmax(6rem, 1fr)', cell: (row) => row.prescriber ?? '' },
    { id: 'reason', name: t('column.reason'), width: 'minmax(6rem, 1fr)', cell: (row) => row.reason ?? '' },
  ];
  return (
    <Section id="medications" count={items.length} note={t('medications.current', { n: items.filter(isCurrent).length })}>
      {items.length === 0 ? undefined : (
        <Rows
          label={t('section.medications')}
          columns={columns}
          rows={items}
          keyOf={({ source }) => `${source.kind}/${source.id}`}
          scroller={scroller}
          dim={(row) => !isCurrent(row)}
        />
      )}
    </Section>
  );
}
