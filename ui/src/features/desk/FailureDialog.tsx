import type { CommandFailed } from '../../platform/failure';
import { Dialog, DialogClose } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';

/** For what failed away from any place on screen that could say so. */
export function FailureDialog({ failure, close }: { failure: CommandFailed; close: () => void }) {
  return (
    <Dialog title={t('desk.failed')} close={close} role="alertdialog">
      <FailureNotice failure={failure} />
      <DialogClose close={close} />
    </Dialog>
  );
}
