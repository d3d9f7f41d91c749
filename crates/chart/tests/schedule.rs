//! The day's list.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use chart::view::PatientRow;
use chart::{Directory, IndexEntry, PatientIndex, ScheduleContext, StoredRecord, schedule_rows};
use chrono::{FixedOffset, NaiveDate};
use kernel::{PatientId, PractitionerId};
use support::{noon, patient, record, stored};

fn visit(id: &str, status: &str, start: &str, rest: &str) -> String {
    record(
        "Appointment",
        id,
        &format!(
            r#""status":"{status}","start":"{start}"{rest},"participant":[{{"actor":{{"reference":"Patient/p"}}}},{{"actor":{{"reference":"Practitioner/d"}}}},
            {{"actor":{{"reference":"PractitionerRole/r","display":"Nurse"}}}},{{"actor":{{"reference":"Location/l","display":"Room 3"}}}},{{"type":[{{"text":"interpreter"}}]}}]"#
        ),
    )
}

#[test]
fn the_day_in_order() {
    let index = PatientIndex::from_entries(IndexEntry::read(&patient(r#""name":[{"family":"Okonkwo","given":["Ada"]}]"#)));
    let mut directory = Directory::new();
    directory.add("Practitioner", r#"{"resourceType":"Practitioner","id":"d","name":[{"family":"Okafor","given":["Ben"]}]}"#);
    let records = [
        visit("late", "booked", "2024-03-13T03:30:00Z", r#","end":"2024-03-13T03:50:00Z","reasonCode":[{"text":"Cough"}]"#),
        visit("early", "arrived", "2024-03-12T09:20:00-05:00", r#","minutesDuration":15,"description":"Follow-up""#),
        visit("tomorrow", "booked", "2024-03-13T05:00:00Z", ""),
        visit("yesterday", "booked", "2024-03-12T04:59:59Z", ""),
        visit("wrong", "entered-in-error", "2024-03-12T10:00:00-05:00", ""),
        visit("off", "cancelled", "2024-03-12T10:00:00-05:00", "").replace("Patient/p", "Patient/elsewhere"),
        record("Appointment", "wanted", r#""status":"waitlist""#),
        visit("broken", "booked", "2024-03-12", "").replace("\"2024-03-12\"", "20240312"),
    ];
    let doctor = PractitionerId::new("d").unwrap();
    let about = ScheduleContext {
        day: NaiveDate::from_ymd_opt(2024, 3, 12).unwrap(),
        offset: FixedOffset::west_opt(5 * 3600).unwrap(),
        practitioner: Some(&doctor),
        directory: &directory,
    };
    let find = |id: &PatientId| -> Option<PatientRow> { index.row(id, noon()) };
    let sealed = StoredRecord { body: None, id: Some("sealed"), ..stored("Appointment", "") };
    let other = stored("Observation", "{}");
    let all = records.iter().map(|body| stored("Appointment", body)).chain([sealed, other]);
    let schedule = schedule_rows(all, &about, find);
    let rows: Vec<String> = schedule
        .rows
        .iter()
        .map(|row| {
            let patient = row.patient.as_ref().map_or("-", |patient| patient.name.as_str());
            format!("{} {} {:?} {} {} {patient}", row.start, row.source.id, row.minutes, row.status, row.reason.as_deref().unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "09:20 early Some(15) arrived Follow-up OKONKWO, Ada",
            "10:00 off None cancelled - -",
            "22:30 late Some(20) booked Cough OKONKWO, Ada",
        ]
    );
    assert_eq!(schedule.rows[0].with, ["Ben Okafor", "Nurse"]);
    assert!(schedule.rows[0].mine);
    let why: Vec<&str> = schedule.unreadable.iter().map(|record| record.why.as_str()).collect();
    assert_eq!(why, ["content", "seal"]);
    let about = ScheduleContext { practitioner: None, ..about };
    assert!(!schedule_rows([stored("Appointment", &records[1])], &about, find).rows[0].mine);
}
