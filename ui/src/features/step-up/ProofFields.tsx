import type { ReactNode } from 'react';
import { FailureNotice } from '../../shared/FailureNotice';
import { PassphraseField } from '../../shared/PassphraseField';
import { minutesSeconds } from '../../shared/time';
import { t } from '../../words';
import type { Proof } from './proof';

/** The passphrase and the token's PIN, as far as they are asked for; below them what was refused, and how long to wait. */
export function ProofFields({
  proof,
  testId,
  label = t('locked.passphrase'),
  autoFocus = false,
  brief = false,
  failureTestId,
  children,
}: {
  proof: Proof;
  /** Of the passphrase's field. */
  testId: string;
  label?: string;
  autoFocus?: boolean;
  /** As `FailureNotice`. */
  brief?: boolean;
  failureTestId?: string;
  /** Stands between the fields and what was refused. */
  children?: ReactNode;
}) {
  const { passphrase, change, pin, asked, working, failure, wait, field } = proof;
  return (
    <>
      {asked ? (
        <PassphraseField
          label={label}
          value={passphrase}
          change={change}
          testId={testId}
          invalid={failure?.code === 'wrong_passphrase'}
          disabled={working}
          autoFocus={autoFocus}
          inputRef={field}
        />
      ) : null}
      {pin.field({ working, failure })}
      {children}
      {failure === undefined ? null : <FailureNotice failure={failure} brief={brief} testId={failureTestId} />}
      {wait > 0 ? <strong role="timer">{t('locked.wait', { time: minutesSeconds(wait) })}</strong> : null}
    </>
  );
}
