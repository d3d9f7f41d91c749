//! Problems, allergies, medications, immunizations, encounters and the one-line lists.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use chart::Directory;
use chart::view::{Allergies, RecordState};
use support::{chart, chart_with, context, record, stored};

fn coded(status: &str, verification: &str) -> String {
    format!(r#""clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},"verificationStatus":{{"coding":[{{"code":"{verification}"}}]}}"#)
}

#[test]
fn problems_active_first() {
    let problem = |id: &str, status: &str, verification: &str, rest: &str| {
        record("Condition", id, &format!(r#"{},"code":{{"text":"{id}"}}{rest}"#, coded(status, verification)))
    };
    let chart = chart(&[
        problem("resolved", "resolved", "confirmed", r#","onsetDateTime":"2024-01-01","abatementDateTime":"2024-02""#),
        problem("refuted", "active", "refuted", ""),
        problem("wrong", "active", "entered-in-error", ""),
        record("Condition", "unsaid", r#""code":{"text":"unsaid"},"onsetString":"in childhood""#),
        problem("old", "active", "confirmed", r#","onsetAge":{"value":40,"unit":"years"},"recordedDate":"2001""#),
        problem(
            "new",
            "relapse",
            "provisional",
            r#","onsetPeriod":{"start":"2020-01-01","end":"2020-02-01"},"category":[{"coding":[{"code":"problem-list-item"}]}]"#,
        ),
        record(
            "Condition",
            "coded",
            r#""clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"code":"x"},{"system":"http://snomed.info/sct","code":"44054006","display":"Diabetes"}]}"#,
        ),
    ]);
    let shown: Vec<&str> = chart.problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(shown, ["new", "old", "Diabetes", "unsaid", "resolved", "refuted"]);
    assert_eq!(chart.problems[0].onset.as_deref(), Some("01-Jan-2020 – 01-Feb-2020"));
    assert_eq!(chart.problems[0].category.as_deref(), Some("problem-list-item"));
    assert_eq!(chart.problems[1].onset.as_deref(), Some("age 40 years"));
    assert_eq!(chart.problems[2].code.as_deref(), Some("SNOMED CT 44054006"));
    assert_eq!((chart.problems[3].status.as_str(), chart.problems[3].onset.as_deref()), ("unknown", Some("in childhood")));
    assert_eq!(chart.problems[4].abated.as_deref(), Some("Feb-2024"));
    assert_eq!(chart.not_displayed[0].name, "entered-in-error");
}

fn allergy(id: &str, status: &str, verification: &str, rest: &str) -> String {
    record("AllergyIntolerance", id, &format!(r#"{}{rest}"#, coded(status, verification)))
}

fn none_known(status: &str, verification: &str) -> String {
    allergy(
        "none",
        status,
        verification,
        r#","code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003","display":"No known allergy"}]}"#,
    )
}

#[test]
fn allergies_known() {
    let chart = chart(&[
        allergy("a", "active", "confirmed", r#","code":{"text":"Pollen"},"criticality":"low""#),
        allergy("b", "resolved", "confirmed", r#","code":{"text":"Egg"},"criticality":"high""#),
        allergy(
            "c",
            "active",
            "confirmed",
            r#","code":{"text":"Penicillin"},"type":"allergy","criticality":"high","onsetDateTime":"1999",
            "reaction":[{"manifestation":[{"text":"Urticaria"},{"text":"Wheeze"}],"severity":"moderate"},{"manifestation":[{"text":"Rash"}]}]"#,
        ),
        record(
            "AllergyIntolerance",
            "d",
            r#""reaction":[{"substance":{"text":"Latex"},"manifestation":[{"text":"Itch"}]}],"recordedDate":"2020-01-02""#,
        ),
        allergy("e", "active", "refuted", r#","code":{"text":"Aspirin"}"#),
        allergy("f", "active", "entered-in-error", r#","code":{"text":"Nuts"}"#),
        none_known("active", "confirmed"),
    ]);
    let Allergies::Known { items } = &chart.allergies else { panic!("known") };
    let shown: Vec<&str> = items.iter().map(|item| item.substance.as_str()).collect();
    assert_eq!(shown, ["Penicillin", "Latex", "Pollen", "Egg"], "an allergy outweighs a statement of none");
    assert_eq!(items[0].reactions, ["Urticaria, Wheeze (moderate)", "Rash"]);
    assert_eq!((items[0].since.as_deref(), items[1].since.as_deref()), (Some("1999"), Some("02-Jan-2020")));
    assert_eq!((items[1].status.as_str(), items[3].status.as_str()), ("active", "resolved"));
    let beside: Vec<(&str, Option<&str>)> = chart.other.iter().map(|line| (line.title.as_str(), line.status.as_deref())).collect();
    assert_eq!(beside, [("Aspirin", Some("refuted"))]);
}

#[test]
fn allergies_in_exactly_four_states() {
    let state = |records: &[String]| match chart(records).allergies {
        Allergies::Known { .. } => "known",
        Allergies::NoneKnown { .. } => "none known",
        Allergies::NotRecorded => "not recorded",
        Allergies::Unreadable { .. } => "unreadable",
    };
    let ips = |code: &str| {
        record(
            "AllergyIntolerance",
            "i",
            &format!(r#""code":{{"coding":[{{"system":"http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips","code":"{code}"}}]}}"#),
        )
    };
    let drug = allergy(
        "nkda",
        "active",
        "confirmed",
        r#","code":{"coding":[{"system":"http://snomed.info/sct","code":"409137002","display":"No known drug allergy"}]}"#,
    );
    assert_eq!(state(&[]), "not recorded");
    assert_eq!(state(&[none_known("active", "confirmed")]), "none known");
    assert_eq!(state(&[ips("no-known-allergies")]), "none known");
    assert_eq!(state(&[none_known("active", "refuted")]), "not recorded");
    assert_eq!(state(&[none_known("resolved", "confirmed")]), "not recorded");
    assert_eq!(state(&[none_known("active", "entered-in-error")]), "not recorded");
    assert_eq!(state(&[ips("no-allergy-info")]), "not recorded");
    assert_eq!(state(std::slice::from_ref(&drug)), "not recorded", "no known drug allergy says nothing of food");
    assert_eq!(chart(&[drug]).other[0].title, "No known drug allergy");
    let same_code_elsewhere =
        allergy("x", "active", "confirmed", r#","code":{"coding":[{"system":"urn:lab","code":"716186003","display":"Dust"}]}"#);
    assert_eq!(state(&[same_code_elsewhere]), "known");
    let broken = record("AllergyIntolerance", "b", r#""code":"Penicillin""#);
    assert_eq!(state(std::slice::from_ref(&broken)), "unreadable");
    assert_eq!(
        state(&[none_known("active", "confirmed"), broken]),
        "unreadable",
        "none known cannot be relied on beside what does not read"
    );
    assert_eq!(state(&[record("AllergyIntolerance", "b", r#""type":"allergy""#)]), "unreadable", "an allergy to nobody knows what");
}

#[test]
fn medications_named_dosed_ordered() {
    let order =
        |id: &str, status: &str, rest: &str| record("MedicationRequest", id, &format!(r#""status":"{status}","intent":"order"{rest}"#));
    let mut directory = Directory::new();
    directory
        .add("Practitioner", r#"{"resourceType":"Practitioner","id":"d","name":[{"family":"Okafor","given":["Ben"],"prefix":["Dr."]}]}"#);
    let chart = chart_with(
        &[
            order("stopped", "stopped", r#","medicationCodeableConcept":{"text":"Old drug"},"authoredOn":"2024-03-01""#),
            order("wrong", "entered-in-error", r#","medicationCodeableConcept":{"text":"Never""#.to_owned().as_str())
                .replace("Never\"", "Never\"}"),
            order(
                "a",
                "active",
                r#","medicationCodeableConcept":{"text":"Amoxicillin"},"authoredOn":"2024-03-02","requester":{"reference":"Practitioner/d"},"reasonCode":[{"text":"Otitis"}],
                "dosageInstruction":[{"timing":{"repeat":{"frequency":3,"period":1,"periodUnit":"d","boundsDuration":{"value":7,"unit":"d"}}},"route":{"text":"by mouth"},
                "doseAndRate":[{"doseQuantity":{"value":500.0,"unit":"mg"}}],"asNeededBoolean":false}]"#,
            ),
            order(
                "chart-ref",
                "active",
                r#","medicationReference":{"reference":"Medication/m","display":"stale"},"authoredOn":"2024-03-03""#,
            ),
            order(
                "contained",
                "active",
                r##","contained":[{"resourceType":"Medication","id":"c","code":{"text":"Contained"}}],"medicationReference":{"reference":"#c"},"authoredOn":"2024-02-03""##,
            ),
            order("nowhere", "active", r#","medicationReference":{"reference":"Medication/gone"},"authoredOn":"2024-01-03""#),
            order("not", "active", r#","doNotPerform":true,"medicationCodeableConcept":{"text":"Aspirin"},"authoredOn":"2023-01-03""#),
            record(
                "MedicationStatement",
                "s",
                r#""status":"on-hold","medicationCodeableConcept":{"text":"Warfarin"},"effectivePeriod":{"start":"2020"},"dosage":[{"text":"as directed","doseAndRate":[{"doseQuantity":{"value":5}}]}]"#,
            ),
            record("Medication", "m", r#""code":{"text":"Named in the chart"}"#),
        ],
        &directory,
    );
    assert!(chart.unreadable.is_empty());
    let names: Vec<&str> = chart.medications.iter().map(|medication| medication.name.as_str()).collect();
    assert_eq!(
        names,
        ["Named in the chart", "Amoxicillin", "Contained", "Medication/gone", "Do not give: Aspirin", "Warfarin", "Old drug"]
    );
    let amoxicillin = &chart.medications[1];
    assert_eq!(amoxicillin.dosage.as_deref(), Some("500.0 mg by mouth 3 times a day for 7 d"));
    assert_eq!((amoxicillin.prescriber.as_deref(), amoxicillin.reason.as_deref()), (Some("Dr. Ben Okafor"), Some("Otitis")));
    assert_eq!(chart.medications[5].dosage.as_deref(), Some("as directed"));
    assert_eq!((chart.medications[5].intent.as_deref(), chart.medications[5].written.as_deref()), (Some("statement"), Some("2020")));
}

#[test]
fn dosage_in_words() {
    for (dosage, words) in [
        (r#""timing":{"repeat":{"period":8,"periodUnit":"h"}}"#, "every 8 hours"),
        (r#""timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d","when":["HS"]}}"#, "once a day before sleep"),
        (r#""timing":{"repeat":{"frequency":1,"frequencyMax":2,"period":4,"periodMax":6,"periodUnit":"h"}}"#, "1–2 times every 4–6 hours"),
        (r#""timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"wk","dayOfWeek":["mon","thu"]}}"#, "2 times a week on mon, thu"),
        (r#""timing":{"code":{"text":"BID"},"repeat":{"frequency":2,"period":1,"periodUnit":"d"}}"#, "BID"),
        (r#""timing":{"repeat":{"timeOfDay":["08:00:00","20:00:00"],"count":6}}"#, "at 08:00, 20:00 6 doses in all"),
        (r#""timing":{"event":["2024-03-12T09:00:00Z"]}"#, "on 12-Mar-2024 09:00"),
        (
            r#""doseAndRate":[{"doseRange":{"low":{"value":1},"high":{"value":2,"unit":"tablet"}}}],"asNeededCodeableConcept":{"text":"pain"}"#,
            "1–2 tablet as needed for pain",
        ),
        (
            r#""doseAndRate":[{"rateRatio":{"numerator":{"value":100,"unit":"mL"},"denominator":{"value":1,"unit":"h"}}}]"#,
            "at 100 mL per h",
        ),
        (
            r#""doseAndRate":[{"rateQuantity":{"value":0.50,"unit":"mg/h"}}],"maxDosePerPeriod":{"numerator":{"value":4,"unit":"g"},"denominator":{"value":24,"unit":"h"}}"#,
            "at 0.50 mg/h max. 4 g per 24 h",
        ),
        (r#""asNeededBoolean":true,"additionalInstruction":[{"text":"with food"}]"#, "as needed (with food)"),
        (r#""text":"  Take one  ""#, "Take one"),
    ] {
        let request = record(
            "MedicationRequest",
            "m",
            &format!(r#""status":"active","medicationCodeableConcept":{{"text":"x"}},"dosageInstruction":[{{{dosage}}}]"#),
        );
        assert_eq!(chart(&[request]).medications[0].dosage.as_deref(), Some(words), "{dosage}");
    }
}

#[test]
fn immunizations_and_encounters() {
    let mut directory = Directory::new();
    directory.add("Practitioner", r#"{"resourceType":"Practitioner","id":"d","name":[{"text":"Dr. Okafor"}]}"#);
    directory.add("PractitionerRole", r#"{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/d"}}"#);
    directory.add("Location", r#"{"resourceType":"Location","id":"l","name":"Ward 3"}"#);
    let chart = chart_with(
        &[
            record(
                "Immunization",
                "1",
                r#""status":"not-done","statusReason":{"text":"declined"},"vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"140","display":"Influenza"}]},"occurrenceDateTime":"2023-10-01""#,
            ),
            record("Immunization", "2", r#""status":"completed","vaccineCode":{"text":"Hep B"},"occurrenceString":"as a child""#),
            record(
                "Immunization",
                "3",
                r#""status":"completed","vaccineCode":{"text":"MMR"},"occurrenceDateTime":"2024-01-01T09:00:00-05:00","lotNumber":"L1","protocolApplied":[{"doseNumberPositiveInt":1,"seriesDosesPositiveInt":2}]"#,
            ),
            record(
                "Encounter",
                "a",
                r#""status":"finished","class":{"code":"AMB"},"type":[{"text":"Follow-up"}],"period":{"start":"2024-03-12T14:00:00-05:00","end":"2024-03-12T14:30:00-05:00"},
                "reasonCode":[{"text":"Cough"}],"participant":[{"individual":{"reference":"PractitionerRole/r"}}],"location":[{"location":{"reference":"Location/l"}}]"#,
            ),
            record("Encounter", "b", r#""status":"in-progress","class":{"code":"IMP"},"period":{"start":"2024-03-13T08:00:00-05:00"}"#),
            record(
                "Encounter",
                "c",
                r#""status":"finished","class":{"code":"x","display":"Odd"},"period":{"start":"2024-03-10T23:00:00-05:00","end":"2024-03-11T01:00:00-05:00"}"#,
            ),
        ],
        &directory,
    );
    let shown: Vec<(&str, Option<&str>, Option<&str>)> =
        chart.immunizations.iter().map(|i| (i.vaccine.as_str(), i.given.as_deref(), i.detail.as_deref())).collect();
    assert_eq!(
        shown,
        [
            ("MMR", Some("01-Jan-2024 09:00"), Some("dose 1 of 2, lot L1")),
            ("Influenza", Some("01-Oct-2023"), Some("declined")),
            ("Hep B", Some("as a child"), None)
        ]
    );
    assert_eq!(chart.immunizations[1].cvx.as_deref(), Some("140"));
    let shown: Vec<(&str, &str)> = chart.encounters.iter().map(|e| (e.kind.as_str(), e.period.as_deref().unwrap())).collect();
    assert_eq!(
        shown,
        [
            ("Inpatient", "13-Mar-2024 08:00 –"),
            ("Ambulatory: Follow-up", "12-Mar-2024 14:00 – 14:30"),
            ("Odd", "10-Mar-2024 23:00 – 11-Mar-2024 01:00")
        ]
    );
    assert_eq!((chart.encounters[1].with.as_deref(), chart.encounters[1].reason.as_deref()), (Some("Dr. Okafor, Ward 3"), Some("Cough")));
}

#[test]
fn one_line_each() {
    let chart = chart(&[
        record(
            "Procedure",
            "1",
            r#""status":"completed","code":{"text":"Appendectomy"},"performedPeriod":{"start":"2020-01-01","end":"2020-01-02"},"outcome":{"text":"Successful"}"#,
        ),
        record("Procedure", "2", r#""status":"not-done","code":{"text":"Biopsy"},"performedString":"last spring""#),
        record(
            "DiagnosticReport",
            "1",
            r#""status":"final","code":{"text":"CBC"},"effectiveDateTime":"2024-01-01","result":[{"reference":"Observation/1"},{"reference":"Observation/2"}]"#,
        ),
        record(
            "DiagnosticReport",
            "2",
            r#""status":"final","code":{"text":"X-ray"},"effectiveDateTime":"2024-01-02","conclusion":"No fracture""#,
        ),
        record(
            "ServiceRequest",
            "1",
            r#""status":"active","intent":"order","priority":"urgent","code":{"text":"MRI"},"authoredOn":"2024-02-01","requester":{"display":"Dr. X"}"#,
        ),
        record("ServiceRequest", "2", r#""status":"active","intent":"order","doNotPerform":true,"code":{"text":"Resuscitation"}"#),
        record(
            "Task",
            "1",
            r#""status":"requested","code":{"text":"Call back"},"reasonCode":{"text":"Abnormal result"},"owner":{"display":"Nurse Y"}"#,
        ),
        record(
            "QuestionnaireResponse",
            "1",
            r#""status":"completed","questionnaire":"http://x.org/Questionnaire/phq-9|1.0","authored":"2024-03-01""#,
        ),
        record(
            "CareTeam",
            "1",
            r#""status":"active","name":"Diabetes team","participant":[{"member":{"display":"Dr. Z"}},{"member":{"reference":"Patient/p","display":"self"}}]"#,
        ),
        record("Goal", "1", r#""lifecycleStatus":"active","description":{"text":"HbA1c < 7"},"startDate":"2024-01-05""#),
        record("AdverseEvent", "1", r#""actuality":"actual","event":{"text":"Fall"},"date":"2024-03-05""#),
        record("NutritionOrder", "1", r#""status":"active","intent":"order","dateTime":"2024-03-04""#).replace("subject", "patient"),
        record("Claim", "1", "\"broken"),
        record("Claim", "2", "\"x\":1"),
    ]);
    assert!(chart.unreadable.is_empty());
    let line = |lines: &[chart::view::Line]| -> Vec<String> {
        lines
            .iter()
            .map(|l| {
                format!(
                    "{}|{}|{}|{}",
                    l.title,
                    l.status.as_deref().unwrap_or("-"),
                    l.when.as_deref().unwrap_or("-"),
                    l.detail.as_deref().unwrap_or("-")
                )
            })
            .collect()
    };
    assert_eq!(line(&chart.procedures), ["Appendectomy|completed|01-Jan-2020 – 02-Jan-2020|Successful", "Biopsy|not-done|last spring|-"]);
    assert_eq!(line(&chart.reports), ["X-ray|final|02-Jan-2024|No fracture", "CBC|final|01-Jan-2024|2 results"]);
    assert_eq!(line(&chart.orders), ["MRI|active|01-Feb-2024|urgent, Dr. X", "Do not perform: Resuscitation|active|-|-"]);
    assert_eq!(
        line(&chart.other),
        [
            "Fall|-|05-Mar-2024|-",
            "Nutrition order|active|04-Mar-2024|-",
            "Questionnaire: phq-9|completed|01-Mar-2024|-",
            "HbA1c < 7|active|05-Jan-2024|-",
            "Call back|requested|-|Nurse Y, Abnormal result",
            "Diabetes team|active|-|Dr. Z",
        ]
    );
    assert_eq!((chart.not_displayed[0].name.as_str(), chart.not_displayed[0].count), ("Claim", 2));
}

#[test]
fn nothing_unread_is_silent() {
    let patient = kernel::PatientId::new("p").unwrap();
    let directory = Directory::new();
    let sealed = chart::StoredRecord { kind: "Condition", id: Some("s"), state: RecordState::Synced, body: None };
    let lost = chart::StoredRecord { kind: "Claim", id: None, state: RecordState::Synced, body: None };
    let records = [
        sealed,
        lost,
        stored("Condition", "{"),
        stored("Condition", r#"{"resourceType":"Observation","id":"1"}"#),
        stored("Condition", r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/another"},"code":{"text":"x"}}"#),
        stored(
            "Condition",
            r#"{"resourceType":"Condition","id":"d","subject":{"reference":"Patient/p"},"code":{"text":"x"},"code":{"text":"y"}}"#,
        ),
        stored("Encounter", r#"{"resourceType":"Encounter","id":"e","status":"finished","period":{"start":"yesterday"}}"#),
        stored("Immunization", r#"{"resourceType":"Immunization","id":"i","status":7,"vaccineCode":{"text":"x"}}"#),
    ];
    let chart = chart::build_chart(records, &context(&patient, &directory));
    let shown: Vec<(&str, Option<&str>, &str)> =
        chart.unreadable.iter().map(|u| (u.kind.as_str(), u.id.as_deref(), u.why.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("Condition", Some("s"), "seal"),
            ("Claim", None, "seal"),
            ("Condition", None, "content"),
            ("Condition", Some("1"), "content"),
            ("Condition", Some("c"), "content"),
            ("Condition", Some("d"), "content"),
            ("Encounter", Some("e"), "content"),
            ("Immunization", Some("i"), "content"),
            ("Patient", Some("p"), "content"),
        ]
    );
    assert!(chart.problems.is_empty() && chart.banner.name == "Patient/p");
}
