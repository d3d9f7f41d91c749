//! Damaged records never panic and never vanish.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use chart::view::{Allergies, ChartView};
use chart::{Directory, IndexEntry, ScheduleContext, build_chart, open_document, relations, schedule_rows};
use chrono::{FixedOffset, NaiveDate};
use kernel::PatientId;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use support::{context, kind_of, loinc, patient, record, stored};

/// One full record of each type that is read element by element.
fn records() -> Vec<String> {
    let quantity = r#"{"value":7.20,"comparator":"<","unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}"#;
    let concept = r#"{"coding":[{"system":"http://snomed.info/sct","code":"1","display":"d","userSelected":true}],"text":"t"}"#;
    vec![
        patient(
            r#""name":[{"use":"official","family":"F","given":["G"],"prefix":["P"],"suffix":["S"],"period":{"start":"2000"}},{"text":"x"}],"birthDate":"1961-03-12","gender":"male",
            "deceasedDateTime":"2020","identifier":[{"use":"usual","type":{"coding":[{"code":"MR"}]},"system":"s","value":"1"}],"address":[{"use":"home","line":["l"],"city":"c","period":{"start":"2000"}}],
            "telecom":[{"value":"v","use":"home","rank":1}],"communication":[{"language":{"text":"e"},"preferred":true}],"generalPractitioner":[{"reference":"Practitioner/d"}],
            "_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"1961-03-12T10:00:00Z"}]}"#,
        ),
        record(
            "Condition",
            "1",
            &format!(
                r#""clinicalStatus":{{"coding":[{{"code":"active"}}]}},"verificationStatus":{{"coding":[{{"code":"confirmed"}}]}},"code":{concept},"onsetPeriod":{{"start":"2020"}},"abatementAge":{quantity},"category":[{concept}]"#
            ),
        ),
        record(
            "AllergyIntolerance",
            "1",
            &format!(
                r#""clinicalStatus":{{"coding":[{{"code":"active"}}]}},"code":{concept},"type":"allergy","criticality":"high","reaction":[{{"manifestation":[{concept}],"severity":"mild"}}]"#
            ),
        ),
        record(
            "MedicationRequest",
            "1",
            &format!(
                r##""status":"active","intent":"order","medicationReference":{{"reference":"#m","display":"d"}},"contained":[{{"resourceType":"Medication","id":"m","code":{concept}}}],"authoredOn":"2024-01-01",
            "requester":{{"reference":"Practitioner/d","display":"D"}},"reasonCode":[{concept}],"dosageInstruction":[{{"timing":{{"repeat":{{"frequency":1,"period":1,"periodUnit":"d","when":["AC"],"timeOfDay":["08:00:00"],"boundsPeriod":{{"start":"2024"}}}},"code":{{"text":""}}}},
            "doseAndRate":[{{"doseQuantity":{quantity},"rateRatio":{{"numerator":{quantity},"denominator":{quantity}}}}}],"asNeededBoolean":true,"maxDosePerPeriod":{{"numerator":{quantity},"denominator":{quantity}}}}}]"##
            ),
        ),
        record(
            "Observation",
            "1",
            &format!(
                r#""status":"final","category":[{concept}],"code":{},"effectivePeriod":{{"start":"2024-01-01","end":"2024-01-02"}},"valueQuantity":{quantity},"interpretation":[{concept}],
            "referenceRange":[{{"low":{quantity},"high":{quantity},"text":"r"}}],"component":[{{"code":{},"valueQuantity":{quantity}}},{{"code":{},"valueQuantity":{quantity}}},{{"code":{concept},"valueRatio":{{"numerator":{quantity},"denominator":{quantity}}}}}]"#,
                loinc("85354-9", "BP"),
                loinc("8480-6", "s"),
                loinc("8462-4", "d")
            ),
        ),
        record(
            "Immunization",
            "1",
            &format!(
                r#""status":"completed","vaccineCode":{concept},"occurrenceDateTime":"2024","protocolApplied":[{{"doseNumberPositiveInt":1,"seriesDosesString":"2"}}],"doseQuantity":{quantity}"#
            ),
        ),
        record(
            "Encounter",
            "1",
            &format!(
                r#""status":"finished","class":{{"code":"AMB","display":"d"}},"type":[{concept}],"period":{{"start":"2024-01-01T10:00:00Z","end":"2024-01-01T11:00:00Z"}},"participant":[{{"individual":{{"reference":"Practitioner/d"}},"period":{{"start":"2024"}}}}],"location":[{{"location":{{"display":"l"}}}}]"#
            ),
        ),
        record(
            "DocumentReference",
            "1",
            &format!(
                r#""status":"current","docStatus":"final","type":{concept},"category":[{concept}],"date":"2024-01-01T00:00:00Z","author":[{{"display":"a"}}],"content":[{{"attachment":{{"contentType":"text/html; charset=utf-8","data":"PHA+YTwvcD4=","url":"u","title":"t","creation":"2024"}}}}],"context":{{"period":{{"start":"2024"}}}}"#
            ),
        ),
        record(
            "DiagnosticReport",
            "1",
            &format!(
                r#""status":"final","code":{concept},"effectiveDateTime":"2024","result":[{{"reference":"Observation/1"}}],"presentedForm":[{{"contentType":"text/plain","data":"eA=="}}],"performer":[{{"display":"x"}}]"#
            ),
        ),
        record(
            "ServiceRequest",
            "1",
            &format!(
                r#""status":"active","intent":"order","priority":"stat","doNotPerform":false,"code":{concept},"occurrenceTiming":{{"event":["2024"]}},"requester":{{"display":"x"}}"#
            ),
        ),
        record(
            "CareTeam",
            "1",
            r#""status":"active","name":"n","period":{"start":"2024"},"participant":[{"member":{"reference":"Practitioner/d"},"period":{"end":"2025"}}]"#,
        ),
        record("Flag", "1", &format!(r#""status":"active","code":{concept},"period":{{"start":"2024"}}"#)),
        record(
            "Appointment",
            "1",
            &format!(
                r#""status":"booked","start":"2024-03-12T10:00:00-05:00","end":"2024-03-12T10:20:00-05:00","minutesDuration":20,"serviceType":[{concept}],"participant":[{{"actor":{{"reference":"Patient/p"}},"status":"accepted"}},{{"actor":{{"reference":"Practitioner/d"}}}}]"#
            ),
        ),
    ]
}

/// Puts `with` in place of the `at`-th value of the tree.
fn replace(tree: &mut Value, at: &mut usize, with: &Value) -> bool {
    if *at == 0 {
        *tree = with.clone();
        return true;
    }
    *at -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, at, with)),
        Value::Object(members) => members.values_mut().any(|value| replace(value, at, with)),
        _ => false,
    }
}

fn count(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

fn build(kind: &str, body: &str) -> ChartView {
    build_chart([stored(kind, body)], &context(&PatientId::new("p").unwrap(), &Directory::new()))
}

/// Whether the one record given stands somewhere in the chart.
fn is_accounted_for(kind: &str, chart: &ChartView) -> bool {
    let points = chart.vitals.iter().chain(&chart.labs).chain(&chart.observations).map(|series| series.points.len()).sum::<usize>();
    let allergies = !matches!(chart.allergies, Allergies::NotRecorded);
    let lists = chart.problems.len()
        + chart.medications.len()
        + chart.immunizations.len()
        + chart.encounters.len()
        + chart.documents.len()
        + chart.procedures.len()
        + chart.reports.len()
        + chart.orders.len()
        + chart.other.len();
    let is_patient = kind == "Patient" && chart.unreadable.is_empty() && chart.banner.patient == "p";
    is_patient
        || points + lists > 0
        || allergies
        || chart.unreadable.iter().any(|record| record.kind == kind)
        || !chart.not_displayed.is_empty()
}

fn exercise(kind: &str, body: &str) -> ChartView {
    let directory = Directory::new();
    let about = ScheduleContext {
        day: NaiveDate::from_ymd_opt(2024, 3, 12).unwrap(),
        offset: FixedOffset::west_opt(18_000).unwrap(),
        practitioner: None,
        directory: &directory,
    };
    let _ = (open_document(&stored(kind, body), &directory).is_some(), relations(kind, body, &directory), IndexEntry::read(body).is_some());
    let _ = schedule_rows([stored(kind, body)], &about, |_| None).rows.len();
    build(kind, body)
}

#[test]
fn the_whole_ones_read() {
    for body in records() {
        let chart = exercise(&kind_of(&body), &body);
        assert!(chart.unreadable.iter().all(|record| record.kind == "Patient"), "{body}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_wrong_value_anywhere(which in any::<Index>(), at in any::<Index>(), with in select(vec![
        "null", "true", "-1.5e400", "\"\"", "\"x\"", "\"2024-99-99\"", "[]", "{}", "[null]", "[[]]", "[{}]", "{\"a\":[{}]}", "\"9999-12-31T23:59:59-14:00\"", "99999999999999999999", "\"\\u0000é\"", "\"Patient/q\"",
    ])) {
        let all = records();
        let body = &all[which.index(all.len())];
        let kind = kind_of(body);
        let mut tree: Value = serde_json::from_str(body).unwrap();
        let mut at = at.index(count(&tree));
        // A number beyond a double cannot stand in that tree: its place is marked, and the digits put in the text.
        let with_value: Value = serde_json::from_str(with).unwrap_or_else(|_| Value::from("@huge@"));
        replace(&mut tree, &mut at, &with_value);
        let damaged = tree.to_string().replace("\"@huge@\"", with);
        let chart = exercise(&kind, &damaged);
        prop_assert!(is_accounted_for(&kind, &chart), "{}", damaged);
    }

    #[test]
    fn a_wrong_byte_anywhere(which in any::<Index>(), at in any::<Index>(), with: u8, cut: bool) {
        let all = records();
        let body = &all[which.index(all.len())];
        let mut bytes = body.clone().into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = with }
        if let Ok(damaged) = String::from_utf8(bytes) {
            let kind = kind_of(body);
            let chart = exercise(&kind, &damaged);
            prop_assert!(is_accounted_for(&kind, &chart), "{}", damaged);
        }
    }
}
