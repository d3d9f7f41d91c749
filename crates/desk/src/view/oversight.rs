//! The audit chain: read, verified, countersigned by the EHR, in quarantine.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which entries of the audit chain are asked for; what is left out takes any.
#[derive(Deserialize, TS, Clone, Debug, Default)]
#[ts(export)]
pub struct AuditQuery {
    /// Of this patient.
    pub patient: Option<String>,
    /// By this clinician.
    pub user: Option<String>,
    /// This action, as the policies name it.
    pub action: Option<String>,
    /// Refused or failed ones only.
    pub unsuccessful: bool,
    /// At this time or later, RFC 3339.
    pub from: Option<String>,
    /// Before this time, RFC 3339.
    pub until: Option<String>,
    /// At most so many, the latest.
    pub limit: u32,
}

/// One audit entry for reading.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct AuditRow {
    /// Sequence number.
    pub sequence: u32,
    /// When, RFC 3339.
    pub at: String,
    /// Who, name.
    pub who: String,
    /// Role.
    pub role: String,
    /// What: the action's name.
    pub action: String,
    /// `allowed`, `refused`, `failed`.
    pub outcome: String,
    /// Patient's logical id, if one is concerned.
    pub patient: Option<String>,
    /// Purpose of use, break-glass reason.
    pub purpose: Option<String>,
    /// Further detail: ids and static text only.
    pub detail: Option<String>,
    /// What was there before and after is kept, and can be looked at.
    pub kept: bool,
}

/// What `verify` found of the audit chain.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct AuditVerified {
    /// Entries checked.
    pub entries: u32,
    /// Whole and unaltered.
    pub intact: bool,
    /// First sequence number at which it is not, and how: `changed`, `removed`, `reordered`, `truncated`, `checkpoint`, `signature`, `state`.
    pub fault: Option<AuditFault>,
}

/// Where the chain breaks.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct AuditFault {
    /// Sequence number.
    pub sequence: u32,
    /// How.
    pub kind: String,
}

/// How far the EHR vouches for the audit chain.
#[derive(Serialize, TS, Clone, Debug, PartialEq, Eq)]
#[ts(export)]
pub struct AuditStatusView {
    /// What it has countersigned; absent before the first.
    pub countersigned: Option<CountersignedView>,
    /// The two disagree.
    pub quarantine: Option<QuarantineView>,
    /// Why it is not countersigned at present: `not_offered`, `other_key`, `refused`.
    pub trouble: Option<String>,
}

/// What the EHR has countersigned.
#[derive(Serialize, TS, Clone, Debug, PartialEq, Eq)]
#[ts(export)]
pub struct CountersignedView {
    /// Up to this entry.
    pub sequence: u32,
    /// When, by the EHR's clock, RFC 3339.
    pub at: String,
}

/// The audit chain is not what the EHR has seen of it.
#[derive(Serialize, Deserialize, TS, Clone, Debug, PartialEq, Eq)]
#[ts(export)]
pub struct QuarantineView {
    /// `behind` or `forked`.
    pub standing: String,
    /// When it was found, RFC 3339.
    pub since: String,
    /// The entry that says so.
    pub entry: u32,
}

/// Takes a quarantined chain up again.
#[derive(Deserialize, TS, Clone)]
#[ts(export)]
pub struct ClearQuarantineRequest {
    /// `restored`, `copied`, `ehr_changed`, `investigated`; goes into the chain.
    pub reason: String,
    /// What happened, in words; goes to the EHR alone.
    pub note: String,
}
