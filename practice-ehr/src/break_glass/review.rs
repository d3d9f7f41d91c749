//! A report of emergency access arrives, or is reviewed: who may write what, and what its number is worth.
//!
//! Clinicians report their own accesses and may add when they ended; everything else in such a Task is the reviewers'.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use chrono::{DateTime, TimeDelta};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{BreakGlass, Issued, JWS_TYPE, issued, spend};
use crate::outcome::outcome;
use crate::smart::Smart;
use crate::smart::bearer::Bearer;
use crate::smart::roles::Role;

const CODE_SYSTEM: &str = "urn:satchel:task";
const INPUT_SYSTEM: &str = "urn:satchel:break-glass";
const NUMBER_SYSTEM: &str = "urn:satchel:break-glass-number";
/// Clocks of workstation and EHR may differ by this.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// A Task that would be written.
pub struct Arrival<'a> {
    /// The id in the address.
    pub id: &'a str,
    /// What is there under this id.
    pub before: Option<&'a Value>,
    /// What would be.
    pub after: Value,
}

/// Whether a resource is a report of emergency access.
pub fn is_review(resource: &Value) -> bool {
    let codings = resource["code"]["coding"].as_array();
    resource["resourceType"] == "Task"
        && codings.into_iter().flatten().any(|coding| coding["system"] == CODE_SYSTEM && coding["code"] == "break-glass-review")
}

impl BreakGlass {
    /// The Task as it is to be stored, or the refusal.
    pub fn take_in(&self, smart: &Smart, bearer: &Bearer, arrival: Arrival<'_>) -> Result<Value, Box<Response<Body>>> {
        let Arrival { id, before, mut after } = arrival;
        let refuse = |status, sentence| Err(Box::new(outcome(status, "business-rule", sentence)));
        let own = refers_to(&after["requester"], &bearer.practitioner);
        let Some(before) = before else {
            if !own {
                return refuse(StatusCode::FORBIDDEN, "Everyone reports their own emergency access.");
            }
            if after["status"] != "requested" || ["owner", "output", "note"].iter().any(|name| !after[name].is_null()) {
                return refuse(StatusCode::UNPROCESSABLE_ENTITY, "A report arrives unjudged.");
            }
            let worth = self.worth(smart, bearer, id, &after).map_err(|error| {
                tracing::error!(?error, "the numbers cannot be used");
                Box::new(outcome(StatusCode::INTERNAL_SERVER_ERROR, "exception", "The numbers cannot be used."))
            })?;
            after["businessStatus"] = json!({"coding": [{"system": NUMBER_SYSTEM, "code": worth}]});
            return Ok(after);
        };
        if !is_review(before) || !is_review(&after) {
            return refuse(StatusCode::CONFLICT, "A report stays a report.");
        }
        if reviews(bearer) {
            if own {
                return refuse(StatusCode::FORBIDDEN, "Nobody judges their own emergency access.");
            }
            if REPORTED.iter().any(|name| before[name] != after[name]) {
                return refuse(StatusCode::UNPROCESSABLE_ENTITY, "What was reported stays as it was reported.");
            }
        } else if !own || !only_adds_inputs(before, &after) {
            return refuse(StatusCode::FORBIDDEN, "Judging is for those who review emergency access.");
        }
        Ok(after)
    }

    /// What the number in a new report is worth; a good one is spent by it.
    fn worth(&self, smart: &Smart, bearer: &Bearer, id: &str, task: &Value) -> rusqlite::Result<&'static str> {
        let Some(number) = input(task, "number").and_then(|input| input["valueString"].as_str()) else { return Ok("unnumbered") };
        let claims = input(task, "signed").and_then(|input| smart.verify(JWS_TYPE, input["valueString"].as_str()?));
        let Some(claims) = claims.filter(|claims| claims["number"] == number) else { return Ok("not-issued") };
        let Ok(number) = number.parse::<i64>() else { return Ok("not-issued") };
        let mut db = self.store.lock();
        let tx = db.transaction()?;
        let worth = match issued(&tx, number)? {
            None => "not-issued",
            Some(issued) => settle(&tx, (number, &issued), bearer, id, &claims, task)?,
        };
        tx.commit()?;
        Ok(worth)
    }
}

fn settle(
    db: &Connection,
    (number, issued): (i64, &Issued),
    bearer: &Bearer,
    id: &str,
    claims: &Value,
    task: &Value,
) -> rusqlite::Result<&'static str> {
    let Issued { practitioner, device, issued, expires, task: spent_by, struck_off } = issued;
    if *practitioner != bearer.practitioner || claims["sub"] != practitioner.as_str() || claims["device"] != device.as_str() {
        return Ok("of-another");
    }
    if !spent_by.is_empty() && spent_by != id {
        return Ok("used-twice");
    }
    spend(db, number, id)?;
    let began = input(task, "began").and_then(|input| DateTime::parse_from_rfc3339(input["valueDateTime"].as_str()?).ok());
    let tolerance = TOLERANCE.num_seconds();
    let in_time = began.is_some_and(|began| (issued - tolerance..expires + tolerance).contains(&began.timestamp()));
    Ok(if in_time && !struck_off { "good" } else { "out-of-time" })
}

/// What only the report itself says.
const REPORTED: [&str; 7] = ["code", "for", "requester", "focus", "authoredOn", "input", "businessStatus"];

fn only_adds_inputs(before: &Value, after: &Value) -> bool {
    let without = |task: &Value| {
        let mut task = task.clone();
        if let Some(members) = task.as_object_mut() {
            ["meta", "input", "lastModified"].iter().for_each(|name| drop(members.remove(*name)));
        }
        task
    };
    let inputs = |task: &Value| task["input"].as_array().cloned().unwrap_or_default();
    let kept = inputs(after);
    without(before) == without(after) && inputs(before).iter().all(|input| kept.contains(input))
}

fn input<'a>(task: &'a Value, code: &str) -> Option<&'a Value> {
    task["input"].as_array()?.iter().find(|input| {
        let codings = input["type"]["coding"].as_array();
        codings.into_iter().flatten().any(|coding| coding["system"] == INPUT_SYSTEM && coding["code"] == code)
    })
}

fn refers_to(reference: &Value, practitioner: &str) -> bool {
    reference["reference"].as_str().is_some_and(|text| text == format!("Practitioner/{practitioner}"))
}

fn reviews(bearer: &Bearer) -> bool {
    let writes = Role::named(&bearer.role).map(Role::permissions).unwrap_or_default();
    writes["ehr_write"].as_array().is_some_and(|areas| areas.iter().any(|area| area == "break_glass_reviews"))
}
