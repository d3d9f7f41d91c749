import { type MouseEvent, type ReactNode, useEffect, useState } from 'react';
import type { AuditQuery } from '../../platform/bindings/AuditQuery';
import type { AuditRow } from '../../platform/bindings/AuditRow';
import { usePlatform } from '../../platform/context';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { clockTime, dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { AuditState } from './AuditState';
import { nearest, places, type Scene, sceneAt, stay } from './recorder';

const SPEEDS = [1, 10, 60] as const;

/** The audit trail as a flight recorder is read: what was done, in its order and at its pace, and how things stood at each moment. */
export function Replay({ query }: { query: AuditQuery }) {
  const platform = usePlatform();
  const { data, failure, again } = useAsk(`replay ${JSON.stringify(query)}`, () => platform.call('audit_replay', { query }));
  if (data === undefined) {
    return failure === undefined ? <p role="status">{t('common.loading')}</p> : <FailureNotice failure={failure} again={again} brief />;
  }
  if (data.length === 0) return <p className="soft">{t('audit.none_such')}</p>;
  return <Recorder key={data.map(({ sequence }) => sequence).join()} rows={data} />;
}

function Recorder({ rows }: { rows: readonly AuditRow[] }) {
  const [index, setIndex] = useState(0);
  const [speed, setSpeed] = useState<number>(10);
  const [running, setRunning] = useState(false);
  const [looking, setLooking] = useState(false);
  const last = rows.length - 1;
  const [row, next] = [rows[index], rows[index + 1]];

  useEffect(() => {
    if (!running || row === undefined || next === undefined) return;
    const timer = setTimeout(() => {
      setIndex(index + 1);
      if (index + 1 === last) setRunning(false);
    }, stay(row, next, speed));
    return () => clearTimeout(timer);
  }, [running, row, next, index, last, speed]);

  if (row === undefined) return null;
  const go = (to: number) => {
    setRunning(false);
    setIndex(Math.min(last, Math.max(0, to)));
  };
  return (
    <section className="replay" aria-label={t('audit.replay')} data-testid="replay">
      <div className="replay-time">
        {/* For the keyboard; the line is for the pointer. */}
        <input
          type="range"
          className="visually-hidden"
          min={0}
          max={last}
          value={index}
          aria-label={t('audit.replay.moment')}
          aria-valuetext={`${clockTime(row.at)} ${wordsOf('audit.action', row.action)}`}
          onChange={({ target }) => go(Number(target.value))}
          data-testid="replay-slider"
        />
        <Line rows={rows} index={index} go={go} />
      </div>
      <div className="replay-controls">
        <Button aria-label={t('audit.replay.first')} isDisabled={index === 0} onPress={() => go(0)}>
          <span aria-hidden="true">⏮</span>
        </Button>
        <Button aria-label={t('audit.replay.back')} isDisabled={index === 0} onPress={() => go(index - 1)} testId="replay-back">
          <span aria-hidden="true">◀</span>
        </Button>
        <Button kind="primary" isDisabled={index === last} onPress={() => setRunning(!running)} testId="replay-run">
          {t(running ? 'audit.replay.pause' : 'audit.replay.run')}
        </Button>
        <Button aria-label={t('audit.replay.forward')} isDisabled={index === last} onPress={() => go(index + 1)} testId="replay-forward">
          <span aria-hidden="true">▶</span>
        </Button>
        <Button aria-label={t('audit.replay.last')} isDisabled={index === last} onPress={() => go(last)} testId="replay-last">
          <span aria-hidden="true">⏭</span>
        </Button>
        <label className="replay-speed">
          {t('audit.replay.speed')}
          <select className="input" value={speed} onChange={({ target }) => setSpeed(Number(target.value))}>
            {SPEEDS.map((one) => (
              <option key={one} value={one}>
                ×{one}
              </option>
            ))}
          </select>
        </label>
        <span className="soft">{t('audit.replay.of', { n: index + 1, of: rows.length })}</span>
      </div>
      <div className="replay-moment">
        <Entry row={row} />
        <Stood scene={sceneAt(rows, index)} />
      </div>
      {row.kept ? (
        <>
          <Button aria-expanded={looking} onPress={() => setLooking(!looking)} testId="replay-state">
            {t('audit.replay.state')}
          </Button>
          {looking && !running ? <AuditState sequence={row.sequence} /> : null}
        </>
      ) : null}
    </section>
  );
}

/** Every entry in its place; what was refused or failed stands out by shape as well. */
function Line({ rows, index, go }: { rows: readonly AuditRow[]; index: number; go: (to: number) => void }) {
  const at = places(rows);
  const pointed = ({ currentTarget, clientX }: MouseEvent<SVGSVGElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    go(nearest(at, ((clientX - left) / width) * 1000 / 984 - 8 / 984));
  };
  const x = (place: number) => 8 + place * 984;
  return (
    <svg className="replay-line" viewBox="0 0 1000 36" preserveAspectRatio="none" aria-hidden="true" onClick={pointed}>
      <line x1="8" x2="992" y1="18" y2="18" className="replay-axis" />
      {rows.map((row, number) => {
        const left = x(at[number] ?? 0);
        return row.outcome === 'allowed' ? (
          <line key={number} x1={left} x2={left} y1="12" y2="24" className="replay-mark" />
        ) : (
          <path key={number} d={`M${left - 4} 4h8l-4 8z`} className="replay-mark" data-tone="danger" />
        );
      })}
      <line x1={x(at[index] ?? 0)} x2={x(at[index] ?? 0)} y1="2" y2="34" className="replay-now" />
    </svg>
  );
}

function Entry({ row }: { row: AuditRow }) {
  return (
    <div className="replay-entry" aria-live="polite" data-testid="replay-entry" data-sequence={row.sequence}>
      <h2>
        {wordsOf('audit.action', row.action)}{' '}
        <span className="tag" data-tone={row.outcome === 'allowed' ? 'plain' : 'danger'}>
          {wordsOf('audit.outcome', row.outcome)}
        </span>
      </h2>
      <dl className="pairs">
        <Pair name={t('column.when')}>
          {dateTime(row.at).split(' ')[0]} {clockTime(row.at)}
        </Pair>
        <Pair name={t('column.who')}>
          <bdi>{row.who === '' ? t('audit.nobody') : row.who}</bdi> <span className="soft">{wordsOf('role', row.role)}</span>
        </Pair>
        {row.patient === null ? null : (
          <Pair name={t('column.patient_id')}>
            <span dir="ltr">{row.patient}</span>
          </Pair>
        )}
        {row.purpose === null ? null : <Pair name={t('column.purpose')}>{wordsOf('break_glass.reason', row.purpose)}</Pair>}
        {row.detail === null ? null : <Pair name={t('column.detail')}>{row.detail}</Pair>}
        <Pair name={t('column.number')}>{row.sequence}</Pair>
      </dl>
    </div>
  );
}

function Stood({ scene: { desk, charts, emergencies } }: { scene: Scene }) {
  return (
    <div className="replay-scene" data-testid="replay-scene">
      <h2>{t('audit.replay.scene')}</h2>
      <dl className="pairs">
        <Pair name={t('audit.replay.desk')}>
          {desk === undefined ? (
            t('audit.replay.desk.none')
          ) : (
            <>
              <bdi>{desk.who}</bdi> <span className="soft">{t('audit.replay.since', { at: clockTime(desk.since) })}</span>
            </>
          )}
        </Pair>
        <Pair name={t('audit.replay.charts')}>{charts.length === 0 ? '–' : charts.join(', ')}</Pair>
        {emergencies.length === 0 ? null : (
          <Pair name={t('audit.replay.emergencies')}>
            <strong>⚠ {emergencies.join(', ')}</strong>
          </Pair>
        )}
      </dl>
      <p className="soft">{t('audit.replay.scene.detail')}</p>
    </div>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
