import { useState } from 'react';
import { createPortal } from 'react-dom';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { dateTime } from '../../shared/time';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';

/** A recovery key's code, this once. It does not close by mistake, and a print holds nothing else of the screen. */
export function RecoveryCode({ code, close }: { code: string; close: () => void }) {
  const [leaving, setLeaving] = useState(false);
  const groups = code.split('-');
  return (
    <>
      <Dialog title={t('recovery.code.title')} close={() => setLeaving(true)} wide testId="recovery-code-dialog">
        <p>{t('recovery.code.detail')}</p>
        <p className="recovery-code" dir="ltr" data-testid="recovery-code">
          {groups.map((group, index) => (
            <span key={index}>{index === 0 ? group : ` ${group}`}</span>
          ))}
        </p>
        {leaving ? (
          <div className="stack" data-testid="recovery-leave">
            <div className="notice" data-tone="danger" role="alert">
              <p className="notice-title">
                <span aria-hidden="true">⚠</span> {t('recovery.code.leave')}
              </p>
              <p>{t('recovery.code.leave.detail')}</p>
            </div>
            <div className="dialog-actions">
              <Button kind="danger" onPress={close} testId="recovery-leave-anyway">
                {t('recovery.code.leave.anyway')}
              </Button>
              <Button kind="primary" autoFocus onPress={() => setLeaving(false)} testId="recovery-back">
                {t('recovery.code.back')}
              </Button>
            </div>
          </div>
        ) : (
          <div className="dialog-actions">
            <Button autoFocus onPress={() => window.print()} testId="recovery-print">
              {t('recovery.code.print')}
            </Button>
            <Button kind="primary" onPress={close} testId="recovery-written">
              {t('recovery.code.written')}
            </Button>
          </div>
        )}
      </Dialog>
      <Sheet groups={groups} />
    </>
  );
}

/** What is printed, beside the page rather than in it: see `workstation.css`. */
function Sheet({ groups }: { groups: readonly string[] }) {
  const { desk, ehr } = useDesk();
  const [at] = useState(() => new Date().toISOString());
  return createPortal(
    <div className="recovery-sheet" aria-hidden="true" data-testid="recovery-sheet">
      <h1>{t('recovery.sheet.title')}</h1>
      <p className="recovery-code" dir="ltr">
        {groups.join(' ')}
      </p>
      <dl>
        <dt>{t('recovery.sheet.made')}</dt>
        <dd>{dateTime(at)}</dd>
        <dt>{t('about.workstation')}</dt>
        <dd>{desk.workstation}</dd>
        <dt>{t('recovery.sheet.ehr')}</dt>
        {/* Left for the pen where it is not known. */}
        <dd className={ehr === null ? 'recovery-sheet-blank' : undefined}>{ehr}</dd>
      </dl>
    </div>,
    document.body,
  );
}
