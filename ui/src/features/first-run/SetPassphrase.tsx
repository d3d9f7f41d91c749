import { type SubmitEvent, useState } from 'react';
import type { DeskView } from '../../platform/bindings/DeskView';
import type { EhrView } from '../../platform/bindings/EhrView';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { PassphraseField } from '../../shared/PassphraseField';
import { t, wordsOf } from '../../words';
import { strengthOf } from './passphrase';

export function SetPassphrase({
  ehr,
  person,
  opened,
}: {
  ehr: EhrView;
  person: SignedInView;
  opened: (desk: DeskView) => void;
}) {
  const platform = usePlatform();
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();
  const strength = strengthOf(passphrase);
  const differs = repeated !== '' && repeated !== passphrase;

  const enrol = async (event: SubmitEvent) => {
    event.preventDefault();
    if (passphrase === '' || repeated !== passphrase) return;
    setWorking(true);
    setFailure(undefined);
    try {
      opened(await platform.call('enrol', { passphrase }));
    } catch (reason) {
      setFailure(failureFrom(reason));
      setWorking(false);
    }
  };

  return (
    <form className="stack" onSubmit={(event) => void enrol(event)}>
      <p>{t('first_run.signed_in', { name: person.name, role: wordsOf('role', person.role), ehr: ehr.name })}</p>
      <p>{t('first_run.passphrase.intro')}</p>
      <PassphraseField
        label={t('first_run.passphrase.new')}
        value={passphrase}
        change={setPassphrase}
        hint={t('first_run.passphrase.hint')}
        testId="passphrase"
        invalid={failure?.code === 'weak_passphrase'}
        disabled={working}
        autoFocus
      />
      <p className="strength" data-strength={strength} role="status">
        <span className="strength-bar" aria-hidden="true" />
        {wordsOf('first_run.strength', strength)}
      </p>
      <PassphraseField
        label={t('first_run.passphrase.again')}
        value={repeated}
        change={setRepeated}
        hint={differs ? t('first_run.passphrase.differs') : ''}
        testId="passphrase-again"
        invalid={differs}
        disabled={working}
      />
      <p className="notice" data-tone="warn">
        <span>{t('first_run.passphrase.cannot_reset')}</span>
      </p>
      {failure === undefined ? null : <FailureNotice failure={failure} />}
      <div className="notice-row">
        <Button
          type="submit"
          kind="primary"
          size="large"
          isDisabled={working || passphrase === '' || repeated !== passphrase}
          testId="enrol"
        >
          {t('first_run.passphrase.set')}
        </Button>
        {working ? (
          <span role="status" className="working">
            <progress className="busy" aria-label={t('first_run.enrolling')} /> {t('first_run.enrolling')}
          </span>
        ) : null}
      </div>
    </form>
  );
}
