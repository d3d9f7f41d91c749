import { dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useSync } from '../desk/DeskContext';

/** The workstation's record is not what the EHR has seen of it: on every page, until somebody who may has taken it up again. */
export function QuarantineBanner() {
  const { quarantine } = useSync().sync;
  if (quarantine === null) return null;
  return (
    <div className="notice quarantine" data-tone="danger" role="alert" data-testid="quarantine" data-standing={quarantine.standing}>
      <p className="notice-title">
        <span aria-hidden="true">⚠</span> {t('quarantine.title')}
      </p>
      <p>
        {wordsOf('quarantine', quarantine.standing)} {t('quarantine.since', { at: dateTime(quarantine.since), n: quarantine.entry })}{' '}
        {t('quarantine.rule')}
      </p>
    </div>
  );
}
