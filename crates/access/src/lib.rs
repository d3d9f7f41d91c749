#![doc = include_str!("../README.md")]
mod emergency;
mod gate;
mod permit;
mod scopes;
mod section;

pub use emergency::{EMERGENCY_MINUTES, EmergencyGrant, MIN_REASON_CHARS, Purpose, PurposeError};
pub use gate::{ChartFacts, Facts, Gate, GateError, Refusal, Target, admit};
pub use permit::{
    Act, BreakGlass, ChangePassphrase, ChangeRoster, Charted, DeskMemory, EndBreakGlass, Enrol, EraseChart, EraseWorkstation, ExportAudit,
    Ingest, OpenIndex, Permit, Pin, Push, ReadAudit, ReadChart, ReadOutbox, ReadSchedule, Recovery, ReviewBreakGlass, RotateKeys, Search,
    SendAudit, SignNote, VerifyAudit, WriteDraft,
};
pub use scopes::{Permissions, User};
pub use section::{Section, Sections};
