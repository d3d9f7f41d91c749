//! Notes: plain-text documents whose every figure is the one on file.

use crate::chart::{Chart, Filed};
use crate::codes::{LOINC, concept, reference};
use crate::directory::{self, Clinician, practitioner};
use crate::when::stamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::json;

/// What kind of document a note is: LOINC type and title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Progress,
    Discharge,
    Admission,
    Letter,
    Telephone,
}

impl Kind {
    fn loinc(self) -> (&'static str, &'static str) {
        match self {
            Self::Progress => ("11506-3", "Progress note"),
            Self::Discharge => ("18842-5", "Discharge summary"),
            Self::Admission => ("34117-2", "History and physical note"),
            Self::Letter => ("57133-1", "Referral note"),
            Self::Telephone => ("34748-4", "Telephone encounter Note"),
        }
    }
}

/// The parts of a note, in the order they are printed; empty ones are left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) subjective: Vec<String>,
    pub(crate) vitals: String,
    pub(crate) findings: Vec<String>,
    pub(crate) results: Vec<String>,
    pub(crate) assessment: Vec<String>,
    pub(crate) plan: Vec<String>,
}

/// Files a document written from `draft` and from the problems, drugs and allergies on file at that moment.
pub(crate) fn file(
    chart: &mut Chart<'_>,
    kind: Kind,
    draft: &Draft,
    encounter: &Filed,
    at: DateTime<FixedOffset>,
    author: &'static Clinician,
) -> Filed {
    let text = compose(chart, kind, draft, at.date_naive(), author);
    let (code, title) = kind.loinc();
    let sensitive = chart.active_problems(at.date_naive()).iter().find_map(|dx| dx.sensitive);
    let body = json!({
        "status": "current",
        "docStatus": "final",
        "type": concept(LOINC, code, title),
        "category": [{
            "coding": [{
                "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
                "code": "clinical-note",
                "display": "Clinical Note",
            }],
            "text": "Clinical Note",
        }],
        "subject": chart.subject(),
        "date": stamp(at),
        "author": [practitioner(author)],
        "custodian": reference(directory::CLINIC.0, directory::CLINIC.1),
        "content": [{
            "attachment": {
                "contentType": "text/plain; charset=utf-8",
                "data": STANDARD.encode(&text),
                "size": text.len(),
                "title": format!("{title} {}", at.format("%Y-%m-%d")),
                "creation": stamp(at),
            },
        }],
        "context": {
            "encounter": [{ "reference": encounter.reference }],
            "period": { "start": stamp(at), "end": stamp(at) },
        },
    });
    chart.file_labelled("DocumentReference", body, sensitive)
}

fn compose(chart: &Chart<'_>, kind: Kind, draft: &Draft, day: NaiveDate, author: &Clinician) -> String {
    let sex = if chart.person.female { "woman" } else { "man" };
    let age = chart.age(day);
    let who = match age {
        0..=1 => {
            format!("{}-month-old {}", crate::when::months_on(chart.person.birth, day), if chart.person.female { "girl" } else { "boy" })
        }
        2..=17 => format!("{age}-year-old {}", if chart.person.female { "girl" } else { "boy" }),
        _ => format!("{age}-year-old {sex}"),
    };
    let mut text = format!("{} - {}\n{}, {who}\n", kind.loinc().1, day.format("%Y-%m-%d"), chart.person.name.roman());
    let mut section = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            text.push_str(&format!("\n{title}\n"));
            lines.iter().for_each(|line| text.push_str(&format!("- {line}\n")));
        }
    };
    section("Subjective", &draft.subjective);
    if kind != Kind::Telephone {
        let problems: Vec<String> = chart.active_problems(day).iter().map(|dx| dx.text.to_owned()).collect();
        section("Problems", if problems.is_empty() { &[] } else { &problems });
        let drugs: Vec<String> =
            chart.prescriptions.iter().filter(|p| p.active).map(|p| format!("{}: {}", p.drug.short, p.drug.direction())).collect();
        let none = ["None.".to_owned()];
        section("Medications", if drugs.is_empty() { &none } else { &drugs });
        section("Allergies", std::slice::from_ref(&chart.allergies));
    }
    if !draft.vitals.is_empty() {
        section("Vital signs", std::slice::from_ref(&draft.vitals));
    }
    section("Examination", &draft.findings);
    section("Results", &draft.results);
    section("Assessment", &draft.assessment);
    section("Plan", &draft.plan);
    text.push_str(&format!("\nElectronically signed: {}\n", author.display_name));
    text
}

/// How a long-term condition stands, in one line, from what is on file today.
pub(crate) fn assessment(chart: &Chart<'_>, key: &str, systolic: Option<f64>, day: NaiveDate) -> Option<String> {
    let text = chart.problem(key)?.dx.text;
    let drugs: Vec<_> =
        chart.prescriptions.iter().filter(|p| p.active && p.problem.is_some_and(|of| of == key)).map(|p| p.drug.short).collect();
    let goes_on = if drugs.is_empty() { "no drug treatment".to_owned() } else { format!("continue {}", drugs.join(" and ")) };
    Some(match (key, systolic) {
        ("hypertension", Some(s)) if s < 140.0 => format!("{text}: at goal, {goes_on}."),
        ("hypertension", Some(_)) => format!("{text}: above goal, {goes_on}, home readings for two weeks."),
        ("type2-diabetes" | "type1-diabetes", _) => format!("{text}: {goes_on}, yearly eye and foot examination."),
        ("depression" | "anxiety", _) => format!("{text}: {goes_on}, no suicidal thoughts reported."),
        ("obesity", _) => format!("{text}: diet and activity discussed."),
        ("ckd", _) => format!("{text}: avoid NSAIDs, {goes_on}."),
        ("heart-failure", _) => format!("{text}: no overt fluid overload, {goes_on}, daily weights."),
        _ if (day - chart.problem(key)?.onset).num_days() < 60 => format!("{text}: new diagnosis, {goes_on}."),
        _ => format!("{text}: stable, {goes_on}."),
    })
}
