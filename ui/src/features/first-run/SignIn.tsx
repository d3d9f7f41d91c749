import type { EhrView } from '../../platform/bindings/EhrView';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import { Button } from '../../shared/Button';
import { t } from '../../words';
import { BrowserSignIn } from './BrowserSignIn';

/** The EHR as it introduced itself, and the way in. */
export function SignIn({
  ehr,
  signedIn,
  back,
}: {
  ehr: EhrView;
  signedIn: (person: SignedInView) => void;
  back: () => void;
}) {
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
      <BrowserSignIn signedIn={signedIn}>
        <Button kind="quiet" onPress={back}>
          {t('first_run.ehr.other')}
        </Button>
      </BrowserSignIn>
    </div>
  );
}
