//! The audit chain, read and verified.
mod export;
mod recent;
mod replay;
mod review;
mod state;
mod verify;

pub use export::{AuditPage, EXPORT_PAGE, export_audit};
pub use recent::audit_recent;
pub use replay::{AuditReplay, ReplayOf, replay_audit};
pub use review::{break_glass_statistics, close_review, judge_review, review_queue};
pub use state::{AuditStateView, StateView, audit_state};
pub use verify::audit_verify;
