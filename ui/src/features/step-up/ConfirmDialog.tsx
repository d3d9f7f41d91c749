import { type ReactNode, type SubmitEvent, useState } from 'react';
import type { CommandFailed } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { useProof } from './proof';
import { ProofFields } from './ProofFields';

/** What stands behind a refusal for unsent work: said apart, with the passphrase asked anew, so that no second Enter slips through. */
interface SecondStep {
  title: string;
  detail: string;
  button: string;
}

/** Something is done only with the passphrase of whoever works. The core decides, and writes it down. */
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
  const proof = useProof(useDesk().desk.token);
  const [atSecond, setAtSecond] = useState(false);
  const { working } = proof;
  const able = ready && proof.ready;

  const step = ({ code }: CommandFailed) => {
    if (code !== 'unsent_work' || second === undefined) return false;
    setAtSecond(true);
    return true;
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!able) return;
    await proof.act(async (passphrase) => {
      await run(passphrase, atSecond);
      close();
    }, step);
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
        <ProofFields
          proof={proof}
          label={t('workstation.passphrase')}
          testId="own-passphrase"
          autoFocus={!fieldFirst}
          failureTestId="confirm-error"
        />
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
