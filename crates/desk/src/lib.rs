#![doc = include_str!("../README.md")]
mod about;
mod answer;
mod chart_work;
mod doctor;
mod door;
mod emergency;
mod filing;
mod host;
mod index;
#[cfg(test)]
mod kill_test;
mod logging;
mod memory;
mod moment;
mod notes;
mod oversight;
pub mod parse;
mod person;
mod policy;
mod problem;
mod profile;
mod security_key;
mod settings;
mod state;
mod sync_work;
#[cfg(test)]
mod test_host;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_decisions;
#[cfg(test)]
mod tests_of_policy;
#[cfg(all(test, target_os = "linux"))]
mod tests_of_token;
#[cfg(test)]
mod tests_of_watch;
mod token;
mod tokens;
mod towards_ehr;
mod upkeep;
pub mod view;
mod watch;
mod witness;

pub use about::{about, default_profile, open_browser};
pub use answer::{answer, correlated, settled};
pub use audit::Form as AuditForm;
pub use chart_work::{
    break_glass, break_glass_reasons, chart_records, directory_records, end_break_glass, open_chart, open_document, own_emergencies,
    patients_recent, pin_patient, schedule_today, search_patients,
};
pub use doctor::{Finding, FindingState, examine};
pub use door::{cancel_sign_in, change_passphrase, choose_ehr, enrol, join, sign_in, sign_in_again, stage, unlock};
pub use host::{Host, Keyring, Notices, Options};
pub use keys::Passphrase;
pub use logging::log_to;
pub use memory::keep_memory;
pub use notes::{discard_draft, save_draft, sign_note, start_note, unsigned_notes};
pub use oversight::{
    AuditExport, AuditPage, AuditReplay, AuditStateView, EXPORT_PAGE, ReplayOf, StateView, audit_recent, audit_replay, audit_state,
    audit_verify, begin_audit_export, break_glass_statistics, close_review, export_audit, judge_review, replay_audit, review_queue,
};
pub use posture::Found as PolicyFound;
pub use problem::Problem;
pub use security_key::{
    SecurityKeys, TypedPin, answer_security_key, cancel_security_key, enrol_security_key, remove_security_key, security_keys,
};
pub use settings::settings;
pub use sync_work::{cancel_sync, outbox, retry_rejected, sync_now, sync_status};
pub use token::token_pin;
pub use upkeep::{
    RecoveredWork, clinicians, disable_clinician, enable_clinician, erase_chart, erase_workstation, key_status, make_recovery_key,
    pause_rotation, recover_unsent, recovery_drill, remove_clinician, rotate_keys,
};
pub use watch::{settle_incident, step_up};
pub use watchful::Verdict;
pub use witness::{ClearReason, audit_status, clear_quarantine};
