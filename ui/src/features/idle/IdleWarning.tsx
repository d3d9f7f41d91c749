import { useState } from 'react';
import { useCoreEvent } from '../../platform/context';
import { Button } from '../../shared/Button';
import { minutesSeconds, useCountdown } from '../../shared/time';
import { t } from '../../words';

/**
 * The core is about to lock. It alone measures idleness, by the input the system sees, and takes the warning back when there is
 * some; the button is a place to click, nothing more.
 */
export function IdleWarning() {
  const [warning, setWarning] = useState<{ seconds_left: number } | null>(null);
  useCoreEvent('idle-warning', setWarning);
  const left = useCountdown(warning?.seconds_left ?? 0, warning);

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
