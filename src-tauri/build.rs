//! Names every command, so that the capability can grant each by name and no other exists.
fn main() {
    println!("cargo::rerun-if-changed=../ui/dist");
    const COMMANDS: &[&str] = &[
        "stage",
        "choose_ehr",
        "sign_in",
        "cancel_sign_in",
        "enrol",
        "join",
        "change_passphrase",
        "unlock",
        "lock",
        "keep_memory",
        "schedule_today",
        "search_patients",
        "patients_recent",
        "open_chart",
        "open_document",
        "break_glass_reasons",
        "break_glass",
        "end_break_glass",
        "pin_patient",
        "start_note",
        "save_draft",
        "discard_draft",
        "sign_note",
        "sync_now",
        "sync_status",
        "cancel_sync",
        "outbox",
        "unsigned_notes",
        "retry_rejected",
        "sign_in_again",
        "audit_recent",
        "audit_verify",
        "about",
        "clinicians",
        "disable_clinician",
        "enable_clinician",
        "remove_clinician",
        "key_status",
        "rotate_keys",
        "pause_rotation",
        "make_recovery_key",
        "recovery_drill",
        "erase_chart",
        "erase_workstation",
    ];
    let attributes = tauri_build::Attributes::new().app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
