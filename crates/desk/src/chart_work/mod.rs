//! Finding patients and reading charts.
mod break_glass;
mod document;
mod open_chart;
mod pin;
mod recent;
mod records;
mod schedule;
mod search;

pub use break_glass::{break_glass, break_glass_reasons, end_break_glass, own_emergencies};
pub use document::open_document;
pub use open_chart::open_chart;
pub(crate) use open_chart::state;
pub use pin::pin_patient;
pub use recent::patients_recent;
pub use records::{chart_records, directory_records};
pub use schedule::schedule_today;
pub use search::search_patients;
