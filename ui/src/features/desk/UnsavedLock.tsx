import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { t } from '../../words';
import { useDesk } from './DeskContext';

/** Locking would drop text that could not be saved: the one case in which lock asks. */
export function UnsavedLock({ close }: { close: () => void }) {
  const { lock } = useDesk();
  return (
    <Dialog title={t('lock.unsaved.title')} close={close} role="alertdialog" insistent>
      <p>{t('lock.unsaved.detail')}</p>
      <div className="dialog-actions">
        <Button kind="danger" onPress={() => lock(true)}>
          {t('lock.unsaved.lock')}
        </Button>
        <Button kind="primary" autoFocus onPress={close}>
          {t('lock.unsaved.stay')}
        </Button>
      </div>
    </Dialog>
  );
}
