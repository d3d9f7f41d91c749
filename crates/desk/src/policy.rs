//! Where the hospital's policy takes hold. What holds is decided by [`posture::Effective`]; here it reaches the locks and the keys.
//!
//! INVARIANT: nothing here is asked on the way into a vault that is there, nor by break-glass.
use std::fs;

use access::{DeskMemory, Permit};
use audit::{Action, Outcome, Subject, record};
use factor::Demand;
use kernel::ErrorCode;
use keys::Passphrase;
use posture::{
    Act, Effective, KeyClass, LastKnown, Policy, PolicyProblem, Posture, Refusal, Requirement, SettingName, Standing, WatchLimit,
    read_admin_file,
};
use remote::{EhrAddress, Http, OldestTls};
use session::{IdlePolicy, LeasePolicy};
use vault::{Tx, VaultError};
use watchful::{Thresholds, WatchPolicy};

use crate::door::json;
use crate::host::Host;
use crate::person::Person;
use crate::problem::Problem;

/// A chain of certificates, with room for comments.
const MOST_ROOT_BYTES: usize = 1 << 20;

impl Host {
    /// When the desk locks by itself.
    pub(crate) fn idle_policy(&self) -> IdlePolicy {
        IdlePolicy::new(self.policy().idle_seconds().value).with_cap_hours(self.policy().session_cap_hours().value)
    }

    /// How long a confirmation by the EHR holds, from the next one on.
    pub(crate) fn lease_policy(&self) -> LeasePolicy {
        let granted = LeasePolicy::default();
        u32::try_from(self.policy().offline_lease_hours().value).map_or(granted, LeasePolicy::new)
    }

    /// What the acts of one who works here take. The hospital's list adds to what everyone with a key is asked anyway.
    pub(crate) fn step_up_policy(&self) -> factor::Policy {
        let demand = |act, demand| if self.policy().step_up().value.contains(&act) { demand } else { Demand::IfEnrolled };
        factor::Policy {
            sign: demand(Act::Sign, Demand::Key),
            export: demand(Act::Export, Demand::Key),
            key_operation: demand(Act::KeyOperations, Demand::Both),
            pin_is_knowledge: false,
        }
    }

    /// Days that one generation of keys serves. Its classes are renewed together, so the shortest counts; the audit chain's key is
    /// no part of it.
    pub(crate) fn generation_days(&self) -> i64 {
        let classes = [KeyClass::Database, KeyClass::Group, KeyClass::Patient, KeyClass::Door];
        let policy = self.policy();
        let shortest = classes.iter().map(|class| policy.rotation_days(*class).value).min();
        shortest.map_or(LONGEST_GENERATION_DAYS, at_most_a_generation)
    }

    /// Days that a clinician's master key and key pair serve.
    pub(crate) fn own_keys_days(&self) -> i64 {
        at_most_a_generation(self.policy().rotation_days(KeyClass::User).value)
    }

    /// Days that the device's secret serves.
    pub(crate) fn device_secret_days(&self) -> i64 {
        at_most_a_generation(self.policy().rotation_days(KeyClass::Device).value)
    }
}

/// The hospital's numbers for the watch, which only tighten it.
pub fn watch(policy: &Effective) -> WatchPolicy {
    let number = |limit| u32::try_from(policy.watch(limit).value).unwrap_or(u32::MAX);
    WatchPolicy::tightened(&Thresholds {
        rate_factor: number(WatchLimit::RateFactor),
        rate_floor: number(WatchLimit::RateFloor),
        rate_ceiling: number(WatchLimit::RateCeiling),
        stranger_floor: number(WatchLimit::StrangerFloor),
        stranger_ceiling: number(WatchLimit::StrangerCeiling),
        unfollowed_floor: number(WatchLimit::UnfollowedFloor),
        grace_minutes: number(WatchLimit::GraceMinutes),
        repeated_shifts: number(WatchLimit::RepeatedShifts),
        suspension_minutes: number(WatchLimit::SuspensionMinutes),
        ..Thresholds::default()
    })
}

/// A generation's cryptoperiod. NIST SP 800-57 part 1 rev. 5 §5.3.6 gives symmetric keys that wrap and encrypt data at most two years
/// of use; half of that leaves room for a workstation that is rarely switched on. Keys that others are
/// derived from, as a person's master key and the device's secret, have about one year there, a static key-agreement pair one to two.
pub const LONGEST_GENERATION_DAYS: i64 = 365;

fn at_most_a_generation(days: u64) -> i64 {
    i64::try_from(days).map_or(LONGEST_GENERATION_DAYS, |days| days.min(LONGEST_GENERATION_DAYS))
}

/// Whether this may become the person's passphrase.
///
/// # Errors
/// [`ErrorCode::WeakPassphrase`].
pub fn check_new_passphrase(host: &Host, passphrase: &Passphrase, person: &Person) -> Result<(), Problem> {
    let long_enough = passphrase.has_chars(host.policy().min_passphrase_chars().value);
    let strong = passphrase.check(person.user.as_str(), &person.name).is_ok();
    if long_enough && strong { Ok(()) } else { Err(ErrorCode::WeakPassphrase.into()) }
}

/// Whether anyone may be enrolled on this workstation. May look at it, which takes some seconds: not while the desk is held.
///
/// # Errors
/// [`ErrorCode::EnrolmentRefused`]; the log says why.
pub fn may_enrol(host: &Host) -> Result<(), Problem> {
    if !restricts_enrolment(&host.policy()) {
        return Ok(());
    }
    let reasons = against_enrolment(&host.policy(), &Posture::look(host.profile.folder()));
    for reason in &reasons {
        tracing::warn!(reason, "enrolment refused");
    }
    if reasons.is_empty() { Ok(()) } else { Err(ErrorCode::EnrolmentRefused.into()) }
}

fn restricts_enrolment(policy: &Effective) -> bool {
    let demanded = [policy.require_disk_encryption(), policy.require_secure_swap()];
    policy.standing() == Standing::Unbelievable
        || ignores_a_token(policy)
        || demanded.iter().any(|setting| setting.value == Requirement::RefuseEnrolment)
}

/// Everything that speaks against enrolling anyone here, in words.
pub fn against_enrolment(policy: &Effective, posture: &Posture) -> Vec<&'static str> {
    let refusals = policy.enrolment(posture).err().unwrap_or_default().into_iter().map(|refusal| match refusal {
        Refusal::PolicyUnbelievable => "the hospital's policy file cannot be believed",
        Refusal::DiskNotEncrypted => "the hospital demands an encrypted disk, and this one is not known to be",
        Refusal::SwapNotSecure => "the hospital demands encrypted swap, and this is not known to be",
    });
    // Enrolling someone with less than the hospital demands would show nowhere.
    let token = ignores_a_token(policy).then_some("the hospital demands a token, in a file that others may write");
    refusals.chain(token).collect()
}

/// The module named is not loaded, and a keyring in the token's place would be less than was asked for.
fn ignores_a_token(policy: &Effective) -> bool {
    let ignored = PolicyProblem::NotHonoured { setting: SettingName::TokenModule };
    policy.findings().iter().any(|finding| finding.problem == ignored)
}

/// What is wrong with the policy, in words. Names of settings and numbers only.
pub fn words(problem: &PolicyProblem) -> String {
    use PolicyProblem as P;
    match problem {
        P::Unreadable => "the file cannot be read".into(),
        P::TooLarge => "the file is larger than 64 KiB".into(),
        P::NotJson => "the file is no JSON object, or cut short".into(),
        P::WrongValue { setting } => format!("{}: the value is not of its kind", setting.as_str()),
        P::Twice { setting } => format!("{}: stands there twice", setting.as_str()),
        P::UnknownSetting { name } if name.is_empty() => "a setting that this version does not know".into(),
        P::UnknownSetting { name } => format!("{name}: this version knows no such setting"),
        P::BeyondFloor { setting, asked, used } => format!("{}: {asked} is less safe than the floor, {used} holds", setting.as_str()),
        P::TooStrict { setting, asked, used } => format!("{}: {asked} cannot be worked with, {used} holds", setting.as_str()),
        P::NotTheAdministrators => "someone besides the administrator may write the file, a folder above it, or owns it".into(),
        P::NotHonoured { setting } => format!("{}: not honoured from this file", setting.as_str()),
        P::Tls12Allowed => "allow_tls_1_2: an EHR that speaks TLS 1.2 alone is talked to".into(),
        P::LastKnownHolds => "what was last in force still holds".into(),
        P::Older { serial, known } => format!("the file is edition {serial}, edition {known} was in force: it only tightens"),
        P::StillHolds { setting } => format!("{}: looser than was in force, which holds until `serial` is higher", setting.as_str()),
        P::LastKnownDamaged => "what was last in force cannot be read: strict settings hold until the next unlock".into(),
    }
}

/// Holds the policy file against what this vault knows to have been in force, and keeps what is in force from now on. Entries say
/// what changed, what the file could not loosen, and that TLS 1.2 is allowed.
///
/// # Errors
/// The vault's.
pub fn recall(host: &Host, tx: &Tx<'_>, own: &Permit<'_, DeskMemory>) -> Result<(), Problem> {
    let kept = match tx.kept_policy(own) {
        Ok(bytes) => bytes.map(|bytes| Policy::kept(&bytes)),
        Err(VaultError::Seal) => Some(None),
        Err(error) => return Err(error.into()),
    };
    let policy = host.hold_policy_to(match &kept {
        None => LastKnown::Nothing,
        Some(Some(kept)) => LastKnown::Policy(kept),
        Some(None) => LastKnown::Damaged,
    });
    if let Some(keep) = policy.to_keep().filter(|keep| kept.as_ref().and_then(Option::as_ref) != Some(keep)) {
        tx.keep_policy(own, &json(keep)?)?;
        let named: Vec<_> = policy.every().filter(|setting| setting.locked).map(|setting| setting.name.as_str()).collect();
        take_down(tx, format!("taken {}", named.join(" ")))?;
    }
    for problem in policy.findings().iter().filter_map(|finding| of_memory(&finding.problem)) {
        tracing::warn!(problem, "hospital policy");
        take_down(tx, problem)?;
    }
    Ok(())
}

fn take_down(tx: &Tx<'_>, detail: String) -> Result<(), Problem> {
    record(tx, Action::ChangePolicy, Outcome::Allowed, Subject { detail: Some(detail), ..Subject::default() })?;
    Ok(())
}

/// What only an open vault knows of the policy, or must tell with every unlock. Names and numbers.
fn of_memory(problem: &PolicyProblem) -> Option<String> {
    use PolicyProblem as P;
    match problem {
        P::LastKnownHolds => Some("last_known_holds".into()),
        P::Older { serial, known } => Some(format!("older serial {serial} known {known}")),
        P::StillHolds { setting } => Some(format!("still_holds {}", setting.as_str())),
        P::LastKnownDamaged => Some("last_known_damaged".into()),
        P::Tls12Allowed => Some("tls_1_2_allowed".into()),
        _ => None,
    }
}

/// Takes down what is wrong with the policy.
pub fn log(policy: &Effective) {
    for finding in policy.findings() {
        tracing::warn!(state = finding.state.as_str(), problem = %words(&finding.problem), "hospital policy");
    }
}

/// A client for the EHR that trusts the system's roots and the further one.
///
/// # Errors
/// [`ErrorCode::EhrNotTrusted`] if the further root cannot be used. One that the hospital names has to be the administrator's alone.
pub fn http(policy: &Effective) -> Result<Http, ErrorCode> {
    let root = policy.further_root();
    let bytes = match &root.value {
        None => None,
        Some(path) if root.locked => Some(read_admin_file(path, MOST_ROOT_BYTES).map_err(|_| ErrorCode::EhrNotTrusted)?),
        Some(path) => Some(fs::read(path).map_err(|_| ErrorCode::EhrNotTrusted)?),
    };
    let oldest = if policy.allow_tls_1_2().value { OldestTls::V1_2 } else { OldestTls::V1_3 };
    Http::new(bytes.as_deref(), oldest).map_err(|_| ErrorCode::EhrNotTrusted)
}

/// Whether this workstation may belong to that EHR.
pub fn allows_ehr(policy: &Effective, address: &EhrAddress) -> bool {
    let fixed = policy.ehr();
    let is_it = |fixed: &String| EhrAddress::parse(fixed).is_ok_and(|fixed| fixed == *address);
    !fixed.locked || fixed.value.as_ref().is_some_and(is_it)
}
