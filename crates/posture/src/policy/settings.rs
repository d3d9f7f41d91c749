//! Every setting: its name, its values, its default and how far it goes.
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the hospital asks, in the form of the file. What is left out stays as it is by default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Policy {
    /// Which edition of the hospital's policy this is. Only a higher one loosens what a workstation knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    /// Seconds without input after which the workstation locks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_seconds: Option<u64>,
    /// Hours after which it locks whatever is done on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_cap_hours: Option<u64>,
    /// Hours of work without the EHR having confirmed the clinician.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline_lease_hours: Option<u64>,
    /// What opens a vault that is enrolled from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factors: Option<Factors>,
    /// Acts that ask for the clinician anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_up: Option<BTreeSet<Act>>,
    /// Fewest characters of a new passphrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_passphrase_chars: Option<u64>,
    /// Days after which keys of a class are renewed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rotation_days: BTreeMap<KeyClass, u64>,
    /// Numbers from which the watch over accesses speaks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub watch: BTreeMap<WatchLimit, u64>,
    /// Whether an EHR that speaks TLS 1.2 alone may be talked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_tls_1_2: Option<bool>,
    /// The one EHR of this workstation, an `https` FHIR base address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ehr: Option<String>,
    /// Absolute path of a further root certificate (PEM) to trust for the EHR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub further_root: Option<PathBuf>,
    /// Absolute path of the PKCS#11 module of the token that keeps the secret of a workstation enrolled from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_module: Option<PathBuf>,
    /// What that token is called, where several are plugged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_label: Option<String>,
    /// What follows from a disk that is not encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_disk_encryption: Option<Requirement>,
    /// What follows from swap that is not encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_secure_swap: Option<Requirement>,
}

macro_rules! names {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As the policy file writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Reads what [`Self::as_str`] writes; `None` if there is no such.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    };
}

names! {
    /// A setting's name in the file.
    SettingName {
        /// [`Policy::serial`].
        Serial = "serial",
        /// [`Policy::idle_seconds`].
        IdleSeconds = "idle_seconds",
        /// [`Policy::session_cap_hours`].
        SessionCapHours = "session_cap_hours",
        /// [`Policy::offline_lease_hours`].
        OfflineLeaseHours = "offline_lease_hours",
        /// [`Policy::factors`].
        Factors = "factors",
        /// [`Policy::step_up`].
        StepUp = "step_up",
        /// [`Policy::min_passphrase_chars`].
        MinPassphraseChars = "min_passphrase_chars",
        /// [`Policy::rotation_days`].
        RotationDays = "rotation_days",
        /// [`Policy::watch`].
        Watch = "watch",
        /// [`Policy::allow_tls_1_2`].
        AllowTls12 = "allow_tls_1_2",
        /// [`Policy::ehr`].
        Ehr = "ehr",
        /// [`Policy::further_root`].
        FurtherRoot = "further_root",
        /// [`Policy::token_module`].
        TokenModule = "token_module",
        /// [`Policy::token_label`].
        TokenLabel = "token_label",
        /// [`Policy::require_disk_encryption`].
        RequireDiskEncryption = "require_disk_encryption",
        /// [`Policy::require_secure_swap`].
        RequireSecureSwap = "require_secure_swap",
    }
}

names! {
    /// What opens a vault, the weaker first.
    Factors {
        /// Passphrase and the device's secret in the operating system's keyring: the floor.
        PassphraseAndDevice = "passphrase_and_device",
        /// A FIDO2 security key besides.
        WithSecurityKey = "with_security_key",
    }
}

names! {
    /// An act that may ask for the clinician anew, with the strongest factor that one has enrolled.
    ///
    /// INVARIANT: emergency access is never blocked: break-glass without an enrolled security key asks the passphrase, as it always does.
    Act {
        /// Signing a note or an order.
        Sign = "sign",
        /// Opening a chart in an emergency.
        BreakGlass = "break_glass",
        /// Taking PHI or the audit trail out of the vault.
        Export = "export",
        /// Enrolling a colleague, changing a passphrase, rotating or erasing keys.
        KeyOperations = "key_operations",
    }
}

names! {
    /// Keys that are renewed together.
    KeyClass {
        /// The database's key.
        Database = "database",
        /// Group keys, which wrap patients' keys.
        Group = "group",
        /// Patients' keys, from which each record's is derived.
        Patient = "patient",
        /// The key pair that seals what happens while locked.
        Door = "door",
        /// The audit chain's MAC key.
        Audit = "audit",
        /// Each clinician's master key and key pair.
        User = "user",
        /// The device's secret, part of every unlock key.
        Device = "device",
    }
}

names! {
    /// A number of the watch over accesses (the room `watchful` says what each means).
    WatchLimit {
        /// Times a user's busy hour.
        RateFactor = "rate_factor",
        /// Charts an hour below which the rate says nothing.
        RateFloor = "rate_floor",
        /// Charts an hour that no habit excuses.
        RateCeiling = "rate_ceiling",
        /// The same two of strangers' charts.
        StrangerFloor = "stranger_floor",
        /// No habit excuses more of them.
        StrangerCeiling = "stranger_ceiling",
        /// Strangers' charts of one shift that nothing came of.
        UnfollowedFloor = "unfollowed_floor",
        /// Minutes within which something is documented in a stranger's chart.
        GraceMinutes = "grace_minutes",
        /// Shifts with a look at the same stranger.
        RepeatedShifts = "repeated_shifts",
        /// Minutes for which an alarm keeps strangers' charts closed.
        SuspensionMinutes = "suspension_minutes",
    }
}

impl WatchLimit {
    /// Its bounds. A file that cannot be believed changes none: a bad rollout must not ask every ward for passphrases at once.
    #[must_use]
    pub const fn range(self) -> Range {
        let (default, extreme) = match self {
            Self::RateFactor => (3, 2),
            Self::RateFloor => (36, 10),
            Self::RateCeiling => (120, 50),
            Self::StrangerFloor => (12, 6),
            Self::StrangerCeiling => (40, 20),
            Self::UnfollowedFloor => (8, 4),
            Self::GraceMinutes => (24 * 60, 60),
            Self::RepeatedShifts => (3, 2),
            Self::SuspensionMinutes => (8 * 60, 7 * 24 * 60),
        };
        Range { default, extreme, unbelieved: default }
    }
}

names! {
    /// What follows from a requirement that is not met, the milder first. Neither keeps anyone from a vault that is there already.
    Requirement {
        /// It is shown.
        Warn = "warn",
        /// It is shown, and no one is enrolled here.
        RefuseEnrolment = "refuse_enrolment",
    }
}

/// A number's bounds. Between `default` and `extreme` a policy may choose; beyond, the nearer of the two is taken.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The floor of safety, and what holds where nobody asks.
    pub default: u64,
    /// The strictest that can be worked with.
    pub extreme: u64,
    /// What holds while the file cannot be believed: strict, and a ward can still work.
    pub unbelieved: u64,
}

impl Range {
    /// Automatic logoff, 45 CFR 164.312(a)(2)(iii); 15 minutes is the inactivity timeout of NIST SP 800-63B-4 §2.3.3 (AAL3).
    pub const IDLE_SECONDS: Self = Self { default: 900, extreme: 60, unbelieved: 300 };
    /// The overall timeout of NIST SP 800-63B-4 §2.3.3 (AAL3).
    pub const SESSION_CAP_HOURS: Self = Self { default: 12, extreme: 1, unbelieved: 8 };
    /// A day: a night's outage is survived, a dismissal reaches the workstation the day after.
    pub const OFFLINE_LEASE_HOURS: Self = Self { default: 24, extreme: 1, unbelieved: 8 };
    /// NIST SP 800-63B-4 §3.1.1.2 asks 8 beside another factor; the vault's files can be attacked offline, hence more.
    pub const MIN_PASSPHRASE_CHARS: Self = Self { default: 12, extreme: 64, unbelieved: 16 };
    /// A year lies within every cryptoperiod that NIST SP 800-57 part 1 rev. 5 §5.3.6 (table 1) names for these classes: data-encryption,
    /// key-wrapping, authentication and key-transport keys up to two years, key-derivation (master) keys about one. A month at least: each
    /// rotation rewrites what the key seals. A file that cannot be believed changes nothing, lest a bad rollout set every workstation
    /// rotating at once.
    pub const ROTATION_DAYS: Self = Self { default: 365, extreme: 30, unbelieved: 365 };

    /// `asked`, brought into the range.
    pub const fn nearest(self, asked: u64) -> u64 {
        let (low, high) = if self.default < self.extreme { (self.default, self.extreme) } else { (self.extreme, self.default) };
        if asked < low {
            low
        } else if asked > high {
            high
        } else {
            asked
        }
    }

    /// Whether `asked` is less safe than the floor.
    pub const fn is_loose(self, asked: u64) -> bool {
        if self.default < self.extreme { asked < self.default } else { asked > self.default }
    }

    /// The stricter of two.
    pub const fn stricter(self, one: u64, other: u64) -> u64 {
        if (self.default < self.extreme) == (one > other) { one } else { other }
    }
}
