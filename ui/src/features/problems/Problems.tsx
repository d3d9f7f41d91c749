import type { RefObject } from 'react';
import type { Problem } from '../../platform/bindings/Problem';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { NotSynced } from '../chart/RecordStateTag';
import { Section } from '../chart/Section';

/** Whether a problem still counts; what is not known counts. */
export function isActive({ status }: Problem): boolean {
  return !['inactive', 'remission', 'resolved'].includes(status);
}

export function Problems({ items, scroller }: { items: readonly Problem[]; scroller: RefObject<HTMLElement | null> }) {
  const columns: Column<Problem>[] = [
    {
      id: 'name',
      name: t('column.problem'),
      width: 'minmax(10rem, 2.4fr)',
      cell: (row) => (
        <>
          <strong>{row.name}</strong> <Doubt verification={row.verification} /> <NotSynced state={row.source.state} />
          {row.code === null ? null : <div className="soft small">{row.code}</div>}
        </>
      ),
    },
    { id: 'status', name: t('column.status'), width: 'minmax(5rem, 0.8fr)', cell: (row) => wordsOf('status', row.status) },
    { id: 'onset', name: t('column.onset'), width: 'minmax(6rem, 0.8fr)', cell: (row) => row.onset ?? t('column.not_recorded') },
    { id: 'abated', name: t('column.abated'), width: 'minmax(6rem, 0.8fr)', cell: (row) => row.abated ?? '' },
    {
      id: 'category',
      name: t('column.category'),
      width: 'minmax(6rem, 1fr)',
      cell: (row) => (row.category === null ? '' : wordsOf('problem_category', row.category)),
    },
  ];
  const active = items.filter(isActive).length;
  return (
    <Section id="problems" count={items.length} note={t('problems.active', { n: active })}>
      {items.length === 0 ? undefined : (
        <Rows
          label={t('section.problems')}
          columns={columns}
          rows={items}
          keyOf={({ source }) => source.id}
          scroller={scroller}
          dim={(row) => !isActive(row)}
        />
      )}
    </Section>
  );
}

/** What is not confirmed is marked, so that a suspicion is not read as a finding. */
export function Doubt({ verification }: { verification: string | null }) {
  if (verification === null || verification === 'confirmed') return null;
  return (
    <span className="tag" data-tone="info">
      {wordsOf('verification', verification)}
    </span>
  );
}
