//! A security key's part in unlocking: it yields what opens, and what opens holds the record that its signature is held against.
//!
//! ```text
//! locked: ids, salt (key file) ─► the key signs, yields S ─► passphrase ‖ device ‖ S open ─► record ─► verified, counter kept
//!                                                                                              └► not verified: locked again
//! ```
use access::{DeskMemory, Gate, Target, User, admit};
use audit::{Action, Origin, Outcome, Subject, record};
use factor::{Answered, AuthenticatorError, FactorError, RelyingParty, Salt, Statement};
use kernel::{ErrorCode, UserId};
use keys::{KeyFile, SecurityKeySecret};
use vault::OpenVault;

use super::ceremony::{Allowed, ask, problem, why};
use super::{records, statement};
use crate::host::Host;
use crate::problem::Problem;
use crate::state::Desk;

/// What a key answered at the lock screen.
pub(crate) struct Answer {
    statement: Statement,
    answered: Answered,
}

impl Answer {
    /// What it yields for the key hierarchy.
    pub fn secret(&self) -> Option<SecurityKeySecret> {
        // EXPOSE: to the key hierarchy, which it is a part of.
        self.answered.secret().and_then(|secret| SecurityKeySecret::new(secret.expose()))
    }
}

impl Allowed {
    /// The keys that take part in someone's unlocking; `None` if none do.
    pub fn of(file: &KeyFile, user: &UserId) -> Option<Self> {
        let keys: Vec<_> = file.security_keys(user).collect();
        let (_, salt) = *keys.first()?;
        Some(Self { salt: Salt::from_bytes(*salt), ids: keys.into_iter().map(|(id, _)| id.to_vec()).collect() })
    }
}

/// Asks whoever unlocks for their key, if it takes one. The desk stays locked and is not held meanwhile.
///
/// # Errors
/// The key's, each under its own code; what failed at the door is noted there.
pub(crate) fn answer_to_unlock(
    host: &Host,
    user: &UserId,
    note: impl FnOnce(&KeyFile, &vault::Files, &'static str) -> Result<(), Problem>,
) -> Result<Option<Answer>, Problem> {
    let (key_file, files) = match &*host.desk() {
        Desk::Locked(locked) => (locked.key_file.clone(), locked.vault.files().clone()),
        // Whatever else it is, unlocking says so.
        _ => return Ok(None),
    };
    let Some(allowed) = Allowed::of(&key_file, user) else { return Ok(None) };
    let statement = statement::unlock(user)?;
    match ask(host, &statement, &allowed) {
        Ok(answered) => Ok(Some(Answer { statement, answered })),
        Err(error) => {
            use AuthenticatorError as A;
            let nothing_tried = matches!(error, FactorError::Authenticator(A::Cancelled | A::NoDevice | A::SeveralDevices | A::TimedOut));
            if !nothing_tried {
                note(&key_file, &files, why(&error))?;
            }
            Err(problem(error))
        }
    }
}

/// Holds the answer against the record, in the vault that it helped to open, and keeps the counter. An error locks again.
///
/// A key whose record is lost has opened the vault all the same, which takes more than a signature: that is an incident and keeps
/// nobody out.
///
/// # Errors
/// [`ErrorCode::SecurityKeyCloned`], which is an incident; [`ErrorCode::SecurityKeyFailed`].
pub(crate) fn verify_unlock(
    host: &Host,
    vault: &mut OpenVault,
    gate: &Gate,
    origin: &Origin,
    user: &User,
    answer: Answer,
) -> Result<(), Problem> {
    let relying_party = RelyingParty::new().map_err(problem)?;
    let Answer { statement, answered } = answer;
    let (now, about) = (host.now(), |detail: String| Subject { detail: Some(detail), ..Subject::default() });
    vault.transact(origin, |tx| {
        let own = admit::<DeskMemory, _>(gate, tx, user, Target::workstation().detail("security keys"))?;
        let kept = records::kept(tx, &own).unwrap_or_else(|problem| {
            tracing::error!(code = problem.code().as_str(), "the records of security keys could not be read");
            Vec::new()
        });
        let mut credentials = records::credentials(&kept);
        match answered.verify(&relying_party, &statement, &mut credentials, &now) {
            Ok(_) => {
                records::keep(tx, &own, &records::with(kept, credentials))?;
                record(tx, Action::StepUp, Outcome::Allowed, about("security_key unlock".to_owned()))?;
                Ok(Ok(()))
            }
            Err(FactorError::NoCredential | FactorError::OtherCredential) => {
                record(tx, Action::Incident, Outcome::Allowed, about("security_key_record_lost warning".to_owned()))?;
                Ok(Ok(()))
            }
            Err(error) => {
                if error == FactorError::Cloned {
                    record(tx, Action::Incident, Outcome::Allowed, about("security_key_cloned alarm".to_owned()))?;
                }
                record(tx, Action::StepUp, Outcome::Refused, about(format!("security_key unlock {}", why(&error))))?;
                Ok::<_, Problem>(Err(problem(error)))
            }
        }
    })?
}

/// For what the desk of someone with a key is asked.
pub(super) const fn needed() -> Problem {
    Problem::Named(ErrorCode::SecurityKeyNeeded)
}
