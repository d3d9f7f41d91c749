//! What is wrong, or remarkable, with a policy.
use serde::Serialize;

use super::settings::SettingName;
use crate::probe::State;

/// Something an administrator must know about the policy. Names of settings and numbers only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PolicyFinding {
    /// How bad it is.
    pub state: State,
    /// What it is.
    #[serde(flatten)]
    pub problem: PolicyProblem,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum PolicyProblem {
    /// It is there and cannot be read.
    Unreadable,
    /// It is larger than 64 KiB.
    TooLarge,
    /// It is no JSON object, or cut short.
    NotJson,
    /// A value is not of its setting's kind.
    WrongValue {
        /// Whose.
        setting: SettingName,
    },
    /// A setting stands there twice. The stricter holds.
    Twice {
        /// Which.
        setting: SettingName,
    },
    /// No setting of this version has that name: nothing of it is in force.
    UnknownSetting {
        /// The name, if it is one that could be a setting's; else empty.
        name: Box<str>,
    },
    /// It asks for less than the floor, which holds.
    BeyondFloor {
        /// Which.
        setting: SettingName,
        /// What was asked.
        asked: u64,
        /// What holds.
        used: u64,
    },
    /// It asks for more than can be worked with.
    TooStrict {
        /// Which.
        setting: SettingName,
        /// What was asked.
        asked: u64,
        /// What holds.
        used: u64,
    },
    /// Someone besides the administrator may write the file: it tightens, and what widens trust is left out.
    NotTheAdministrators,
    /// This setting widens or directs trust; the file is not one that may.
    NotHonoured {
        /// Which.
        setting: SettingName,
    },
    /// An EHR that speaks TLS 1.2 alone is talked to, because the hospital says so.
    Tls12Allowed,
    /// What was in force when the file could last be believed still is.
    LastKnownHolds,
    /// The file is of an older edition than was in force here: it tightens, and loosens nothing.
    Older {
        /// The file's.
        serial: u64,
        /// What was in force.
        known: u64,
    },
    /// The file asks for less here than was in force, without a higher `serial`: what was in force holds.
    StillHolds {
        /// Which.
        setting: SettingName,
    },
    /// What was last in force cannot be read: strict settings hold until the next unlock.
    LastKnownDamaged,
}

impl From<PolicyProblem> for PolicyFinding {
    fn from(problem: PolicyProblem) -> Self {
        use PolicyProblem as P;
        let state = match problem {
            P::BeyondFloor { .. } | P::TooStrict { .. } | P::Tls12Allowed | P::LastKnownHolds | P::StillHolds { .. } => State::Warn,
            P::Unreadable
            | P::TooLarge
            | P::NotJson
            | P::WrongValue { .. }
            | P::Twice { .. }
            | P::UnknownSetting { .. }
            | P::NotTheAdministrators
            | P::NotHonoured { .. }
            | P::Older { .. }
            | P::LastKnownDamaged => State::Bad,
        };
        Self { state, problem }
    }
}

impl PolicyProblem {
    /// Whether the file as a whole can no longer be believed.
    #[must_use]
    pub const fn unbelievable(&self) -> bool {
        matches!(self, Self::Unreadable | Self::TooLarge | Self::NotJson | Self::WrongValue { .. } | Self::Twice { .. })
    }
}
