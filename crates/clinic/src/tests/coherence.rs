//! Medical sense: figures that follow from one another, and notes, orders and results that agree.

use super::{clinic, coded, is, reference_of, spec};
use base64::Engine;
use chrono::NaiveDate;
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn interpretations_agree_with_value_and_range() {
    let clinic = clinic(1);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for record in (0..150).flat_map(|i| clinic.patient(i)).filter(|r| r["referenceRange"].is_array()) {
        let (value, range) = (record["valueQuantity"]["value"].as_f64().unwrap(), &record["referenceRange"][0]);
        let below = range["low"]["value"].as_f64().is_some_and(|low| value < low);
        let above = range["high"]["value"].as_f64().is_some_and(|high| value > high);
        let code = record["interpretation"][0]["coding"][0]["code"].as_str().unwrap();
        let agrees = match code {
            "N" => !below && !above,
            "L" | "LL" => below,
            "H" | "HH" => above,
            _ => false,
        };
        assert!(agrees, "{code} for {value} in {range}");
        for (bound, code) in [("low", &range["low"]), ("high", &range["high"])] {
            assert!(code.is_null() || code["code"] == record["valueQuantity"]["code"], "{bound}");
        }
        *seen.entry(code.to_owned()).or_default() += 1;
    }
    for code in ["N", "L", "H", "HH", "LL"] {
        assert!(seen.contains_key(code), "no {code} in {seen:?}");
    }
    let normal = f64::from(seen["N"]) / f64::from(seen.values().sum::<u32>());
    assert!((0.6..0.95).contains(&normal), "{normal} normal");
}

/// Observations of one encounter and moment, by code.
fn sets(chart: &[Value]) -> BTreeMap<(String, String), Vec<&Value>> {
    let mut sets: BTreeMap<(String, String), Vec<&Value>> = BTreeMap::new();
    for record in chart.iter().filter(|r| is(r, "Observation")) {
        let key = |e: &str| record[e].as_str().unwrap_or_default().to_owned();
        let encounter = record["encounter"]["reference"].as_str().unwrap_or_default().to_owned();
        sets.entry((encounter, key("effectiveDateTime"))).or_default().push(record);
    }
    sets
}

fn value_of(set: &[&Value], code: &str) -> Option<f64> {
    set.iter().find(|r| coded(r, code)).and_then(|r| r["valueQuantity"]["value"].as_f64())
}

#[test]
fn body_mass_index_follows_from_weight_and_height() {
    let clinic = clinic(1);
    let mut checked = 0;
    for i in 0..100 {
        let chart = clinic.patient(i);
        for set in sets(&chart).values() {
            if let Some(bmi) = value_of(set, "39156-5") {
                let (weight, height) = (value_of(set, "29463-7").unwrap(), value_of(set, "8302-2").unwrap());
                assert!((bmi - weight / (height / 100.0).powi(2)).abs() < 0.0501, "{bmi} {weight} {height}");
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn computed_laboratory_values_follow_from_measured_ones() {
    let clinic = clinic(1);
    let (mut ldl, mut rbc) = (0, 0);
    for i in 0..150 {
        let chart = clinic.patient(i);
        for set in sets(&chart).values() {
            if let Some(value) = value_of(set, "13457-7") {
                let of = |code| value_of(set, code).unwrap();
                assert!((value - (of("2093-3") - of("2085-9") - of("2571-8") / 5.0)).abs() <= 0.51);
                ldl += 1;
            }
            if let Some(value) = value_of(set, "789-8") {
                assert!((value - value_of(set, "4544-3").unwrap() / value_of(set, "787-2").unwrap() * 10.0).abs() < 0.0051);
                rbc += 1;
            }
        }
    }
    assert!(ldl > 30 && rbc > 30, "{ldl} {rbc}");
}

#[test]
fn phq9_totals_are_the_sum_of_the_answers() {
    let clinic = clinic(1);
    let score = |code: &str| ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"].iter().position(|c| *c == code).unwrap() as i64;
    let mut totals = Vec::new();
    for i in 0..200 {
        let chart = clinic.patient(i);
        for response in chart.iter().filter(|r| is(r, "QuestionnaireResponse")) {
            let items = response["item"].as_array().unwrap();
            assert_eq!(items.len(), 10);
            let sum: i64 = items[..9].iter().map(|i| score(i["answer"][0]["valueCoding"]["code"].as_str().unwrap())).sum();
            assert_eq!(items[9]["answer"][0]["valueInteger"], sum);
            let observation =
                chart.iter().find(|r| r["derivedFrom"][0]["reference"] == reference_of(response).as_str()).expect("a score observation");
            assert_eq!(observation["valueQuantity"]["value"], sum);
            totals.push(sum);
        }
    }
    assert!(totals.len() > 40 && totals.iter().any(|t| *t >= 10) && totals.iter().any(|t| *t < 5), "{totals:?}");
}

#[test]
fn notes_repeat_the_figures_on_file() {
    let clinic = clinic(1);
    let mut checked = 0;
    for i in 0..80 {
        let chart = clinic.patient(i);
        for note in chart.iter().filter(|r| is(r, "DocumentReference") && coded_type(r, "11506-3")) {
            let attachment = &note["content"][0]["attachment"];
            let text = decode(attachment);
            assert_eq!(attachment["size"], text.len());
            let encounter = &note["context"]["encounter"][0]["reference"];
            for record in chart.iter().filter(|r| is(r, "Observation") && r["encounter"]["reference"] == *encounter) {
                if coded(record, "85354-9") {
                    let part = |i: usize| record["component"][i]["valueQuantity"]["value"].as_i64().unwrap();
                    assert!(text.contains(&format!("BP {}/{} mmHg", part(0), part(1))), "{text}");
                    checked += 1;
                }
                for (code, name) in [("29463-7", "Weight"), ("4548-4", "HbA1c")] {
                    if coded(record, code) {
                        let value = record["valueQuantity"]["value"].as_f64().unwrap();
                        assert!(text.contains(&format!("{name} {value:.1} ")), "{name} {value}: {text}");
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(checked > 300, "{checked}");
}

fn coded_type(record: &Value, code: &str) -> bool {
    record["type"]["coding"][0]["code"] == code
}

fn decode(attachment: &Value) -> String {
    let bytes = base64::engine::general_purpose::STANDARD.decode(attachment["data"].as_str().unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn nobody_is_prescribed_what_the_chart_says_to_avoid() {
    let clinic = clinic(1);
    let mut allergic = 0;
    for i in 0..250 {
        let chart = clinic.patient(i);
        let penicillin = chart.iter().any(|r| {
            is(r, "AllergyIntolerance") && (coded(r, "7984") || coded(r, "723")) && r["clinicalStatus"]["coding"][0]["code"] == "active"
        });
        if penicillin {
            allergic += 1;
            for order in chart.iter().filter(|r| is(r, "MedicationRequest")) {
                let name = order["medicationCodeableConcept"]["text"].as_str().unwrap();
                assert!(!name.contains("amoxicillin") && !name.contains("piperacillin"), "patient {i}: {name}");
            }
        }
    }
    assert!(allergic > 8, "{allergic}");
}

#[test]
fn metformin_brings_hba1c_down() {
    let clinic = clinic(1);
    let mut falls = Vec::new();
    for i in 0..400 {
        let chart = clinic.patient(i);
        let metformin = |r: &&Value| {
            is(r, "MedicationRequest") && r["medicationCodeableConcept"]["text"].as_str().is_some_and(|t| t.starts_with("metformin"))
        };
        let Some(start) = chart.iter().filter(metformin).filter_map(|r| r["authoredOn"].as_str()).min() else { continue };
        let results = chart.iter().filter(|r| is(r, "Observation") && coded(r, "4548-4"));
        let results = results.map(|r| (r["effectiveDateTime"].as_str().unwrap(), r["valueQuantity"]["value"].as_f64().unwrap()));
        // Newly treated here: the first result of the visit that began it was drawn before the first tablet.
        let joined = chart.iter().find(|r| is(r, "CareTeam")).unwrap()["period"]["start"].as_str().unwrap();
        let first_visit = chart.iter().find(|r| is(r, "Encounter")).unwrap()["period"]["start"].as_str().unwrap();
        let (before, after): (Vec<_>, Vec<_>) = results.partition(|(when, _)| when[..10] <= start[..10]);
        if start[..10] > first_visit[..10]
            && start[..10] > *joined
            && let (Some((_, before)), Some((_, after))) = (before.last(), after.last())
        {
            falls.push(before - after);
        }
    }
    assert!(falls.len() >= 3, "{falls:?}");
    assert!(falls.iter().sum::<f64>() / falls.len() as f64 > 0.7, "{falls:?}");
}

#[test]
fn children_are_immunised_on_schedule() {
    let clinic = clinic(1);
    let mut toddlers = 0;
    for i in 0..300 {
        let chart = clinic.patient(i);
        let birth: NaiveDate = chart[0]["birthDate"].as_str().unwrap().parse().unwrap();
        if !(2..6).contains(&crate::when::age_on(birth, spec(1).today)) {
            continue;
        }
        toddlers += 1;
        let codes: Vec<_> =
            chart.iter().filter(|r| is(r, "Immunization")).filter_map(|r| r["vaccineCode"]["coding"][0]["code"].as_str()).collect();
        assert!(codes.iter().filter(|c| **c == "20").count() >= 4, "patient {i}: {codes:?}");
        assert!(codes.contains(&"03") && codes.contains(&"21"), "patient {i}: {codes:?}");
    }
    assert!(toddlers > 5, "{toddlers}");
}
