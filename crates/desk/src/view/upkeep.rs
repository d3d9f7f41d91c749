//! Looking after the workstation: its clinicians, its keys, recovery.
use serde::Serialize;
use ts_rs::TS;

/// Someone with a place on this workstation, as whoever looks after it sees them.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ClinicianView {
    /// Id.
    pub user: String,
    /// Name.
    pub name: String,
    /// Role at enrolment.
    pub role: String,
    /// Kept from unlocking.
    pub disabled: bool,
    /// The one who is working now.
    pub working: bool,
    /// Entries of theirs that the EHR has not taken.
    pub unsent: u32,
    /// Notes of theirs that are not signed.
    pub unsigned: u32,
}

/// How far a rotation of the keys has come, in charts.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct RotationView {
    /// Done.
    pub done: u32,
    /// In all.
    pub of: u32,
    /// Not being carried on.
    pub paused: bool,
}

/// Where the vault's keys stand.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct KeyStatusView {
    /// Generation in force.
    pub generation: u32,
    /// Made, RFC 3339; `null` for a vault of the first form.
    pub made_at: Option<String>,
    /// To be replaced, RFC 3339.
    pub due_at: Option<String>,
    /// The own keys of whoever is working are to be replaced, RFC 3339; `null` for the next unlock.
    pub own_due_at: Option<String>,
    /// The device's secret is to be replaced, RFC 3339; `null` for the next unlock.
    pub device_due_at: Option<String>,
    /// Clinicians who have not unlocked since the device's secret was replaced: the former one is kept for them.
    pub awaited: u32,
    /// The rotation under way.
    pub rotation: Option<RotationView>,
    /// A recovery key was made.
    pub recovery: bool,
    /// Keys are never swapped out.
    pub locked_in_memory: bool,
}

/// A recovery key, shown once.
#[derive(Serialize, TS)]
#[ts(export)]
pub struct RecoveryCodeView {
    /// 14 groups of four letters and digits.
    pub code: String,
}

/// What a recovery drill found.
#[derive(Serialize, TS, Clone, Copy)]
#[ts(export)]
pub struct DrillView {
    /// Pieces of unsent work there are.
    pub of: u32,
    /// Those that the recovery key brings back, word for word.
    pub recovered: u32,
}
