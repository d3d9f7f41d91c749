//! Allergies, in every state a chart can be in: never asked, none known, some known, refuted, outgrown, recorded in error.

use crate::chart::Chart;
use crate::codes::{RXNORM, SNOMED, concept, hl7};
use crate::directory::practitioner;
use crate::when::{months_after, remembered};
use chrono::NaiveDate;
use serde_json::{Value, json};

struct Substance {
    code: (&'static str, &'static str, &'static str),
    category: &'static str,
    /// Drug classes not to be given.
    avoid: &'static [&'static str],
    kind: &'static str,
    share: f64,
    /// Drugs a child is hardly ever given.
    adults: bool,
    reactions: &'static [usize],
}

/// Files what is known of allergies and notes what to avoid.
pub(crate) fn file(chart: &mut Chart<'_>) {
    let recorded = chart.from;
    match chart.draw.weighted(&[0.09, 0.47, 0.08, 0.36]) {
        0 => chart.allergies = "Not recorded.".to_owned(),
        1 => none_known(chart, recorded, ("716186003", "No known allergy")),
        2 => none_known(chart, recorded, ("409137002", "No known drug allergy")),
        _ => known(chart, recorded),
    }
}

fn none_known(chart: &mut Chart<'_>, recorded: NaiveDate, (code, display): (&str, &str)) {
    let body = json!({
        "clinicalStatus": clinical("active"),
        "verificationStatus": verification("confirmed"),
        "code": concept(SNOMED, code, display),
        "patient": chart.subject(),
        "recordedDate": recorded.to_string(),
        "recorder": practitioner(chart.person.team.nurse),
    });
    chart.file("AllergyIntolerance", body);
    chart.allergies = format!("{display}.");
}

fn known(chart: &mut Chart<'_>, recorded: NaiveDate) {
    let count = 1 + chart.draw.weighted(&[0.6, 0.26, 0.14]);
    let child = chart.age(recorded) < 18;
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < count {
        let fits = |(i, s): (usize, &Substance)| if chosen.contains(&i) || s.adults && child { 0.0 } else { s.share };
        let weights: Vec<f64> = SUBSTANCES.iter().enumerate().map(fits).collect();
        chosen.push(chart.draw.weighted(&weights));
    }
    let mut active = Vec::new();
    for which in chosen {
        let substance = &SUBSTANCES[which];
        let state = ["active", "resolved", "inactive", "refuted", "entered-in-error"][chart.draw.weighted(&[0.8, 0.06, 0.03, 0.07, 0.04])];
        if state == "active" {
            chart.avoid.extend(substance.avoid);
            active.push(substance.code.2);
        }
        let body = entry(chart, substance, state, recorded);
        chart.file("AllergyIntolerance", body);
    }
    chart.allergies = if active.is_empty() { "None active.".to_owned() } else { format!("{}.", active.join(", ")) };
}

fn entry(chart: &mut Chart<'_>, substance: &Substance, state: &str, recorded: NaiveDate) -> Value {
    let severe = chart.draw.chance(0.3);
    let mut body = json!({
        "verificationStatus": verification(match state {
            "refuted" | "entered-in-error" => state,
            _ if chart.draw.chance(0.2) => "unconfirmed",
            _ => "confirmed",
        }),
        "type": substance.kind,
        "category": [substance.category],
        "criticality": if severe { "high" } else { *chart.draw.pick(&["low", "low", "unable-to-assess"]) },
        "code": concept(substance.code.0, substance.code.1, substance.code.2),
        "patient": chart.subject(),
        "recordedDate": recorded.to_string(),
        "recorder": practitioner(chart.person.team.nurse),
    });
    // FHIR ait-2: no clinical status on what was entered in error.
    if state != "entered-in-error" {
        body["clinicalStatus"] = clinical(if state == "refuted" { "inactive" } else { state });
    }
    let age = chart.age(recorded);
    if age > 2 && chart.draw.chance(0.7) {
        let onset = months_after(chart.person.birth, i32::try_from(chart.draw.between(12, age * 12)).unwrap_or(12)).min(recorded);
        body["onsetDateTime"] = json!(remembered(onset, recorded));
    }
    if chart.draw.chance(0.85) {
        let reaction = if severe { *chart.draw.pick(&[0, 1, 6]) } else { *chart.draw.pick(substance.reactions) };
        let (code, display) = REACTIONS[reaction];
        body["reaction"] = json!([{
            "substance": concept(substance.code.0, substance.code.1, substance.code.2),
            "manifestation": [concept(SNOMED, code, display)],
            "severity": if severe { "severe" } else { *chart.draw.pick(&["mild", "moderate"]) },
        }]);
    }
    if state == "refuted" {
        body["note"] = json!([{ "text": "Tolerated on supervised challenge; label removed." }]);
    }
    body
}

fn clinical(code: &str) -> Value {
    json!({ "coding": [{ "system": hl7("allergyintolerance-clinical"), "code": code }] })
}

fn verification(code: &str) -> Value {
    json!({ "coding": [{ "system": hl7("allergyintolerance-verification"), "code": code }] })
}

const REACTIONS: &[(&str, &str)] = &[
    ("39579001", "Anaphylaxis"),
    ("41291007", "Angioedema"),
    ("247472004", "Wheal"),
    ("271807003", "Eruption of skin"),
    ("422587007", "Nausea"),
    ("49727002", "Cough"),
    ("267036007", "Dyspnea"),
    ("62315008", "Diarrhea"),
    ("418290006", "Itching"),
];

#[rustfmt::skip]
static SUBSTANCES: &[Substance] = &[
    Substance { code: (RXNORM, "7984", "penicillin V"), category: "medication", avoid: &["penicillin"], kind: "allergy", share: 5.0, adults: false, reactions: &[2, 3] },
    Substance { code: (RXNORM, "723", "amoxicillin"), category: "medication", avoid: &["penicillin"], kind: "allergy", share: 2.0, adults: false, reactions: &[2, 3] },
    Substance { code: (RXNORM, "10180", "sulfamethoxazole"), category: "medication", avoid: &["sulfonamide"], kind: "allergy", share: 2.6, adults: false, reactions: &[3] },
    Substance { code: (RXNORM, "29046", "lisinopril"), category: "medication", avoid: &["ace-inhibitor"], kind: "intolerance", share: 1.6, adults: true, reactions: &[5] },
    Substance { code: (RXNORM, "5640", "ibuprofen"), category: "medication", avoid: &["nsaid"], kind: "intolerance", share: 1.2, adults: false, reactions: &[2, 4] },
    Substance { code: (RXNORM, "1191", "aspirin"), category: "medication", avoid: &["nsaid", "antiplatelet"], kind: "allergy", share: 1.0, adults: true, reactions: &[2, 6] },
    Substance { code: (RXNORM, "2670", "codeine"), category: "medication", avoid: &["opioid"], kind: "intolerance", share: 1.4, adults: true, reactions: &[4, 8] },
    Substance { code: (SNOMED, "111088007", "Latex"), category: "environment", avoid: &[], kind: "allergy", share: 1.2, adults: false, reactions: &[2, 8] },
    Substance { code: (SNOMED, "762952008", "Peanut"), category: "food", avoid: &[], kind: "allergy", share: 1.6, adults: false, reactions: &[2, 8] },
    Substance { code: (SNOMED, "735029006", "Shellfish"), category: "food", avoid: &[], kind: "allergy", share: 1.4, adults: false, reactions: &[2, 4] },
    Substance { code: (SNOMED, "102263004", "Eggs (edible)"), category: "food", avoid: &[], kind: "allergy", share: 0.8, adults: false, reactions: &[2, 7] },
    Substance { code: (SNOMED, "3718001", "Cow's milk"), category: "food", avoid: &[], kind: "intolerance", share: 0.8, adults: false, reactions: &[7] },
    Substance { code: (SNOMED, "288328004", "Bee venom"), category: "environment", avoid: &[], kind: "allergy", share: 0.8, adults: false, reactions: &[2] },
    Substance { code: (SNOMED, "782576004", "Tree pollen"), category: "environment", avoid: &[], kind: "allergy", share: 1.4, adults: false, reactions: &[8, 5] },
    Substance { code: (SNOMED, "264287008", "Animal dander"), category: "environment", avoid: &[], kind: "allergy", share: 1.2, adults: false, reactions: &[5, 8] },
];
