#![doc = include_str!("../README.md")]
mod emergency;
mod gate;
mod permit;
mod scopes;
mod section;

pub use emergency::{EMERGENCY_MINUTES, EmergencyGrant, MIN_REASON_CHARS, Purpose, PurposeError};
pub use gate::{ChartFacts, Facts, Gate, GateError, Refusal, Target, admit};
pub use permit::{
    Act, BreakGlass, ChangePassphrase, Charted, DeskMemory, EndBreakGlass, Enrol, ExportAudit, Ingest, OpenIndex, Permit, Pin, Push,
    ReadAudit, ReadChart, ReadOutbox, ReadSchedule, Search, SendAudit, SignNote, VerifyAudit, WriteDraft,
};
pub use scopes::{Permissions, User};
pub use section::{Section, Sections};
