import { useState } from 'react';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import { usePlatform } from '../../platform/context';
import { failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { PassphraseField } from '../../shared/PassphraseField';
import { t, wordsOf } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { BrowserSignIn } from '../first-run/BrowserSignIn';
import { SetPassphrase } from '../first-run/SetPassphrase';

/** A colleague gets a place on this workstation; then it locks, and either may unlock, with or without a network. */
export function Join({ close }: { close: () => void }) {
  const platform = usePlatform();
  const { desk, drafts, memory, show } = useDesk();
  const [person, setPerson] = useState<SignedInView>();

  // Whoever works here confirms, if the hospital asks for it; the core says so.
  const [own, setOwn] = useState('');
  const [refused, setRefused] = useState<string>();

  const join = async (passphrase: string) => {
    const [kept] = await Promise.all([drafts.flush(), memory.flush()]);
    if (!kept) {
      show({ kind: 'unsaved_lock' });
      return;
    }
    try {
      await platform.call('join', { passphrase, own: own === '' ? null : own });
    } catch (reason) {
      const { code } = failureFrom(reason);
      if (code === 'passphrase_needed' || refused !== undefined) setRefused(code);
      setOwn('');
      throw reason;
    }
  };
  const leave = () => {
    void platform.call('cancel_sign_in').catch(() => undefined);
    close();
  };

  return (
    <Dialog title={t('join.title')} close={leave} insistent={person !== undefined} testId="join">
      {person === undefined ? (
        <div className="stack">
          <p>{t('join.intro')}</p>
          <BrowserSignIn signedIn={setPerson}>
            <Button kind="quiet" onPress={leave}>
              {t('common.cancel')}
            </Button>
          </BrowserSignIn>
        </div>
      ) : person.enrolled ? (
        <div className="stack">
          <p>{t('join.already', { name: person.name })}</p>
          <div className="dialog-actions">
            <Button kind="primary" autoFocus onPress={leave}>
              {t('common.close')}
            </Button>
          </div>
        </div>
      ) : (
        <div className="stack">
          <SetPassphrase
            who={t('join.signed_in', { name: person.name, role: wordsOf('role', person.role) })}
            button={t('join.set')}
            token={desk.token}
            set={join}
          >
            {refused === undefined ? null : (
              <PassphraseField
                label={t('join.own', { name: desk.user.name })}
                value={own}
                change={setOwn}
                testId="join-own-passphrase"
                invalid={refused === 'wrong_passphrase'}
              />
            )}
          </SetPassphrase>
          <div>
            <Button kind="quiet" onPress={leave}>
              {t('common.cancel')}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
