import { useState } from 'react';
import type { EhrView } from '../../platform/bindings/EhrView';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';

/** The EHR as it introduced itself, and the sign-in that happens in the system browser. */
export function SignIn({
  ehr,
  signedIn,
  back,
}: {
  ehr: EhrView;
  signedIn: (person: SignedInView) => void;
  back: () => void;
}) {
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

  return (
    <div className="stack">
      <section className="card" data-testid="ehr-card" aria-label={t('first_run.ehr.card')}>
        <h2 dir="auto">{ehr.name}</h2>
        <dl className="pairs">
          <dt>{t('first_run.ehr.address')}</dt>
          <dd dir="ltr">{ehr.url}</dd>
          <dt>{t('first_run.ehr.version')}</dt>
          <dd>{ehr.fhir_version}</dd>
        </dl>
      </section>
      {waiting ? (
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
      ) : (
        <>
          <p>{t('sign_in.intro')}</p>
          {failure === undefined ? null : <FailureNotice failure={failure} />}
          <div className="notice-row">
            <Button kind="primary" size="large" autoFocus onPress={() => void signIn()} testId="sign-in">
              {t('sign_in.start')}
            </Button>
            <Button kind="quiet" onPress={back}>
              {t('first_run.ehr.other')}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
