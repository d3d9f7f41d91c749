import { type SubmitEvent, useState } from 'react';
import type { SecurityKeyView } from '../../platform/bindings/SecurityKeyView';
import { usePlatform } from '../../platform/context';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { TextField } from '../../shared/TextField';
import { dateTime } from '../../shared/time';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { useProof } from '../step-up/proof';
import { ProofFields } from '../step-up/ProofFields';

/** The keys whoever is working unlocks with: one more, one less. */
export function SecurityKeys({ close }: { close: () => void }) {
  const platform = usePlatform();
  const [changed, setChanged] = useState<SecurityKeyView[]>();
  const [doing, setDoing] = useState<'add' | SecurityKeyView>();
  const asked = useAsk('security_keys', () => platform.call('security_keys'));
  const [said, setSaid] = useState('');
  const choose = (what: 'add' | SecurityKeyView) => {
    setSaid('');
    setDoing(what);
  };
  const done = (keys: SecurityKeyView[]) => {
    setSaid(t(doing === 'add' ? 'security_keys.added' : 'security_keys.removed'));
    setChanged(keys);
    setDoing(undefined);
  };

  return (
    <Dialog title={t('security_keys.title')} close={close} insistent={doing !== undefined} testId="security-keys">
      <div className="stack">
        <p>{t('security_keys.intro')}</p>
        <p role="status" data-testid="security-keys-done">
          {said}
        </p>
        <Answer asked={{ ...asked, data: changed ?? asked.data }}>
          {(keys) =>
            doing === undefined ? (
              <List keys={keys} choose={choose} close={close} />
            ) : (
              <Change keys={keys} doing={doing} done={done} back={() => setDoing(undefined)} />
            )
          }
        </Answer>
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
        <Button autoFocus onPress={close}>
          {t('common.close')}
        </Button>
        <Button kind="primary" onPress={() => choose('add')} testId="security-key-add">
          {t('security_keys.add')}
        </Button>
      </div>
    </>
  );
}

/** The core asks for the keys themselves. */
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
  const [name, setName] = useState('');
  const proof = useProof(useDesk().desk.token);
  const ready = proof.ready && (doing !== 'add' || name.trim() !== '');

  const change = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!ready) return;
    await proof.act(async (passphrase) =>
      done(
        await (doing === 'add'
          ? platform.call('enrol_security_key', { passphrase, name })
          : platform.call('remove_security_key', { passphrase, id: doing.id })),
      ),
    );
  };

  return (
    <form className="stack" onSubmit={(event) => void change(event)}>
      {doing === 'add' ? (
        <TextField
          label={t('security_keys.name')}
          hint={t('security_keys.name.hint')}
          value={name}
          change={setName}
          maxLength={40}
          dir="auto"
          autoFocus
          testId="security-key-name"
        />
      ) : (
        <p>{t(keys.length === 1 ? 'security_keys.removing_last' : 'security_keys.removing', { name: named(doing) })}</p>
      )}
      <ProofFields proof={proof} testId="security-key-passphrase" autoFocus={doing !== 'add'} brief>
        {doing === 'add' ? (
          <p className="soft">{t(keys.length === 0 ? 'security_keys.add.detail' : 'security_keys.add.detail_more')}</p>
        ) : null}
      </ProofFields>
      <div className="dialog-actions">
        <Button onPress={back} isDisabled={proof.working}>
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
