//! Where sync stands, and what has not reached the EHR.
use kernel::ErrorCode;
use serde::Serialize;
use ts_rs::TS;

use super::QuarantineView;

/// Connection to the EHR.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Connection {
    /// Not tried yet.
    Unknown,
    /// Answering.
    Online,
    /// Not answering.
    Offline,
    /// Answers, but wants a fresh sign-in.
    SignInNeeded,
}

/// Where sync stands. Pushed as event `sync` and readable at any time.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SyncView {
    /// Connection.
    pub connection: Connection,
    /// Since when offline, RFC 3339.
    pub offline_since: Option<String>,
    /// A round is running.
    pub running: bool,
    /// Running round: charts complete on this workstation.
    pub charts_ready: u32,
    /// Charts planned.
    pub charts_total: u32,
    /// Records received in this round.
    pub records_received: u32,
    /// What is being fetched: `schedule`, `care_team`, `pinned`, `practice`, `changes`.
    pub tier: Option<String>,
    /// Last round that ended without a fault, RFC 3339.
    pub last_success: Option<String>,
    /// Why the last round failed, if it did.
    #[ts(type = "string | null")]
    pub last_error: Option<ErrorCode>,
    /// What the EHR did not give, and is therefore missing here.
    pub missing: Vec<MissingView>,
    /// Entries by state that are not yet on the EHR.
    pub waiting: Waiting,
    /// For those who review emergency access: how many wait.
    pub reviews: Option<u32>,
    /// While the audit chain is not what the EHR has seen of it: charts open with emergency access alone, and nothing new is taken in.
    pub quarantine: Option<QuarantineView>,
}

/// Something the EHR did not give.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct MissingView {
    /// Resource type; absent for charts and changes of every type.
    pub kind: Option<String>,
    /// `forbidden`, `bad_answer`, `failing`, `not_offered`, `incomplete`.
    pub why: String,
    /// How many requests ended so.
    pub count: u32,
}

/// Entries not yet on the EHR. All zero means everything entered here has been acknowledged.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[ts(export)]
pub struct Waiting {
    /// Not sent.
    pub local_only: u32,
    /// Sent, no answer.
    pub sending: u32,
    /// Refused by the EHR.
    pub rejected: u32,
    /// Changed on both sides.
    pub conflict: u32,
    /// This clinician's notes that are not signed; they go nowhere until they are.
    pub drafts: u32,
}

/// An entry on its way.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct OutboxRow {
    /// Number in the outbox.
    pub entry: u32,
    /// Chart.
    pub patient: String,
    /// Patient as in lists; absent where this clinician may not see who it is.
    pub name: Option<String>,
    /// Resource type.
    pub kind: String,
    /// Logical id.
    pub id: String,
    /// Where it stands.
    pub state: chart::view::RecordState,
    /// For `rejected`: `validation`, `forbidden`, `gone`, `too_large`, `other`.
    pub reason: Option<String>,
    /// Tries so far.
    pub attempts: u32,
    /// When entered, RFC 3339.
    pub entered_at: String,
}
