//! Security keys. What a key is asked for comes as the event `security-key`; the two last commands answer it.
use desk::Passphrase;
use desk::view::SecurityKeyView;

use super::{Answer, Desk, run};

/// The keys one unlocks with.
#[tauri::command]
pub async fn security_keys(host: Desk<'_>) -> Answer<Vec<SecurityKeyView>> {
    run(&host, |host| desk::security_keys(host)).await
}

/// One more.
#[tauri::command]
pub async fn enrol_security_key(host: Desk<'_>, passphrase: String, name: String) -> Answer<Vec<SecurityKeyView>> {
    run(&host, move |host| desk::enrol_security_key(host, &Passphrase::new(passphrase), &name)).await
}

/// One less.
#[tauri::command]
pub async fn remove_security_key(host: Desk<'_>, passphrase: String, id: String) -> Answer<Vec<SecurityKeyView>> {
    run(&host, move |host| desk::remove_security_key(host, &Passphrase::new(passphrase), &id)).await
}

/// The PIN; without one, that the new key is in.
#[tauri::command]
pub async fn answer_security_key(host: Desk<'_>, pin: Option<String>) -> Answer<()> {
    run(&host, move |host| desk::answer_security_key(host, pin.map(Into::into))).await
}

/// Gives up what waits for a key.
#[tauri::command]
pub async fn cancel_security_key(host: Desk<'_>) -> Answer<()> {
    desk::cancel_security_key(&host);
    Ok(())
}
