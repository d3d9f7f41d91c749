/** The closed list of failures; `crates/kernel/src/code.rs` is its source and a test compares the two. */
export const ERROR_CODES = [
  'locked',
  'wrong_passphrase',
  'clinician_disabled',
  'security_key_needed',
  'passphrase_needed',
  'security_key_absent',
  'security_key_several',
  'security_key_wrong_pin',
  'security_key_replug',
  'security_key_pin_locked',
  'security_key_other',
  'security_key_enrolled',
  'security_key_unsuitable',
  'security_key_cancelled',
  'security_key_timed_out',
  'security_key_cloned',
  'security_key_failed',
  'unsent_work',
  'recovery_code',
  'soft_locked',
  'weak_passphrase',
  'keyring_absent',
  'keyring_locked',
  'keyring_emptied',
  'token_absent',
  'token_module',
  'pin_needed',
  'wrong_pin',
  'wrong_pin_last_try',
  'pin_locked',
  'not_enrolled',
  'already_enrolled',
  'enrolment_refused',
  'vault_unreadable',
  'vault_in_use',
  'disk_full',
  'lease_expired',
  'sign_in_failed',
  'sign_in_cancelled',
  'sign_in_other_person',
  'sign_in_needed',
  'ehr_unreachable',
  'ehr_not_supported',
  'ehr_not_trusted',
  'ehr_tls_too_old',
  'ehr_refused',
  'ehr_bad_answer',
  'forbidden',
  'break_glass_required',
  'step_up_required',
  'access_suspended',
  'break_glass_reason',
  'wrong_patient',
  'not_found',
  'draft_conflict',
  'empty_note',
  'sync_running',
  'audit_broken',
  'review_changed',
  'invalid_request',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A refused or failed command. Carries no text of its own: the words are the catalogue's. */
export class CommandFailed extends Error {
  readonly code: ErrorCode;
  readonly correlationId: string;
  readonly retryAfterSeconds: number | null;
  /** PINs that the security key still takes. */
  readonly triesLeft: number | null;

  constructor(code: ErrorCode, correlationId = '', retryAfterSeconds: number | null = null, triesLeft: number | null = null) {
    super(code);
    this.name = 'CommandFailed';
    this.code = code;
    this.correlationId = correlationId;
    this.retryAfterSeconds = retryAfterSeconds;
    this.triesLeft = triesLeft;
  }
}

/** Reads whatever a rejected command carried; anything that is no `CommandError` is a fault of ours. */
export function failureFrom(reason: unknown): CommandFailed {
  if (reason instanceof CommandFailed) return reason;
  if (typeof reason !== 'object' || reason === null) return new CommandFailed('internal');
  const { code, correlation_id: id, retry_after_seconds: wait, tries_left: tries } = reason as Record<string, unknown>;
  return new CommandFailed(
    isErrorCode(code) ? code : 'internal',
    typeof id === 'string' ? id : '',
    typeof wait === 'number' ? wait : null,
    typeof tries === 'number' ? tries : null,
  );
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(code);
}
