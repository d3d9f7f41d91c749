import { useState } from 'react';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';
import { useSync } from '../desk/DeskContext';

/** A fresh sign-in at the EHR while the desk stays open. Work goes on meanwhile; only sync waits for it. */
export function SignInAgain() {
  const platform = usePlatform();
  const { syncIs } = useSync();
  const [waiting, setWaiting] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();

  const signIn = async () => {
    setWaiting(true);
    setFailure(undefined);
    try {
      syncIs((await platform.call('sign_in_again')).sync);
    } catch (reason) {
      const failed = failureFrom(reason);
      if (failed.code !== 'sign_in_cancelled') setFailure(failed);
    }
    setWaiting(false);
  };
  const cancel = () => void platform.call('cancel_sign_in').catch((reason: unknown) => setFailure(failureFrom(reason)));

  return (
    <>
      <Button kind="primary" onPress={() => void signIn()} testId="sign-in-again">
        {t('sync.sign_in_again')}
      </Button>
      {waiting || failure !== undefined ? (
        <Dialog title={t('sync.sign_in_again')} close={() => (waiting ? cancel() : setFailure(undefined))}>
          {failure === undefined ? (
            <p role="status" data-testid="sign-in-waiting">
              {t('sign_in.waiting.detail')}
            </p>
          ) : (
            <FailureNotice failure={failure} again={() => void signIn()} />
          )}
          <div className="dialog-actions">
            <Button onPress={() => (waiting ? cancel() : setFailure(undefined))}>{t('common.cancel')}</Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
