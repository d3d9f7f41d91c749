import { usePlatform } from '../../platform/context';
import { failureFrom } from '../../platform/failure';
import { useAct } from '../../shared/act';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';
import { useSync } from '../desk/DeskContext';

/** A fresh sign-in at the EHR while the desk stays open. Work goes on meanwhile; only sync waits for it. */
export function SignInAgain() {
  const platform = usePlatform();
  const { syncIs } = useSync();
  const { working: waiting, failure, say, run } = useAct();

  const signIn = () => run(async () => syncIs((await platform.call('sign_in_again')).sync), ({ code }) => code === 'sign_in_cancelled');
  const cancel = () => void platform.call('cancel_sign_in').catch((reason: unknown) => say(failureFrom(reason)));

  return (
    <>
      <Button kind="primary" onPress={() => void signIn()} testId="sign-in-again">
        {t('sync.sign_in_again')}
      </Button>
      {waiting || failure !== undefined ? (
        <Dialog title={t('sync.sign_in_again')} close={() => (waiting ? cancel() : say(undefined))}>
          {failure === undefined ? (
            <p role="status" data-testid="sign-in-waiting">
              {t('sign_in.waiting.detail')}
            </p>
          ) : (
            <FailureNotice failure={failure} again={() => void signIn()} />
          )}
          <div className="dialog-actions">
            <Button onPress={() => (waiting ? cancel() : say(undefined))}>{t('common.cancel')}</Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
