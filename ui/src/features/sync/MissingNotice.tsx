import { useState } from 'react';
import { Button } from '../../shared/Button';
import { Dialog, DialogClose } from '../../shared/Dialog';
import { t, wordsOf } from '../../words';
import { useSync } from '../desk/DeskContext';
import { useMay } from '../desk/may';

/** What the EHR did not give stands at the top of every screen: its absence here means nothing. A role without patients misses none. */
export function MissingNotice() {
  const { missing } = useSync().sync;
  const { findPatients } = useMay();
  const [open, setOpen] = useState(false);
  if (missing.length === 0 || !findPatients) return null;
  return (
    <>
      <Button kind="quiet" className="sync-missing" onPress={() => setOpen(true)} testId="sync-missing">
        ⚠ {t('sync.missing')}
      </Button>
      {open ? (
        <Dialog title={t('sync.missing')} close={() => setOpen(false)}>
          <p>{t('sync.missing.detail')}</p>
          <ul className="missing-list">
            {missing.map(({ kind, why, count }) => (
              <li key={`${kind ?? ''} ${why}`}>
                {t('sync.missing.line', {
                  kind: kind === null ? t('sync.missing.any') : wordsOf('kind', kind),
                  why: wordsOf('sync.missing.why', why),
                  n: count,
                })}
              </li>
            ))}
          </ul>
          <DialogClose close={() => setOpen(false)} />
        </Dialog>
      ) : null}
    </>
  );
}
