import { type SubmitEvent, useId, useState } from 'react';
import type { SecurityKeyView } from '../../platform/bindings/SecurityKeyView';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { PassphraseField } from '../../shared/PassphraseField';
import { dateTime } from '../../shared/time';
import { t } from '../../words';

/** The keys whoever is working unlocks with: one more, one less. */
export function SecurityKeys({ close }: { close: () => void }) {
  const platform = usePlatform();
  const [changed, setChanged] = useState<SecurityKeyView[]>();
  const [doing, setDoing] = useState<'add' | SecurityKeyView>();
  const asked = useAsk('security_keys', () => platform.call('security_keys'));
  const keys = changed ?? asked.data;
  const done = (keys: SecurityKeyView[]) => {
    setChanged(keys);
    setDoing(undefined);
  };

  return (
    <Dialog title={t('security_keys.title')} close={close} insistent={doing !== undefined} testId="security-keys">
      <div className="stack">
        <p>{t('security_keys.intro')}</p>
        {asked.failure === undefined ? null : <FailureNotice failure={asked.failure} again={asked.again} brief />}
        {keys === undefined ? (
          asked.failure === undefined ? <p role="status">{t('common.loading')}</p> : null
        ) : doing === undefined ? (
          <List keys={keys} choose={setDoing} close={close} />
        ) : (
          <Change keys={keys} doing={doing} done={done} back={() => setDoing(undefined)} />
        )}
      </div>
    </Dialog>
  );
}

function List({ keys, choose, close }: { keys: SecurityKeyView[]; choose: (doing: 'add' | SecurityKeyView) => void; close: () => void }) {
  return (
    <>
      {keys.length === 0 ? <p data-testid="security-keys-none">{t('security_keys.none')}</p> : null}
      <ul className="security-key-list">
        {keys.map((key) => (
          <li key={key.id} className="notice-row" data-testid={`security-key-${key.id}`}>
            <span className="grow">
              <strong dir="auto">{named(key)}</strong>{' '}
              {key.enrolled_at === '' ? null : (
                <span className="soft">{t('security_keys.since', { date: dateTime(key.enrolled_at) })}</span>
              )}
            </span>
            <Button aria-label={t('security_keys.remove.of', { name: named(key) })} onPress={() => choose(key)}>
              {t('security_keys.remove')}
            </Button>
          </li>
        ))}
      </ul>
      {keys.length === 1 ? (
        <p className="notice" data-tone="warn" data-testid="security-keys-second">
          {t('security_keys.second')}
        </p>
      ) : null}
      <div className="dialog-actions">
        <Button onPress={close}>{t('common.close')}</Button>
        <Button kind="primary" onPress={() => choose('add')} testId="security-key-add">
          {t('security_keys.add')}
        </Button>
      </div>
    </>
  );
}

/** The passphrase is asked for here; the core asks for the keys themselves. */
function Change({
  keys,
  doing,
  done,
  back,
}: {
  keys: SecurityKeyView[];
  doing: 'add' | SecurityKeyView;
  done: (keys: SecurityKeyView[]) => void;
  back: () => void;
}) {
  const platform = usePlatform();
  const id = useId();
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();
  const ready = passphrase !== '' && (doing !== 'add' || name.trim() !== '') && !working;

  const change = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!ready) return;
    setWorking(true);
    setFailure(undefined);
    try {
      done(
        await (doing === 'add'
          ? platform.call('enrol_security_key', { passphrase, name })
          : platform.call('remove_security_key', { passphrase, id: doing.id })),
      );
    } catch (reason) {
      setFailure(failureFrom(reason));
      setPassphrase('');
      setWorking(false);
    }
  };

  return (
    <form className="stack" onSubmit={(event) => void change(event)}>
      {doing === 'add' ? (
        <div className="field">
          <label htmlFor={id}>{t('security_keys.name')}</label>
          <input
            id={id}
            className="input"
            value={name}
            maxLength={40}
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
            autoFocus
            aria-describedby={`${id}-hint`}
            data-testid="security-key-name"
            dir="auto"
          />
          <p id={`${id}-hint`} className="soft">
            {t('security_keys.name.hint')}
          </p>
        </div>
      ) : (
        <p>{t(keys.length === 1 ? 'security_keys.removing_last' : 'security_keys.removing', { name: named(doing) })}</p>
      )}
      <PassphraseField
        label={t('locked.passphrase')}
        value={passphrase}
        change={setPassphrase}
        testId="security-key-passphrase"
        disabled={working}
        autoFocus={doing !== 'add'}
        invalid={failure?.code === 'wrong_passphrase'}
      />
      {doing === 'add' ? (
        <p className="soft">{t(keys.length === 0 ? 'security_keys.add.detail' : 'security_keys.add.detail_more')}</p>
      ) : null}
      {failure === undefined ? null : <FailureNotice failure={failure} brief />}
      <div className="dialog-actions">
        <Button onPress={back} isDisabled={working}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" kind="primary" isDisabled={!ready} testId="security-key-confirm">
          {t(doing === 'add' ? 'security_keys.add.confirm' : 'security_keys.remove.confirm')}
        </Button>
      </div>
    </form>
  );
}

function named(key: SecurityKeyView): string {
  return key.name === '' ? t('security_keys.nameless') : key.name;
}
