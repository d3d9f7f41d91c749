//! Break-glass as the EHR counts it: numbers issued ahead of time, so that emergency access without a network can be numbered, and
//! the reports that come back as Tasks.
//!
//! `POST /fhir/$break-glass-grants` gives a clinician's workstation its numbers, `GET /fhir/$break-glass-unreported` names those that
//! ended without a word, and a Task of code `break-glass-review` spends one. What the number is worth is written into the Task's
//! `businessStatus` on arrival.

mod issue;
mod review;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{Method, Response, StatusCode};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::outcome::outcome;
use crate::smart::Smart;
use crate::smart::bearer::Bearer;
use crate::store::Store;
pub use review::{Arrival, is_review};

/// Header type of a number's signature (RFC 7515 §4.1.9).
const JWS_TYPE: &str = "break-glass-grant+jwt";

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS break_glass_number (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    practitioner TEXT NOT NULL,
    device       TEXT NOT NULL,
    issued       INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    task         TEXT NOT NULL DEFAULT '',
    struck_off   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS break_glass_number_of ON break_glass_number (practitioner, device);
";

/// The numbers and what became of them.
pub struct BreakGlass {
    store: Arc<Store>,
}

impl BreakGlass {
    /// In the EHR's own database.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn new(store: Arc<Store>) -> rusqlite::Result<Self> {
        store.lock().execute_batch(SCHEMA)?;
        Ok(Self { store })
    }

    /// Answers the two operations; `None` for everything else.
    pub fn operation(&self, smart: &Smart, bearer: &Bearer, method: &Method, path: &str, body: &Bytes) -> Option<Response<Body>> {
        let answer = match (method, path.trim_matches('/')) {
            (&Method::POST, "$break-glass-grants") => issue::issue(&mut self.store.lock(), smart, bearer, body, Utc::now()),
            (&Method::GET, "$break-glass-unreported") => issue::unreported(&self.store.lock(), bearer, Utc::now()),
            (_, "$break-glass-grants" | "$break-glass-unreported") => {
                Ok(outcome(StatusCode::METHOD_NOT_ALLOWED, "not-supported", "This operation has another method."))
            }
            _ => return None,
        };
        Some(answer.unwrap_or_else(|error| {
            tracing::error!(?error, "the numbers cannot be used");
            outcome(StatusCode::INTERNAL_SERVER_ERROR, "exception", "The numbers cannot be used.")
        }))
    }
}

/// A number as it was issued.
struct Issued {
    practitioner: String,
    device: String,
    issued: i64,
    expires: i64,
    task: String,
    struck_off: bool,
}

fn issued(db: &Connection, number: i64) -> rusqlite::Result<Option<Issued>> {
    let query = "SELECT practitioner, device, issued, expires, task, struck_off FROM break_glass_number WHERE number = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Issued {
            practitioner: row.get(0)?,
            device: row.get(1)?,
            issued: row.get(2)?,
            expires: row.get(3)?,
            task: row.get(4)?,
            struck_off: row.get::<_, i64>(5)? != 0,
        })
    };
    db.query_row(query, [number], read).optional()
}

fn spend(db: &Connection, number: i64, task: &str) -> rusqlite::Result<()> {
    db.execute("UPDATE break_glass_number SET task = ?2 WHERE number = ?1", params![number, task])?;
    Ok(())
}

fn instant(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
