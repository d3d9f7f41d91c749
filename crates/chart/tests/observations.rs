//! Vital signs, laboratory and the rest.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use chart::view::{Abnormal, Series};
use support::{chart, loinc, record};

fn observation(id: &str, category: &str, code: &str, rest: &str) -> String {
    record("Observation", id, &format!(r#""status":"final","category":[{{"coding":[{{"code":"{category}"}}]}}],"code":{code},{rest}"#))
}

fn lab(id: &str, at: &str, rest: &str) -> String {
    observation(id, "laboratory", &loinc("2823-3", "Potassium"), &format!(r#""effectiveDateTime":"{at}",{rest}"#))
}

fn mmol(digits: &str) -> String {
    format!(r#""valueQuantity":{{"value":{digits},"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}"#)
}

fn shown(series: &Series) -> Vec<&str> {
    series.points.iter().map(|point| point.shown.as_str()).collect()
}

#[test]
fn digits_order_and_ranges() {
    let range = |low: &str, high: &str| {
        format!(
            r#","referenceRange":[{{"low":{{"value":{low},"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}},"high":{{"value":{high},"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}}}]"#
        )
    };
    let chart = chart(&[
        lab("2", "2024-01-02T10:00:00-05:00", &format!("{}{}", mmol("7.20"), range("3.5", "5.1"))),
        lab("1", "2024-01-01T10:00:00-05:00", &format!("{}{}", mmol("3.40"), range("3.50", "5.1"))),
        lab(
            "3",
            "2024-01-03T10:00:00-05:00",
            &format!(r#"{},"interpretation":[{{"coding":[{{"code":"HH"}}]}}]{}"#, mmol("5.0"), range("3.6", "5.2")),
        ),
        lab("4", "2024-01-04T10:00:00-05:00", r#""valueQuantity":{"value":3.0,"comparator":"<","unit":"mmol/L"}"#),
        lab("5", "2024-01-05T10:00:00-05:00", r#""valueString":"haemolysed""#),
        lab("6", "2024-01-06T10:00:00-05:00", r#""dataAbsentReason":{"text":"not performed"}"#),
        lab("7", "2024-01-07T10:00:00-05:00", &mmol("4")).replace("final", "entered-in-error"),
        lab("8", "2024-01-08T10:00:00-05:00", &mmol("4e0")).replace("final", "preliminary"),
    ]);
    let [potassium] = chart.labs.as_slice() else { panic!("one series") };
    assert_eq!(
        (potassium.code.as_str(), potassium.name.as_str(), potassium.unit.as_deref()),
        ("http://loinc.org|2823-3", "Potassium", Some("mmol/L"))
    );
    assert_eq!(shown(potassium), ["3.40", "7.20", "5.0", "< 3.0", "haemolysed", "no value (not performed)", "4e0"]);
    let abnormal: Vec<Abnormal> = potassium.points.iter().map(|point| point.abnormal).collect();
    use Abnormal::{CriticalHigh, High, Low, Unknown};
    assert_eq!(abnormal, [Low, High, CriticalHigh, Unknown, Unknown, Unknown, Unknown]);
    assert_eq!(potassium.points[0].range.as_deref(), Some("3.50–5.1"));
    assert_eq!((potassium.low, potassium.high), (Some(3.6), Some(5.2)), "the latest range");
    assert_eq!(potassium.points[1].value, Some(7.2));
    assert_eq!((potassium.points[1].when.as_str(), potassium.points[1].at), ("02-Jan-2024 10:00", 1_704_207_600_000.0));
    assert_eq!(potassium.points[6].status, "preliminary");
    assert!(potassium.second.is_empty() && potassium.second_name.is_none());
}

#[test]
fn units_never_share_an_axis() {
    let chart = chart(&[
        lab("1", "2024-01-01", &mmol("4.1")),
        lab("2", "2024-01-02", r#""valueQuantity":{"value":16.0,"unit":"mg/dL"}"#),
        lab(
            "3",
            "2024-01-03",
            r#""valueQuantity":{"value":4.2,"unit":"millimoles per litre","system":"http://unitsofmeasure.org","code":"mmol/L"}"#,
        ),
        lab("4", "2024-01-04", r#""valueQuantity":{"value":5}"#),
        lab("5", "2024-01-05", r#""valueCodeableConcept":{"text":"Raised"}"#),
    ]);
    let series: Vec<(Option<&str>, Vec<&str>)> = chart.labs.iter().map(|series| (series.unit.as_deref(), shown(series))).collect();
    assert_eq!(series, [(None, vec!["5"]), (Some("mg/dL"), vec!["16.0"]), (Some("millimoles per litre"), vec!["4.1", "4.2", "Raised"])]);
}

#[test]
fn every_kind_of_value() {
    for (value, expected) in [
        (r#""valueInteger":7"#, "7"),
        (r#""valueBoolean":true"#, "Yes"),
        (r#""valueBoolean":false"#, "No"),
        (r#""valueRange":{"low":{"value":3,"unit":"mg"},"high":{"value":5.0,"unit":"mg"}}"#, "3–5.0 mg"),
        (r#""valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}"#, "1:128"),
        (r#""valueDateTime":"2024-01""#, "Jan-2024"),
        (r#""valueTime":"10:30:00""#, "10:30:00"),
        (r#""valuePeriod":{"start":"2024-01-01","end":"2024-01-02"}"#, "01-Jan-2024 – 02-Jan-2024"),
        (r#""valueSampledData":{"origin":{"value":0},"period":1,"dimensions":1}"#, "waveform (not displayed)"),
        (r#""valueCodeableConcept":{"coding":[{"code":"c","display":"Detected"}]}"#, "Detected"),
        (r#""valueQuantity":{"unit":"mg"}"#, "no value"),
        (r#""method":{"text":"x"}"#, "no value"),
    ] {
        let chart = chart(&[observation("1", "survey", &loinc("1-1", "x"), &format!(r#""effectiveDateTime":"2024-01-01",{value}"#))]);
        assert_eq!(shown(&chart.observations[0]), [expected], "{value}");
    }
    for broken in [
        r#""valueQuantity":{"value":"7"}"#,
        r#""valueReference":{"reference":"x/y"}"#,
        r#""valueString":7"#,
        r#""effectiveDateTime":"soon""#,
    ] {
        let chart = chart(&[observation("1", "survey", &loinc("1-1", "x"), broken)]);
        assert_eq!((chart.unreadable.len(), chart.observations.len()), (1, 0), "{broken}");
    }
}

fn pressure(code: &str, digits: &str) -> String {
    format!(r#"{{"code":{},"valueQuantity":{{"value":{digits},"unit":"mm[Hg]"}}}}"#, loinc(code, code))
}

fn vital(id: &str, code: &str, name: &str, at: &str, rest: &str) -> String {
    observation(id, "vital-signs", &loinc(code, name), &format!(r#""effectiveDateTime":"{at}",{rest}"#))
}

#[test]
fn blood_pressure_is_one_series() {
    let half = |id: &str, code: &str, at: &str, digits: &str| {
        vital(id, code, code, at, &format!(r#""valueQuantity":{{"value":{digits},"unit":"mm[Hg]"}}"#))
    };
    let panel = |id: &str, at: &str, components: &[String], rest: &str| {
        vital(id, "85354-9", "Blood pressure", at, &format!(r#""component":[{}]{rest}"#, components.join(",")))
    };
    let chart = chart(&[
        panel("2", "2024-01-02", &[pressure("8462-4", "76"), pressure("8480-6", "128")], ""),
        half("1a", "8480-6", "2024-01-01T08:00:00Z", "120"),
        half("1b", "8462-4", "2024-01-01T08:00:00Z", "80.0"),
        half("3", "8480-6", "2024-01-03", "140"),
        half("4", "8462-4", "2024-01-04", "90"),
        panel(
            "5",
            "2024-01-05",
            &[pressure("8480-6", "150"), pressure("8462-4", "95"), pressure("8478-0", "113")],
            r#","interpretation":[{"coding":[{"code":"H"}]}]"#,
        ),
        panel("6", "2024-01-06", &[format!(r#"{{"code":{},"dataAbsentReason":{{"text":"refused"}}}}"#, loinc("8480-6", "s"))], ""),
    ]);
    let bp = &chart.vitals[0];
    assert_eq!(
        (bp.code.as_str(), bp.unit.as_deref(), bp.second_name.as_deref()),
        ("http://loinc.org|85354-9", Some("mmHg"), Some("Diastolic"))
    );
    assert_eq!(shown(bp), ["120/80.0", "128/76", "140/–", "–/90", "150/95", "no value (refused)/–"]);
    assert_eq!(
        bp.points.iter().map(|point| point.value).collect::<Vec<_>>(),
        [Some(120.0), Some(128.0), Some(140.0), None, Some(150.0), None]
    );
    assert_eq!(bp.second, [Some(80.0), Some(76.0), None, Some(90.0), Some(95.0), None]);
    assert_eq!(bp.points[4].abnormal, Abnormal::High);
    assert_eq!(chart.vitals.len(), 2, "mean pressure stands for itself");
    assert_eq!(shown(&chart.vitals[1]), ["113"]);
    assert!(chart.unreadable.is_empty());
}

#[test]
fn pressures_in_two_units_stay_apart() {
    let components = format!(
        r#""component":[{},{{"code":{},"valueQuantity":{{"value":10,"unit":"kPa"}}}}]"#,
        pressure("8480-6", "120"),
        loinc("8462-4", "d")
    );
    let chart = chart(&[vital("1", "85354-9", "BP", "2024-01-01", &components)]);
    let all: Vec<(Option<&str>, Vec<&str>)> = chart.vitals.iter().map(|series| (series.unit.as_deref(), shown(series))).collect();
    assert_eq!(all, [(Some("kPa"), vec!["–/10"]), (Some("mmHg"), vec!["120/–"])]);
}

#[test]
fn vital_signs_in_chart_order() {
    let value = r#""valueQuantity":{"value":1,"unit":"u"}"#;
    let chart = chart(&[
        vital("1", "39156-5", "BMI", "2024-01-01", value),
        vital("2", "99999-1", "Another", "2024-01-01", value),
        vital("3", "8310-5", "Temperature", "2024-01-01", value),
        vital("4", "8867-4", "Heart rate", "2024-01-01", value),
        record(
            "Observation",
            "5",
            &format!(r#""status":"final","code":{},"effectiveDateTime":"2024-01-01",{value}"#, loinc("29463-7", "Weight")),
        ),
        vital("6", "2708-6", "SpO2", "2024-01-01", value),
        vital("7", "9279-1", "Respiration", "2024-01-01", value),
        vital("8", "8302-2", "Height", "2024-01-01", value),
    ]);
    let names: Vec<&str> = chart.vitals.iter().map(|series| series.name.as_str()).collect();
    assert_eq!(names, ["Heart rate", "Respiration", "SpO2", "Temperature", "Weight", "Height", "BMI", "Another"]);
}

#[test]
fn panels_and_codes() {
    let two_codes = |id: &str, codes: &str| {
        observation(
            id,
            "laboratory",
            &format!(r#"{{"coding":[{codes}]}}"#),
            &format!(r#""effectiveDateTime":"2024-01-0{id}",{}"#, mmol("4")),
        )
    };
    let local = r#"{"system":"urn:lab","code":"K","display":"K"}"#;
    let loinc_code = r#"{"system":"http://loinc.org","code":"2823-3","display":"K"}"#;
    let chart = chart(&[
        two_codes("1", &format!("{local},{loinc_code}")),
        two_codes("2", &format!("{loinc_code},{local}")),
        observation("3", "laboratory", &loinc("24326-1", "Panel"), r#""hasMember":[{"reference":"Observation/1"}]"#),
        observation(
            "4",
            "survey",
            &loinc("93025-5", "PRAPARE"),
            &format!(
                r#""effectiveDateTime":"2024-01-01","component":[{{"code":{},"valueString":"a"}},{{"code":{},"valueString":"b"}}]"#,
                loinc("1-1", "Housing"),
                loinc("1-2", "Work")
            ),
        ),
        observation("5", "survey", r#"{"text":"Uncoded"}"#, r#""valueInteger":3"#),
    ]);
    assert_eq!(chart.labs.len(), 1, "one test, whichever of its codes comes first");
    assert_eq!(chart.labs[0].points.len(), 2);
    let others: Vec<(&str, &str, Vec<&str>)> =
        chart.observations.iter().map(|series| (series.name.as_str(), series.code.as_str(), shown(series))).collect();
    assert_eq!(
        others,
        [("Housing", "http://loinc.org|1-1", vec!["a"]), ("Uncoded", "|Uncoded", vec!["3"]), ("Work", "http://loinc.org|1-2", vec!["b"])]
    );
    let uncoded = &chart.observations[1].points[0];
    assert_eq!((uncoded.when.as_str(), uncoded.value), ("date not recorded", None), "without a date there is no place on the axis");
    assert_eq!((chart.not_displayed[0].name.as_str(), chart.not_displayed[0].count), ("Observation (heading)", 1));
}

#[test]
fn several_ranges_decide_nothing() {
    let chart = chart(&[lab(
        "1",
        "2024-01-01",
        r#""valueQuantity":{"value":11.0,"unit":"g/dL"},"referenceRange":[{"low":{"value":12.0},"high":{"value":15.5},"appliesTo":[{"text":"female"}]},{"low":{"value":13.5},"text":"male"}]"#,
    )]);
    let point = &chart.labs[0].points[0];
    assert_eq!((point.abnormal, point.range.as_deref()), (Abnormal::Unknown, Some("12.0–15.5; ≥ 13.5")));
    assert_eq!(chart.labs[0].low, None);
}
