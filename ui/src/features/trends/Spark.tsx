import type { Series } from '../../platform/bindings/Series';

const WIDTH = 96;
const HEIGHT = 22;
const PAD = 3;

/** The course of a series at a glance: its last values over time, its range behind them. Decoration beside the value; the plot and its table say the same exactly. */
export function Spark({ series, last = 24 }: { series: Series; last?: number }) {
  const points = series.points.slice(-last).filter(hasValue);
  if (points.length < 2) return null;
  const second = series.second.slice(-last).filter((value) => value !== null);
  const values = [...points.map(({ value }) => value), ...second];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const start = points[0]?.at ?? 0;
  const span = (points.at(-1)?.at ?? 0) - start || 1;
  const x = (at: number) => PAD + ((at - start) / span) * (WIDTH - 2 * PAD);
  const y = (value: number) => HEIGHT - PAD - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * PAD);
  const end = points.at(-1);

  return (
    <svg className="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
      {series.low !== null && series.high !== null ? (
        <rect
          className="spark-band"
          x="0"
          width={WIDTH}
          y={Math.max(0, y(Math.min(series.high, high)))}
          height={Math.max(0, y(Math.max(series.low, low)) - y(Math.min(series.high, high)))}
        />
      ) : null}
      <polyline className="spark-line" points={points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')} />
      {end === undefined ? null : <circle className="spark-end" cx={x(end.at)} cy={y(end.value)} r="2.2" />}
    </svg>
  );
}

function hasValue<P extends { value: number | null }>(point: P): point is P & { value: number } {
  return point.value !== null;
}
