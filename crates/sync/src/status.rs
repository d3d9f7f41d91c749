//! What a person is told about synchronisation.
use chrono::{DateTime, Utc};
use kernel::ResourceType;
use serde::{Deserialize, Serialize};

use crate::record::Tier;

/// The whole state of synchronisation as the screen shows it. Free of PHI.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Status {
    /// Whether the EHR can be reached.
    pub link: Link,
    /// How far the pull is.
    pub progress: Progress,
    /// What waits in the outbox.
    pub outbox: OutboxCount,
    /// Wall clock at which everything the EHR had was last known to be here; `None` before the first pull is whole.
    pub current_as_of: Option<DateTime<Utc>>,
    /// What could not be pulled and is therefore missing here, each named.
    pub missing: Vec<Missing>,
}

/// Whether the EHR can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Link {
    /// Not tried yet.
    #[default]
    Unknown,
    /// It answers.
    Online,
    /// It cannot be reached; work goes on, the outbox keeps.
    Offline {
        /// Wall clock of the first failure.
        since: DateTime<Utc>,
    },
    /// It answers but wants a fresh sign-in; work goes on, the outbox keeps.
    SignInNeeded {
        /// Wall clock of the refusal.
        since: DateTime<Utc>,
    },
    /// Stopped by a fault of the vault (locked, disk full): nothing is pulled or sent.
    Halted {
        /// Why.
        reason: Halt,
    },
}

/// Why the vault stopped synchronisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Halt {
    /// The vault is locked.
    Locked,
    /// The disk is full.
    DiskFull,
    /// The vault could not be read or written.
    Vault,
}

/// How far the pull is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub activity: Activity,
    /// The tier whose charts are arriving.
    pub tier: Option<Tier>,
    /// Charts held whole.
    pub charts_ready: u32,
    /// Charts of the panel as far as it is known.
    pub charts_total: u32,
    /// Records committed since this run began.
    pub records: u64,
    /// Bytes of JSON received since this run began.
    pub bytes: u64,
}

/// What is being done, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Finding out who is on the panel.
    Planning,
    /// Pulling charts.
    Charts,
    /// Fetching what changed.
    Delta,
    /// Pulling directory records.
    Directory,
    /// Checking that every type arrived in full.
    Verifying,
    /// Nothing; waiting for the next look.
    #[default]
    Idle,
}

/// What waits in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OutboxCount {
    /// Not sent yet.
    pub waiting: u32,
    /// Sent, not acknowledged.
    pub sending: u32,
    /// Rejected or in conflict; a person must act.
    pub stuck: u32,
}

/// Something the EHR did not give.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Missing {
    /// What, by type; `None` for charts and changes of every type.
    pub kind: Option<ResourceType>,
    /// Why.
    pub why: WhyMissing,
    /// How many requests ended so.
    pub count: u32,
}

/// Why the EHR did not give something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyMissing {
    /// The signed-in person may not read it.
    Forbidden,
    /// The EHR offers no way to ask for it.
    NotOffered,
    /// The answer was no valid FHIR or beyond the limits.
    BadAnswer,
    /// The EHR says it has more than it gives.
    Incomplete,
    /// The EHR keeps failing at it; it is tried again.
    Failing,
}
