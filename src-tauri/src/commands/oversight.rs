//! The audit chain.
use desk::view::{AuditQuery, AuditRow, AuditVerified};

use super::{Answer, Desk, run};

/// Latest entries that are asked for.
#[tauri::command]
pub async fn audit_recent(host: Desk<'_>, query: AuditQuery) -> Answer<Vec<AuditRow>> {
    run(&host, move |host| desk::audit_recent(host, &query)).await
}

/// Is the chain whole?
#[tauri::command]
pub async fn audit_verify(host: Desk<'_>) -> Answer<AuditVerified> {
    run(&host, |host| desk::audit_verify(host)).await
}
