//! The audit chain.
use desk::AuditStateView;
use desk::view::{AuditQuery, AuditRow, AuditStatusView, AuditVerified, ClearQuarantineRequest};

use super::{Answer, Desk, run};

/// Latest entries that are asked for.
#[tauri::command]
pub async fn audit_recent(host: Desk<'_>, query: AuditQuery) -> Answer<Vec<AuditRow>> {
    run(&host, move |host| desk::audit_recent(host, &query)).await
}

/// The entries that are asked for, in the order they were written.
#[tauri::command]
pub async fn audit_replay(host: Desk<'_>, query: AuditQuery) -> Answer<Vec<AuditRow>> {
    run(&host, move |host| desk::audit_replay(host, &query)).await
}

/// Is the chain whole?
#[tauri::command]
pub async fn audit_verify(host: Desk<'_>) -> Answer<AuditVerified> {
    run(&host, |host| desk::audit_verify(host)).await
}

/// What an entry's work found and left.
#[tauri::command]
pub async fn audit_state(host: Desk<'_>, sequence: u32) -> Answer<AuditStateView> {
    run(&host, move |host| desk::audit_state(host, sequence.into())).await
}

/// How far the EHR vouches for the chain.
#[tauri::command]
pub async fn audit_status(host: Desk<'_>) -> Answer<AuditStatusView> {
    run(&host, |host| desk::audit_status(host)).await
}

/// Takes a quarantined chain up again.
#[tauri::command]
pub async fn clear_quarantine(host: Desk<'_>, request: ClearQuarantineRequest) -> Answer<AuditStatusView> {
    desk::settled(desk::clear_quarantine(&host, request).await)
}
