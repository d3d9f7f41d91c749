import { useState } from 'react';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import { usePlatform } from '../../platform/context';
import { failureFrom } from '../../platform/failure';
import { useAct } from '../../shared/act';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';

/** A sign-in at the EHR from the lock screen: it renews what may be done without a network, from the next unlock on. */
export function LockedSignIn() {
  const platform = usePlatform();
  const [signedIn, setSignedIn] = useState<SignedInView>();
  const { working: waiting, failure, say, run } = useAct();

  const signIn = () => run(async () => setSignedIn(await platform.call('sign_in')), ({ code }) => code === 'sign_in_cancelled');
  const cancel = () => void platform.call('cancel_sign_in').catch((reason: unknown) => say(failureFrom(reason)));

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
