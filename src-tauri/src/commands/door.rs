//! Getting in and out.
use desk::view::{AboutView, DeskView, EhrView, SettingsView, SignedInView, Stage};
use desk::{Passphrase, parse};

use super::{Answer, Desk, run};

/// Where the program stands.
#[tauri::command]
pub async fn stage(host: Desk<'_>) -> Answer<Stage> {
    run(&host, |host| desk::stage(host)).await
}

/// Asks an EHR what it is.
#[tauri::command]
pub async fn choose_ehr(host: Desk<'_>, url: String) -> Answer<EhrView> {
    desk::settled(desk::choose_ehr(&host, &url).await)
}

/// Signs in at the EHR, in the system's browser.
#[tauri::command]
pub async fn sign_in(host: Desk<'_>) -> Answer<SignedInView> {
    desk::settled(desk::sign_in(&host).await)
}

/// Stops waiting for the browser.
#[tauri::command]
pub async fn cancel_sign_in(host: Desk<'_>) -> Answer<()> {
    desk::cancel_sign_in(&host);
    Ok(())
}

/// Signs in afresh while the desk is open.
#[tauri::command]
pub async fn sign_in_again(host: Desk<'_>) -> Answer<DeskView> {
    desk::settled(desk::sign_in_again(&host).await)
}

/// Makes the vault.
#[tauri::command]
pub async fn enrol(host: Desk<'_>, passphrase: String) -> Answer<DeskView> {
    run(&host, move |host| desk::enrol(host, &Passphrase::new(passphrase))).await
}

/// Gives whoever signed in a place beside the one working, and locks.
#[tauri::command]
pub async fn join(host: Desk<'_>, passphrase: String, own: Option<String>) -> Answer<()> {
    run(&host, move |host| desk::join(host, &Passphrase::new(passphrase), own.map(Passphrase::new).as_ref())).await
}

/// Puts a new passphrase in the old one's place.
#[tauri::command]
pub async fn change_passphrase(host: Desk<'_>, old: String, new: String) -> Answer<()> {
    run(&host, move |host| desk::change_passphrase(host, &Passphrase::new(old), &Passphrase::new(new))).await
}

/// Proves once more who is working.
#[tauri::command]
pub async fn step_up(host: Desk<'_>, passphrase: String) -> Answer<()> {
    run(&host, move |host| desk::step_up(host, &Passphrase::new(passphrase))).await
}

/// Takes the token's PIN for the command that follows.
#[tauri::command]
pub async fn token_pin(host: Desk<'_>, pin: String) -> Answer<()> {
    desk::token_pin(&host, pin);
    Ok(())
}

/// Opens the desk.
#[tauri::command]
pub async fn unlock(host: Desk<'_>, user: String, passphrase: String) -> Answer<DeskView> {
    run(&host, move |host| desk::unlock(host, &parse::user(&user)?, &Passphrase::new(passphrase))).await
}

/// Locks it.
#[tauri::command]
pub async fn lock(host: Desk<'_>) -> Answer<()> {
    run(&host, |host| {
        host.lock();
        Ok(())
    })
    .await
}

/// Keeps tabs, scroll and caret.
#[tauri::command]
pub async fn keep_memory(host: Desk<'_>, memory: String) -> Answer<()> {
    run(&host, move |host| desk::keep_memory(host, &memory)).await
}

/// What this program is.
#[tauri::command]
pub async fn about() -> Answer<AboutView> {
    Ok(desk::about())
}

/// What is set on this workstation, and by whom.
#[tauri::command]
pub async fn settings(host: Desk<'_>) -> Answer<SettingsView> {
    Ok(desk::settings(&host))
}
