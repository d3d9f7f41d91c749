//! The audit chain, read and verified.
mod export;
mod recent;
mod replay;
mod review;
mod state;
mod statistics;
mod verify;

pub use export::{AuditExport, AuditPage, EXPORT_PAGE, begin_audit_export, export_audit};
pub use recent::audit_recent;
pub use replay::{AuditReplay, ReplayOf, audit_replay, replay_audit};
pub use review::{close_review, judge_review, review_queue};
pub use state::{AuditStateView, StateView, audit_state};
pub use statistics::break_glass_statistics;
pub use verify::audit_verify;
