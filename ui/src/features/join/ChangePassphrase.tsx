import { useState } from 'react';
import { usePlatform } from '../../platform/context';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { SetPassphrase } from '../first-run/SetPassphrase';

/** A new passphrase for whoever is working; the desk stays open. */
export function ChangePassphrase({ close }: { close: () => void }) {
  const platform = usePlatform();
  const { desk } = useDesk();
  const [former, setFormer] = useState('');
  const [done, setDone] = useState(false);

  return (
    <Dialog title={t('action.change_passphrase')} close={close} insistent testId="change-passphrase">
      {done ? (
        <div className="stack">
          <p role="status">{t('passphrase.changed')}</p>
          <div className="dialog-actions">
            <Button kind="primary" autoFocus onPress={close}>
              {t('common.close')}
            </Button>
          </div>
        </div>
      ) : (
        <div className="stack">
          <SetPassphrase
            who={t('passphrase.change')}
            button={t('passphrase.change.set')}
            token={desk.token}
            former={{ value: former, change: setFormer }}
            set={async (passphrase) => {
              await platform.call('change_passphrase', { old: former, new: passphrase });
              setDone(true);
            }}
          />
          <div>
            <Button kind="quiet" onPress={close}>
              {t('common.cancel')}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
