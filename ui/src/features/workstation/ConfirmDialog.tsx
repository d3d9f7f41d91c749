import { type ReactNode, type SubmitEvent, useRef, useState } from 'react';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { PassphraseField } from '../../shared/PassphraseField';
import { minutesSeconds, useCountdown } from '../../shared/time';
import { useTokenPin } from '../../shared/TokenPin';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';

/** What stands behind a refusal for unsent work: said apart, with the passphrase asked anew, so that no second Enter slips through. */
interface SecondStep {
  title: string;
  detail: string;
  button: string;
}

/** Something about the workstation is done only with the passphrase of whoever works. The core decides, and writes it down. */
export function ConfirmDialog({
  title,
  button,
  kind = 'primary',
  ready = true,
  fieldFirst = false,
  second,
  run,
  close,
  testId,
  children,
}: {
  title: string;
  button: string;
  kind?: 'primary' | 'danger';
  /** What `children` ask for is there. */
  ready?: boolean;
  /** `children` hold the field to begin with. */
  fieldFirst?: boolean;
  second?: SecondStep;
  run: (passphrase: string, second: boolean) => Promise<unknown>;
  close: () => void;
  testId: string;
  children: ReactNode;
}) {
  const field = useRef<HTMLInputElement>(null);
  const pin = useTokenPin(useDesk().desk.token);
  const [passphrase, setPassphrase] = useState('');
  const [atSecond, setAtSecond] = useState(false);
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();
  const wait = useCountdown(failure?.retryAfterSeconds ?? 0, failure);
  const able = ready && passphrase !== '' && pin.ready && wait === 0 && !working;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!able) return;
    setWorking(true);
    setFailure(undefined);
    try {
      await pin.give();
      await run(passphrase, atSecond);
      close();
    } catch (reason) {
      const failed = failureFrom(reason);
      if (failed.code === 'unsent_work' && second !== undefined) setAtSecond(true);
      else setFailure(failed);
      setPassphrase('');
      setWorking(false);
      requestAnimationFrame(() => field.current?.focus());
    }
  };

  return (
    <Dialog title={title} close={close} insistent={working} testId={testId} role={kind === 'danger' ? 'alertdialog' : 'dialog'}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        {atSecond && second !== undefined ? (
          <div className="notice" data-tone="danger" role="alert" data-code="unsent_work" data-testid="second-step">
            <p className="notice-title">
              <span aria-hidden="true">⚠</span> {second.title}
            </p>
            <p>{second.detail}</p>
            <p>{t('workstation.second.again')}</p>
          </div>
        ) : (
          children
        )}
        <PassphraseField
          label={t('workstation.passphrase')}
          value={passphrase}
          change={setPassphrase}
          testId="own-passphrase"
          invalid={failure?.code === 'wrong_passphrase'}
          disabled={working}
          autoFocus={!fieldFirst}
          inputRef={field}
        />
        {pin.field({ working, failure })}
        {failure === undefined ? null : <FailureNotice failure={failure} testId="confirm-error" />}
        {wait > 0 ? <strong role="timer">{t('locked.wait', { time: minutesSeconds(wait) })}</strong> : null}
        <div className="dialog-actions">
          <span role="status" className="grow">
            {working ? t('workstation.working') : null}
          </span>
          <Button onPress={close} isDisabled={working} testId="confirm-cancel">
            {t('common.cancel')}
          </Button>
          <Button type="submit" kind={atSecond ? 'danger' : kind} isDisabled={!able} testId={atSecond ? 'confirm-second' : 'confirm'}>
            {atSecond && second !== undefined ? second.button : button}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
