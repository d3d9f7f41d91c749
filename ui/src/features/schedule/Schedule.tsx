import { useState } from 'react';
import type { ScheduleRow } from '../../platform/bindings/ScheduleRow';
import { usePlatform } from '../../platform/context';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { ListKeys } from '../../shared/ListKeys';
import { ago, useNow } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useDesk, useSync } from '../desk/DeskContext';
import { PatientLine } from '../search/PatientLine';

const TONE: Record<string, string> = {
  arrived: 'good',
  'checked-in': 'good',
  fulfilled: 'plain',
  cancelled: 'plain',
  noshow: 'warn',
  waitlist: 'info',
};

/** Today, by time: mine, or everybody's. */
export function Schedule() {
  const platform = usePlatform();
  const { tide } = useSync();
  const [all, setAll] = useState(false);
  const asked = useAsk('schedule', () => platform.call('schedule_today'), tide);
  const now = useNow(30_000);
  const { data, failure, again } = asked;
  const mine = data?.rows.filter((row) => row.mine) ?? [];
  const rows = all || (data !== undefined && mine.length === 0) ? (data?.rows ?? []) : mine;
  const upNext = rows.find(({ status }) => !isOver(status));

  return (
    <section className="schedule" data-testid="schedule" aria-label={t('schedule.title')}>
      <header className="schedule-head">
        <div className="grow">
          <h2>{t('schedule.title')}</h2>
          {data === undefined ? null : (
            <p className="soft">
              {data.day}
              {' · '}
              {data.as_of === null ? t('schedule.never') : t('schedule.as_of', { ago: ago(data.as_of, now) })}
            </p>
          )}
        </div>
        <div className="segments" role="group" aria-label={t('schedule.filter')}>
          <Button aria-pressed={!all} onPress={() => setAll(false)} testId="schedule-mine">
            {t('schedule.mine', { n: mine.length })}
          </Button>
          <Button aria-pressed={all} onPress={() => setAll(true)} testId="schedule-all">
            {t('schedule.all', { n: data?.rows.length ?? 0 })}
          </Button>
        </div>
      </header>
      {failure === undefined ? null : <FailureNotice failure={failure} again={again} brief />}
      {data === undefined && failure === undefined ? (
        <p className="soft" role="status">
          {t('common.loading')}
        </p>
      ) : null}
      {data === undefined ? null : data.rows.length === 0 ? (
        <p className="soft">{data.as_of === null ? t('schedule.unknown') : t('schedule.none')}</p>
      ) : !all && mine.length === 0 ? (
        <p className="soft">{t('schedule.none_mine')}</p>
      ) : null}
      {data !== undefined && data.unreadable > 0 ? (
        <p className="notice" data-tone="danger" role="alert">
          <span>⚠ {t('schedule.unreadable', { n: data.unreadable })}</span>
        </p>
      ) : null}
      <ListKeys className="schedule-list" label={t('schedule.title')}>
        {rows.map((row) => (
          <li key={row.source.id} ref={row === upNext ? intoView : undefined}>
            <Line row={row} />
          </li>
        ))}
      </ListKeys>
    </section>
  );
}

function Line({ row }: { row: ScheduleRow }) {
  const { workspace, move } = useDesk();
  const { patient } = row;
  const open = workspace.tabs.find((tab) => tab.patient === patient?.patient);
  return (
    <button
      type="button"
      className="schedule-line"
      disabled={patient === null}
      data-over={isOver(row.status)}
      data-testid={patient === null ? undefined : `schedule-row-${patient.patient}`}
      style={open === undefined ? {} : { '--hue': `var(--chart-${open.hue})` }}
      data-open={open !== undefined}
      onClick={() => {
        if (patient !== null) move({ to: 'open', patient: patient.patient, name: patient.name });
      }}
    >
      <span className="schedule-time">
        <strong>{row.start}</strong>
        {row.minutes === null ? null : <span className="soft">{t('schedule.minutes', { n: row.minutes })}</span>}
      </span>
      <span className="grow">
        {patient === null ? <span className="soft">{t('schedule.not_here')}</span> : <PatientLine row={patient} />}
        <span className="schedule-why">
          <span className="tag" data-tone={TONE[row.status] ?? 'info'}>
            {wordsOf('appointment', row.status)}
          </span>
          {row.reason === null ? null : <bdi className="soft"> {row.reason}</bdi>}
          {row.mine ? null : <bdi className="soft"> {t('schedule.with', { who: row.with.join(', ') })}</bdi>}
        </span>
      </span>
    </button>
  );
}

function isOver(status: string): boolean {
  return ['fulfilled', 'cancelled', 'noshow'].includes(status);
}

/** The next patient is in sight when the day is first drawn; later changes leave the list where it is. */
function intoView(line: HTMLElement | null): void {
  const list = line?.parentElement;
  if (list?.dataset['placed'] !== undefined || list == null) return;
  list.dataset['placed'] = 'true';
  line?.scrollIntoView({ block: 'center' });
}
