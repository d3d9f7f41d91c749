import { useId, useState } from 'react';
import { usePlatform } from '../../platform/context';
import { useAct } from '../../shared/act';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { t, wordsOf } from '../../words';

const REASONS = ['restored', 'copied', 'ehr_changed', 'investigated'] as const;

/** Takes the chain up again, with a reason, which no stray click or Escape loses: for those who look after workstations or privacy. */
export function ClearQuarantine({ done }: { done: () => void }) {
  const platform = usePlatform();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState<string>(REASONS[0]);
  const [note, setNote] = useState('');
  const { working, failure, run } = useAct();
  const clear = () =>
    run(async () => {
      await platform.call('clear_quarantine', { request: { reason, note } });
      setOpen(false);
      done();
    });
  return (
    <>
      <Button kind="danger" onPress={() => setOpen(true)} testId="clear-quarantine">
        {t('audit.clear')}
      </Button>
      {open ? (
        <Dialog title={t('audit.clear')} close={() => setOpen(false)} insistent={working || note.trim() !== ''}>
          <p>{t('audit.clear.detail')}</p>
          <div className="field">
            <label htmlFor={`${id}-reason`}>{t('audit.clear.reason')}</label>
            <select id={`${id}-reason`} className="input" autoFocus value={reason} onChange={(event) => setReason(event.target.value)} data-testid="clear-reason">
              {REASONS.map((code) => (
                <option key={code} value={code}>
                  {wordsOf('audit.clear.reason', code)}
                </option>
              ))}
            </select>
          </div>
          <div className="field">
            <label htmlFor={`${id}-note`}>{t('audit.clear.note')}</label>
            <textarea
              id={`${id}-note`}
              className="input"
              rows={3}
              maxLength={900}
              dir="auto"
              value={note}
              onChange={(event) => setNote(event.target.value)}
              data-testid="clear-note"
            />
          </div>
          {failure === undefined ? null : <FailureNotice failure={failure} brief />}
          <div className="dialog-actions">
            <Button onPress={() => setOpen(false)}>{t('common.cancel')}</Button>
            <Button kind="danger" isDisabled={working || note.trim() === ''} onPress={() => void clear()} testId="clear-now">
              {t('audit.clear')}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
