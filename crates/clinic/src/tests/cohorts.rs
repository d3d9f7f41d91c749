//! What a small clinic is sure to contain: states of allergy lists, labels, scripts, a full day, open stays.

use super::{clinic, coded, is, reference_of, spec};
use chrono::DateTime;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn every_state_of_an_allergy_list_occurs() {
    let clinic = clinic(1);
    let charts: Vec<Vec<Value>> = (0..250).map(|i| clinic.patient(i)).collect();
    let all = || charts.iter().flatten().filter(|r| is(r, "AllergyIntolerance"));
    assert!(charts.iter().any(|c| !c.iter().any(|r| is(r, "AllergyIntolerance"))), "never asked");
    assert!(all().any(|r| coded(r, "716186003")), "none known");
    assert!(all().any(|r| r["criticality"] == "high" && r["reaction"].is_array()), "high criticality");
    for status in ["refuted", "entered-in-error", "confirmed", "unconfirmed"] {
        assert!(all().any(|r| r["verificationStatus"]["coding"][0]["code"] == status), "{status}");
    }
    let error = all().filter(|r| r["verificationStatus"]["coding"][0]["code"] == "entered-in-error");
    assert!(error.into_iter().all(|r| r["clinicalStatus"].is_null()), "FHIR ait-2");
}

#[test]
fn sensitive_records_are_labelled() {
    let clinic = clinic(1);
    let (mut whole, mut single) = (0, 0);
    for i in 0..300 {
        let chart = clinic.patient(i);
        let restricted = |r: &Value| r["meta"]["security"].as_array().is_some_and(|s| s.iter().any(|c| c["code"] == "R"));
        if restricted(&chart[0]) {
            whole += 1;
            assert!(chart.iter().all(restricted));
        } else if chart.iter().any(restricted) {
            single += 1;
        }
        for record in chart.iter().filter(|r| coded(r, "86406008") || coded(r, "20447-9") || coded(r, "13746004")) {
            assert!(restricted(record), "{}", reference_of(record));
        }
    }
    assert!((3..=12).contains(&whole), "{whole} whole charts");
    assert!((4..=30).contains(&single), "{single} charts with labelled records");
}

#[test]
fn every_script_is_written() {
    let clinic = clinic(1);
    let names: String = (0..60).map(|i| clinic.demographics(i)["name"].to_string()).collect();
    for (script, range) in [
        ("Latin with diacritics", 'À'..='ỹ'),
        ("Greek", 'Α'..='ώ'),
        ("Cyrillic", 'А'..='я'),
        ("Hebrew", 'א'..='ת'),
        ("Arabic", 'ء'..='ي'),
        ("Devanagari", 'अ'..='ह'),
        ("Thai", 'ก'..='ฮ'),
        ("Katakana", 'ァ'..='ヺ'),
        ("Han", '一'..='龥'),
        ("Hangul", '가'..='힣'),
    ] {
        assert!(names.chars().any(|c| range.contains(&c)), "{script}");
    }
    let patients: Vec<Value> = (0..60).map(|i| clinic.demographics(i)).collect();
    assert!(patients.iter().any(|p| p["name"][0]["family"].is_null()), "a single name");
    assert!(patients.iter().any(|p| p["name"][0]["text"].as_str().unwrap().len() > 70), "a very long name");
}

#[test]
fn today_has_a_schedule_without_double_booking() {
    let spec = spec(1);
    let clinic = clinic(1);
    let mut starts = BTreeSet::new();
    let mut statuses = BTreeSet::new();
    let mut future = 0;
    for i in 0..250 {
        for appointment in clinic.patient(i).iter().filter(|r| is(r, "Appointment")) {
            let start = appointment["start"].as_str().unwrap();
            let at = DateTime::parse_from_rfc3339(start).unwrap();
            if at.date_naive() == spec.today {
                let minutes = at.format("%H%M").to_string();
                assert!(("0800".."1700").contains(&minutes.as_str()), "{start}");
                let with = appointment["participant"][1]["actor"]["reference"].as_str().unwrap().to_owned();
                assert!(starts.insert((with, start.to_owned())), "{start} twice");
                statuses.insert(appointment["status"].as_str().unwrap().to_owned());
            } else if at > spec.now {
                future += 1;
                assert!(matches!(appointment["status"].as_str(), Some("booked" | "pending")));
            }
        }
    }
    assert_eq!(starts.len(), 25);
    assert!(statuses.contains("booked") && statuses.contains("fulfilled"), "{statuses:?}");
    assert!(future > 30, "{future}");
}

#[test]
fn patients_in_hospital_have_open_stays_and_doses_up_to_now() {
    let clinic = clinic(1);
    for i in (0..250).filter(|i| i % 25 == 6) {
        let chart = clinic.patient(i);
        let open: Vec<_> = chart.iter().filter(|r| is(r, "Encounter") && r["status"] == "in-progress").collect();
        assert_eq!(open.len(), 1, "patient {i}");
        let stay = reference_of(open[0]);
        let orders = chart.iter().filter(|r| is(r, "MedicationRequest") && r["encounter"]["reference"] == stay.as_str());
        assert!(orders.into_iter().any(|r| r["status"] == "active"), "patient {i}");
        assert!(chart.iter().any(|r| is(r, "MedicationAdministration") && r["context"]["reference"] == stay.as_str()), "patient {i}");
    }
}

#[test]
fn nobody_is_seen_in_the_office_while_in_hospital() {
    let clinic = clinic(1);
    let mut stays = 0;
    for i in 0..150 {
        let chart = clinic.patient(i);
        let encounters: Vec<_> = chart.iter().filter(|r| is(r, "Encounter")).collect();
        let day = |r: &Value, end: &str| r["period"][end].as_str().unwrap_or("9999-12-31")[..10].to_owned();
        for stay in encounters.iter().filter(|r| r["class"]["code"] == "IMP") {
            stays += 1;
            for visit in encounters.iter().filter(|r| r["class"]["code"] != "IMP") {
                let within = day(visit, "start") >= day(stay, "start") && day(visit, "start") < day(stay, "end");
                assert!(!within, "{} during {}", reference_of(visit), reference_of(stay));
            }
        }
    }
    assert!(stays > 15, "{stays}");
}
