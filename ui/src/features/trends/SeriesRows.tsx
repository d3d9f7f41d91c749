import { type RefObject, useState } from 'react';
import type { Series } from '../../platform/bindings/Series';
import { type Column, Rows } from '../../shared/Rows';
import { t } from '../../words';
import { NotSynced } from '../chart/RecordStateTag';
import { Flag, isAbnormal } from './Flag';
import { Spark } from './Spark';
import { Provisional, Trend } from './Trend';

/** Series by their latest value; opening a row shows its course beneath. */
export function SeriesRows({
  label,
  kind,
  series,
  scroller,
  openFirst = false,
}: {
  label: string;
  kind: 'vital' | 'lab' | 'observation';
  series: readonly Series[];
  scroller: RefObject<HTMLElement | null>;
  openFirst?: boolean;
}) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set(openFirst ? series.slice(0, 1).map(({ code }) => code) : []));
  const toggle = ({ code }: Series) => {
    setOpened((now) => {
      const next = new Set(now);
      if (!next.delete(code)) next.add(code);
      return next;
    });
  };

  const columns: Column<Series>[] = [
    {
      id: 'name',
      name: t('column.test'),
      width: 'minmax(8rem, 1.5fr)',
      cell: (row) => (
        <>
          <span className="disclosure" aria-hidden="true">
            {opened.has(row.code) ? '▾' : '▸'}
          </span>{' '}
          <strong title={row.long_name ?? undefined}>{row.name}</strong>
        </>
      ),
    },
    { id: 'value', name: t('column.latest'), width: 'minmax(5.5rem, 1fr)', cell: (row) => <Latest series={row} /> },
    { id: 'flag', name: t('column.flag'), width: '10.75rem', cell: (row) => <LatestFlag series={row} /> },
    { id: 'range', name: t('column.range'), width: 'minmax(4.5rem, 0.6fr)', cell: (row) => row.points.at(-1)?.range ?? '–' },
    { id: 'when', name: t('column.when'), width: '9.25rem', cell: (row) => row.points.at(-1)?.when ?? '' },
    { id: 'course', name: t('column.course'), width: '6.25rem', cell: (row) => (row.points.length < 2 ? t('column.single') : <Spark series={row} />) },
  ];
  return (
    <Rows
      label={label}
      columns={columns}
      rows={series}
      keyOf={({ code }) => code}
      open={toggle}
      expanded={({ code }) => opened.has(code)}
      scroller={scroller}
      rowTestId={({ code }) => `${kind}-row-${code}`}
      below={(row) => (opened.has(row.code) ? <Trend series={row} /> : null)}
    />
  );
}

function Latest({ series }: { series: Series }) {
  const latest = series.points.at(-1);
  if (latest === undefined) return null;
  return (
    <span data-abnormal={isAbnormal(latest.abnormal)} className="latest">
      <strong>{latest.shown}</strong> <span className="soft">{series.unit}</span> <Provisional status={latest.status} />{' '}
      <NotSynced state={latest.source.state} />
    </span>
  );
}

function LatestFlag({ series }: { series: Series }) {
  const latest = series.points.at(-1);
  return latest === undefined ? null : <Flag abnormal={latest.abnormal} />;
}
