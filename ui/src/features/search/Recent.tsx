import { usePlatform } from '../../platform/context';
import { useAsk } from '../../shared/ask';
import { FailureNotice } from '../../shared/FailureNotice';
import { ListKeys } from '../../shared/ListKeys';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { PatientLine } from './PatientLine';

/** Charts opened lately on this workstation, while none is open. */
export function Recent() {
  const platform = usePlatform();
  const { move } = useDesk();
  const { data, failure, again } = useAsk('recent', () => platform.call('patients_recent'));
  if (failure !== undefined) return <FailureNotice failure={failure} again={again} brief />;
  if (data === undefined || data.length === 0) return null;
  return (
    <section className="recent" aria-labelledby="recent-title">
      <h2 id="recent-title">{t('recent.title')}</h2>
      <ListKeys className="recent-list" label={t('recent.title')}>
        {data.map((row) => (
          <li key={row.patient}>
            <button
              type="button"
              className="recent-line"
              data-testid={`recent-row-${row.patient}`}
              onClick={() => move({ to: 'open', patient: row.patient, name: row.name })}
            >
              <PatientLine row={row} />
            </button>
          </li>
        ))}
      </ListKeys>
    </section>
  );
}
