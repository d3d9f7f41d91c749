import { useState } from 'react';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { t, wordsOf } from '../../words';

const REASONS = ['restored', 'copied', 'ehr_changed', 'investigated'] as const;

/** Takes the chain up again, with a reason: for those who look after workstations or privacy. */
export function ClearQuarantine({ done }: { done: () => void }) {
  const platform = usePlatform();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState<string>(REASONS[0]);
  const [note, setNote] = useState('');
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();
  const clear = async () => {
    setWorking(true);
    setFailure(undefined);
    try {
      await platform.call('clear_quarantine', { request: { reason, note } });
      setOpen(false);
      done();
    } catch (why) {
      setFailure(failureFrom(why));
    }
    setWorking(false);
  };
  return (
    <>
      <Button kind="danger" onPress={() => setOpen(true)} testId="clear-quarantine">
        {t('audit.clear')}
      </Button>
      {open ? (
        <Dialog title={t('audit.clear')} close={() => setOpen(false)}>
          <p>{t('audit.clear.detail')}</p>
          <label className="field">
            {t('audit.clear.reason')}
            <select className="input" value={reason} onChange={(event) => setReason(event.target.value)} data-testid="clear-reason">
              {REASONS.map((code) => (
                <option key={code} value={code}>
                  {wordsOf('audit.clear.reason', code)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            {t('audit.clear.note')}
            <textarea
              className="input"
              rows={3}
              maxLength={900}
              value={note}
              onChange={(event) => setNote(event.target.value)}
              data-testid="clear-note"
            />
          </label>
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
