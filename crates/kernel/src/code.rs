//! The closed list of what can go wrong as a person at the screen would tell it apart.
use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A code exists only where the screen or a script does something different for it. The words belong to the UI.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            /// Every code, for the words' catalogue to be checked against.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name, as the UI, `--json` and the log carry it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

error_codes! {
    /// The desk is locked.
    Locked = "locked",
    /// Passphrase (or its combination with this device) does not open the vault.
    WrongPassphrase = "wrong_passphrase",
    /// Too many wrong passphrases: wait, the error carries how long.
    SoftLocked = "soft_locked",
    /// New passphrase is too weak.
    WeakPassphrase = "weak_passphrase",
    /// The operating system offers no keyring.
    KeyringAbsent = "keyring_absent",
    /// The keyring is there but locked.
    KeyringLocked = "keyring_locked",
    /// The keyring no longer holds this device's secret.
    KeyringEmptied = "keyring_emptied",
    /// The token that keeps this device's secret is not there.
    TokenAbsent = "token_absent",
    /// The token's driver is missing, does not work, or may be changed by others.
    TokenModule = "token_module",
    /// The token's PIN was not given.
    PinNeeded = "pin_needed",
    /// The token refused the PIN.
    WrongPin = "wrong_pin",
    /// The token refused the PIN, and one more wrong one locks it.
    WrongPinLastTry = "wrong_pin_last_try",
    /// The token takes no PIN any more.
    PinLocked = "pin_locked",
    /// There is no vault here yet.
    NotEnrolled = "not_enrolled",
    /// A vault exists here already.
    AlreadyEnrolled = "already_enrolled",
    /// What the hospital asks of a workstation is not met here, so no one is enrolled. Never keeps anyone from a vault that is there.
    EnrolmentRefused = "enrolment_refused",
    /// The vault's files cannot be read; nothing was changed.
    VaultUnreadable = "vault_unreadable",
    /// Another running Satchel holds the vault.
    VaultInUse = "vault_in_use",
    /// The disk is full; what was typed is still on screen.
    DiskFull = "disk_full",
    /// The offline lease has run out: sign in to the EHR.
    LeaseExpired = "lease_expired",
    /// Sign-in did not finish.
    SignInFailed = "sign_in_failed",
    /// Sign-in was cancelled.
    SignInCancelled = "sign_in_cancelled",
    /// Someone else signed in than the one enrolled.
    SignInOtherPerson = "sign_in_other_person",
    /// Signed in before, but the EHR wants a fresh sign-in.
    SignInNeeded = "sign_in_needed",
    /// The EHR did not answer.
    EhrUnreachable = "ehr_unreachable",
    /// The address is no FHIR R4 server with SMART sign-in.
    EhrNotSupported = "ehr_not_supported",
    /// The EHR's certificate is not trusted.
    EhrNotTrusted = "ehr_not_trusted",
    /// The EHR speaks no version of TLS that is allowed here.
    EhrTlsTooOld = "ehr_tls_too_old",
    /// The EHR refused the request.
    EhrRefused = "ehr_refused",
    /// The EHR sent something that is no valid answer.
    EhrBadAnswer = "ehr_bad_answer",
    /// The role does not permit this.
    Forbidden = "forbidden",
    /// The chart opens only by break-glass.
    BreakGlassRequired = "break_glass_required",
    /// Unusual access: the chart stays closed until the passphrase is given once more.
    StepUpRequired = "step_up_required",
    /// Unusual access: charts of patients nothing ties the user to stay closed for a while, but for break-glass.
    AccessSuspended = "access_suspended",
    /// Break-glass was asked with an unknown reason or without the written one.
    BreakGlassReason = "break_glass_reason",
    /// The command names one patient and its content another; nothing was written.
    WrongPatient = "wrong_patient",
    /// No such patient, record or draft on this workstation.
    NotFound = "not_found",
    /// The draft was changed elsewhere since it was opened.
    DraftConflict = "draft_conflict",
    /// A note without text cannot be signed.
    EmptyNote = "empty_note",
    /// Sync is running already.
    SyncRunning = "sync_running",
    /// Whoever unlocks has a place here and may not use it for now.
    ClinicianDisabled = "clinician_disabled",
    /// The person's security key is part of unlocking.
    SecurityKeyNeeded = "security_key_needed",
    /// The hospital asks for the passphrase at this act; it was not given.
    PassphraseNeeded = "passphrase_needed",
    /// No security key is plugged in.
    SecurityKeyAbsent = "security_key_absent",
    /// More than one is: leave the one.
    SecurityKeySeveral = "security_key_several",
    /// The security key refused its PIN; the error carries the tries left.
    SecurityKeyWrongPin = "security_key_wrong_pin",
    /// Three wrong PINs in a row: the key wants to be plugged in again.
    SecurityKeyReplug = "security_key_replug",
    /// The security key takes no PIN any more, for good.
    SecurityKeyPinLocked = "security_key_pin_locked",
    /// The key that is plugged in is not one of the person's.
    SecurityKeyOther = "security_key_other",
    /// The key is one of the person's already.
    SecurityKeyEnrolled = "security_key_enrolled",
    /// The key cannot verify its holder, or cannot take part in unlocking.
    SecurityKeyUnsuitable = "security_key_unsuitable",
    /// Whoever was asked for the key gave up.
    SecurityKeyCancelled = "security_key_cancelled",
    /// Nobody touched the key in time.
    SecurityKeyTimedOut = "security_key_timed_out",
    /// There may be a second copy of the key: it is refused, and an incident.
    SecurityKeyCloned = "security_key_cloned",
    /// The key's answer was not what it was asked for, or it was pulled out.
    SecurityKeyFailed = "security_key_failed",
    /// Something entered here has not reached the EHR, and would be lost.
    UnsentWork = "unsent_work",
    /// Not this workstation's recovery code, or misread.
    RecoveryCode = "recovery_code",
    /// The audit chain does not verify.
    AuditBroken = "audit_broken",
    /// The review was changed since it was shown, or is closed.
    ReviewChanged = "review_changed",
    /// The request does not have the expected form.
    InvalidRequest = "invalid_request",
    /// A fault of ours; the correlation id finds it in the log.
    Internal = "internal",
}
