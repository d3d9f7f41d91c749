//! The audit chain.
use desk::parse;
use desk::view::{AuditRow, AuditVerified};

use super::{Answer, Desk, run};

/// Latest entries.
#[tauri::command]
pub async fn audit_recent(host: Desk<'_>, patient: Option<String>, limit: u32) -> Answer<Vec<AuditRow>> {
    run(&host, move |host| desk::audit_recent(host, parse::optional_patient(patient.as_deref())?.as_ref(), limit)).await
}

/// Is the chain whole?
#[tauri::command]
pub async fn audit_verify(host: Desk<'_>) -> Answer<AuditVerified> {
    run(&host, |host| desk::audit_verify(host)).await
}
