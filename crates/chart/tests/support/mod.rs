//! Small records and the chart made of them.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use chart::view::{ChartView, RecordState};
use chart::{ChartContext, Directory, StoredRecord, build_chart};
use chrono::{DateTime, FixedOffset};
use kernel::PatientId;

/// 12-Mar-2024, noon, on the US east coast.
pub fn noon() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2024-03-12T12:00:00-05:00").unwrap()
}

/// A record of patient "p": `rest` are the members beside type, id and subject.
pub fn record(kind: &str, id: &str, rest: &str) -> String {
    let whose = match kind {
        "Patient" | "Medication" | "Practitioner" | "Organization" | "Location" | "Appointment" => String::new(),
        "AllergyIntolerance" | "Immunization" => r#""patient":{"reference":"Patient/p"},"#.to_owned(),
        _ => r#""subject":{"reference":"Patient/p"},"#.to_owned(),
    };
    format!(r#"{{"resourceType":"{kind}","id":"{id}",{whose}{rest}}}"#)
}

pub fn patient(rest: &str) -> String {
    record("Patient", "p", rest)
}

/// The chart of these records and a plain Patient, if none is among them.
pub fn chart(records: &[String]) -> ChartView {
    chart_with(records, &Directory::new())
}

pub fn chart_with(records: &[String], directory: &Directory) -> ChartView {
    let kinds: Vec<String> = records.iter().map(|body| kind_of(body)).collect();
    let plain = patient(r#""name":[{"family":"Okonkwo","given":["Ada"]}]"#);
    let own = kinds.iter().all(|kind| kind != "Patient").then_some(("Patient", plain.as_str()));
    let all = own.into_iter().chain(kinds.iter().map(String::as_str).zip(records.iter().map(String::as_str)));
    build_chart(all.map(|(kind, body)| stored(kind, body)), &context(&PatientId::new("p").unwrap(), directory))
}

pub fn context<'a>(patient: &'a PatientId, directory: &'a Directory) -> ChartContext<'a> {
    ChartContext { patient, now: noon(), similar_name: false, withheld: 0, as_of: None, incomplete: false, directory }
}

pub fn stored<'a>(kind: &'a str, body: &'a str) -> StoredRecord<'a> {
    StoredRecord { kind, id: None, state: RecordState::Synced, body: Some(body) }
}

pub fn kind_of(body: &str) -> String {
    body.split('"').nth(3).unwrap_or_default().to_owned()
}

/// A CodeableConcept of one LOINC code.
pub fn loinc(code: &str, name: &str) -> String {
    format!(r#"{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}],"text":"{name}"}}"#)
}
