//! What holds for every chart of every clinic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub(crate) mod codes;
mod coherence;
mod cohorts;
mod integrity;

use crate::{Clinic, ClinicSpec};
use chrono::{TimeZone, Utc};
use serde_json::Value;

pub(crate) fn spec(seed: u64) -> ClinicSpec {
    let now = Utc.with_ymd_and_hms(2026, 3, 4, 19, 30, 0).unwrap();
    ClinicSpec { seed, patients: 500, today: now.date_naive(), now }
}

fn clinic(seed: u64) -> Clinic {
    Clinic::new(spec(seed))
}

fn walk<'v>(value: &'v Value, visit: &mut impl FnMut(&'v serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            visit(map);
            map.values().for_each(|v| walk(v, visit));
        }
        Value::Array(items) => items.iter().for_each(|v| walk(v, visit)),
        _ => {}
    }
}

fn reference_of(record: &Value) -> String {
    format!("{}/{}", record["resourceType"].as_str().unwrap(), record["id"].as_str().unwrap())
}

fn is(record: &Value, resource_type: &str) -> bool {
    record["resourceType"] == resource_type
}

fn coded(record: &Value, code: &str) -> bool {
    record["code"]["coding"].as_array().is_some_and(|c| c.iter().any(|c| c["code"] == code))
}
