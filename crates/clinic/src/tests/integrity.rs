//! Records as a whole: the same for ever, linked, unique, complete, of the stated size, in their time.

use super::{clinic, is, reference_of, spec, walk};
use crate::{Clinic, ClinicSpec};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Frozen: when this changes, [`crate::GENERATOR_VERSION`] must have been raised, and then this is written anew.
#[test]
fn a_version_yields_the_same_records_for_ever() {
    assert_eq!(crate::GENERATOR_VERSION, 3);
    assert_eq!(format!("{:016x}", digest(&clinic(1).patient(7))), "818ba143cfab837b");
    assert_eq!(format!("{:016x}", digest(&clinic(1).directory())), "0aa826936c61dfe4");
}

#[test]
fn the_same_specification_yields_the_same_records_and_another_seed_others() {
    for i in [0, 11, 17, 31, 43] {
        assert_eq!(clinic(1).patient(i), clinic(1).patient(i));
        assert_ne!(clinic(1).patient(i), clinic(2).patient(i));
        assert_eq!(clinic(1).patient(i)[0], clinic(1).demographics(i));
    }
    let fewer = Clinic::new(ClinicSpec { patients: 50, ..spec(1) });
    assert_eq!(clinic(1).patient(20), fewer.patient(20));
}

#[test]
fn references_point_to_the_directory_or_to_an_earlier_record() {
    let clinic = clinic(1);
    let mut known = HashSet::new();
    for record in clinic.directory() {
        walk(&record, &mut |map| check_reference(map, &known, &reference_of(&record)));
        known.insert(reference_of(&record));
    }
    for i in 0..120 {
        let mut known = known.clone();
        for record in clinic.patient(i) {
            walk(&record, &mut |map| check_reference(map, &known, &reference_of(&record)));
            assert!(known.insert(reference_of(&record)), "twice: {}", reference_of(&record));
        }
    }
}

fn check_reference(map: &serde_json::Map<String, Value>, known: &HashSet<String>, from: &str) {
    if let Some(target) = map.get("reference").and_then(Value::as_str) {
        assert!(known.contains(target), "{from} refers to {target}");
    }
}

#[test]
fn ids_and_record_numbers_are_unique_across_five_hundred_patients() {
    let clinic = clinic(3);
    let (mut ids, mut numbers) = (HashSet::new(), HashSet::new());
    for i in 0..500 {
        for record in clinic.patient(i) {
            assert!(ids.insert(reference_of(&record)), "{}", reference_of(&record));
        }
        let patient = clinic.demographics(i);
        let identifiers = patient["identifier"].as_array().unwrap();
        let number = identifiers.iter().find(|id| id["type"]["coding"][0]["code"] == "MR").unwrap();
        assert!(numbers.insert(number["value"].clone()), "{number}");
    }
}

#[test]
fn every_listed_type_occurs_within_fifty_patients() {
    let clinic = clinic(1);
    let seen: BTreeSet<String> = (0..50).flat_map(|i| clinic.patient(i)).map(|r| r["resourceType"].as_str().unwrap().to_owned()).collect();
    for wanted in [
        "AllergyIntolerance",
        "Appointment",
        "CarePlan",
        "CareTeam",
        "Communication",
        "Condition",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "Flag",
        "Goal",
        "Immunization",
        "MedicationAdministration",
        "MedicationRequest",
        "Observation",
        "Patient",
        "Procedure",
        "QuestionnaireResponse",
        "ServiceRequest",
        "Task",
    ] {
        assert!(seen.contains(wanted), "no {wanted}");
    }
}

#[test]
fn charts_are_as_large_as_charts_are() {
    let clinic = clinic(1);
    let counts: Vec<usize> = (0..250).map(|i| clinic.patient(i).len()).collect();
    let mean = counts.iter().sum::<usize>() as f64 / 250.0;
    assert!((125.0..165.0).contains(&mean), "mean {mean}");
    assert!(counts.iter().all(|c| (5..4_000).contains(c)), "{:?}", counts.iter().min());
    for i in (0..250).filter(|i| i % 125 == 11) {
        assert!(counts[i] > 1_000, "patient {i} has {}", counts[i]);
    }
    assert_eq!(clinic.heavy_patient(), Some(11));
}

/// The instants and dates of what has happened, by where FHIR keeps them.
fn happened(record: &Value) -> Vec<&Value> {
    const ELEMENTS: &[&str] = &[
        "effectiveDateTime",
        "issued",
        "date",
        "authoredOn",
        "authored",
        "recordedDate",
        "onsetDateTime",
        "abatementDateTime",
        "occurrenceDateTime",
        "sent",
        "lastModified",
        "created",
        "startDate",
        "deceasedDateTime",
    ];
    let mut found: Vec<&Value> = ELEMENTS.iter().filter_map(|e| record.get(*e)).collect();
    for period in ["period", "effectivePeriod", "performedPeriod"] {
        found.extend(["start", "end"].iter().filter_map(|e| record[period].get(*e)));
    }
    if is(record, "Appointment") && matches!(record["status"].as_str(), Some("fulfilled" | "noshow" | "cancelled")) {
        found.push(&record["start"]);
    }
    found
}

#[test]
fn nothing_happens_before_birth_or_after_now() {
    let spec = spec(1);
    let clinic = clinic(1);
    let now = spec.now.to_rfc3339();
    for i in 0..150 {
        let chart = clinic.patient(i);
        let birth = chart[0]["birthDate"].as_str().unwrap().to_owned();
        for record in &chart {
            for when in happened(record) {
                let text = when.as_str().unwrap();
                let shown = format!("{} {text} birth {birth} now {now}", reference_of(record));
                match DateTime::<FixedOffset>::parse_from_rfc3339(text) {
                    Ok(at) => {
                        assert!(at <= spec.now, "{shown}");
                        assert!(at.date_naive() >= birth.parse::<NaiveDate>().unwrap(), "{shown}");
                    }
                    // Dates may be partial: compared as far as they go.
                    Err(_) => {
                        assert!(text <= &spec.today.to_string()[..text.len()], "{shown}");
                        assert!(text >= &birth[..text.len()], "{shown}");
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_happens_to_the_dead() {
    let clinic = clinic(1);
    let mut dead = 0;
    for i in 0..400 {
        let chart = clinic.patient(i);
        let Some(death) = chart[0]["deceasedDateTime"].as_str() else { continue };
        dead += 1;
        for record in chart.iter().filter(|r| is(r, "Encounter") || is(r, "Appointment")) {
            let start = record["period"]["start"].as_str().or(record["start"].as_str()).unwrap();
            assert!(start[..10] < death[..10], "{} {start} after {death}", reference_of(record));
        }
    }
    assert!(dead >= 3, "{dead}");
}

/// JSON with keys in order, whatever features another crate switches on in serde_json.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            out.push('{');
            for (key, value) in sorted {
                out.push_str(&format!("{key:?}:"));
                canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            items.iter().for_each(|v| canonical(v, out));
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn digest(records: &[Value]) -> u64 {
    let mut text = String::new();
    records.iter().for_each(|r| canonical(r, &mut text));
    crate::draw::fnv1a(text.as_bytes(), 0xcbf2_9ce4_8422_2325)
}
