//! Looking after the workstation.
use desk::view::{ClinicianView, DrillView, KeyStatusView, RecoveryCodeView};
use desk::{Passphrase, parse};

use super::{Answer, Desk, run};

/// Everyone with a place here.
#[tauri::command]
pub async fn clinicians(host: Desk<'_>) -> Answer<Vec<ClinicianView>> {
    run(&host, |host| desk::clinicians(host)).await
}

/// Keeps someone from unlocking.
#[tauri::command]
pub async fn disable_clinician(host: Desk<'_>, passphrase: String, user: String) -> Answer<()> {
    run(&host, move |host| desk::disable_clinician(host, &Passphrase::new(passphrase), &parse::user(&user)?)).await
}

/// Lets someone unlock again.
#[tauri::command]
pub async fn enable_clinician(host: Desk<'_>, passphrase: String, user: String) -> Answer<()> {
    run(&host, move |host| desk::enable_clinician(host, &Passphrase::new(passphrase), &parse::user(&user)?)).await
}

/// Takes someone's place away.
#[tauri::command]
pub async fn remove_clinician(host: Desk<'_>, passphrase: String, user: String, leave_work: bool) -> Answer<()> {
    run(&host, move |host| desk::remove_clinician(host, &Passphrase::new(passphrase), &parse::user(&user)?, leave_work)).await
}

/// Where the keys stand.
#[tauri::command]
pub async fn key_status(host: Desk<'_>) -> Answer<KeyStatusView> {
    run(&host, |host| desk::key_status(host)).await
}

/// Begins or resumes a rotation.
#[tauri::command]
pub async fn rotate_keys(host: Desk<'_>, passphrase: Option<String>) -> Answer<()> {
    run(&host, move |host| desk::rotate_keys(host, passphrase.map(Passphrase::new).as_ref())).await
}

/// Pauses it.
#[tauri::command]
pub async fn pause_rotation(host: Desk<'_>) -> Answer<()> {
    run(&host, |host| desk::pause_rotation(host)).await
}

/// Makes a recovery key.
#[tauri::command]
pub async fn make_recovery_key(host: Desk<'_>, passphrase: String) -> Answer<RecoveryCodeView> {
    run(&host, move |host| desk::make_recovery_key(host, &Passphrase::new(passphrase))).await
}

/// Tries one.
#[tauri::command]
pub async fn recovery_drill(host: Desk<'_>, code: String) -> Answer<DrillView> {
    run(&host, move |host| desk::recovery_drill(host, &code)).await
}

/// Erases a chart here.
#[tauri::command]
pub async fn erase_chart(host: Desk<'_>, passphrase: String, patient: String) -> Answer<()> {
    run(&host, move |host| desk::erase_chart(host, &Passphrase::new(passphrase), &parse::patient(&patient)?)).await
}

/// Erases everything here.
#[tauri::command]
pub async fn erase_workstation(host: Desk<'_>, passphrase: String, lose_unsent: bool) -> Answer<()> {
    run(&host, move |host| desk::erase_workstation(host, &Passphrase::new(passphrase), lose_unsent)).await
}
