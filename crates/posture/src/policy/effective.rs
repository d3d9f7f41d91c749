//! What holds: the floors, tightened by everyone who may.
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::file::Found;
use super::parse::parse;
use super::problem::{PolicyFinding, PolicyProblem};
use super::settings::{Act, Factors, KeyClass, Policy, Range, Requirement, SettingName};
use crate::probe::{Posture, State};

/// One setting as it holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Setting<T> {
    /// What holds.
    pub value: T,
    /// Who decided it.
    pub origin: Origin,
    /// Whether the hospital has spoken: whoever works here can tighten it at most.
    pub locked: bool,
}

/// Who decided a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// No one.
    Default,
    /// The hospital.
    Policy,
    /// Whoever started the program.
    Option,
}

/// How the policy stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// There is none.
    Absent,
    /// It is read and in force.
    InForce,
    /// Someone besides the administrator may write it: it only tightens.
    NotTheAdministrators,
    /// It is there and cannot be believed: strict settings hold, what can still be read of it tightens them further, and no one is enrolled.
    Unbelievable,
}

/// What whoever starts the program asks, for this run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// Idle limit in seconds; shortens, never lengthens. The lock itself sets the least.
    pub idle_seconds: Option<u64>,
    /// EHR offered at first run, where the hospital fixes none.
    pub ehr: Option<String>,
    /// Further root certificate, where the hospital names none.
    pub further_root: Option<PathBuf>,
}

/// Why no one may be enrolled here. It keeps no one from a vault that is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The policy cannot be believed.
    PolicyUnbelievable,
    /// The hospital demands an encrypted disk, and this one is not known to be.
    DiskNotEncrypted,
    /// The hospital demands encrypted swap, and this is not known to be.
    SwapNotSecure,
}

/// Everything that holds on this workstation, with what was found on the way.
///
/// INVARIANT: no setting is less safe than its floor, whatever file, memory and choice say. Values begin at the floors and change by
/// `tighten` alone; what widens or directs trust comes from a believable file of the administrator alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Effective {
    standing: Standing,
    idle_seconds: Setting<u64>,
    session_cap_hours: Setting<u64>,
    offline_lease_hours: Setting<u64>,
    factors: Setting<Factors>,
    step_up: Setting<BTreeSet<Act>>,
    min_passphrase_chars: Setting<u64>,
    rotation_days: BTreeMap<KeyClass, Setting<u64>>,
    allow_tls_1_2: Setting<bool>,
    ehr: Setting<Option<String>>,
    further_root: Setting<Option<PathBuf>>,
    require_disk_encryption: Setting<Requirement>,
    require_secure_swap: Setting<Requirement>,
    findings: Vec<PolicyFinding>,
    #[serde(skip)]
    believed: Option<Policy>,
}

impl Effective {
    /// Holds what was found against the floors. `last_known` is the policy that was last [`Effective::believed`], kept where others
    /// cannot write (sealed in the vault); while the file cannot be believed it tightens too, so that damage to the file loosens nothing.
    #[must_use]
    pub fn resolve(found: &Found, last_known: Option<&Policy>, choice: &Choice) -> Self {
        let mut this = Self::floors();
        let (policy, mut problems, standing) = understand(found);
        this.standing = standing;
        this.tighten(&policy);
        match standing {
            Standing::Unbelievable => {
                this.tighten(&unbelieved());
                problems.extend(this.not_honoured(&policy));
                if let Some(last_known) = last_known {
                    this.tighten(last_known);
                    this.fix_ehr(last_known);
                    problems.push(PolicyProblem::LastKnownHolds);
                }
            }
            Standing::NotTheAdministrators => problems.extend(this.not_honoured(&policy)),
            Standing::Absent | Standing::InForce => problems.extend(this.widen(&policy)),
        }
        this.believed = (standing == Standing::InForce).then_some(policy);
        this.choose(choice);
        this.findings = problems.into_iter().map(PolicyFinding::from).collect();
        this
    }

    /// Whether someone may be enrolled on this workstation.
    ///
    /// # Errors
    /// Every [`Refusal`] that stands against it. What cannot be told counts as not met.
    pub fn enrolment(&self, posture: &Posture) -> Result<(), Vec<Refusal>> {
        let demanded = |requirement: &Setting<Requirement>| requirement.value == Requirement::RefuseEnrolment;
        let refusals = [
            (self.standing == Standing::Unbelievable, Refusal::PolicyUnbelievable),
            (demanded(&self.require_disk_encryption) && posture.disk.state != State::Good, Refusal::DiskNotEncrypted),
            (demanded(&self.require_secure_swap) && posture.swap.state != State::Good, Refusal::SwapNotSecure),
        ];
        let refusals: Vec<_> = refusals.into_iter().filter_map(|(stands, refusal)| stands.then_some(refusal)).collect();
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    /// The policy as read, if it is in force: what to keep as `last_known`.
    #[must_use]
    pub const fn believed(&self) -> Option<&Policy> {
        self.believed.as_ref()
    }

    /// What an administrator must know, in the file's order.
    #[must_use]
    pub fn findings(&self) -> &[PolicyFinding] {
        &self.findings
    }

    /// How the policy stands.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Days after which keys of a class are renewed.
    #[must_use]
    pub fn rotation_days(&self, class: KeyClass) -> Setting<u64> {
        self.rotation_days.get(&class).cloned().unwrap_or_else(|| Setting::floor(Range::ROTATION_DAYS.default))
    }

    fn floors() -> Self {
        Self {
            standing: Standing::Absent,
            idle_seconds: Setting::floor(Range::IDLE_SECONDS.default),
            session_cap_hours: Setting::floor(Range::SESSION_CAP_HOURS.default),
            offline_lease_hours: Setting::floor(Range::OFFLINE_LEASE_HOURS.default),
            factors: Setting::floor(Factors::PassphraseAndDevice),
            step_up: Setting::floor(BTreeSet::from([Act::BreakGlass])),
            min_passphrase_chars: Setting::floor(Range::MIN_PASSPHRASE_CHARS.default),
            rotation_days: KeyClass::ALL.iter().map(|class| (*class, Setting::floor(Range::ROTATION_DAYS.default))).collect(),
            allow_tls_1_2: Setting::floor(false),
            ehr: Setting::floor(None),
            further_root: Setting::floor(None),
            require_disk_encryption: Setting::floor(Requirement::Warn),
            require_secure_swap: Setting::floor(Requirement::Warn),
            findings: Vec::new(),
            believed: None,
        }
    }

    /// Takes from a policy what makes this stricter, and nothing else.
    fn tighten(&mut self, policy: &Policy) {
        self.idle_seconds.limit(Range::IDLE_SECONDS, policy.idle_seconds);
        self.session_cap_hours.limit(Range::SESSION_CAP_HOURS, policy.session_cap_hours);
        self.offline_lease_hours.limit(Range::OFFLINE_LEASE_HOURS, policy.offline_lease_hours);
        self.min_passphrase_chars.limit(Range::MIN_PASSPHRASE_CHARS, policy.min_passphrase_chars);
        for (class, days) in &policy.rotation_days {
            let setting = self.rotation_days.entry(*class).or_insert_with(|| Setting::floor(Range::ROTATION_DAYS.default));
            setting.limit(Range::ROTATION_DAYS, Some(*days));
        }
        self.factors.raise(policy.factors, |here, asked| (*here).max(asked));
        self.require_disk_encryption.raise(policy.require_disk_encryption, |here, asked| (*here).max(asked));
        self.require_secure_swap.raise(policy.require_secure_swap, |here, asked| (*here).max(asked));
        self.step_up.raise(policy.step_up.as_ref(), |here, asked| here | asked);
        // To refuse TLS 1.2 in so many words is the default, locked.
        self.allow_tls_1_2.raise(policy.allow_tls_1_2.filter(|allowed| !allowed), |_, asked| asked);
    }

    /// Takes what widens or directs trust.
    fn widen(&mut self, policy: &Policy) -> Option<PolicyProblem> {
        self.fix_ehr(policy);
        self.further_root.raise(policy.further_root.clone(), |_, asked| Some(asked));
        self.allow_tls_1_2.raise(policy.allow_tls_1_2, |_, asked| asked);
        self.allow_tls_1_2.value.then_some(PolicyProblem::Tls12Allowed)
    }

    fn fix_ehr(&mut self, policy: &Policy) {
        self.ehr.raise(policy.ehr.clone(), |_, asked| Some(asked));
    }

    fn not_honoured(&self, policy: &Policy) -> impl Iterator<Item = PolicyProblem> + use<> {
        let asked = [
            (policy.allow_tls_1_2 == Some(true), SettingName::AllowTls12),
            (policy.ehr.is_some(), SettingName::Ehr),
            (policy.further_root.is_some(), SettingName::FurtherRoot),
        ];
        asked.into_iter().filter(|(asked, _)| *asked).map(|(_, setting)| PolicyProblem::NotHonoured { setting })
    }

    fn choose(&mut self, choice: &Choice) {
        if let Some(seconds) = choice.idle_seconds.filter(|seconds| *seconds < self.idle_seconds.value) {
            (self.idle_seconds.value, self.idle_seconds.origin) = (seconds, Origin::Option);
        }
        self.ehr.choose(choice.ehr.as_ref());
        self.further_root.choose(choice.further_root.as_ref());
    }
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)*) => {
        impl Effective {
            $($(#[$doc])*
            #[must_use]
            pub const fn $name(&self) -> &Setting<$kind> {
                &self.$name
            })*
        }
    };
}

settings! {
    /// Seconds without input after which the workstation locks, at most 900.
    idle_seconds: u64,
    /// Hours after which it locks whatever is done on it, at most 12.
    session_cap_hours: u64,
    /// Hours of work without the EHR having confirmed the clinician, at most 24.
    offline_lease_hours: u64,
    /// What opens a vault that is enrolled from now on. Who is enrolled with fewer still gets in.
    factors: Factors,
    /// Acts that ask for the clinician anew; break-glass always does.
    step_up: BTreeSet<Act>,
    /// Fewest characters of a new passphrase, at least 12.
    min_passphrase_chars: u64,
    /// Whether an EHR that speaks TLS 1.2 alone may be talked to. To be shown wherever the connection is.
    allow_tls_1_2: bool,
    /// The EHR: fixed if locked, a suggestion otherwise.
    ehr: Option<String>,
    /// Further root certificate to trust for the EHR. Read a locked one with [`crate::read_admin_file`].
    further_root: Option<PathBuf>,
    /// What follows from a disk that is not encrypted.
    require_disk_encryption: Requirement,
    /// What follows from swap that is not encrypted.
    require_secure_swap: Requirement,
}

impl<T> Setting<T> {
    const fn floor(value: T) -> Self {
        Self { value, origin: Origin::Default, locked: false }
    }

    fn raise<A>(&mut self, asked: Option<A>, join: impl FnOnce(&T, A) -> T) {
        if let Some(asked) = asked {
            *self = Self { value: join(&self.value, asked), origin: Origin::Policy, locked: true };
        }
    }
}

impl Setting<u64> {
    fn limit(&mut self, range: Range, asked: Option<u64>) {
        self.raise(asked, |here, asked| range.stricter(*here, range.nearest(asked)));
    }
}

impl<T: Clone> Setting<Option<T>> {
    fn choose(&mut self, chosen: Option<&T>) {
        if let Some(chosen) = chosen.filter(|_| !self.locked) {
            (self.value, self.origin) = (Some(chosen.clone()), Origin::Option);
        }
    }
}

fn understand(found: &Found) -> (Policy, Vec<PolicyProblem>, Standing) {
    let (bytes, administrators_alone) = match found {
        Found::Absent => return (Policy::default(), Vec::new(), Standing::Absent),
        Found::Unreadable => return (Policy::default(), vec![PolicyProblem::Unreadable], Standing::Unbelievable),
        Found::Read { bytes, administrators_alone } => (bytes, *administrators_alone),
    };
    let (policy, mut problems) = parse(bytes);
    let unbelievable = problems.iter().any(PolicyProblem::unbelievable);
    if !administrators_alone {
        problems.push(PolicyProblem::NotTheAdministrators);
    }
    let standing = match (unbelievable, administrators_alone) {
        (true, _) => Standing::Unbelievable,
        (false, false) => Standing::NotTheAdministrators,
        (false, true) => Standing::InForce,
    };
    (policy, problems, standing)
}

/// What holds while the file cannot be believed.
fn unbelieved() -> Policy {
    Policy {
        idle_seconds: Some(Range::IDLE_SECONDS.unbelieved),
        session_cap_hours: Some(Range::SESSION_CAP_HOURS.unbelieved),
        offline_lease_hours: Some(Range::OFFLINE_LEASE_HOURS.unbelieved),
        factors: Some(Factors::WithSecurityKey),
        step_up: Some(Act::ALL.iter().copied().collect()),
        min_passphrase_chars: Some(Range::MIN_PASSPHRASE_CHARS.unbelieved),
        rotation_days: KeyClass::ALL.iter().map(|class| (*class, Range::ROTATION_DAYS.unbelieved)).collect(),
        allow_tls_1_2: Some(false),
        require_disk_encryption: Some(Requirement::RefuseEnrolment),
        require_secure_swap: Some(Requirement::RefuseEnrolment),
        ehr: None,
        further_root: None,
    }
}
