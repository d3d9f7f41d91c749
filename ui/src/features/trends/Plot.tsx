import { useEffect, useEffectEvent, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Abnormal } from '../../platform/bindings/Abnormal';
import type { Series } from '../../platform/bindings/Series';
import { locale } from '../../words';

const HEIGHT = 200;
const DAY = 86_400;

/** A series over time on a canvas: values, the reference range as a band, a triangle where a value lies outside. */
export function Plot({
  series,
  pointed,
  point,
  label,
}: {
  series: Series;
  /** Index of the value someone points at, in the table or here. */
  pointed: number | undefined;
  point: (index: number | undefined) => void;
  label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const scheme = useScheme();
  const onPoint = useEffectEvent(point);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const colours = coloursOf(element);
    const drawn = new uPlot(optionsFor(series, colours, element.clientWidth, onPoint), dataOf(series), element);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [series, scheme]);

  useEffect(() => {
    const drawn = plot.current;
    const at = pointed === undefined ? undefined : series.points[pointed];
    if (drawn === null || at === undefined || drawn.cursor.idx === pointed) return;
    const left = drawn.valToPos(at.at / 1000, 'x');
    drawn.setCursor({ left, top: at.value === null ? 0 : drawn.valToPos(at.value, 'y') }, false);
  }, [pointed, series]);

  return <div ref={box} className="trend-plot" role="img" aria-label={label} dir="ltr" onPointerLeave={() => point(undefined)} />;
}

function dataOf({ points, second, second_name }: Series): uPlot.AlignedData {
  const times = points.map(({ at }) => at / 1000);
  const values = points.map(({ value }) => value);
  return second_name === null ? [times, values] : [times, values, second];
}

interface Colours {
  ink: string;
  grid: string;
  band: string;
  first: string;
  second: string;
  danger: string;
  ground: string;
  font: string;
}

function optionsFor(series: Series, colours: Colours, width: number, point: (index: number | undefined) => void): uPlot.Options {
  const line = (stroke: string, dash: number[] = []): uPlot.Series => ({
    stroke,
    width: 2,
    dash,
    spanGaps: true,
    points: { show: series.points.length <= 80, size: 6, fill: colours.ground, stroke },
  });
  const axis: uPlot.Axis = {
    stroke: colours.ink,
    font: colours.font,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1 },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [10, 24, 0, 0],
    cursor: { y: false, drag: { x: true, y: false, setScale: true } },
    scales: { x: { time: true, range: rangeOfTime }, y: { range: rangeOfValues(series) } },
    series: series.second_name === null ? [{}, line(colours.first)] : [{}, line(colours.first), line(colours.second, [6, 4])],
    axes: [
      { ...axis, values: (_, splits, __, ___, increment) => splits.map((seconds) => tick(seconds, increment)), space: 64 },
      { ...axis, size: 52 },
    ],
    hooks: {
      drawClear: [(u) => drawBand(u, series, colours)],
      draw: [(u) => drawFlags(u, series, colours)],
      setCursor: [(u) => point(u.cursor.idx ?? undefined)],
    },
  };
}

/** A single value, or several of one moment, still gets an axis. */
function rangeOfTime(_: uPlot, low: number, high: number): uPlot.Range.MinMax {
  const pad = high > low ? (high - low) * 0.03 : DAY;
  return [low - pad, high + pad];
}

/** Room for the values, and for the reference range where that does not flatten them. */
function rangeOfValues({ low: bandLow, high: bandHigh }: Series) {
  return (_: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax => {
    if (low === null || high === null) return [0, 1];
    const reach = Math.max(high - low, Math.abs(high) * 0.05, 1e-6);
    const bottom = bandLow !== null && low - bandLow < reach * 2 ? Math.min(low, bandLow) : low;
    const top = bandHigh !== null && bandHigh - high < reach * 2 ? Math.max(high, bandHigh) : high;
    const pad = Math.max((top - bottom) * 0.1, 1e-6);
    return [bottom >= 0 ? Math.max(0, bottom - pad) : bottom - pad, top + pad];
  };
}

function drawBand(u: uPlot, { low, high }: Series, { band }: Colours): void {
  if (low === null && high === null) return;
  const { left, top, width, height } = u.bbox;
  const clamp = (y: number) => Math.max(top, Math.min(top + height, y));
  const from = high === null ? top : clamp(u.valToPos(high, 'y', true));
  const to = low === null ? top + height : clamp(u.valToPos(low, 'y', true));
  u.ctx.save();
  u.ctx.fillStyle = band;
  u.ctx.fillRect(left, from, width, to - from);
  u.ctx.restore();
}

function drawFlags(u: uPlot, { points }: Series, { danger }: Colours): void {
  const size = 5 * devicePixelRatio;
  u.ctx.save();
  u.ctx.fillStyle = danger;
  for (const { at, value, abnormal } of points) {
    const turn = TURN[abnormal];
    if (value === null || turn === undefined) continue;
    const x = u.valToPos(at / 1000, 'x', true);
    const y = u.valToPos(value, 'y', true);
    u.ctx.beginPath();
    u.ctx.moveTo(x, y - turn * size);
    u.ctx.lineTo(x - size, y + turn * size * 0.8);
    u.ctx.lineTo(x + size, y + turn * size * 0.8);
    u.ctx.closePath();
    u.ctx.fill();
  }
  u.ctx.restore();
}

const TURN: Partial<Record<Abnormal, 1 | -1>> = { high: 1, critical_high: 1, low: -1, critical_low: -1, abnormal: 1 };

function tick(seconds: number, increment: number): string {
  const at = new Date(seconds * 1000);
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale(), options).format(at);
  if (increment >= 360 * DAY) return format({ year: 'numeric' });
  if (increment >= 28 * DAY) return format({ month: 'short', year: 'numeric' });
  if (increment >= DAY) return format({ day: '2-digit', month: 'short' });
  return format({ hour: '2-digit', minute: '2-digit' });
}

/** The canvas takes computed colours only. */
function coloursOf(element: HTMLElement): Colours {
  const probe = document.createElement('span');
  element.append(probe);
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const colours = {
    ink: read('--ink-soft'),
    grid: read('--line'),
    band: read('--plot-band'),
    first: read('--plot-1'),
    second: read('--plot-2'),
    danger: read('--danger'),
    ground: read('--surface'),
    font,
  };
  probe.remove();
  return colours;
}

/** Changes when the colours do: the system's scheme, or the choice of the clinician. */
function useScheme(): string {
  const read = () =>
    `${document.documentElement.dataset['theme'] ?? 'system'}/${String(window.matchMedia('(prefers-color-scheme: dark)').matches)}`;
  const [scheme, setScheme] = useState(read);
  useEffect(() => {
    const changed = () => setScheme(read());
    const media = window.matchMedia('(prefers-color-scheme: dark)');
    media.addEventListener('change', changed);
    const observer = new MutationObserver(changed);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      media.removeEventListener('change', changed);
      observer.disconnect();
    };
  }, []);
  return scheme;
}
