//! The audit chain, read and verified.
mod export;
mod recent;
mod replay;
mod verify;

pub use export::{AuditExport, EXPORT_PAGE, export_audit};
pub use recent::audit_recent;
pub use replay::{AuditReplay, replay_audit};
pub use verify::audit_verify;
