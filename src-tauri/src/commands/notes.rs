//! Notes.
use desk::view::{DraftSaved, DraftView, NoteSigned, SaveDraft};
use desk::{Passphrase, parse};

use super::{Answer, Desk, run};

/// Begins a note.
#[tauri::command]
pub async fn start_note(host: Desk<'_>, patient: String, note_type: String) -> Answer<DraftView> {
    run(&host, move |host| desk::start_note(host, &parse::patient(&patient)?, &note_type)).await
}

/// Saves a draft.
#[tauri::command]
pub async fn save_draft(host: Desk<'_>, request: SaveDraft) -> Answer<DraftSaved> {
    run(&host, move |host| desk::save_draft(host, request)).await
}

/// Throws a draft away.
#[tauri::command]
pub async fn discard_draft(host: Desk<'_>, patient: String, draft: String) -> Answer<()> {
    run(&host, move |host| desk::discard_draft(host, &parse::patient(&patient)?, parse::draft(&draft)?)).await
}

/// Signs a note.
#[tauri::command]
pub async fn sign_note(host: Desk<'_>, patient: String, draft: String, revision: u32, passphrase: Option<String>) -> Answer<NoteSigned> {
    let own = passphrase.map(Passphrase::new);
    run(&host, move |host| desk::sign_note(host, &parse::patient(&patient)?, parse::draft(&draft)?, revision, own.as_ref())).await
}
