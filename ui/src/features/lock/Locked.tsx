import { type SubmitEvent, useState } from 'react';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { DeskView } from '../../platform/bindings/DeskView';
import type { Stage } from '../../platform/bindings/Stage';
import { usePlatform } from '../../platform/context';
import { CommandFailed } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { t, wordsOf } from '../../words';
import { useProof } from '../step-up/proof';
import { ProofFields } from '../step-up/ProofFields';
import { Frame } from './Frame';
import { LockedSignIn } from './LockedSignIn';

type LockedStage = Extract<Stage, { stage: 'locked' }>;

export function Locked({ stage, opened }: { stage: LockedStage; opened: (desk: DeskView) => void }) {
  const platform = usePlatform();
  const [user, setUser] = useState(() => {
    const able = stage.users.filter(({ disabled }) => !disabled);
    return able.length === 1 ? able[0]?.user : undefined;
  });
  const [before] = useState(() =>
    stage.retry_after_seconds === null ? undefined : new CommandFailed('soft_locked', '', stage.retry_after_seconds),
  );
  const proof = useProof(stage.token, { before });
  const takesKey = stage.users.some((person) => person.user === user && person.security_key);

  const unlock = async (event: SubmitEvent) => {
    event.preventDefault();
    if (user === undefined) return;
    await proof.act(async (passphrase) => opened(await platform.call('unlock', { user, passphrase })));
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
              proof.clear();
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
        <ProofFields proof={proof} testId="unlock-passphrase" autoFocus={user !== undefined} failureTestId="unlock-error">
          {takesKey ? (
            <p className="soft" data-testid="unlock-then-key">
              {t('locked.then_key')}
            </p>
          ) : null}
        </ProofFields>
        <div className="notice-row">
          <Button
            type="submit"
            kind="primary"
            size="large"
            isDisabled={user === undefined || !proof.ready}
            testId="unlock"
          >
            {t('locked.unlock')}
          </Button>
          <span role="status">{proof.working ? t('locked.unlocking') : null}</span>
        </div>
      </form>
      <LockedSignIn />
    </Frame>
  );
}
