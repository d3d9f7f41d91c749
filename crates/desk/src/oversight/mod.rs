//! The audit chain, read and verified.
mod export;
mod recent;
mod verify;

pub use export::{AuditExport, export_audit};
pub use recent::audit_recent;
pub use verify::audit_verify;
