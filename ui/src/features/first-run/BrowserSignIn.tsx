import { type ReactNode, useState } from 'react';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';

/** The sign-in that happens in the system's browser, while this page waits. */
export function BrowserSignIn({ signedIn, children }: { signedIn: (person: SignedInView) => void; children?: ReactNode }) {
  const platform = usePlatform();
  const [waiting, setWaiting] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();

  const signIn = async () => {
    setWaiting(true);
    setFailure(undefined);
    try {
      signedIn(await platform.call('sign_in'));
    } catch (reason) {
      setFailure(failureFrom(reason));
      setWaiting(false);
    }
  };
  const cancel = () => {
    platform.call('cancel_sign_in').catch((reason: unknown) => setFailure(failureFrom(reason)));
  };

  if (waiting) {
    return (
      <div className="stack" data-testid="sign-in-waiting" role="status">
        <p>
          <strong>{t('sign_in.waiting')}</strong>
        </p>
        <p>{t('sign_in.waiting.detail')}</p>
        <progress className="busy" aria-label={t('sign_in.waiting')} />
        <div>
          <Button onPress={cancel} testId="sign-in-cancel">
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <>
      <p>{t('sign_in.intro')}</p>
      {failure === undefined ? null : <FailureNotice failure={failure} />}
      <div className="notice-row">
        <Button kind="primary" size="large" autoFocus onPress={() => void signIn()} testId="sign-in">
          {t('sign_in.start')}
        </Button>
        {children}
      </div>
    </>
  );
}
