import { useState } from 'react';
import type { Banner } from '../../platform/bindings/Banner';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';
import { Identity } from '../banner/Identity';
import { useDesk } from '../desk/DeskContext';
import type { Draft } from './draft';

export function DiscardDialog({
  draft,
  banner,
  close,
  discarded,
}: {
  draft: Draft;
  banner: Banner;
  close: () => void;
  discarded: () => void;
}) {
  const { drafts } = useDesk();
  const [failure, setFailure] = useState<CommandFailed>();
  const words = draft.text.trim() === '' ? 0 : draft.text.trim().split(/\s+/u).length;
  const discard = () => {
    drafts.discard(draft).then(discarded, (reason: unknown) => setFailure(failureFrom(reason)));
  };
  return (
    <Dialog title={t('discard.title')} close={close} role="alertdialog">
      <Identity banner={banner} />
      <p>{t('discard.detail', { n: words })}</p>
      {failure === undefined ? null : <FailureNotice failure={failure} />}
      <div className="dialog-actions">
        <Button kind="danger" onPress={discard} testId="note-discard-confirm">
          {t('discard.confirm')}
        </Button>
        <Button kind="primary" autoFocus onPress={close}>
          {t('discard.keep')}
        </Button>
      </div>
    </Dialog>
  );
}
