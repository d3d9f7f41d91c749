//! The forms of the clinic. PHQ-9 is in the public domain (Kroenke, Spitzer, Williams 2001; LOINC panel 44249-1).

use crate::chart::{Chart, Filed};
use crate::codes::{LOINC, coding, concept};
use crate::directory::practitioner;
use crate::vitals::{category, quantity};
use crate::when::stamp;
use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

/// `Questionnaire/phq-9` by its canonical URL.
pub(crate) const PHQ9_URL: &str = "https://harborview.example.org/fhir/Questionnaire/phq-9";

/// The nine items: linkId (the LOINC code) and wording.
pub(crate) const PHQ9_ITEMS: [(&str, &str); 9] = [
    ("44250-9", "Little interest or pleasure in doing things"),
    ("44255-8", "Feeling down, depressed, or hopeless"),
    ("44259-0", "Trouble falling or staying asleep, or sleeping too much"),
    ("44254-1", "Feeling tired or having little energy"),
    ("44251-7", "Poor appetite or overeating"),
    ("44258-2", "Feeling bad about yourself, or that you are a failure or have let yourself or your family down"),
    ("44252-5", "Trouble concentrating on things, such as reading the newspaper or watching television"),
    (
        "44253-3",
        "Moving or speaking so slowly that other people could have noticed, or being so fidgety or restless that you have been moving around a lot more than usual",
    ),
    ("44260-8", "Thoughts that you would be better off dead, or of hurting yourself in some way"),
];

/// The four answers in order of score 0..=3 (LOINC answer list LL358-3).
pub(crate) const PHQ9_ANSWERS: [(&str, &str); 4] =
    [("LA6568-5", "Not at all"), ("LA6569-3", "Several days"), ("LA6570-1", "More than half the days"), ("LA6571-9", "Nearly every day")];

/// linkId of the total score item.
pub(crate) const PHQ9_TOTAL: (&str, &str) = ("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score");

/// Questionnaire definitions of the directory.
pub(crate) fn definitions() -> Vec<Value> {
    let options: Vec<Value> = PHQ9_ANSWERS
        .iter()
        .zip(0u32..)
        .map(|((code, display), score)| {
            let mut option = json!({ "valueCoding": coding(LOINC, code, display) });
            option["valueCoding"]["extension"] =
                json!([{ "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": score }]);
            option
        })
        .collect();
    let mut items: Vec<Value> = PHQ9_ITEMS
        .iter()
        .map(|(code, text)| {
            json!({
                "linkId": code, "code": [{ "system": LOINC, "code": code }], "text": text,
                "type": "choice", "required": true, "answerOption": options,
            })
        })
        .collect();
    items.push(json!({
        "linkId": PHQ9_TOTAL.0, "code": [{ "system": LOINC, "code": PHQ9_TOTAL.0 }], "text": PHQ9_TOTAL.1,
        "type": "integer", "readOnly": true,
    }));
    vec![json!({
        "resourceType": "Questionnaire",
        "id": "phq-9",
        "url": PHQ9_URL,
        "version": "1.0",
        "name": "PHQ9",
        "title": "Patient Health Questionnaire (PHQ-9)",
        "status": "active",
        "subjectType": ["Patient"],
        "code": [coding(LOINC, "44249-1", "PHQ-9 quick depression assessment panel")],
        "item": items,
    })]
}

/// Severity band of a PHQ-9 total (Kroenke 2001).
pub(crate) fn severity(score: i64) -> &'static str {
    match score {
        ..5 => "minimal",
        5..10 => "mild",
        10..15 => "moderate",
        15..20 => "moderately severe",
        _ => "severe",
    }
}

/// Files an answered PHQ-9 and its score. Depression raises the answers, months of an SSRI lower them.
pub(crate) fn file_phq9(chart: &mut Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>) -> i64 {
    let day = at.date_naive();
    let low = match (chart.has("depression", day), chart.has("bipolar", day) || chart.has("anxiety", day)) {
        (true, _) => 1.7 - chart.days_on("ssri", day).map_or(0.0, |days| (days as f64 / 120.0).min(1.0) * 1.25),
        (_, true) => 0.8,
        _ => 0.25,
    };
    let mut items = Vec::new();
    let mut total = 0i64;
    for (position, (code, text)) in PHQ9_ITEMS.iter().enumerate() {
        // The last item, thoughts of self-harm, is answered above zero far less often than the others.
        let mean = if position == 8 { low * 0.12 } else { low };
        let score = chart.draw.normal(mean, 0.6).round().clamp(0.0, 3.0) as usize;
        total += score as i64;
        let (answer, display) = PHQ9_ANSWERS[score];
        items.push(json!({ "linkId": code, "text": text, "answer": [{ "valueCoding": coding(LOINC, answer, display) }] }));
    }
    items.push(json!({ "linkId": PHQ9_TOTAL.0, "text": PHQ9_TOTAL.1, "answer": [{ "valueInteger": total }] }));
    let sensitive = chart.has("bipolar", day).then_some("PSY");
    let response = json!({
        "questionnaire": PHQ9_URL,
        "status": "completed",
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "authored": stamp(at),
        "author": chart.subject(),
        "source": chart.subject(),
        "item": items,
    });
    let response = chart.file_labelled("QuestionnaireResponse", response, sensitive);
    let observation = json!({
        "status": "final",
        "category": category("survey", "Survey"),
        "code": concept(LOINC, PHQ9_TOTAL.0, PHQ9_TOTAL.1),
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "effectiveDateTime": stamp(at),
        "performer": [practitioner(chart.person.team.nurse)],
        "valueQuantity": quantity(total as f64, 0, "{score}", "{score}"),
        "derivedFrom": [{ "reference": response.reference }],
    });
    chart.file_labelled("Observation", observation, sensitive);
    total
}
