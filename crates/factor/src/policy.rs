//! What an act takes, and whether what was presented suffices. Pure.
//!
//! | act | default | sources |
//! |---|---|---|
//! | unlock | the key if one is enrolled, and the passphrase | 45 CFR 164.312(d); the key hierarchy, which does not open without |
//! | sign | passphrase or key | 21 CFR 11.200(a)(1)(i): at least one component at each signing of a session |
//! | sign a controlled substance | two of three factors, not to be lowered | 21 CFR 1311.115(a), 1311.140(a) |
//! | break-glass | all that is enrolled; passphrase alone if the key is not at hand, louder | 45 CFR 164.312(a)(2)(ii) |
//! | export | the key if one is enrolled, else the passphrase | 45 CFR 164.312(d) |
//! | key operation | passphrase, and the key if one is enrolled | NIST SP 800-63B-4 §4.1: an authenticator is bound by those one has |
use kernel::Instants;

use crate::authenticator::Verification;
use crate::credential::{Credential, Placement};
use crate::relying_party::SteppedUp;
use crate::statement::{Act, Statement};

/// How much an organisation asks for an act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Demand {
    /// The open session is enough.
    Session,
    /// The key, from those who have one; nothing from the others.
    IfEnrolled,
    /// Passphrase or key, whichever is nearer.
    Either,
    /// The key, from those who have one; the passphrase from the others.
    Key,
    /// Passphrase, and the key from those who have one.
    Both,
    /// Passphrase and key; who has no key cannot.
    BothAlways,
}

/// An organisation's choices. What is not listed is not to be chosen: unlock, break-glass and controlled substances.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Signing notes and orders.
    pub sign: Demand,
    /// Taking PHI off the workstation.
    pub export: Demand,
    /// Changing keys.
    pub key_operation: Demand,
    /// For controlled substances, counts the key's PIN as "something only the practitioner knows". 21 CFR 1311.115(a)(1) can be read
    /// so, for the key itself checks it; off, the passphrase is asked for besides.
    pub pin_is_knowledge: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self { sign: Demand::Either, export: Demand::Key, key_operation: Demand::Both, pin_is_knowledge: false }
    }
}

/// Which kind of key a clinician has enrolled on this workstation, the stronger if several.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Enrolled {
    /// None.
    Nothing,
    /// One that is a part of the computer.
    Platform,
    /// One that goes in and out.
    Roaming,
}

impl Enrolled {
    /// What these keys of one clinician amount to.
    #[must_use]
    pub fn of(keys: &[Credential]) -> Self {
        let kind = |key: &Credential| match key.placement() {
            Placement::Roaming => Self::Roaming,
            Placement::Platform => Self::Platform,
        };
        keys.iter().map(kind).max().unwrap_or(Self::Nothing)
    }
}

/// What an act takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Requirement {
    /// Nothing besides the open session.
    Session,
    /// The passphrase again.
    Passphrase,
    /// The key, over the statement.
    Key,
    /// One of the two.
    Either,
    /// Both.
    Both,
    /// Two of knowledge, possession and biometric (21 CFR 1311.115(a)).
    TwoOfThree,
    /// Passphrase and key; the passphrase alone passes too, and is told louder.
    Emergency,
    /// It takes a key, and this clinician has none here.
    Enrolment,
}

/// What `act` takes of a clinician who has `enrolled`.
#[must_use]
pub const fn required(act: Act, policy: &Policy, enrolled: Enrolled) -> Requirement {
    let has_key = !matches!(enrolled, Enrolled::Nothing);
    let demand = match act {
        Act::Unlock => Demand::Both,
        Act::Sign => policy.sign,
        Act::Export => policy.export,
        Act::KeyOperation => policy.key_operation,
        Act::SignControlledSubstance => return if has_key { Requirement::TwoOfThree } else { Requirement::Enrolment },
        Act::BreakGlass => return if has_key { Requirement::Emergency } else { Requirement::Passphrase },
    };
    match (demand, has_key) {
        (Demand::Session, _) | (Demand::IfEnrolled, false) => Requirement::Session,
        (Demand::Either, true) => Requirement::Either,
        (Demand::Key | Demand::IfEnrolled, true) => Requirement::Key,
        (Demand::Both | Demand::BothAlways, true) => Requirement::Both,
        (Demand::Either | Demand::Key | Demand::Both, false) => Requirement::Passphrase,
        (Demand::BothAlways, false) => Requirement::Enrolment,
    }
}

/// What a clinician presented for one act.
#[derive(Debug)]
pub struct Presented {
    /// The passphrase was entered for this act, and opened this clinician's keys.
    pub passphrase: bool,
    /// The key signed.
    pub key: Option<SteppedUp>,
}

/// The factors that were shown (21 CFR 1311.115(a)), for the audit trail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Factors {
    /// Something they know.
    pub knowledge: bool,
    /// Something they have, separate from the computer.
    pub possession: bool,
    /// Something they are.
    pub biometric: bool,
}

impl Factors {
    const fn count(self) -> u8 {
        self.knowledge as u8 + self.possession as u8 + self.biometric as u8
    }
}

/// Leave for one act over one statement.
///
/// INVARIANT: made by [`decide`] alone, and not `Clone`: whoever does the act takes it by value.
///
/// ```compile_fail,E0451
/// # use factor::{Act, Granted};
/// # fn forge(other: Granted) -> Granted {
/// Granted { act: Act::Export, ..other }
/// # }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Granted {
    act: Act,
    digest: [u8; 32],
    factors: Factors,
    louder: bool,
    credential: Option<Vec<u8>>,
}

impl Granted {
    /// For what.
    #[must_use]
    pub const fn act(&self) -> Act {
        self.act
    }

    /// Digest of what was shown; whoever acts compares it with what is done.
    #[must_use]
    pub const fn statement_digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// What was shown of the person, for the audit trail.
    #[must_use]
    pub const fn factors(&self) -> Factors {
        self.factors
    }

    /// An emergency went ahead with less than is enrolled: shorten it, flag it for review, tell the privacy officer first.
    #[must_use]
    pub const fn louder(&self) -> bool {
        self.louder
    }

    /// The key that signed, if one did.
    #[must_use]
    pub fn credential(&self) -> Option<&[u8]> {
        self.credential.as_deref()
    }
}

/// Why leave is not given.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum Refusal {
    /// The passphrase is missing.
    #[error("passphrase is missing")]
    Passphrase,
    /// The key is missing.
    #[error("security key is missing")]
    Key,
    /// A second of the three factors is missing.
    #[error("second factor is missing")]
    SecondFactor,
    /// No key is enrolled, and the act takes one.
    #[error("no security key is enrolled")]
    Enrolment,
    /// The key signed something else, or for someone else.
    #[error("key signed another statement")]
    OtherStatement,
    /// The key signed more than two minutes ago.
    #[error("step-up has expired")]
    Expired,
}

/// Whether `presented` meets `requirement` for `statement`. It is used up either way.
pub fn decide(
    requirement: Requirement,
    policy: &Policy,
    presented: Presented,
    statement: &Statement,
    now: &Instants,
) -> Result<Granted, Refusal> {
    let digest = statement.digest();
    if let Some(key) = &presented.key {
        if key.act() != statement.act() || key.user() != statement.who() || *key.statement_digest() != digest {
            return Err(Refusal::OtherStatement);
        }
        if key.is_over(now) {
            return Err(Refusal::Expired);
        }
    }
    let shown = presented.key.as_ref().map(|key| (key.placement(), key.verification()));
    let factors = factors(presented.passphrase, shown, policy);
    let louder = suffices(requirement, presented.passphrase, shown.is_some(), factors)?;
    let credential = presented.key.map(|key| key.credential().to_vec());
    Ok(Granted { act: statement.act(), digest, factors, louder, credential })
}

/// The table itself; `Ok(true)` is leave that is to be louder.
fn suffices(requirement: Requirement, passphrase: bool, key: bool, factors: Factors) -> Result<bool, Refusal> {
    match (requirement, passphrase, key) {
        (Requirement::Enrolment, ..) => Err(Refusal::Enrolment),
        (Requirement::Passphrase | Requirement::Both | Requirement::Emergency | Requirement::Either, false, false)
        | (Requirement::Passphrase | Requirement::Both | Requirement::Emergency, false, true) => Err(Refusal::Passphrase),
        (Requirement::Key, _, false) | (Requirement::Both, true, false) => Err(Refusal::Key),
        (Requirement::TwoOfThree, ..) if factors.count() < 2 => Err(Refusal::SecondFactor),
        // INVARIANT: an emergency is never stopped for want of a key.
        (Requirement::Emergency, true, false) => Ok(true),
        _ => Ok(false),
    }
}

fn factors(passphrase: bool, key: Option<(Placement, Verification)>, policy: &Policy) -> Factors {
    let verified = key.map(|(_, verification)| verification);
    Factors {
        knowledge: passphrase || (policy.pin_is_knowledge && verified == Some(Verification::Pin)),
        possession: key.is_some_and(|(placement, _)| placement == Placement::Roaming),
        biometric: verified == Some(Verification::Biometric),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMANDS: [Demand; 6] = [Demand::Session, Demand::IfEnrolled, Demand::Either, Demand::Key, Demand::Both, Demand::BothAlways];
    const ENROLLED: [Enrolled; 3] = [Enrolled::Nothing, Enrolled::Platform, Enrolled::Roaming];
    const BOTH: [bool; 2] = [false, true];

    fn keys() -> impl Iterator<Item = Option<(Placement, Verification)>> {
        let verifications = [Verification::Pin, Verification::BuiltIn, Verification::Biometric];
        let placed = |placement| verifications.map(|verification| Some((placement, verification)));
        [None].into_iter().chain(placed(Placement::Platform)).chain(placed(Placement::Roaming))
    }

    fn policies() -> impl Iterator<Item = Policy> {
        let demands =
            DEMANDS.iter().flat_map(|sign| DEMANDS.iter().flat_map(move |export| DEMANDS.iter().map(move |key| (sign, export, key))));
        demands.flat_map(|(&sign, &export, &key_operation)| {
            BOTH.map(|pin_is_knowledge| Policy { sign, export, key_operation, pin_is_knowledge })
        })
    }

    /// Break-glass passes with the passphrase under every policy and whatever is enrolled, and it is louder exactly when a key
    /// that is enrolled was not presented.
    #[test]
    fn an_emergency_is_never_blocked_for_want_of_a_key() {
        for policy in policies() {
            for enrolled in ENROLLED {
                let requirement = required(Act::BreakGlass, &policy, enrolled);
                for key in keys() {
                    let verdict = suffices(requirement, true, key.is_some(), factors(true, key, &policy));
                    assert_eq!(verdict, Ok(enrolled != Enrolled::Nothing && key.is_none()), "{policy:?} {enrolled:?} {key:?}");
                    let without = suffices(requirement, false, key.is_some(), factors(false, key, &policy));
                    assert_eq!(without, Err(Refusal::Passphrase), "{enrolled:?} {key:?}");
                }
            }
        }
    }

    /// 21 CFR 1311.115(a), over every combination: leave means two distinct factors, and no policy lowers that.
    #[test]
    fn a_controlled_substance_takes_two_of_three_under_every_policy() {
        for policy in policies() {
            assert_eq!(required(Act::SignControlledSubstance, &policy, Enrolled::Nothing), Requirement::Enrolment);
            for enrolled in [Enrolled::Platform, Enrolled::Roaming] {
                let requirement = required(Act::SignControlledSubstance, &policy, enrolled);
                for (passphrase, key) in BOTH.into_iter().flat_map(|passphrase| keys().map(move |key| (passphrase, key))) {
                    let pin = policy.pin_is_knowledge && matches!(key, Some((_, Verification::Pin)));
                    let knows = passphrase || pin;
                    let has = matches!(key, Some((Placement::Roaming, _)));
                    let is = matches!(key, Some((_, Verification::Biometric)));
                    let two = [(knows, has), (knows, is), (has, is)].contains(&(true, true));
                    let expected = if two { Ok(false) } else { Err(Refusal::SecondFactor) };
                    let verdict = suffices(requirement, passphrase, key.is_some(), factors(passphrase, key, &policy));
                    assert_eq!(verdict, expected, "{policy:?} {passphrase} {key:?}");
                }
            }
        }
    }

    #[test]
    fn a_platform_key_with_its_pin_is_one_factor_at_most() {
        let key = Some((Placement::Platform, Verification::Pin));
        for pin_is_knowledge in BOTH {
            let policy = Policy { pin_is_knowledge, ..Policy::default() };
            assert_eq!(suffices(Requirement::TwoOfThree, false, true, factors(false, key, &policy)), Err(Refusal::SecondFactor));
        }
    }

    /// Every other requirement against every combination of passphrase and key.
    #[test]
    fn the_table() {
        use Refusal::{Enrolment, Key, Passphrase};
        let table: [(Requirement, [Result<bool, Refusal>; 4]); 6] = [
            // nothing, key, passphrase, both
            (Requirement::Session, [Ok(false), Ok(false), Ok(false), Ok(false)]),
            (Requirement::Passphrase, [Err(Passphrase), Err(Passphrase), Ok(false), Ok(false)]),
            (Requirement::Key, [Err(Key), Ok(false), Err(Key), Ok(false)]),
            (Requirement::Either, [Err(Passphrase), Ok(false), Ok(false), Ok(false)]),
            (Requirement::Both, [Err(Passphrase), Err(Passphrase), Err(Key), Ok(false)]),
            (Requirement::Enrolment, [Err(Enrolment), Err(Enrolment), Err(Enrolment), Err(Enrolment)]),
        ];
        let presented = [(false, false), (false, true), (true, false), (true, true)];
        for (requirement, verdicts) in table {
            for ((passphrase, key), verdict) in presented.into_iter().zip(verdicts) {
                assert_eq!(suffices(requirement, passphrase, key, Factors::default()), verdict, "{requirement:?} {passphrase} {key}");
            }
        }
    }

    #[test]
    fn a_demand_asks_for_the_key_only_of_those_who_have_one() {
        use Requirement::{Both, Either, Enrolment, Key, Passphrase, Session};
        let expected = [(Session, Session), (Session, Key), (Passphrase, Either), (Passphrase, Key), (Passphrase, Both), (Enrolment, Both)];
        for (demand, (without, with)) in DEMANDS.into_iter().zip(expected) {
            let policy = Policy { sign: demand, export: demand, key_operation: demand, pin_is_knowledge: false };
            for act in [Act::Sign, Act::Export, Act::KeyOperation] {
                assert_eq!(required(act, &policy, Enrolled::Nothing), without, "{act:?} {demand:?}");
                assert_eq!(required(act, &policy, Enrolled::Platform), with, "{act:?} {demand:?}");
                assert_eq!(required(act, &policy, Enrolled::Roaming), with, "{act:?} {demand:?}");
            }
            assert_eq!(required(Act::Unlock, &policy, Enrolled::Nothing), Passphrase);
            assert_eq!(required(Act::Unlock, &policy, Enrolled::Roaming), Both);
        }
    }
}
