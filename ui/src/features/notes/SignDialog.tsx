import type { Banner } from '../../platform/bindings/Banner';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { t, wordsOf } from '../../words';
import { Identity } from '../banner/Identity';
import { useDesk } from '../desk/DeskContext';
import { useProof } from '../step-up/proof';
import { ProofFields } from '../step-up/ProofFields';
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
  const proof = useProof(desk.token, { takes: 'on_request' });
  const lines = draft.text.split('\n');
  const empty = draft.text.trim() === '';

  const sign = async () => {
    if (empty) return;
    await proof.act(async (passphrase) => {
      await drafts.sign(draft, passphrase === '' ? null : passphrase);
      signed();
    });
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
        <ProofFields proof={proof} testId="note-sign-passphrase" autoFocus />
        <div className="dialog-actions">
          <Button onPress={close}>{t('common.cancel')}</Button>
          <Button kind="primary" autoFocus isDisabled={!proof.ready || empty} onPress={() => void sign()} testId="note-sign-confirm">
            {t('sign.confirm')} <kbd className="key">{t('notes.sign.key')}</kbd>
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
