//! Laboratory work: what is measured, in which units, what is normal for whom, and the records of a result.

mod analytes;
mod physiology;

use crate::chart::{Chart, Filed};
use crate::codes::{LOINC, SNOMED, concept, hl7, number, reference};
use crate::directory::{LABORATORY, practitioner};
use crate::vitals::{category, quantity, round};
use crate::when::stamp;
pub(crate) use analytes::Panel;
use analytes::{Analyte, analyte};
use chrono::{DateTime, Duration, FixedOffset, NaiveDate};
use serde_json::{Value, json};

/// A panel as resulted: its report, and the values in words for a note.
pub(crate) struct Resulted {
    pub(crate) lines: Vec<String>,
    /// Names of values outside their critical limits.
    pub(crate) critical: Vec<&'static str>,
}

/// How ill the patient is, as blood shows it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Illness {
    pub(crate) infection: f64,
    pub(crate) kidney_injury: f64,
    pub(crate) bleeding: f64,
    pub(crate) ischaemia: f64,
}

/// Draws, results and reports a panel. `order` is the ServiceRequest it answers, where there is one.
pub(crate) fn run(
    chart: &mut Chart<'_>,
    panel: Panel,
    encounter: &Filed,
    at: DateTime<FixedOffset>,
    order: Option<&Filed>,
    illness: Illness,
) -> Resulted {
    let day = at.date_naive();
    let sensitive = panel.sensitive();
    let issued = (at + Duration::minutes(chart.draw.between(40, 200))).min(chart.zone.shown(chart.spec.now));
    let mut resulted = Resulted { lines: Vec::new(), critical: Vec::new() };
    let mut members = Vec::new();
    for (key, value) in physiology::values(chart, panel, day, illness) {
        let analyte = analyte(key);
        let value = round(value, i32::from(analyte.decimals));
        let (low, high) = analyte.range(chart.person.female, chart.age(day));
        let flag = interpret(value, (low, high), analyte.critical);
        let mut body = result(chart, encounter, (at, issued), concept(LOINC, analyte.loinc.0, analyte.loinc.1));
        let decimals = usize::from(analyte.decimals);
        if analyte.floor.is_some_and(|floor| value < floor) {
            let floor = analyte.floor.unwrap_or_default();
            body["valueQuantity"] = quantity(floor, decimals, analyte.unit.0, analyte.unit.1);
            body["valueQuantity"]["comparator"] = json!("<");
            resulted.lines.push(format!("{} <{floor:.decimals$} {}", analyte.short, analyte.unit.0));
        } else {
            body["valueQuantity"] = quantity(value, decimals, analyte.unit.0, analyte.unit.1);
            let mark = if flag == "N" { String::new() } else { format!(" ({flag})") };
            resulted.lines.push(format!("{} {value:.decimals$} {}{mark}", analyte.short, analyte.unit.0));
        }
        body["interpretation"] = interpretation(flag);
        body["referenceRange"] = json!([reference_range(analyte, low, high)]);
        if flag == "HH" || flag == "LL" {
            resulted.critical.push(analyte.short);
        }
        members.push(chart.file_labelled("Observation", body, sensitive));
    }
    report(chart, panel.code(), &members, encounter, (at, issued), order, sensitive);
    resulted
}

/// A test whose answer is a word: a rapid antigen test, a culture.
pub(crate) fn run_qualitative(
    chart: &mut Chart<'_>,
    code: (&'static str, &'static str),
    detected: bool,
    encounter: &Filed,
    at: DateTime<FixedOffset>,
) -> String {
    let (answer, display) = if detected { ("260373001", "Detected") } else { ("260415000", "Not detected") };
    let issued = at + Duration::minutes(20);
    let mut body = result(chart, encounter, (at, issued), concept(LOINC, code.0, code.1));
    body["valueCodeableConcept"] = concept(SNOMED, answer, display);
    body["interpretation"] = if detected { interpretation("A") } else { interpretation("N") };
    let member = chart.file("Observation", body);
    report(chart, code, &[member], encounter, (at, issued), None, None);
    format!("{}: {}", code.1, display.to_lowercase())
}

/// An imaging report: findings in words, no image.
pub(crate) fn imaging(
    chart: &mut Chart<'_>,
    code: (&'static str, &'static str),
    conclusion: &str,
    encounter: &Filed,
    at: DateTime<FixedOffset>,
) {
    let body = json!({
        "status": "final",
        "category": [{ "coding": [{ "system": hl7("v2-0074"), "code": "RAD", "display": "Radiology" }] }],
        "code": concept(LOINC, code.0, code.1),
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "effectiveDateTime": stamp(at),
        "issued": stamp(at + Duration::minutes(55)),
        "performer": [practitioner(chart.person.team.physician)],
        "conclusion": conclusion,
    });
    chart.file("DiagnosticReport", body);
}

/// N, L, H, LL or HH. A bound that is absent is never crossed.
fn interpret(value: f64, (low, high): (Option<f64>, Option<f64>), (panic_low, panic_high): (Option<f64>, Option<f64>)) -> &'static str {
    if panic_low.is_some_and(|limit| value < limit) {
        "LL"
    } else if panic_high.is_some_and(|limit| value > limit) {
        "HH"
    } else if low.is_some_and(|limit| value < limit) {
        "L"
    } else if high.is_some_and(|limit| value > limit) {
        "H"
    } else {
        "N"
    }
}

fn interpretation(code: &str) -> Value {
    let display = match code {
        "LL" => "Critical low",
        "HH" => "Critical high",
        "L" => "Low",
        "H" => "High",
        "A" => "Abnormal",
        _ => "Normal",
    };
    json!([concept(&hl7("v3-ObservationInterpretation"), code, display)])
}

fn reference_range(analyte: &Analyte, low: Option<f64>, high: Option<f64>) -> Value {
    let decimals = usize::from(analyte.decimals);
    let bound = |value: f64| json!({ "value": number(value, decimals), "unit": analyte.unit.0, "system": crate::codes::UCUM, "code": analyte.unit.1 });
    let mut range = json!({});
    let text = match (low, high) {
        (Some(low), Some(high)) => format!("{low:.decimals$}-{high:.decimals$} {}", analyte.unit.0),
        (Some(low), None) => format!(">={low:.decimals$} {}", analyte.unit.0),
        (None, Some(high)) => format!("<={high:.decimals$} {}", analyte.unit.0),
        (None, None) => String::new(),
    };
    if let Some(low) = low {
        range["low"] = bound(low);
    }
    if let Some(high) = high {
        range["high"] = bound(high);
    }
    range["text"] = json!(text);
    range
}

fn result(chart: &Chart<'_>, encounter: &Filed, (at, issued): (DateTime<FixedOffset>, DateTime<FixedOffset>), code: Value) -> Value {
    json!({
        "status": "final",
        "category": category("laboratory", "Laboratory"),
        "code": code,
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "effectiveDateTime": stamp(at),
        "issued": stamp(issued),
        "performer": [reference(LABORATORY.0, LABORATORY.1)],
    })
}

fn report(
    chart: &mut Chart<'_>,
    code: (&str, &str),
    members: &[Filed],
    encounter: &Filed,
    (at, issued): (DateTime<FixedOffset>, DateTime<FixedOffset>),
    order: Option<&Filed>,
    sensitive: Option<&'static str>,
) {
    let mut body = json!({
        "status": "final",
        "category": [{ "coding": [{ "system": hl7("v2-0074"), "code": "LAB", "display": "Laboratory" }] }],
        "code": concept(LOINC, code.0, code.1),
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "effectiveDateTime": stamp(at),
        "issued": stamp(issued),
        "performer": [reference(LABORATORY.0, LABORATORY.1)],
        "result": members.iter().map(|m| json!({ "reference": m.reference })).collect::<Vec<_>>(),
    });
    if let Some(order) = order {
        body["basedOn"] = json!([{ "reference": order.reference }]);
    }
    chart.file_labelled("DiagnosticReport", body, sensitive);
}

/// Panels a patient is due for on a day, by what he has and how long ago the last was.
pub(crate) fn due(chart: &Chart<'_>, day: NaiveDate, last: impl Fn(Panel) -> Option<NaiveDate>) -> Vec<Panel> {
    let age = chart.age(day);
    let has = |key| chart.has(key, day);
    let diabetic = has("type2-diabetes") || has("type1-diabetes");
    let every = |months: i64, panel: Panel| last(panel).is_none_or(|then| (day - then).num_days() >= months * 30 - 20);
    let mut due = Vec::new();
    let mut add = |when: bool, months: i64, panel: Panel| {
        if when && every(months, panel) && !due.contains(&panel) {
            due.push(panel);
        }
    };
    add(diabetic, if chart.person.trait_of(chart.spec, "pace") > 0.0 { 4 } else { 6 }, Panel::A1c);
    add(has("ckd") || has("heart-failure"), 7, Panel::Metabolic);
    add(has("hypertension") || diabetic || has("bipolar"), 13, Panel::Metabolic);
    add(age >= 50, 36, Panel::Metabolic);
    add(has("hyperlipidemia") || has("coronary-disease") || diabetic, 14, Panel::Lipids);
    add((40..80).contains(&age), 60, Panel::Lipids);
    add(has("hypothyroidism"), 12, Panel::Thyroid);
    add(has("iron-deficiency") || has("rheumatoid-arthritis") || has("ckd"), 9, Panel::BloodCount);
    add(has("iron-deficiency"), 12, Panel::Ferritin);
    add(age >= 50, 48, Panel::BloodCount);
    add(chart.takes("warfarin"), 3, Panel::Coagulation);
    add(has("gout"), 12, Panel::Urate);
    add(has("rheumatoid-arthritis") || chart.takes("statin"), 24, Panel::Liver);
    add(has("hiv"), 6, Panel::Hiv);
    add(has("bipolar") && chart.takes("lithium"), 6, Panel::Lithium);
    add(diabetic && age >= 18, 14, Panel::Albuminuria);
    add(has("heart-failure"), 9, Panel::Natriuretic);
    due
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn interpretation_follows_the_bounds() {
        let range = (Some(3.5), Some(5.1));
        let limits = (Some(2.8), Some(6.2));
        let of = |value| interpret(value, range, limits);
        assert_eq!([of(2.7), of(2.8), of(3.4), of(3.5), of(5.1), of(5.2), of(6.2), of(6.3)], ["LL", "L", "L", "N", "N", "H", "H", "HH"]);
        assert_eq!(interpret(999.0, (None, None), (None, None)), "N");
    }
}
