import { useState } from 'react';
import type { Banner } from '../../platform/bindings/Banner';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { PassphraseField } from '../../shared/PassphraseField';
import { t, wordsOf } from '../../words';
import { Identity } from '../banner/Identity';
import { useDesk } from '../desk/DeskContext';
import type { Draft } from './draft';

const LINES = 6;

/** Says once more whose chart this goes into, and what. */
export function SignDialog({
  draft,
  banner,
  close,
  signed,
}: {
  draft: Draft;
  banner: Banner;
  close: () => void;
  signed: () => void;
}) {
  const { drafts, desk } = useDesk();
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();
  const [passphrase, setPassphrase] = useState('');
  const [asked, setAsked] = useState(false);
  const lines = draft.text.split('\n');
  const empty = draft.text.trim() === '';

  const sign = async () => {
    if (working || empty) return;
    setWorking(true);
    setFailure(undefined);
    try {
      await drafts.sign(draft, passphrase === '' ? null : passphrase);
      signed();
    } catch (reason) {
      const refused = failureFrom(reason);
      setFailure(refused);
      setPassphrase('');
      if (refused.code === 'passphrase_needed') setAsked(true);
      setWorking(false);
    }
  };

  return (
    <Dialog title={t('sign.title', { type: wordsOf('note_type', draft.noteType) })} close={close} role="alertdialog">
      <div
        className="stack"
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void sign();
          }
        }}
      >
        <Identity banner={banner} />
        <blockquote className="sign-text" dir="auto">
          {lines.slice(0, LINES).join('\n')}
          {lines.length > LINES ? `\n${t('sign.more', { n: lines.length - LINES })}` : ''}
        </blockquote>
        <p className="soft">{t('sign.as', { name: desk.user.name, role: wordsOf('role', desk.user.role) })}</p>
        {empty ? <p role="status">{t('sign.empty')}</p> : null}
        {asked ? (
          <PassphraseField
            label={t('locked.passphrase')}
            value={passphrase}
            change={setPassphrase}
            testId="note-sign-passphrase"
            disabled={working}
            autoFocus
            invalid={failure?.code === 'wrong_passphrase'}
          />
        ) : null}
        {failure === undefined ? null : <FailureNotice failure={failure} />}
        <div className="dialog-actions">
          <Button onPress={close}>{t('common.cancel')}</Button>
          <Button kind="primary" autoFocus isDisabled={working || empty} onPress={() => void sign()} testId="note-sign-confirm">
            {t('sign.confirm')} <kbd className="key">{t('notes.sign.key')}</kbd>
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
