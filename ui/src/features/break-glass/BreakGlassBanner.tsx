import { useEffect } from 'react';
import type { BreakGlassView } from '../../platform/bindings/BreakGlassView';
import { usePlatform } from '../../platform/context';
import { failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { minutesSeconds, useCountdown } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useDesk } from '../desk/DeskContext';

/** Stands over a chart opened by break-glass, with the time left. When that is over the chart is asked for again, and leaves the screen. */
export function BreakGlassBanner({ access }: { access: BreakGlassView }) {
  const platform = usePlatform();
  const { charts, move, show } = useDesk();
  const left = useCountdown(access.seconds_left, access);
  const over = left <= 0;

  useEffect(() => {
    if (over) void charts.read(access.patient);
  }, [over, charts, access.patient]);

  const end = () => {
    platform.call('end_break_glass', { patient: access.patient }).then(
      () => {
        charts.drop(access.patient);
        move({ to: 'close', patient: access.patient });
      },
      (reason: unknown) => show({ kind: 'failure', failure: failureFrom(reason) }),
    );
  };

  return (
    <div className="break-glass-banner" data-testid="bg-banner" role="region" aria-label={t('break_glass.banner')}>
      <strong>⚠ {t('break_glass.banner')}</strong>
      <span>{wordsOf('break_glass.reason', access.reason)}</span>
      {access.number === null ? <strong data-testid="bg-unnumbered">{t('break_glass.unnumbered')}</strong> : null}
      <span className="grow">
        {t('break_glass.watched')} {t(access.reported ? 'break_glass.reported' : 'break_glass.not_reported')}
      </span>
      <span role="timer" aria-label={t('break_glass.left')} className="break-glass-left">
        {minutesSeconds(left)}
      </span>
      <Button onPress={end} testId="bg-end">
        {t('break_glass.end')}
      </Button>
    </div>
  );
}
