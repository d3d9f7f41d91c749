//! Sync and the outbox.
use desk::view::{OutboxRow, SyncView, UnsignedNote};

use super::{Answer, Desk, run};

/// Looks for changes and sends what waits, now.
#[tauri::command]
pub async fn sync_now(host: Desk<'_>) -> Answer<SyncView> {
    run(&host, desk::sync_now).await
}

/// Where sync stands.
#[tauri::command]
pub async fn sync_status(host: Desk<'_>) -> Answer<SyncView> {
    run(&host, |host| desk::sync_status(host)).await
}

/// Stops the running round; the next look goes on from there.
#[tauri::command]
pub async fn cancel_sync(host: Desk<'_>) -> Answer<()> {
    run(&host, |host| desk::cancel_sync(host)).await
}

/// What waits.
#[tauri::command]
pub async fn outbox(host: Desk<'_>) -> Answer<Vec<OutboxRow>> {
    run(&host, |host| desk::outbox(host)).await
}

/// Notes begun and not signed.
#[tauri::command]
pub async fn unsigned_notes(host: Desk<'_>) -> Answer<Vec<UnsignedNote>> {
    run(&host, |host| desk::unsigned_notes(host)).await
}

/// Sends a refused entry once more.
#[tauri::command]
pub async fn retry_rejected(host: Desk<'_>, entry: u32) -> Answer<()> {
    run(&host, move |host| desk::retry_rejected(host, entry)).await
}
