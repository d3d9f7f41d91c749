//! One named command per use-case; each hands over to the desk and nothing else.
mod chart;
mod door;
mod notes;
mod oversight;
mod review;
mod security_key;
mod sync;
mod upkeep;

use std::sync::Arc;

use desk::view::CommandError;
use desk::{Host, Problem};
use tauri::ipc::Invoke;
use tauri::{State, Wry};

/// What every command answers.
pub type Answer<T> = Result<T, CommandError>;

/// The host as commands get it.
pub type Desk<'a> = State<'a, Arc<Host>>;

/// Runs a use-case off the window's thread.
pub async fn run<R: Send + 'static>(host: &Desk<'_>, work: impl FnOnce(&Arc<Host>) -> Result<R, Problem> + Send + 'static) -> Answer<R> {
    let host = Arc::clone(host.inner());
    desk::answer(tauri::async_runtime::spawn_blocking(move || desk::correlated(|| work(&host))).await)
}

/// Every command there is.
pub fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        door::stage,
        door::choose_ehr,
        door::sign_in,
        door::cancel_sign_in,
        door::sign_in_again,
        door::enrol,
        door::join,
        door::change_passphrase,
        door::step_up,
        door::token_pin,
        door::unlock,
        door::lock,
        door::keep_memory,
        door::about,
        door::settings,
        chart::schedule_today,
        chart::search_patients,
        chart::patients_recent,
        chart::open_chart,
        chart::open_document,
        chart::break_glass_reasons,
        chart::break_glass,
        chart::end_break_glass,
        chart::pin_patient,
        notes::start_note,
        notes::save_draft,
        notes::discard_draft,
        notes::sign_note,
        sync::sync_now,
        sync::sync_status,
        sync::cancel_sync,
        sync::outbox,
        sync::unsigned_notes,
        sync::retry_rejected,
        oversight::audit_recent,
        oversight::audit_replay,
        oversight::audit_verify,
        oversight::audit_state,
        oversight::audit_status,
        oversight::clear_quarantine,
        upkeep::clinicians,
        upkeep::disable_clinician,
        upkeep::enable_clinician,
        upkeep::remove_clinician,
        upkeep::key_status,
        upkeep::rotate_keys,
        upkeep::pause_rotation,
        upkeep::make_recovery_key,
        upkeep::recovery_drill,
        upkeep::erase_chart,
        upkeep::erase_workstation,
        security_key::security_keys,
        security_key::enrol_security_key,
        security_key::remove_security_key,
        security_key::answer_security_key,
        security_key::cancel_security_key,
        review::own_emergencies,
        review::review_queue,
        review::judge_review,
        review::close_review,
        review::break_glass_statistics,
    ]
}
