//! Asking for passphrase and key before an act that takes them, and what came of it.
use access::{DeskMemory, Target, admit};
use audit::{Action, Outcome, Subject, record};
use factor::{
    Act, Answered, Enrolled, FactorError, Granted, HmacSecret, Policy, Presented, RelyingParty, Requirement, Statement, SteppedUp,
};
use factor::{decide, required};
use kernel::ErrorCode;
use keys::Passphrase;

use super::ceremony::{Allowed, ask, problem, why};
use super::{Wording, records};
use crate::door::reauthenticate;
use crate::host::Host;
use crate::problem::Problem;
use crate::token::TokenWork;

/// Leave for one act.
pub(crate) struct Obtained {
    /// Whoever acts compares its statement with what is done.
    pub granted: Granted,
    /// What the key yields for the key hierarchy, at key operations.
    pub secret: Option<HmacSecret>,
    token_work: Option<TokenWork>,
}

impl Obtained {
    /// The login at the token that this leave shares, or one of its own.
    ///
    /// # Errors
    /// The token's.
    pub fn token_work(self, host: &Host) -> Result<TokenWork, Problem> {
        self.token_work.map_or_else(|| host.token_work(), Ok)
    }
}

/// Whether an act takes anything of whoever works, besides the open desk.
pub(crate) fn takes(host: &Host, act: Act) -> Result<bool, Problem> {
    Ok(standing(host, act)?.0 != Requirement::Session)
}

/// Asks for what the statement's act takes. A passphrase that is given is proved, whether or not the act takes it.
///
/// # Errors
/// [`ErrorCode::PassphraseNeeded`], [`ErrorCode::SecurityKeyNeeded`] where it takes a key and none is enrolled; those of passphrase
/// and key. An emergency is refused for want of its passphrase alone.
pub(crate) fn obtain(host: &Host, statement: &Statement, passphrase: Option<&Passphrase>) -> Result<Obtained, Problem> {
    let policy = host.step_up_policy();
    let (requirement, allowed) = standing(host, statement.act())?;
    if passphrase.is_none() && takes_passphrase(requirement, &policy) {
        return Err(ErrorCode::PassphraseNeeded.into());
    }
    let token_work = match passphrase {
        Some(passphrase) => reauthenticate(host, passphrase)?,
        None => None,
    };
    let emergency = requirement == Requirement::Emergency;
    let answered = match allowed.filter(|_| takes_key(requirement, passphrase.is_some())) {
        None => None,
        Some(allowed) => match ask(host, statement, &allowed) {
            Ok(answered) => Some(answered),
            Err(error) => {
                refused(host, statement, &error)?;
                if !emergency {
                    return Err(problem(error));
                }
                None
            }
        },
    };
    let stepped_up = match answered {
        None => None,
        Some(answered) => match verify(host, statement, answered, !emergency) {
            Ok(stepped_up) => Some(stepped_up),
            Err(_) if emergency => None,
            Err(problem) => return Err(problem),
        },
    };
    let (key, secret) = stepped_up.map_or((None, None), |(key, secret)| (Some(key), secret));
    let granted = decide(requirement, &policy, Presented { passphrase: passphrase.is_some(), key }, statement, &host.now());
    let granted = granted.map_err(|refusal| match refusal {
        factor::Refusal::Passphrase => ErrorCode::PassphraseNeeded,
        factor::Refusal::Key | factor::Refusal::SecondFactor | factor::Refusal::Enrolment => ErrorCode::SecurityKeyNeeded,
        factor::Refusal::OtherStatement | factor::Refusal::Expired => ErrorCode::SecurityKeyTimedOut,
    })?;
    Ok(Obtained { granted, secret, token_work })
}

/// Asks for what a key operation takes: `does` says it in words, `about` names whom or what it is done to.
///
/// # Errors
/// As [`obtain`].
pub(crate) fn key_operation(host: &Host, passphrase: Option<&Passphrase>, does: &str, about: Option<&str>) -> Result<Obtained, Problem> {
    let statement = host.work(|open, _, _| Wording::of_nobody(open).key_operation(does, about))?;
    obtain(host, &statement, passphrase)
}

/// What an act takes of whoever works, and which keys they may answer with.
fn standing(host: &Host, act: Act) -> Result<(Requirement, Option<Allowed>), Problem> {
    let (enrolled, allowed) = host.work(|open, gate, origin| {
        let user = open.user.clone();
        let allowed = Allowed::of(&open.key_file, &user.user);
        let Some(allowed) = allowed else { return Ok((Enrolled::Nothing, None)) };
        let records = open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("security keys"))?;
            records::kept(tx, &own)
        })?;
        // Without its record a key still counts as enrolled: what was lost loosens nothing.
        let of_records = Enrolled::of(&records::credentials(&records));
        Ok((of_records.max(Enrolled::Platform), Some(allowed)))
    })?;
    Ok((required(act, &host.step_up_policy(), enrolled), allowed))
}

const fn takes_passphrase(requirement: Requirement, policy: &Policy) -> bool {
    match requirement {
        Requirement::Passphrase | Requirement::Both | Requirement::Emergency => true,
        Requirement::TwoOfThree => !policy.pin_is_knowledge,
        Requirement::Session | Requirement::Key | Requirement::Either | Requirement::Enrolment => false,
    }
}

const fn takes_key(requirement: Requirement, passphrase: bool) -> bool {
    match requirement {
        Requirement::Key | Requirement::Both | Requirement::TwoOfThree | Requirement::Emergency => true,
        Requirement::Either => !passphrase,
        Requirement::Session | Requirement::Passphrase | Requirement::Enrolment => false,
    }
}

/// Holds an answer against the sealed records, and keeps the counter. A key that may be cloned is an incident and, if it `locks`, the
/// desk's end.
fn verify(host: &Host, statement: &Statement, answered: Answered, locks: bool) -> Result<(SteppedUp, Option<HmacSecret>), Problem> {
    let relying_party = RelyingParty::new().map_err(problem)?;
    let verified = host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("security keys"))?;
            let kept = records::kept(tx, &own)?;
            let mut credentials = records::credentials(&kept);
            let verified = answered.verify(&relying_party, statement, &mut credentials, &origin.at);
            match &verified {
                // INVARIANT: the counter is on disk before anything that was stepped up for.
                Ok(_) => records::keep(tx, &own, &records::with(kept, credentials))?,
                Err(FactorError::Cloned) => {
                    record(tx, Action::Incident, Outcome::Allowed, about("security_key_cloned alarm".to_owned()))?;
                }
                Err(_) => {}
            }
            let (outcome, detail) = match &verified {
                Ok(_) => (Outcome::Allowed, String::new()),
                Err(error) => (Outcome::Refused, format!(" {}", why(error))),
            };
            record(tx, Action::StepUp, outcome, about(format!("security_key {}{detail}", statement.act().as_str())))?;
            Ok::<_, Problem>(verified)
        })
    })?;
    if locks && matches!(verified, Err(FactorError::Cloned)) {
        host.lock();
    }
    verified.map_err(problem)
}

/// A ceremony that came to nothing has its entry too.
fn refused(host: &Host, statement: &Statement, error: &FactorError) -> Result<(), Problem> {
    host.work(|open, _, origin| {
        open.vault.transact(origin, |tx| {
            let detail = format!("security_key {} {}", statement.act().as_str(), why(error));
            record(tx, Action::StepUp, Outcome::Refused, about(detail))?;
            Ok(())
        })
    })
}

fn about(detail: String) -> Subject {
    Subject { detail: Some(detail), ..Subject::default() }
}
