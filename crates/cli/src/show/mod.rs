//! The views as pages for a person.
mod chart;
mod desk;
mod lists;
mod oversight;
mod review;
mod settings;

pub use chart::{chart, document};
pub use desk::{break_glass, desk, keys, own_emergencies, progress, sync};
pub use lists::{outbox, schedule, search};
pub use oversight::{audit_status, findings, replay, states, verified};
pub use review::{emergency_statistics, review, reviews};
pub use settings::settings;

use ::chart::view::RecordState;
use ::desk::view::QuarantineView;

/// How far a record has got, in a word.
pub const fn state(state: RecordState) -> &'static str {
    match state {
        RecordState::LocalOnly => "local only",
        RecordState::Sending => "sending",
        RecordState::Synced => "synced",
        RecordState::Rejected => "rejected",
        RecordState::Conflict => "conflict",
    }
}

fn quarantined(view: &QuarantineView) -> String {
    let QuarantineView { standing, since, entry } = view;
    format!(
        "QUARANTINED since {since} (entry {entry}): the audit chain is {standing}, not what the EHR has seen. Charts open by emergency access alone, \
         nothing new is taken in; what was entered goes out. See `satchel audit clear-quarantine`."
    )
}

fn or_blank(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

/// `text` if so.
fn when(so: bool, text: &str) -> Option<String> {
    so.then(|| text.to_owned())
}
