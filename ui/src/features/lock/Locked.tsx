import { type SubmitEvent, useRef, useState } from 'react';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { DeskView } from '../../platform/bindings/DeskView';
import type { Stage } from '../../platform/bindings/Stage';
import { usePlatform } from '../../platform/context';
import { CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { PassphraseField } from '../../shared/PassphraseField';
import { minutesSeconds, useCountdown } from '../../shared/time';
import { useTokenPin } from '../../shared/TokenPin';
import { t, wordsOf } from '../../words';
import { Frame } from './Frame';
import { LockedSignIn } from './LockedSignIn';

type LockedStage = Extract<Stage, { stage: 'locked' }>;

export function Locked({ stage, opened }: { stage: LockedStage; opened: (desk: DeskView) => void }) {
  const platform = usePlatform();
  const [user, setUser] = useState(() => {
    const able = stage.users.filter(({ disabled }) => !disabled);
    return able.length === 1 ? able[0]?.user : undefined;
  });
  const [passphrase, setPassphrase] = useState('');
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed | undefined>(() =>
    stage.retry_after_seconds === null ? undefined : new CommandFailed('soft_locked', '', stage.retry_after_seconds),
  );
  const takesKey = stage.users.some((person) => person.user === user && person.security_key);
  const field = useRef<HTMLInputElement>(null);
  const pin = useTokenPin(stage.token);
  const wait = useCountdown(failure?.retryAfterSeconds ?? 0, failure);

  const unlock = async (event: SubmitEvent) => {
    event.preventDefault();
    if (user === undefined || passphrase === '' || !pin.ready || wait > 0 || working) return;
    setWorking(true);
    setFailure(undefined);
    try {
      await pin.give();
      opened(await platform.call('unlock', { user, passphrase }));
    } catch (reason) {
      setFailure(failureFrom(reason));
      setPassphrase('');
      setWorking(false);
      requestAnimationFrame(() => field.current?.focus());
    }
  };

  return (
    <Frame testId="locked">
      <div className="stack">
        <h1>{t('locked.title')}</h1>
        <p>
          {stage.reason === null ? null : `${wordsOf('locked.reason', stage.reason)} `}
          {t('locked.drafts_kept')}
        </p>
      </div>
      <form className="stack" onSubmit={(event) => void unlock(event)}>
        <div className="field">
          <span className="field-label" id="who">
            {t('locked.who', { ehr: stage.ehr })}
          </span>
          <ToggleButtonGroup
            className="people"
            orientation="vertical"
            selectionMode="single"
            disallowEmptySelection
            aria-labelledby="who"
            selectedKeys={user === undefined ? [] : [user]}
            onSelectionChange={(keys) => {
              setUser([...keys].map(String)[0]);
              setPassphrase('');
              field.current?.focus();
            }}
          >
            {stage.users.map((person) => (
              <ToggleButton
                key={person.user}
                id={person.user}
                className="person"
                isDisabled={person.disabled}
                data-testid={`unlock-user-${person.user}`}
              >
                <span className="grow">
                  <span className="person-name" dir="auto">
                    {person.name}
                  </span>
                  {person.disabled ? (
                    <span className="person-why">
                      <span aria-hidden="true">⊘</span> {t('locked.disabled')}
                    </span>
                  ) : null}
                </span>
                <span className="soft">{wordsOf('role', person.role)}</span>
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
        </div>
        <PassphraseField
          label={t('locked.passphrase')}
          value={passphrase}
          change={setPassphrase}
          testId="unlock-passphrase"
          disabled={working}
          invalid={failure?.code === 'wrong_passphrase'}
          autoFocus={user !== undefined}
          inputRef={field}
        />
        {pin.field({ working, failure })}
        {takesKey ? (
          <p className="soft" data-testid="unlock-then-key">
            {t('locked.then_key')}
          </p>
        ) : null}
        {failure === undefined ? null : <FailureNotice failure={failure} testId="unlock-error" />}
        <div className="notice-row">
          <Button
            type="submit"
            kind="primary"
            size="large"
            isDisabled={working || user === undefined || passphrase === '' || !pin.ready || wait > 0}
            testId="unlock"
          >
            {t('locked.unlock')}
          </Button>
          <span role="status">{working ? t('locked.unlocking') : null}</span>
          {wait > 0 ? <strong role="timer">{t('locked.wait', { time: minutesSeconds(wait) })}</strong> : null}
        </div>
      </form>
      <LockedSignIn />
    </Frame>
  );
}
