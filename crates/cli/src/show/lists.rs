//! Search, schedule, outbox.
use chart::view::PatientRow;
use desk::view::{OutboxRow, ScheduleView, SearchView};

use super::{or_blank, state, when};
use crate::page::Page;

/// Patients found.
pub fn search(view: &SearchView, page: &mut Page) {
    let rows = view.rows.iter().map(|row| {
        [
            row.patient.clone(),
            row.name.clone(),
            or_blank(&row.born),
            or_blank(&row.age),
            or_blank(&row.gender),
            or_blank(&row.number),
            remarks(row),
        ]
    });
    page.table(["patient", "name", "born", "age", "gender", "number", "remarks"], rows, "Nobody found.");
    page.line(&format!("{} of {} found, {} patients on this workstation", view.rows.len(), view.total, view.searched));
}

/// Today.
pub fn schedule(view: &ScheduleView, page: &mut Page) {
    page.line(&format!("{}, as of {}", view.day, view.as_of.as_deref().unwrap_or("unknown: the first fetch is not whole")));
    let rows = view.rows.iter().map(|row| {
        let (patient, name) = match &row.patient {
            Some(patient) => (patient.patient.clone(), patient.name.clone()),
            None => (String::new(), "(not on this workstation)".to_owned()),
        };
        let mine = if row.mine { "mine" } else { "" };
        [row.start.clone(), row.status.clone(), mine.to_owned(), patient, name, or_blank(&row.reason), row.with.join(", ")]
    });
    page.table(["start", "status", "", "patient", "name", "reason", "with"], rows, "No appointments.");
    if view.unreadable > 0 {
        page.line(&format!("ATTENTION: {} appointments cannot be read; one of them may be today.", view.unreadable));
    }
}

/// What waits.
pub fn outbox(rows: &[OutboxRow], page: &mut Page) {
    let rows = rows.iter().map(|row| {
        let why = or_blank(&row.reason);
        let (entry, tries) = (row.entry.to_string(), row.attempts.to_string());
        let patient = row.name.as_ref().map_or_else(|| row.patient.clone(), |name| format!("{} {name}", row.patient));
        [entry, state(row.state).to_owned(), why, tries, row.entered_at.clone(), patient, format!("{}/{}", row.kind, row.id)]
    });
    let empty = "Nothing waits: everything signed here has been acknowledged.";
    page.table(["entry", "state", "reason", "tries", "entered", "patient", "record"], rows, empty);
}

fn remarks(row: &PatientRow) -> String {
    let remarks = [when(row.deceased, "deceased"), when(row.restricted, "restricted"), when(row.similar_name, "SIMILAR NAME")];
    remarks.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
