//! What holds: the floors, tightened by everyone who may.
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Serialize;

use super::file::Found;
use super::parse::parse;
use super::problem::{PolicyFinding, PolicyProblem};
use super::settings::{Act, Factors, KeyClass, Policy, Range, Requirement, SettingName, WatchLimit};
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
    /// There was one when this workstation was last open, and there is none now: what it said holds, but for what widens trust.
    Gone,
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
    /// PKCS#11 module, where the hospital names none.
    pub token_module: Option<PathBuf>,
    /// Which token, where the hospital names none.
    pub token_label: Option<String>,
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
    serial: Setting<Option<u64>>,
    idle_seconds: Setting<u64>,
    session_cap_hours: Setting<u64>,
    offline_lease_hours: Setting<u64>,
    factors: Setting<Factors>,
    step_up: Setting<BTreeSet<Act>>,
    min_passphrase_chars: Setting<u64>,
    rotation_days: BTreeMap<KeyClass, Setting<u64>>,
    watch: BTreeMap<WatchLimit, Setting<u64>>,
    allow_tls_1_2: Setting<bool>,
    ehr: Setting<Option<String>>,
    further_root: Setting<Option<PathBuf>>,
    token_module: Setting<Option<PathBuf>>,
    token_label: Setting<Option<String>>,
    require_disk_encryption: Setting<Requirement>,
    require_secure_swap: Setting<Requirement>,
    findings: Vec<PolicyFinding>,
    #[serde(skip)]
    to_keep: Option<Policy>,
}

/// The policy that was in force when this workstation was last open, sealed where none but an open vault reads or writes it.
#[derive(Clone, Copy, Debug)]
pub enum LastKnown<'a> {
    /// None was, or it is not known yet.
    Nothing,
    /// It was this one.
    Policy(&'a Policy),
    /// It is there, and cannot be read.
    Damaged,
}

impl Effective {
    /// Holds what was found against the floors, and against what is known to have been in force.
    ///
    /// INVARIANT: nothing is looser than `last` but by a believable file of the administrator alone with a higher `serial`.
    #[must_use]
    pub fn resolve(found: &Found, last: LastKnown<'_>, choice: &Choice) -> Self {
        let (policy, mut problems, standing) = understand(found);
        let known = match last {
            LastKnown::Policy(known) => Some(known),
            LastKnown::Nothing | LastKnown::Damaged => None,
        };
        let mut this = Self::floors();
        this.standing = standing;
        match (standing, known) {
            (Standing::InForce, None) => this.take(&policy),
            (Standing::InForce, Some(known)) if policy.serial > known.serial => this.take(&policy),
            (Standing::InForce, Some(known)) => {
                let joined = policy.joined(known);
                this.take(&joined);
                problems.extend(older(&policy, known));
                problems.extend(this.still_holds(&policy));
            }
            (Standing::Absent, None) => {}
            // Whoever retires a policy leaves one that asks nothing, and then none.
            (Standing::Absent, Some(known)) if known.asks_nothing() => {}
            (Standing::Absent | Standing::Gone, known) => {
                this.standing = Standing::Gone;
                problems.extend(this.hold_to(known));
            }
            (Standing::NotTheAdministrators, known) => {
                this.tighten(&policy);
                problems.extend(not_honoured(&policy));
                problems.extend(this.hold_to(known));
            }
            (Standing::Unbelievable, known) => {
                this.tighten(&policy);
                this.tighten(&Policy::strict());
                problems.extend(not_honoured(&policy));
                problems.extend(this.hold_to(known));
            }
        }
        if matches!(last, LastKnown::Damaged) {
            this.tighten(&Policy::strict());
            problems.push(PolicyProblem::LastKnownDamaged);
        }
        problems.extend(this.allow_tls_1_2.value.then_some(PolicyProblem::Tls12Allowed));
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

    /// What to keep as [`LastKnown`] from now on; `None`: what is kept already.
    #[must_use]
    pub const fn to_keep(&self) -> Option<&Policy> {
        self.to_keep.as_ref()
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

    /// A number of the watch over accesses.
    #[must_use]
    pub fn watch(&self, limit: WatchLimit) -> Setting<u64> {
        self.watch.get(&limit).cloned().unwrap_or_else(|| Setting::floor(limit.range().default))
    }

    fn floors() -> Self {
        Self {
            standing: Standing::Absent,
            serial: Setting::floor(None),
            idle_seconds: Setting::floor(Range::IDLE_SECONDS.default),
            session_cap_hours: Setting::floor(Range::SESSION_CAP_HOURS.default),
            offline_lease_hours: Setting::floor(Range::OFFLINE_LEASE_HOURS.default),
            factors: Setting::floor(Factors::PassphraseAndDevice),
            step_up: Setting::floor(BTreeSet::from([Act::BreakGlass])),
            min_passphrase_chars: Setting::floor(Range::MIN_PASSPHRASE_CHARS.default),
            rotation_days: KeyClass::ALL.iter().map(|class| (*class, Setting::floor(Range::ROTATION_DAYS.default))).collect(),
            watch: WatchLimit::ALL.iter().map(|limit| (*limit, Setting::floor(limit.range().default))).collect(),
            allow_tls_1_2: Setting::floor(false),
            ehr: Setting::floor(None),
            further_root: Setting::floor(None),
            token_module: Setting::floor(None),
            token_label: Setting::floor(None),
            require_disk_encryption: Setting::floor(Requirement::Warn),
            require_secure_swap: Setting::floor(Requirement::Warn),
            findings: Vec::new(),
            to_keep: None,
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
        for (limit, number) in &policy.watch {
            let setting = self.watch.entry(*limit).or_insert_with(|| Setting::floor(limit.range().default));
            setting.limit(limit.range(), Some(*number));
        }
        self.factors.raise(policy.factors, |here, asked| (*here).max(asked));
        self.require_disk_encryption.raise(policy.require_disk_encryption, |here, asked| (*here).max(asked));
        self.require_secure_swap.raise(policy.require_secure_swap, |here, asked| (*here).max(asked));
        self.step_up.raise(policy.step_up.as_ref(), |here, asked| here | asked);
        // To refuse TLS 1.2 in so many words is the default, locked.
        self.allow_tls_1_2.raise(policy.allow_tls_1_2.filter(|allowed| !allowed), |_, asked| asked);
    }

    /// Puts a believable policy in force.
    fn take(&mut self, policy: &Policy) {
        self.tighten(policy);
        self.fix_ehr(policy);
        self.serial.raise(policy.serial, |_, asked| Some(asked));
        self.further_root.raise(policy.further_root.clone(), |_, asked| Some(asked));
        self.token_module.raise(policy.token_module.clone(), |_, asked| Some(asked));
        self.token_label.raise(policy.token_label.clone(), |_, asked| Some(asked));
        self.allow_tls_1_2.raise(policy.allow_tls_1_2, |_, asked| asked);
        self.to_keep = Some(policy.clone());
    }

    /// While no file can be believed: what was in force, but for what widens trust.
    fn hold_to(&mut self, known: Option<&Policy>) -> Option<PolicyProblem> {
        let known = known?;
        self.tighten(known);
        self.fix_ehr(known);
        self.serial.raise(known.serial, |_, asked| Some(asked));
        Some(PolicyProblem::LastKnownHolds)
    }

    fn fix_ehr(&mut self, policy: &Policy) {
        self.ehr.raise(policy.ehr.clone(), |_, asked| Some(asked));
    }

    /// The settings that hold otherwise than the file by itself would have them.
    fn still_holds(&self, file: &Policy) -> Vec<PolicyProblem> {
        let mut alone = Self::floors();
        alone.take(file);
        let differ = |setting: &SettingName| *setting != SettingName::Serial && self.shown(*setting).value != alone.shown(*setting).value;
        SettingName::ALL.iter().copied().filter(differ).map(|setting| PolicyProblem::StillHolds { setting }).collect()
    }

    fn choose(&mut self, choice: &Choice) {
        if let Some(seconds) = choice.idle_seconds.filter(|seconds| *seconds < self.idle_seconds.value) {
            (self.idle_seconds.value, self.idle_seconds.origin) = (seconds, Origin::Option);
        }
        self.ehr.choose(choice.ehr.as_ref());
        self.further_root.choose(choice.further_root.as_ref());
        self.token_module.choose(choice.token_module.as_ref());
        self.token_label.choose(choice.token_label.as_ref());
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
    /// Which edition of the hospital's policy holds.
    serial: Option<u64>,
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
    /// PKCS#11 module of the token that keeps a new workstation's secret; `None` leaves it with the keyring. A workstation that is
    /// enrolled keeps its secret where it is, and is only told another path of its token's module.
    token_module: Option<PathBuf>,
    /// What that token is called.
    token_label: Option<String>,
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

fn older(policy: &Policy, known: &Policy) -> Option<PolicyProblem> {
    let (serial, known) = (policy.serial.unwrap_or(0), known.serial.unwrap_or(0));
    (serial < known).then_some(PolicyProblem::Older { serial, known })
}

fn not_honoured(policy: &Policy) -> impl Iterator<Item = PolicyProblem> + use<> {
    let asked = [
        (policy.allow_tls_1_2 == Some(true), SettingName::AllowTls12),
        (policy.ehr.is_some(), SettingName::Ehr),
        (policy.further_root.is_some(), SettingName::FurtherRoot),
        (policy.token_module.is_some(), SettingName::TokenModule),
        (policy.token_label.is_some(), SettingName::TokenLabel),
    ];
    asked.into_iter().filter(|(asked, _)| *asked).map(|(_, setting)| PolicyProblem::NotHonoured { setting })
}

impl Policy {
    /// What holds while the file cannot be believed.
    fn strict() -> Self {
        Self {
            serial: None,
            idle_seconds: Some(Range::IDLE_SECONDS.unbelieved),
            session_cap_hours: Some(Range::SESSION_CAP_HOURS.unbelieved),
            offline_lease_hours: Some(Range::OFFLINE_LEASE_HOURS.unbelieved),
            factors: Some(Factors::WithSecurityKey),
            step_up: Some(Act::ALL.iter().copied().collect()),
            min_passphrase_chars: Some(Range::MIN_PASSPHRASE_CHARS.unbelieved),
            rotation_days: KeyClass::ALL.iter().map(|class| (*class, Range::ROTATION_DAYS.unbelieved)).collect(),
            watch: BTreeMap::new(),
            allow_tls_1_2: Some(false),
            require_disk_encryption: Some(Requirement::RefuseEnrolment),
            require_secure_swap: Some(Requirement::RefuseEnrolment),
            ehr: None,
            further_root: None,
            token_module: None,
            token_label: None,
        }
    }

    fn asks_nothing(&self) -> bool {
        *self == Self { serial: self.serial, ..Self::default() }
    }

    /// The stricter of a file and of what was in force, setting by setting; trust as it was, or less.
    fn joined(&self, known: &Self) -> Self {
        let stricter = |range: Range, one: Option<u64>, other: Option<u64>| match (one, other) {
            (Some(one), Some(other)) => Some(range.stricter(one, other)),
            (one, other) => one.or(other),
        };
        let mut rotation_days = known.rotation_days.clone();
        for (class, days) in &self.rotation_days {
            let here = rotation_days.entry(*class).or_insert(*days);
            *here = Range::ROTATION_DAYS.stricter(*here, *days);
        }
        let mut watch = known.watch.clone();
        for (limit, number) in &self.watch {
            let here = watch.entry(*limit).or_insert(*number);
            *here = limit.range().stricter(*here, *number);
        }
        let mut step_up = self.step_up.clone();
        if let Some(known) = &known.step_up {
            step_up.get_or_insert_default().extend(known);
        }
        let tls_1_2 = [self.allow_tls_1_2, known.allow_tls_1_2];
        Self {
            serial: self.serial.max(known.serial),
            idle_seconds: stricter(Range::IDLE_SECONDS, self.idle_seconds, known.idle_seconds),
            session_cap_hours: stricter(Range::SESSION_CAP_HOURS, self.session_cap_hours, known.session_cap_hours),
            offline_lease_hours: stricter(Range::OFFLINE_LEASE_HOURS, self.offline_lease_hours, known.offline_lease_hours),
            min_passphrase_chars: stricter(Range::MIN_PASSPHRASE_CHARS, self.min_passphrase_chars, known.min_passphrase_chars),
            factors: self.factors.max(known.factors),
            require_disk_encryption: self.require_disk_encryption.max(known.require_disk_encryption),
            require_secure_swap: self.require_secure_swap.max(known.require_secure_swap),
            rotation_days,
            watch,
            step_up,
            allow_tls_1_2: tls_1_2.iter().any(Option::is_some).then(|| tls_1_2 == [Some(true); 2]),
            ehr: known.ehr.clone().or_else(|| self.ehr.clone()),
            further_root: known.further_root.clone(),
            token_module: known.token_module.clone(),
            token_label: known.token_label.clone(),
        }
    }
}
