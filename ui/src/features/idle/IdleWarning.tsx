import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useCoreEvent, usePlatform } from '../../platform/context';
import { Button } from '../../shared/Button';
import { minutesSeconds, useCountdown } from '../../shared/time';
import { t } from '../../words';

/**
 * The core is about to lock. It measures idleness by itself; a key, a click or a moved mouse reaches it as input of the system, and a
 * command from the page tells it where the system does not.
 */
export function IdleWarning() {
  const platform = usePlatform();
  const [warning, setWarning] = useState<{ seconds_left: number } | null>(null);
  useCoreEvent('idle-warning', setWarning);
  const left = useCountdown(warning?.seconds_left ?? 0, warning);
  const saying = useRef(false);

  const stay = useEffectEvent(() => {
    if (saying.current) return;
    saying.current = true;
    platform
      .call('sync_status')
      .then(
        () => setWarning(null),
        () => undefined,
      )
      .finally(() => {
        saying.current = false;
      });
  });
  const warned = warning !== null;
  useEffect(() => {
    if (!warned) return;
    const touched = () => stay();
    const kinds = ['keydown', 'pointerdown'] as const;
    for (const kind of kinds) window.addEventListener(kind, touched, true);
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, touched, true);
    };
  }, [warned]);

  if (warning === null) return null;
  return (
    <div className="idle" role="alert" data-testid="idle-warning">
      <p>
        <strong>{t('idle.title')}</strong> {t('idle.detail')}
      </p>
      <span className="idle-left" aria-hidden="true">
        {minutesSeconds(left)}
      </span>
      <Button kind="primary" onPress={() => undefined} testId="stay">
        {t('idle.stay')}
      </Button>
    </div>
  );
}
