//! A chart and a document.
use chart::view::{Abnormal, Allergies, Allergy, Banner, ChartView, DocumentView, Line, NotShown, Point, RecordState, Series, Source};
use desk::view::OpenedChart;

use super::{or_blank, state, when};
use crate::page::Page;

/// Values before the latest one that a row shows.
const EARLIER: usize = 3;

/// The whole chart, in the window's order.
pub fn chart(opened: &OpenedChart, page: &mut Page) {
    let chart = &opened.chart;
    if let Some(access) = &opened.break_glass {
        super::break_glass(access, page);
    }
    banner(&chart.banner, page);
    trust(chart, page);
    problems(chart, page);
    allergies(&chart.allergies, page);
    medications(chart, page);
    for (name, series) in [("Vital signs", &chart.vitals), ("Laboratory", &chart.labs), ("Other observations", &chart.observations)] {
        measured(name, series, page);
    }
    immunizations_and_encounters(chart, page);
    documents(opened, page);
    for (name, lines) in
        [("Procedures", &chart.procedures), ("Reports", &chart.reports), ("Orders", &chart.orders), ("Other", &chart.other)]
    {
        listed(name, lines, page);
    }
}

/// A document.
pub fn document(view: &DocumentView, page: &mut Page) {
    let row = &view.row;
    page.fields([
        ("patient", Some(view.patient.clone())),
        ("title", Some(row.title.clone())),
        ("date", row.when.clone()),
        ("author", row.author.clone()),
        ("status", Some(row.status.clone())),
        ("state", Some(state(row.source.state).to_owned())),
    ]);
    page.line("");
    page.text(view.text.as_deref().unwrap_or_default());
    match view.not_shown {
        None => {}
        Some(NotShown::OtherType) => page.line("NOT SHOWN: of a type that is not displayed here."),
        Some(NotShown::NotFetched) => page.line("NOT SHOWN: a link that was not fetched."),
        Some(NotShown::Unreadable) => page.line("NOT SHOWN: it cannot be read."),
    }
}

fn banner(banner: &Banner, page: &mut Page) {
    let identifiers = banner.identifiers.iter().map(|id| format!("{} {}", id.label, id.value));
    let some = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join("; "));
    page.line(&banner.name);
    page.fields([
        ("patient", Some(banner.patient.clone())),
        ("also known as", banner.also_known_as.clone()),
        ("born", Some(banner.born.clone().unwrap_or_else(|| "not recorded".to_owned()))),
        ("age", banner.age.clone()),
        ("gender", Some(banner.gender.clone().unwrap_or_else(|| "not recorded".to_owned()))),
        ("deceased", banner.deceased.clone()),
        ("identifiers", some(identifiers.collect())),
        ("address", banner.address.clone()),
        ("contact", some(banner.contact.clone())),
        ("language", banner.language.clone()),
        ("ALERTS", some(banner.flags.clone())),
        ("ATTENTION", when(banner.similar_name, "another patient here has the same or a similar name: look twice")),
        ("RESTRICTED", when(banner.restricted, "this chart carries a confidentiality label")),
    ]);
}

/// What to know before relying on the rest.
fn trust(chart: &ChartView, page: &mut Page) {
    page.line(&format!("as of {}", chart.as_of.as_deref().unwrap_or("unknown: never wholly fetched")));
    if chart.incomplete {
        page.line("INCOMPLETE: this chart is not wholly fetched; what is missing is unknown.");
    }
    if chart.withheld > 0 {
        page.line(&format!("WITHHELD: {} restricted records; break-glass shows them.", chart.withheld));
    }
    if !chart.unreadable.is_empty() {
        page.heading("Unreadable records");
        let rows = chart.unreadable.iter().map(|record| [record.kind.clone(), or_blank(&record.id), record.why.clone()]);
        page.table(["type", "id", "why"], rows, "");
    }
    if !chart.not_displayed.is_empty() {
        let counts = chart.not_displayed.iter().map(|kind| format!("{} {}", kind.count, kind.name));
        page.line(&format!("Held but not displayed: {}", counts.collect::<Vec<_>>().join(", ")));
    }
}

fn problems(chart: &ChartView, page: &mut Page) {
    page.heading("Problems");
    let rows = chart.problems.iter().map(|problem| {
        let status = noted(&problem.status, &problem.source);
        [status, problem.name.clone(), or_blank(&problem.onset), or_blank(&problem.abated), or_blank(&problem.code)]
    });
    page.table(["status", "problem", "onset", "abated", "code"], rows, "None recorded.");
}

fn allergies(allergies: &Allergies, page: &mut Page) {
    page.heading("Allergies");
    match allergies {
        Allergies::Known { items } => list(items, page),
        Allergies::NoneKnown { .. } => page.line("No known allergies, as recorded."),
        Allergies::NotRecorded => page.line("NOT RECORDED: ask."),
        Allergies::Unreadable { items, unreadable } => {
            page.line(&format!("DO NOT RELY ON THIS LIST: {unreadable} records cannot be read."));
            list(items, page);
        }
    }

    fn list(items: &[Allergy], page: &mut Page) {
        let rows = items.iter().map(|allergy| {
            let status = noted(&allergy.status, &allergy.source);
            [or_blank(&allergy.criticality), allergy.substance.clone(), allergy.reactions.join("; "), status, or_blank(&allergy.since)]
        });
        page.table(["criticality", "substance", "reactions", "status", "since"], rows, "None readable.");
    }
}

fn medications(chart: &ChartView, page: &mut Page) {
    page.heading("Medications");
    let rows = chart.medications.iter().map(|drug| {
        let status = noted(&drug.status, &drug.source);
        [status, drug.name.clone(), or_blank(&drug.dosage), or_blank(&drug.written), or_blank(&drug.prescriber)]
    });
    page.table(["status", "drug", "dosage", "written", "prescriber"], rows, "None recorded.");
}

fn measured(name: &str, series: &[Series], page: &mut Page) {
    page.heading(name);
    let rows = series.iter().filter_map(|series| {
        let (latest, before) = series.points.split_last()?;
        let earlier = before.iter().rev().take(EARLIER).map(|point| point.shown.clone()).collect::<Vec<_>>().join(", ");
        let shown = noted(&latest.shown, &latest.source);
        let flag = flag(latest).to_owned();
        Some([series.name.clone(), shown, or_blank(&series.unit), flag, or_blank(&latest.range), latest.when.clone(), earlier])
    });
    page.table(["what", "latest", "unit", "flag", "range", "when", "before"], rows, "None recorded.");
}

fn immunizations_and_encounters(chart: &ChartView, page: &mut Page) {
    page.heading("Immunizations");
    let rows = chart.immunizations.iter().map(|shot| {
        let status = noted(&shot.status, &shot.source);
        [or_blank(&shot.given), shot.vaccine.clone(), status, or_blank(&shot.detail)]
    });
    page.table(["given", "vaccine", "status", "detail"], rows, "None recorded.");
    page.heading("Encounters");
    let rows = chart.encounters.iter().map(|visit| {
        let status = noted(&visit.status, &visit.source);
        [or_blank(&visit.period), visit.kind.clone(), status, or_blank(&visit.reason), or_blank(&visit.with)]
    });
    page.table(["period", "kind", "status", "reason", "with"], rows, "None recorded.");
}

fn documents(opened: &OpenedChart, page: &mut Page) {
    page.heading("Notes and documents");
    let rows = opened.chart.documents.iter().map(|row| {
        let record = format!("{} {}", row.source.kind, row.source.id);
        [or_blank(&row.when), row.title.clone(), or_blank(&row.author), noted(&row.status, &row.source), record]
    });
    page.table(["date", "title", "author", "status", "record"], rows, "None recorded.");
    if !opened.drafts.is_empty() {
        page.heading("Your unsigned drafts");
        let rows = opened.drafts.iter().map(|draft| [draft.draft.clone(), draft.note_type.clone(), draft.saved_at.clone()]);
        page.table(["draft", "type", "saved"], rows, "");
    }
}

/// A list that is empty in most charts is left out when it is; the ones above never are.
fn listed(name: &str, lines: &[Line], page: &mut Page) {
    if lines.is_empty() {
        return;
    }
    page.heading(name);
    let rows = lines.iter().map(|line| {
        let status = noted(line.status.as_deref().unwrap_or_default(), &line.source);
        [or_blank(&line.when), line.source.kind.clone(), line.title.clone(), status, or_blank(&line.detail)]
    });
    page.table(["when", "type", "what", "status", "detail"], rows, "");
}

/// What the EHR has not acknowledged says so.
fn noted(text: &str, source: &Source) -> String {
    match source.state {
        RecordState::Synced => text.to_owned(),
        other => format!("{text} [{}]", state(other)),
    }
}

/// By letter, as laboratories write it.
const fn flag(point: &Point) -> &'static str {
    match point.abnormal {
        Abnormal::CriticalLow => "LL",
        Abnormal::Low => "L",
        Abnormal::Normal => "",
        Abnormal::High => "H",
        Abnormal::CriticalHigh => "HH",
        Abnormal::Abnormal => "A",
        Abnormal::Unknown => "?",
    }
}
