//! One ceremony from question to answer, with another try after a wrong PIN for as long as somebody types one.
use factor::{Answered, AuthenticatorError, Ceremony, Credential, FactorError, RelyingParty, Salt, Statement};
use kernel::{ErrorCode, UserId};

use super::pad::Asking;
use crate::host::Host;
use crate::problem::Problem;

/// Which of someone's keys may answer, and to what.
#[derive(Clone)]
pub(super) struct Allowed {
    pub ids: Vec<Vec<u8>>,
    pub salt: Salt,
}

/// Has one of the allowed keys sign the statement. Blocks until somebody has touched it or given up.
pub(super) fn ask(host: &Host, statement: &Statement, allowed: &Allowed) -> Result<Answered, FactorError> {
    run(host, statement, |ceremony, _| ceremony.ask(statement, allowed.ids.clone(), allowed.salt))
}

/// Has a key make a credential, once it is said to be in; `swap` asks for that first. Blocks likewise.
pub(super) fn register(
    host: &Host,
    statement: &Statement,
    user: &UserId,
    enrolled: &[Credential],
    swap: bool,
) -> Result<Credential, FactorError> {
    let mut swap = swap;
    run(host, statement, |ceremony, asking| {
        if std::mem::take(&mut swap) && !asking.insert() {
            return Err(AuthenticatorError::Cancelled.into());
        }
        ceremony.enrol(user, enrolled)
    })
}

fn run<T>(
    host: &Host,
    statement: &Statement,
    mut work: impl FnMut(&Ceremony<'_>, &Asking<'_>) -> Result<T, FactorError>,
) -> Result<T, FactorError> {
    let (relying_party, clock, authenticator) = (RelyingParty::new()?, host.clock(), host.security_keys.find());
    let asking = Asking::begin(host, statement);
    let ceremony = Ceremony {
        relying_party: &relying_party,
        authenticator: &*authenticator,
        prompt: &asking,
        cancel: asking.cancel(),
        clock: &*clock,
    };
    let mut wrong = None;
    loop {
        match work(&ceremony, &asking) {
            Err(FactorError::Authenticator(AuthenticatorError::WrongPin { tries_left })) if tries_left > 0 => {
                asking.was_wrong();
                wrong = Some(AuthenticatorError::WrongPin { tries_left });
            }
            Err(FactorError::Authenticator(AuthenticatorError::Cancelled)) => {
                let silent = asking.fell_silent().then_some(AuthenticatorError::TimedOut);
                return Err(wrong.or(silent).unwrap_or(AuthenticatorError::Cancelled).into());
            }
            other => return other,
        }
    }
}

/// As the screen tells them apart.
pub(super) fn problem(error: FactorError) -> Problem {
    use AuthenticatorError as A;
    match error {
        FactorError::Authenticator(A::WrongPin { tries_left }) => return Problem::SecurityKeyPin { tries_left },
        FactorError::Authenticator(error) => match error {
            A::NoDevice => ErrorCode::SecurityKeyAbsent,
            A::SeveralDevices => ErrorCode::SecurityKeySeveral,
            A::NotThisKey => ErrorCode::SecurityKeyOther,
            A::AlreadyEnrolled => ErrorCode::SecurityKeyEnrolled,
            A::NoVerification | A::NoHmacSecret => ErrorCode::SecurityKeyUnsuitable,
            A::Replug => ErrorCode::SecurityKeyReplug,
            A::PinBlocked => ErrorCode::SecurityKeyPinLocked,
            A::TimedOut => ErrorCode::SecurityKeyTimedOut,
            A::Cancelled => ErrorCode::SecurityKeyCancelled,
            A::WrongPin { .. } | A::NotRecognised | A::Busy | A::Failed => ErrorCode::SecurityKeyFailed,
        },
        FactorError::Cloned => ErrorCode::SecurityKeyCloned,
        FactorError::NoHmacSecret | FactorError::Synced => ErrorCode::SecurityKeyUnsuitable,
        FactorError::OtherCredential => ErrorCode::SecurityKeyOther,
        FactorError::Expired => ErrorCode::SecurityKeyTimedOut,
        FactorError::NoCredential => ErrorCode::SecurityKeyNeeded,
        FactorError::WrongOrigin
        | FactorError::OtherChallenge
        | FactorError::OtherStatement
        | FactorError::OtherUser
        | FactorError::NotVerified
        | FactorError::NotPresent
        | FactorError::BadSignature
        | FactorError::Malformed => ErrorCode::SecurityKeyFailed,
        FactorError::Credential(_) => ErrorCode::VaultUnreadable,
        FactorError::NoEntropy | FactorError::Internal => ErrorCode::Internal,
    }
    .into()
}

/// For the audit entry: static text.
pub(super) const fn why(error: &FactorError) -> &'static str {
    match error {
        FactorError::WrongOrigin => "wrong_origin",
        FactorError::OtherChallenge => "other_challenge",
        FactorError::OtherStatement => "other_statement",
        FactorError::OtherUser => "other_user",
        FactorError::OtherCredential => "other_credential",
        FactorError::Expired => "expired",
        FactorError::NotVerified => "not_verified",
        FactorError::NotPresent => "not_present",
        FactorError::Cloned => "cloned",
        FactorError::Synced => "synced",
        FactorError::BadSignature => "bad_signature",
        FactorError::Malformed => "malformed",
        FactorError::NoCredential => "no_record",
        FactorError::NoHmacSecret => "no_hmac_secret",
        FactorError::NoEntropy | FactorError::Internal => "internal",
        FactorError::Credential(_) => "unreadable_record",
        FactorError::Authenticator(error) => match error {
            AuthenticatorError::NoDevice => "absent",
            AuthenticatorError::SeveralDevices => "several",
            AuthenticatorError::NotThisKey => "not_this_key",
            AuthenticatorError::AlreadyEnrolled => "already_enrolled",
            AuthenticatorError::NoVerification => "no_verification",
            AuthenticatorError::NoHmacSecret => "no_hmac_secret",
            AuthenticatorError::WrongPin { .. } => "wrong_pin",
            AuthenticatorError::Replug => "replug",
            AuthenticatorError::PinBlocked => "pin_locked",
            AuthenticatorError::NotRecognised => "not_recognised",
            AuthenticatorError::TimedOut => "timed_out",
            AuthenticatorError::Cancelled => "cancelled",
            AuthenticatorError::Busy => "busy",
            AuthenticatorError::Failed => "failed",
        },
    }
}
