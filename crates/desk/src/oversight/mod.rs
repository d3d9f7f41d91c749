//! The audit chain, read and verified.
mod export;
mod recent;
mod replay;
mod state;
mod verify;

pub use export::{AuditPage, EXPORT_PAGE, export_audit};
pub use recent::audit_recent;
pub use replay::{AuditReplay, ReplayOf, replay_audit};
pub use state::{AuditStateView, StateView, audit_state};
pub use verify::audit_verify;
