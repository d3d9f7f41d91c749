//! Issuing numbers, and naming those that nothing was heard of.

use axum::body::{Body, Bytes};
use axum::http::{Response, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::{JWS_TYPE, instant};
use crate::outcome::{fhir, outcome};
use crate::smart::Smart;
use crate::smart::bearer::Bearer;
use crate::smart::scopes::{READ, SEARCH};

/// Numbers one clinician may hold on one workstation.
const MOST: i64 = 20;
/// How long a number is good.
const GOOD_FOR: TimeDelta = TimeDelta::days(7);
/// One that ends sooner is not counted among those held.
const SOON: TimeDelta = TimeDelta::days(1);

/// `POST $break-glass-grants`, Parameters `device` (string), `count` (how many there shall be), `unused` (repeats: ended without use).
/// Answers `grant` (repeats: `number`, `expires`, `signed`) for every number held that is not reported yet, new ones among them, so
/// that an answer that was lost costs nothing; and `issued`.
///
/// # Errors
/// Whatever SQLite reports.
pub fn issue(db: &mut Connection, smart: &Smart, bearer: &Bearer, body: &Bytes, now: DateTime<Utc>) -> rusqlite::Result<Response<Body>> {
    // Whoever may read charts may break the glass.
    if !bearer.scopes.allow("Patient", READ) || !bearer.scopes.allow("AllergyIntolerance", READ) {
        return Ok(outcome(StatusCode::FORBIDDEN, "forbidden", "This role reads no charts."));
    }
    let parameters: Value = serde_json::from_slice(body).unwrap_or_default();
    let (Some(device), Some(count)) = (value(&parameters, "device").next(), value(&parameters, "count").next()) else {
        return Ok(outcome(StatusCode::BAD_REQUEST, "required", "Parameters device and count are required."));
    };
    let (Some(device), Some(count)) = (device["valueString"].as_str(), number(&count["valuePositiveInt"])) else {
        return Ok(outcome(StatusCode::BAD_REQUEST, "value", "device is a string, count a positive integer."));
    };
    let tx = db.transaction()?;
    for unused in value(&parameters, "unused").filter_map(|unused| unused["valueString"].as_str()?.parse::<i64>().ok()) {
        let strike = "UPDATE break_glass_number SET struck_off = 1 WHERE number = ?1 AND practitioner = ?2 AND device = ?3 AND task = ''";
        tx.execute(strike, params![unused, bearer.practitioner, device])?;
    }
    let held = held(&tx, bearer, device, now)?;
    let lasting = held.iter().filter(|(_, _, expires)| *expires > (now + SOON).timestamp()).count();
    let missing = count.min(MOST).saturating_sub(i64::try_from(lasting).unwrap_or(MOST));
    for _ in 0..missing {
        let insert = "INSERT INTO break_glass_number (practitioner, device, issued, expires) VALUES (?1, ?2, ?3, ?4)";
        tx.execute(insert, params![bearer.practitioner, device, now.timestamp(), (now + GOOD_FOR).timestamp()])?;
    }
    let all = self::held(&tx, bearer, device, now)?;
    tx.commit()?;
    let mut answer = vec![json!({"name": "issued", "valueInstant": instant(now.timestamp())})];
    for (number, issued, expires) in all {
        let claims = json!({
            "iss": smart.issuer, "sub": bearer.practitioner, "device": device, "number": number.to_string(), "iat": issued, "exp": expires,
        });
        let Ok(signed) = smart.sign(JWS_TYPE, &claims) else {
            return Ok(outcome(StatusCode::INTERNAL_SERVER_ERROR, "exception", "There is no randomness."));
        };
        answer.push(json!({"name": "grant", "part": [
            {"name": "number", "valueString": number.to_string()},
            {"name": "expires", "valueInstant": instant(expires)},
            {"name": "signed", "valueString": signed},
        ]}));
    }
    Ok(fhir(StatusCode::OK, &json!({"resourceType": "Parameters", "parameter": answer})))
}

/// `GET $break-glass-unreported`, for reviewers: numbers that ended, were neither reported as used nor struck off as unused.
///
/// # Errors
/// Whatever SQLite reports.
pub fn unreported(db: &Connection, bearer: &Bearer, now: DateTime<Utc>) -> rusqlite::Result<Response<Body>> {
    if !bearer.scopes.allow("AuditEvent", READ.and(SEARCH)) {
        return Ok(outcome(StatusCode::FORBIDDEN, "forbidden", "This is for those who review emergency access."));
    }
    let query = "SELECT number, practitioner, device, expires FROM break_glass_number
                 WHERE expires <= ?1 AND task = '' AND struck_off = 0 ORDER BY number LIMIT 1000";
    let mut statement = db.prepare(query)?;
    let rows = statement.query_map([now.timestamp()], |row| {
        Ok(json!({"name": "number", "part": [
            {"name": "number", "valueString": row.get::<_, i64>(0)?.to_string()},
            {"name": "practitioner", "valueReference": {"reference": format!("Practitioner/{}", row.get::<_, String>(1)?)}},
            {"name": "device", "valueString": row.get::<_, String>(2)?},
            {"name": "expired", "valueInstant": instant(row.get(3)?)},
        ]}))
    })?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(fhir(StatusCode::OK, &json!({"resourceType": "Parameters", "parameter": rows})))
}

/// Number, issue and end of what is good and unspent.
fn held(db: &Connection, bearer: &Bearer, device: &str, now: DateTime<Utc>) -> rusqlite::Result<Vec<(i64, i64, i64)>> {
    let query = "SELECT number, issued, expires FROM break_glass_number
                 WHERE practitioner = ?1 AND device = ?2 AND expires > ?3 AND task = '' AND struck_off = 0 ORDER BY number LIMIT 50";
    let mut statement = db.prepare(query)?;
    let rows =
        statement.query_map(params![bearer.practitioner, device, now.timestamp()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

fn value<'a>(parameters: &'a Value, name: &'a str) -> impl Iterator<Item = &'a Value> {
    parameters["parameter"].as_array().into_iter().flatten().filter(move |parameter| parameter["name"] == name)
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().filter(|count| *count > 0)
}
