import { useState } from 'react';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';

/** A sign-in at the EHR from the lock screen: it renews what may be done without a network, from the next unlock on. */
export function LockedSignIn() {
  const platform = usePlatform();
  const [waiting, setWaiting] = useState(false);
  const [signedIn, setSignedIn] = useState<SignedInView>();
  const [failure, setFailure] = useState<CommandFailed>();

  const signIn = async () => {
    setWaiting(true);
    setFailure(undefined);
    try {
      setSignedIn(await platform.call('sign_in'));
    } catch (reason) {
      const failed = failureFrom(reason);
      if (failed.code !== 'sign_in_cancelled') setFailure(failed);
    }
    setWaiting(false);
  };
  const cancel = () => void platform.call('cancel_sign_in').catch((reason: unknown) => setFailure(failureFrom(reason)));

  if (waiting) {
    return (
      <div className="notice-row" role="status" data-testid="sign-in-waiting">
        <span>{t('sign_in.waiting')}</span>
        <progress className="busy" aria-label={t('sign_in.waiting')} />
        <Button onPress={cancel}>{t('common.cancel')}</Button>
      </div>
    );
  }
  return (
    <div className="stack">
      {failure === undefined ? null : <FailureNotice failure={failure} />}
      {signedIn === undefined ? (
        <div>
          <Button kind="quiet" onPress={() => void signIn()} testId="sign-in">
            {t('locked.sign_in')}
          </Button>
        </div>
      ) : (
        <p role="status">{t(signedIn.enrolled ? 'locked.signed_in' : 'locked.not_enrolled', { name: signedIn.name })}</p>
      )}
    </div>
  );
}
