import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { FirstRun } from '../features/first-run/FirstRun';
import { Frame } from '../features/lock/Frame';
import { Locked } from '../features/lock/Locked';
import { SecurityKeyPrompt } from '../features/security-key/SecurityKeyPrompt';
import type { DeskView } from '../platform/bindings/DeskView';
import type { Stage } from '../platform/bindings/Stage';
import { useCoreEvent, usePlatform } from '../platform/context';
import { type CommandFailed, failureFrom } from '../platform/failure';
import { FailureNotice } from '../shared/FailureNotice';
import { t } from '../words';

const loadDesk = () => import('../features/desk/Desk');
const Desk = lazy(async () => ({ default: (await loadDesk()).Desk }));

/** Shows what the core says: first run, locked, or an open desk. Locking drops everything the page knew. */
export function App() {
  const platform = usePlatform();
  const [stage, setStage] = useState<Stage>();
  // The lock screen names the EHR; an open desk does not.
  const [ehr, setEhr] = useState<string | null>(null);
  const [failure, setFailure] = useState<CommandFailed>();

  const ask = useCallback(() => {
    platform.call('stage').then(
      (next) => {
        setFailure(undefined);
        if (next.stage === 'locked') setEhr(next.ehr);
        setStage((now) => (sameDesk(now, next) ? now : next));
      },
      (reason: unknown) => {
        setStage(undefined);
        setFailure(failureFrom(reason));
      },
    );
  }, [platform]);

  useEffect(ask, [ask]);
  useEffect(() => {
    const later = setTimeout(() => void loadDesk(), 300);
    return () => clearTimeout(later);
  }, []);
  useCoreEvent('stage-changed', ask);
  useCoreEvent('locked', () => {
    setStage(undefined);
    ask();
  });

  const opened = (desk: DeskView) => setStage({ stage: 'open', desk });

  if (failure !== undefined) {
    return (
      <Frame testId="failed">
        <h1>{t('app.cannot_start')}</h1>
        <FailureNotice failure={failure} again={ask} />
      </Frame>
    );
  }
  if (stage === undefined) return <Starting />;
  return (
    <>
      {stage.stage === 'first_run' ? (
        <FirstRun suggested={stage.suggested_ehr} token={stage.token} opened={opened} />
      ) : stage.stage === 'locked' ? (
        <Locked stage={stage} opened={opened} />
      ) : (
        <Suspense fallback={<Starting />}>
          <Desk key={stage.desk.user.user} desk={stage.desk} ehr={ehr} />
        </Suspense>
      )}
      <SecurityKeyPrompt />
    </>
  );
}

function Starting() {
  return (
    <div className="frame" role="status" aria-live="polite">
      <span className="visually-hidden">{t('app.starting')}</span>
    </div>
  );
}

/** The same clinician's open desk stays as it is on screen: its tabs and drafts are ahead of what the core last heard. */
function sameDesk(now: Stage | undefined, next: Stage): boolean {
  return now?.stage === 'open' && next.stage === 'open' && now.desk.user.user === next.desk.user.user;
}
