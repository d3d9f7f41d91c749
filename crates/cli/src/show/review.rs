//! Emergency accesses under review.
use desk::view::{EmergencyStatistics, OpeningsBy, ReviewQueue, ReviewRow, ReviewState};

use super::or_blank;
use crate::page::Page;

/// A page of the queue.
pub fn reviews(queue: &ReviewQueue, page: &mut Page) {
    for row in &queue.rows {
        review(row, page);
        page.line("");
    }
    if queue.rows.is_empty() {
        page.line("No emergency access waits for a review.");
    }
    if queue.unreadable > 0 {
        page.line(&format!("{} REPORTS CANNOT BE READ", queue.unreadable));
    }
    if let Some(next) = &queue.next {
        page.fields([("next", Some(next.clone()))]);
    }
}

/// One emergency access.
pub fn review(row: &ReviewRow, page: &mut Page) {
    let state = match row.state {
        ReviewState::Waiting => "waiting",
        ReviewState::Judged => "judged",
        ReviewState::Closed => "closed",
    };
    let number = match row.worth.as_str() {
        "good" => or_blank(&row.number),
        worth => format!("{} {}", or_blank(&row.number), worth.to_uppercase()).trim().to_owned(),
    };
    page.fields([
        ("review", Some(format!("{} version {}, {state}", row.task, row.version))),
        ("who", Some(format!("{} {}", row.user, row.user_name))),
        ("patient", Some(format!("{} {}", row.patient, or_blank(&row.patient_name)))),
        ("reason", Some(format!("{} {}", row.reason, row.text))),
        ("when", Some(format!("{} to {}", row.began, row.ended.as_deref().unwrap_or("not known yet")))),
        ("from", Some(row.workstation.clone())),
        ("number", Some(number)),
        ("judgement", row.judgement.as_ref().map(|judgement| format!("{judgement}: {}", or_blank(&row.note)))),
        ("judged by", row.judged_by.clone()),
    ]);
}

/// How often each clinician broke the glass.
pub fn emergency_statistics(view: &EmergencyStatistics, page: &mut Page) {
    page.heading(&format!("Emergency accesses in {} days", view.days));
    let rows = view.uses.iter().map(|of| {
        let counts = [of.uses, of.unnumbered, of.doubtful, of.inappropriate, of.waiting].map(|count| count.to_string());
        let [uses, unnumbered, doubtful, inappropriate, waiting] = counts;
        [of.user.clone(), of.name.clone(), uses, unnumbered, doubtful, inappropriate, waiting]
    });
    page.table(["user", "name", "uses", "unnumbered", "number doubted", "inappropriate", "not judged"], rows, "None.");
    if view.incomplete {
        page.line("INCOMPLETE: there are more than were read, or some cannot be read.");
    }
    page.heading("Charts opened on this workstation, one a clinician, chart and day");
    let openings = &view.openings;
    let everyone = OpeningsBy { user: "all".into(), ..openings.all.clone() };
    let rows = openings.by.iter().chain([&everyone]).map(|of| {
        let share = of.percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent:.1} %"));
        [of.user.clone(), of.name.clone(), of.ordinary.to_string(), of.emergency.to_string(), share]
    });
    page.table(["user", "name", "ordinary", "emergency", "emergency share"], rows, "None.");
    if openings.unreadable {
        page.line("INCOMPLETE: entries of the audit trail cannot be read.");
    }
    if let Some(unreported) = view.unreported {
        page.line(&format!("{unreported} numbers ended without a word of their use."));
    }
}
