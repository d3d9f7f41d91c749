//! What the window shows beside charts. The same types serve `--json` in the terminal.
mod chart_work;
mod door;
mod emergency;
mod notes;
mod oversight;
mod review;
mod security_key;
mod settings;
mod sync_work;
mod upkeep;

use kernel::ErrorCode;
use serde::Serialize;
use ts_rs::TS;

pub use chart_work::{OpenedChart, ScheduleView, SearchView};
pub use door::{DeskView, EhrView, EnrolledUser, LockReason, SignedInView, Stage, TokenView};
pub use emergency::{BreakGlassReason, BreakGlassRequest, BreakGlassView, OwnEmergency};
pub use notes::{DraftSaved, DraftView, NoteSigned, SaveDraft, UnsignedNote};
pub use oversight::{
    AuditFault, AuditQuery, AuditRow, AuditStatusView, AuditVerified, ClearQuarantineRequest, CountersignedView, QuarantineView,
};
pub use review::{
    ChartOpenings, EmergencyStatistics, EmergencyUse, JudgeReview, OpeningsBy, ReviewQuery, ReviewQueue, ReviewRow, ReviewState,
};
pub use security_key::{SecurityKeyPrompt, SecurityKeyStep, SecurityKeyView, StatementLine};
pub use settings::{PolicyStanding, SetBy, SettingRow, SettingValue, SettingsView};
pub use sync_work::{Connection, MissingView, OutboxRow, SyncView, Waiting};
pub use upkeep::{ClinicianView, DrillView, KeyStatusView, RecoveryCodeView, RotationView};

/// Every failed command. The UI owns the words for each code.
#[derive(Serialize, TS, Clone, Debug)]
#[ts(export)]
pub struct CommandError {
    /// What kind.
    #[ts(type = "string")]
    pub code: ErrorCode,
    /// Finds the log line and the audit entry.
    pub correlation_id: String,
    /// For `soft_locked`: seconds to wait.
    pub retry_after_seconds: Option<u32>,
    /// For `security_key_wrong_pin`: tries left before the key locks itself for good.
    pub tries_left: Option<u8>,
}

/// What this program is.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct AboutView {
    /// Version.
    pub version: String,
    /// Licence, SPDX.
    pub licence: String,
}
