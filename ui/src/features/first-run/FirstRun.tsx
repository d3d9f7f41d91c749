import { useState } from 'react';
import type { DeskView } from '../../platform/bindings/DeskView';
import type { EhrView } from '../../platform/bindings/EhrView';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import type { TokenView } from '../../platform/bindings/TokenView';
import { usePlatform } from '../../platform/context';
import { t, wordsOf } from '../../words';
import { Frame } from '../lock/Frame';
import { ChooseEhr } from './ChooseEhr';
import { SetPassphrase } from './SetPassphrase';
import { SignIn } from './SignIn';
import './first-run.css';

/** From a fresh workstation to an open desk: choose the EHR, sign in there, set the passphrase that unlocks this workstation. */
export function FirstRun({
  suggested,
  token,
  opened,
}: {
  suggested: string | null;
  token: TokenView | null;
  opened: (desk: DeskView) => void;
}) {
  const platform = usePlatform();
  const [ehr, setEhr] = useState<EhrView>();
  const [person, setPerson] = useState<SignedInView>();
  const step = ehr === undefined ? 0 : person === undefined ? 1 : 2;

  return (
    <Frame testId="first-run">
      <h1>{t('first_run.title')}</h1>
      <ol className="steps" aria-label={t('first_run.steps')}>
        {([t('first_run.step.ehr'), t('first_run.step.sign_in'), t('first_run.step.passphrase')] as const).map(
          (name, index) => (
            <li key={name} aria-current={index === step ? 'step' : undefined} data-done={index < step}>
              {name}
            </li>
          ),
        )}
      </ol>
      {ehr === undefined ? (
        <ChooseEhr suggested={suggested} chosen={setEhr} />
      ) : person === undefined ? (
        <SignIn ehr={ehr} signedIn={setPerson} back={() => setEhr(undefined)} />
      ) : (
        <SetPassphrase
          who={t('first_run.signed_in', { name: person.name, role: wordsOf('role', person.role), ehr: ehr.name })}
          button={t('first_run.passphrase.set')}
          token={token}
          set={async (passphrase) => opened(await platform.call('enrol', { passphrase }))}
        />
      )}
    </Frame>
  );
}
