import { usePlatform } from '../../platform/context';
import { useAsk } from '../../shared/ask';
import { FailureNotice } from '../../shared/FailureNotice';
import { dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useSync } from '../desk/DeskContext';
import { useMay } from '../desk/may';
import { ClearQuarantine } from './ClearQuarantine';

/** How far the EHR vouches for the chain. */
export function Countersigned() {
  const platform = usePlatform();
  const may = useMay();
  const { sync } = useSync();
  const { data, failure, again } = useAsk('audit status', () => platform.call('audit_status'), sync.last_success ?? '');
  if (data === undefined) {
    return failure === undefined ? <p role="status">{t('common.loading')}</p> : <FailureNotice failure={failure} again={again} brief />;
  }
  const { countersigned, trouble } = data;
  const stuck = sync.quarantine !== null || trouble !== null;
  return (
    <>
      <p data-testid="audit-countersigned">
        {countersigned === null
          ? t('audit.countersigned.never')
          : t('audit.countersigned', { n: countersigned.sequence, at: dateTime(countersigned.at) })}
        {trouble === null ? null : (
          <>
            {' '}
            <span className="tag" data-tone="danger">
              {wordsOf('audit.trouble', trouble)}
            </span>
          </>
        )}
      </p>
      {stuck && may.liftQuarantine ? <ClearQuarantine done={again} /> : null}
    </>
  );
}
