import { useState } from 'react';
import { t } from '../../words';
import { Schedule } from '../schedule/Schedule';
import { PatientSearch } from '../search/PatientSearch';
import { useDesk, useSync, waitingOf } from './DeskContext';
import { useMay } from './may';

/** Left edge: find a patient, today's schedule, and the pages about this workstation; for a role without patients, the pages alone. */
export function Rail() {
  const { workspace, move } = useDesk();
  const { sync } = useSync();
  const [searching, setSearching] = useState(false);
  const waiting = waitingOf(sync);
  const may = useMay();
  const pages = (['outbox', 'audit', 'review', 'workstation', 'about'] as const).filter((page) => page !== 'review' || may.reviewEmergencies);
  return (
    <aside className="rail" aria-label={t('rail.label')}>
      {may.findPatients ? <PatientSearch searching={setSearching} /> : null}
      {searching || !may.findPatients ? null : <Schedule />}
      <nav className="rail-pages" aria-label={t('rail.pages')}>
        {pages.map((page) => (
          <button
            key={page}
            type="button"
            className="rail-page"
            aria-current={workspace.page === page ? 'page' : undefined}
            data-testid={`page-${page}`}
            onClick={() => move({ to: 'page', page })}
          >
            {t(`action.${page}`)}
            {page === 'outbox' && waiting > 0 ? (
              <span className="tag" data-tone="warn">
                {waiting}
              </span>
            ) : null}
            {page === 'review' && (sync.reviews ?? 0) > 0 ? (
              <span className="tag" data-tone="warn" data-testid="reviews-waiting">
                {sync.reviews}
              </span>
            ) : null}
          </button>
        ))}
      </nav>
    </aside>
  );
}
