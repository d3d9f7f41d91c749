import { type ReactNode, type SubmitEvent, useState } from 'react';
import { usePlatform } from '../../platform/context';
import type { SettingsView } from '../../platform/bindings/SettingsView';
import type { TokenView } from '../../platform/bindings/TokenView';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { PassphraseField } from '../../shared/PassphraseField';
import { useTokenPin } from '../../shared/TokenPin';
import { t, wordsOf } from '../../words';
import './first-run.css';
import { strengthOf } from './passphrase';

/** A new passphrase, twice; `set` says when it is in force, or why it is not. */
export function SetPassphrase({
  who,
  button,
  set,
  token,
  former,
  children,
}: {
  who: string;
  button: string;
  set: (passphrase: string) => Promise<unknown>;
  /** Asks for this token's PIN besides. */
  token: TokenView | null;
  /** Asks for the present passphrase first. */
  former?: { value: string; change: (value: string) => void };
  /** What else is asked, before the verdict. */
  children?: ReactNode;
}) {
  const platform = usePlatform();
  const [passphrase, setPassphrase] = useState('');
  const [repeated, setRepeated] = useState('');
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();
  const { data: settings } = useAsk('settings', () => platform.call('settings'));
  const least = settings?.min_passphrase_chars;
  // A new place takes a key where the hospital says so; the core asks for it, and a new passphrase takes the key one has.
  const withKey = former === undefined && settings !== undefined && demandsKey(settings);
  const strength = least === undefined ? undefined : strengthOf(passphrase, least);
  const pin = useTokenPin(token);
  const ready = passphrase !== '' && repeated === passphrase && former?.value !== '' && pin.ready;
  const differs = repeated !== '' && repeated !== passphrase;

  const enrol = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!ready) return;
    setWorking(true);
    setFailure(undefined);
    try {
      await pin.give();
      await set(passphrase);
    } catch (reason) {
      setFailure(failureFrom(reason));
      setWorking(false);
    }
  };

  return (
    <form className="stack" onSubmit={(event) => void enrol(event)}>
      <p>{who}</p>
      {former === undefined ? (
        <p>{t('first_run.passphrase.intro')}</p>
      ) : (
        <PassphraseField
          label={t('passphrase.former')}
          value={former.value}
          change={former.change}
          testId="passphrase-former"
          invalid={failure?.code === 'wrong_passphrase'}
          disabled={working}
          autoFocus
        />
      )}
      <PassphraseField
        label={t('first_run.passphrase.new')}
        value={passphrase}
        change={setPassphrase}
        hint={least === undefined ? '' : t('first_run.passphrase.hint', { n: least })}
        testId="passphrase"
        invalid={failure?.code === 'weak_passphrase'}
        disabled={working}
        autoFocus={former === undefined}
      />
      {strength === undefined ? null : (
        <p className="strength" data-strength={strength} role="status">
          <span className="strength-bar" aria-hidden="true" />
          {wordsOf('first_run.strength', strength)}
        </p>
      )}
      <PassphraseField
        label={t('first_run.passphrase.again')}
        value={repeated}
        change={setRepeated}
        hint={differs ? t('first_run.passphrase.differs') : ''}
        testId="passphrase-again"
        invalid={differs}
        disabled={working}
      />
      {pin.field({ working, failure })}
      {withKey ? (
        <p className="notice" data-testid="enrol-with-key">
          <span>{t('first_run.security_key')}</span>
        </p>
      ) : null}
      {children}
      <p className="notice" data-tone="warn">
        <span>{t('first_run.passphrase.cannot_reset')}</span>
      </p>
      {failure === undefined ? null : <FailureNotice failure={failure} />}
      <div className="notice-row">
        <Button
          type="submit"
          kind="primary"
          size="large"
          isDisabled={working || !ready}
          testId="enrol"
        >
          {button}
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

function demandsKey({ settings }: SettingsView): boolean {
  const factors = settings.find(({ name }) => name === 'factors')?.value;
  return factors?.kind === 'names' && factors.names.includes('with_security_key');
}
