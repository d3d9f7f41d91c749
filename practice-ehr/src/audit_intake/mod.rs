//! The audit repository: AuditEvents come in and are never changed (IHE ITI-20 RESTful ATNA, as a subset).
//!
//! Helios refuses AuditEvent writes, so they are kept here. A client-assigned id is kept and makes sending idempotent: a
//! workstation that got no answer sends again.

mod search;
mod valid;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use chrono::{SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::outcome::{fhir, issue, outcome};
use crate::store::Store;

/// The repository.
pub struct AuditIntake {
    store: Arc<Store>,
}

/// What became of one event.
enum Intake {
    /// Stored under this id just now.
    Stored(String),
    /// The very same event was here already.
    Known(String),
    /// Another event has this id.
    Differs,
    /// Not an event worth keeping: what is missing.
    Invalid(&'static str),
}

impl AuditIntake {
    /// The repository in `store`.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// How many events there are.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn count(&self) -> rusqlite::Result<u64> {
        self.store.lock().query_row("SELECT count(*) FROM audit_event", [], |row| row.get(0))
    }

    /// Takes down an event of the EHR's own.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn note(&self, event: &Value) -> rusqlite::Result<()> {
        take_in(&self.store.lock(), event).map(drop)
    }

    /// 405 for everything that would change or erase an event.
    pub fn refuses(&self, method: &Method, path: &str) -> Option<Response<Body>> {
        let here = is_audit_path(path);
        let allowed = *method == Method::GET || (*method == Method::POST && path.trim_matches('/') == "AuditEvent");
        (here && !allowed).then(|| {
            let mut refusal = outcome(StatusCode::METHOD_NOT_ALLOWED, "not-supported", "Audit events are append-only.");
            refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
            refusal
        })
    }

    /// Answers what concerns audit events; `None` for everything else.
    pub fn answer(&self, base: &str, method: &Method, path: &str, query: &str, body: &[u8]) -> Option<Response<Body>> {
        if path.trim_matches('/').is_empty() && *method == Method::POST {
            return self.bundle(base, body);
        }
        if !is_audit_path(path) {
            return None;
        }
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let answer = match (method, segments.as_slice()) {
            (&Method::POST, [_]) => self.create(base, body),
            (&Method::GET, [_]) => search::search(&self.store.lock(), base, query),
            (&Method::GET, [_, id]) => self.read(id),
            _ => Ok(outcome(StatusCode::NOT_FOUND, "not-supported", "Audit events have one version and no operations.")),
        };
        Some(answer.unwrap_or_else(|error| {
            tracing::error!(?error, "the audit repository cannot be used");
            outcome(StatusCode::INTERNAL_SERVER_ERROR, "exception", "The audit repository cannot be used.")
        }))
    }

    fn create(&self, base: &str, body: &[u8]) -> rusqlite::Result<Response<Body>> {
        let Ok(event) = serde_json::from_slice::<Value>(body) else {
            return Ok(outcome(StatusCode::BAD_REQUEST, "invalid", "The body is not JSON."));
        };
        Ok(match take_in(&self.store.lock(), &event)? {
            Intake::Stored(id) => located(base, &id, StatusCode::CREATED),
            Intake::Known(id) => located(base, &id, StatusCode::OK),
            Intake::Differs => outcome(StatusCode::CONFLICT, "conflict", "Another event has this id."),
            Intake::Invalid(what) => outcome(StatusCode::UNPROCESSABLE_ENTITY, "required", what),
        })
    }

    fn read(&self, id: &str) -> rusqlite::Result<Response<Body>> {
        let db = self.store.lock();
        let found = db
            .query_row("SELECT body, received FROM audit_event WHERE id = ?1", [id], |row| {
                Ok(served(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?))
            })
            .optional()?;
        Ok(match found {
            Some(event) => fhir(StatusCode::OK, &event),
            None => outcome(StatusCode::NOT_FOUND, "not-found", "There is no such audit event."),
        })
    }

    /// A batch or transaction whose entries are all `POST AuditEvent`.
    fn bundle(&self, base: &str, body: &[u8]) -> Option<Response<Body>> {
        let bundle: Value = serde_json::from_slice(body).ok()?;
        let entries = bundle["entry"].as_array()?;
        let audit = entries.iter().filter(|entry| names_audit_event(&entry["request"])).count();
        if audit == 0 {
            return None;
        }
        if audit < entries.len() || entries.iter().any(|entry| entry["request"]["method"] != "POST") {
            let sentence = "A bundle with audit events may hold nothing but POST AuditEvent.";
            return Some(outcome(StatusCode::BAD_REQUEST, "business-rule", sentence));
        }
        let atomic = bundle["type"] == "transaction";
        Some(self.take_in_all(base, entries, atomic).unwrap_or_else(|error| {
            tracing::error!(?error, "the audit repository cannot be used");
            outcome(StatusCode::INTERNAL_SERVER_ERROR, "exception", "The audit repository cannot be used.")
        }))
    }

    fn take_in_all(&self, base: &str, entries: &[Value], atomic: bool) -> rusqlite::Result<Response<Body>> {
        let mut db = self.store.lock();
        let tx = db.transaction()?;
        let mut responses = Vec::with_capacity(entries.len());
        for entry in entries {
            let (status, id, problem) = match take_in(&tx, &entry["resource"])? {
                Intake::Stored(id) => ("201 Created", id, None),
                Intake::Known(id) => ("200 OK", id, None),
                Intake::Differs => ("409 Conflict", String::new(), Some(issue("conflict", "Another event has this id."))),
                Intake::Invalid(what) => ("422 Unprocessable Entity", String::new(), Some(issue("required", what))),
            };
            responses.push(match problem {
                None => json!({"response": {"status": status, "location": format!("{base}/AuditEvent/{id}")}}),
                // Dropped with the transaction: all or nothing.
                Some(problem) if atomic => return Ok(fhir(StatusCode::BAD_REQUEST, &problem)),
                Some(problem) => json!({"response": {"status": status, "outcome": problem}}),
            });
        }
        tx.commit()?;
        let kind = if atomic { "transaction-response" } else { "batch-response" };
        Ok(fhir(StatusCode::OK, &json!({"resourceType": "Bundle", "type": kind, "entry": responses})))
    }
}

fn take_in(db: &Connection, event: &Value) -> rusqlite::Result<Intake> {
    let recorded = match valid::recorded(event) {
        Ok(recorded) => recorded,
        Err(what) => return Ok(Intake::Invalid(what)),
    };
    let id = event["id"].as_str().map_or_else(|| Uuid::new_v4().to_string(), String::from);
    let mut kept = event.clone();
    if let Some(object) = kept.as_object_mut() {
        object.insert("id".into(), id.clone().into());
    }
    let known: Option<String> = db.query_row("SELECT body FROM audit_event WHERE id = ?1", [&id], |row| row.get(0)).optional()?;
    if let Some(known) = known.and_then(|known| serde_json::from_str::<Value>(&known).ok()) {
        return Ok(if known == kept { Intake::Known(id) } else { Intake::Differs });
    }
    let received = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    db.execute(
        "INSERT INTO audit_event (id, recorded, received, body) VALUES (?1, ?2, ?3, ?4)",
        params![id, recorded, received, kept.to_string()],
    )?;
    Ok(Intake::Stored(id))
}

/// The event as stored, with the repository's `meta`.
fn served(body: &str, received: &str) -> Value {
    let mut event: Value = serde_json::from_str(body).unwrap_or_default();
    event["meta"]["versionId"] = "1".into();
    event["meta"]["lastUpdated"] = received.into();
    event
}

fn located(base: &str, id: &str, status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if let Ok(location) = HeaderValue::from_str(&format!("{base}/AuditEvent/{id}/_history/1")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response.headers_mut().insert(header::ETAG, HeaderValue::from_static("W/\"1\""));
    response
}

fn is_audit_path(path: &str) -> bool {
    path.trim_matches('/').split('/').next() == Some("AuditEvent")
}

fn names_audit_event(request: &Value) -> bool {
    request["url"].as_str().is_some_and(|url| is_audit_path(url.split('?').next().unwrap_or_default()))
}
