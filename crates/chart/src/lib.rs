//! The chart as a clinician reads it, out of FHIR R4 records. No I/O.
//!
//! [`build_chart`] makes a [`view::ChartView`] of one patient's records; [`open_document`] opens a note; [`schedule_rows`]
//! the day's list; [`PatientIndex`] finds patients; [`relations`] says whose ordinary business a chart is; [`notes`] writes.
//!
//! INVARIANT: no record is silently lost or guessed at. One whose elements are not what its type promises is listed as
//! unreadable; one entered in error is counted and never shown as fact; a value keeps the digits and the unit it was
//! recorded with.
mod age;
mod allergies;
mod banner;
mod build;
mod concept;
mod directory;
mod documents;
mod dosage;
mod entries;
mod html;
mod index;
mod interpretation;
mod lines;
mod medications;
mod name;
pub mod notes;
mod observations;
mod particulars;
mod problems;
mod read;
mod record;
mod relations;
mod schedule;
mod series;
mod short_name;
mod value;
pub mod view;

pub use age::age;
pub use build::{ChartBuilder, ChartContext, build_chart};
pub use directory::Directory;
pub use documents::open_document;
pub use index::{Found, IndexEntry, IndexError, Namesake, PatientIndex, PatientName, mark_similar};
pub use particulars::Particulars;
pub use record::StoredRecord;
pub use relations::{Relation, RelationKind, relations};
pub use schedule::{Schedule, ScheduleContext, schedule_rows};
