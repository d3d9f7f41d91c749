//! How a command fails: a code, words for a person, and an exit code for a script.
use std::io::{self, Write as _};
use std::process::ExitCode;

use desk::Problem;
use desk::view::CommandError;
use kernel::ErrorCode;

/// The command line is not understood.
pub const USAGE: u8 = 2;

/// As `--help` shows it.
pub const EXIT_CODES: &str = "\
Exit codes:
   0  done
   1  failed; the code on stderr says why
   2  the command line or the input is not understood
   3  the desk is locked, or locked itself while working (idle limit)
   4  the passphrase or recovery code is wrong, or too weak for enrolment; the security key was not used, or is refused; or the
      clinician may not unlock
   5  wait before the next passphrase (soft lock)
   6  the operating system's keyring is absent, locked or emptied; the token or its module is absent, or its PIN missing, wrong or locked
   7  the EHR is not reachable, not trusted, refuses, or wants a sign-in
   8  refused: the role does not permit it, or only break-glass does, or the access is unusual
   9  the audit chain does not verify
  10  not finished within --timeout; the next run goes on from there

A failure is one line on stderr; with --json an object {\"code\", \"correlation_id\", \"retry_after_seconds\"}.";

/// Why a command did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The core's answer.
    #[error("{}", .0.code.as_str())]
    Core(CommandError),
    /// The command line or the input is not what the command needs.
    #[error("{0}")]
    Usage(&'static str),
    /// Standard output or the file named cannot be written.
    #[error("cannot write the answer")]
    Output(io::ErrorKind),
}

impl Failure {
    /// A failure that the terminal itself found; it gets a correlation id and a line in the log like any other.
    pub fn named(code: ErrorCode) -> Self {
        match desk::settled::<()>(Err(Problem::Named(code))) {
            Err(error) => Self::Core(error),
            Ok(()) => Self::Usage("internal"),
        }
    }

    /// Says on stderr why, and gives the exit code.
    pub fn exit(&self, json: bool) -> ExitCode {
        let mut stderr = io::stderr().lock();
        let _ = match self {
            Self::Core(error) if json => serde_json::to_writer(&mut stderr, error).map_err(Into::into).and_then(|()| writeln!(stderr)),
            Self::Core(error) => writeln!(stderr, "satchel-cli: {}", sentence(error)),
            _ if json => writeln!(stderr, "{}", serde_json::json!({ "code": self.code().as_str(), "message": self.to_string() })),
            _ => writeln!(stderr, "satchel-cli: {self}"),
        };
        ExitCode::from(exit_code(self.code()))
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::Core(error) => error.code,
            Self::Usage(_) => ErrorCode::InvalidRequest,
            Self::Output(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => ErrorCode::DiskFull,
            Self::Output(_) => ErrorCode::Internal,
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        Self::Core(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error.kind())
    }
}

fn sentence(error: &CommandError) -> String {
    let CommandError { code, correlation_id, retry_after_seconds, tries_left } = error;
    let wait = retry_after_seconds.map_or_else(String::new, |seconds| format!(" Wait {seconds} s."));
    let tries = tries_left.map_or_else(String::new, |tries| format!(" {tries} tries are left."));
    format!("{}: {}{wait}{tries} (id {correlation_id})", code.as_str(), words(*code))
}

/// Documented in `--help` and the README; a script acts on them, so they are frozen.
const fn exit_code(code: ErrorCode) -> u8 {
    use ErrorCode as E;
    match code {
        E::InvalidRequest => USAGE,
        E::Locked => 3,
        E::WrongPassphrase | E::WeakPassphrase | E::ClinicianDisabled | E::SecurityKeyNeeded | E::RecoveryCode => 4,
        E::PassphraseNeeded | E::SecurityKeyAbsent | E::SecurityKeySeveral | E::SecurityKeyWrongPin | E::SecurityKeyReplug => 4,
        E::SecurityKeyPinLocked | E::SecurityKeyOther | E::SecurityKeyEnrolled | E::SecurityKeyUnsuitable => 4,
        E::SecurityKeyCancelled | E::SecurityKeyTimedOut | E::SecurityKeyCloned | E::SecurityKeyFailed => 4,
        E::SoftLocked => 5,
        E::KeyringAbsent | E::KeyringLocked | E::KeyringEmptied => 6,
        E::TokenAbsent | E::TokenModule | E::PinNeeded | E::WrongPin | E::WrongPinLastTry | E::PinLocked => 6,
        E::EhrUnreachable | E::EhrNotSupported | E::EhrNotTrusted | E::EhrTlsTooOld | E::EhrRefused | E::EhrBadAnswer => 7,
        E::LeaseExpired | E::SignInFailed | E::SignInCancelled | E::SignInOtherPerson | E::SignInNeeded => 7,
        E::Forbidden | E::BreakGlassRequired | E::BreakGlassReason | E::StepUpRequired | E::AccessSuspended | E::EnrolmentRefused => 8,
        E::AuditBroken => 9,
        E::SyncRunning => 10,
        _ => 1,
    }
}

const fn words(code: ErrorCode) -> &'static str {
    use ErrorCode as E;
    match code {
        E::Locked => "The desk is locked.",
        E::WrongPassphrase => "The passphrase does not open this vault.",
        E::SoftLocked => "Too many wrong passphrases.",
        E::WeakPassphrase => "The passphrase is too short, or easy to guess: as many characters as are asked for, and not your name.",
        E::KeyringAbsent => "This session offers no keyring. Log in to the desktop, or start its keyring, and try again.",
        E::KeyringLocked => "The keyring is locked. Unlock it and try again.",
        E::KeyringEmptied => "The keyring no longer holds this workstation's secret. Nothing was changed.",
        E::TokenAbsent => "The token that keeps this workstation's secret is not there.",
        E::TokenModule => {
            "The token's PKCS#11 module is missing, does not work, or may be changed by others: `satchel-cli doctor` says which."
        }
        E::PinNeeded => "The token needs its PIN.",
        E::WrongPin => "The token refused the PIN.",
        E::WrongPinLastTry => "The token refused the PIN. One more wrong one locks it.",
        E::PinLocked => "The token's PIN is locked. Whoever keeps the token can unlock it. Nothing was changed.",
        E::NotEnrolled => "No vault, or nobody of this name, in this profile. `satchel-cli enrol` makes one.",
        E::AlreadyEnrolled => "This profile has a vault already.",
        E::EnrolmentRefused => {
            "This workstation does not meet the hospital's policy, so nobody new is enrolled: `satchel-cli doctor` says why."
        }
        E::ClinicianDisabled => "This clinician may not unlock here for now.",
        E::SecurityKeyNeeded => "This clinician unlocks with a security key too.",
        E::PassphraseNeeded => "Your hospital asks for the passphrase for this.",
        E::SecurityKeyAbsent => "No security key is plugged in.",
        E::SecurityKeySeveral => "Several security keys are plugged in. Leave the one you mean.",
        E::SecurityKeyWrongPin => "The security key refused the PIN.",
        E::SecurityKeyReplug => "The security key wants to be taken out and put in again before it takes another PIN.",
        E::SecurityKeyPinLocked => {
            "The security key's PIN is locked for good. Use another of your keys, or ask whoever looks after this workstation."
        }
        E::SecurityKeyOther => "That is not one of your security keys.",
        E::SecurityKeyEnrolled => "That security key is one of yours already.",
        E::SecurityKeyUnsuitable => "That security key has no PIN or fingerprint set, or cannot take part in unlocking.",
        E::SecurityKeyCancelled => "The security key was not used.",
        E::SecurityKeyTimedOut => "Nobody touched the security key in time.",
        E::SecurityKeyCloned => "There may be a second copy of that security key, so it is refused. Tell your security officer.",
        E::SecurityKeyFailed => "The security key did not answer as it should.",
        E::UnsentWork => "Something entered here has not reached the EHR and would be lost. Nothing was changed.",
        E::RecoveryCode => "That is not this workstation's recovery code, or it was misread.",
        E::VaultUnreadable => "The vault's files cannot be read. Nothing was changed.",
        E::VaultInUse => "Another running Satchel holds the vault.",
        E::DiskFull => "The disk is full.",
        E::LeaseExpired => "The offline lease has run out: `satchel-cli sign-in`.",
        E::SignInFailed => "Sign-in did not finish.",
        E::SignInCancelled => "Nobody finished the sign-in in time.",
        E::SignInOtherPerson => "Somebody else signed in than the one who unlocked.",
        E::SignInNeeded => "The EHR wants a fresh sign-in: `satchel-cli sign-in`.",
        E::EhrUnreachable => "The EHR did not answer. What is here can be worked with; what waits is kept.",
        E::EhrNotSupported => "This address is no FHIR R4 server with SMART sign-in.",
        E::EhrNotTrusted => "The EHR's certificate is not trusted (--ca FILE trusts a hospital's own authority).",
        E::EhrTlsTooOld => "The EHR does not speak TLS 1.3 (the hospital's policy may allow 1.2: `allow_tls_1_2`).",
        E::EhrRefused => "The EHR refused. `satchel-cli outbox` shows what.",
        E::EhrBadAnswer => "The EHR sent what is no valid answer.",
        E::Forbidden => "Your role does not permit this.",
        E::BreakGlassRequired => "Not a patient of yours, or restricted: `satchel-cli break-glass` opens it, with a reason.",
        E::StepUpRequired => "Unusual access: the chart stays closed until you unlock once more. Run the command again.",
        E::AccessSuspended => "Unusual access: strangers' charts stay closed for now, but `satchel-cli break-glass` opens one.",
        E::BreakGlassReason => "Break-glass needs a known reason code and some words.",
        E::WrongPatient => "It names one patient and holds another. Nothing was written.",
        E::NotFound => "No such patient, record or entry on this workstation.",
        E::DraftConflict => "The draft was changed elsewhere.",
        E::EmptyNote => "A note without text cannot be signed.",
        E::SyncRunning => "Not finished in time. The next run goes on from there.",
        E::AuditBroken => "The audit chain does not verify.",
        E::ReviewChanged => "The review was changed since it was shown, or is closed.",
        E::InvalidRequest => "The request does not have the expected form.",
        E::Internal => "A fault of ours; the id finds it in the log.",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_code_has_words_and_no_failure_exits_as_done() {
        for code in ErrorCode::ALL {
            assert!(words(*code).ends_with(['.', ')']) || words(*code).ends_with("-in`."), "{code:?}");
            assert_ne!(exit_code(*code), 0, "{code:?}");
        }
    }

    #[test]
    fn every_exit_code_is_documented() {
        for code in ErrorCode::ALL.iter().map(|code| exit_code(*code)) {
            assert!(EXIT_CODES.contains(&format!("\n{code:>4}  ")), "{code}");
        }
    }

    #[test]
    fn the_wait_is_said() {
        let error =
            CommandError { code: ErrorCode::SoftLocked, correlation_id: "c1".to_owned(), retry_after_seconds: Some(15), tries_left: None };
        assert_eq!(sentence(&error), "soft_locked: Too many wrong passphrases. Wait 15 s. (id c1)");
    }
}
