import { lazy, Suspense, useMemo, useRef, useState } from 'react';
import type { Point } from '../../platform/bindings/Point';
import type { Series } from '../../platform/bindings/Series';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { NotSynced } from '../chart/RecordStateTag';
import { Flag } from './Flag';
import './trends.css';

const Plot = lazy(async () => ({ default: (await import('./Plot')).Plot }));

/** A series as a plot, and beside it the table that says the same: exactly, with every flag, and by keyboard. */
export function Trend({ series }: { series: Series }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number>();
  const newestFirst = useMemo(() => series.points.map((point, index) => ({ point, index })).reverse(), [series]);
  const plotted = series.points.filter(({ value }) => value !== null).length;
  const at = pointed === undefined ? undefined : series.points[pointed];

  return (
    <div className="trend" data-testid={`trend-${series.code}`}>
      {series.long_name === null ? null : <p className="soft trend-long-name">{series.long_name}</p>}
      {plotted > 0 ? (
        <figure className="trend-figure">
          <Suspense fallback={<div className="trend-plot" />}>
            <Plot series={series} pointed={pointed} point={setPointed} label={plotLabel(series)} />
          </Suspense>
          <figcaption className="trend-readout">
            {at === undefined ? <Legend series={series} /> : <Readout series={series} point={at} />}
          </figcaption>
        </figure>
      ) : null}
      <div ref={scroller} className="trend-scroll">
        <Rows
          label={t('trend.table', { name: series.name })}
          columns={columnsOf(series)}
          rows={newestFirst}
          keyOf={({ point, index }) => `${point.source.id}/${index}`}
          scroller={scroller}
          testId="trend-table"
          stacks={false}
          focused={({ index }) => setPointed(index)}
        />
      </div>
    </div>
  );
}

function Legend({ series }: { series: Series }) {
  return (
    <>
      <span className="trend-key" data-line="1">
        {series.second_name === null ? series.name : t('trend.first')}
        {series.unit === null ? '' : ` (${series.unit})`}
      </span>
      {series.second_name === null ? null : (
        <span className="trend-key" data-line="2">
          {series.second_name}
        </span>
      )}
      {series.low === null && series.high === null ? null : (
        <span className="trend-key" data-line="band">
          {rangeOf(series)}
        </span>
      )}
    </>
  );
}

function Readout({ series, point }: { series: Series; point: Point }) {
  return (
    <span>
      {point.when} · <strong>{point.shown}</strong> {series.unit} <Flag abnormal={point.abnormal} />
      {point.range === null ? null : <span className="soft"> {t('trend.range', { range: point.range })}</span>}
    </span>
  );
}

function rangeOf({ low, high }: Series): string {
  if (low !== null && high !== null) return t('trend.band', { low, high });
  return low !== null ? t('trend.band_low', { low }) : t('trend.band_high', { high: high ?? '' });
}

function plotLabel(series: Series): string {
  return t('trend.plot', {
    name: series.name,
    n: series.points.length,
    from: series.points[0]?.when ?? '',
    to: series.points.at(-1)?.when ?? '',
  });
}

function columnsOf(series: Series): Column<{ point: Point; index: number }>[] {
  return [
    { id: 'when', name: t('column.when'), width: '9.25rem', cell: ({ point }) => point.when },
    {
      id: 'value',
      name: series.unit === null ? t('column.value') : t('column.value_in', { unit: series.unit }),
      width: 'minmax(4.5rem, 1fr)',
      cell: ({ point }) => (
        <>
          <strong>{point.shown}</strong> <Provisional status={point.status} /> <NotSynced state={point.source.state} />
        </>
      ),
    },
    { id: 'flag', name: t('column.flag'), width: 'minmax(6rem, 1fr)', cell: ({ point }) => <Flag abnormal={point.abnormal} /> },
    { id: 'range', name: t('column.range'), width: 'minmax(4.5rem, 0.6fr)', cell: ({ point }) => point.range ?? '' },
  ];
}

/** A value that is not final says so; "final" is what one expects. */
export function Provisional({ status }: { status: string }) {
  if (status === 'final') return null;
  return (
    <span className="tag" data-tone="info">
      {wordsOf('status', status)}
    </span>
  );
}
