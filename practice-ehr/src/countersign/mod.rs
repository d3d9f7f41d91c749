//! Workstations' audit chains as this EHR remembers them: how far each was seen, signed by it.
//!
//! `POST /fhir/$audit-countersign` takes a stretch of a chain (Parameters, `upload`: a JSON text, for its bytes count) and answers what it
//! is worth and how far the chain was seen. Whatever was seen is remembered for good: a chain that goes back or forks is told so, and its
//! workstation stays marked until somebody who looks after workstations or privacy takes it up again, with a reason.
//! `GET /fhir/.well-known/audit-countersigner` publishes the key.

mod book;
mod chain;
mod pen;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::{Method, Response, StatusCode};
use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit_intake::AuditIntake;
use crate::outcome::{fhir, outcome};
use crate::smart::bearer::Bearer;
use crate::smart::jws::KeyError;
use crate::smart::roles::Role;
use crate::store::Store;
use book::{Book, Standing, Workstation};
use chain::{Judged, Place, Seen, decode, judge};
use pen::Pen;

/// Links of an upload at most.
const MOST_LINKS: usize = 12_000;
/// Characters of a reason at most.
const MOST_REASON: usize = 1000;

/// The memory and the key.
pub struct Countersigning {
    store: Arc<Store>,
    pen: Mutex<Pen>,
}

/// What cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The memory.
    #[error("practice.db cannot be used")]
    Store(#[from] rusqlite::Error),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A stretch of a chain, as it was sent.
struct Upload {
    device: String,
    after: Place,
    links: Vec<String>,
    clear: Option<String>,
}

/// What is answered: a verdict's name, and the last countersignature.
struct Answer(&'static str, Option<Value>);

/// Why there is no verdict.
enum Refused {
    Malformed,
    Unproven(&'static str),
    Forbidden,
    Store(rusqlite::Error),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl Countersigning {
    /// In the EHR's own database; the key lies beside it.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(data_dir: &Path, store: Arc<Store>) -> Result<Self, OpenError> {
        store.lock().execute_batch(book::SCHEMA)?;
        Ok(Self { store, pen: Mutex::new(Pen::open(data_dir)?) })
    }

    /// The well-known document.
    pub fn published(&self) -> Value {
        self.pen().published()
    }

    /// A new key signs from now on.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn renew(&self) -> Result<(), KeyError> {
        self.pen().renew()
    }

    /// Answers the operation; `None` for everything else.
    pub fn operation(&self, audit: &AuditIntake, bearer: &Bearer, method: &Method, path: &str, body: &Bytes) -> Option<Response<Body>> {
        if path.trim_matches('/') != "$audit-countersign" {
            return None;
        }
        if *method != Method::POST {
            return Some(outcome(StatusCode::METHOD_NOT_ALLOWED, "not-supported", "Chains are POSTed here."));
        }
        let answered = Upload::read(body).ok_or(Refused::Malformed).and_then(|upload| self.take_in(audit, bearer, &upload));
        Some(match answered {
            Ok(Answer(verdict, countersigned)) => {
                let answer = json!({"verdict": verdict, "countersigned": countersigned}).to_string();
                let parameter = json!([{"name": "answer", "valueString": answer}]);
                fhir(StatusCode::OK, &json!({"resourceType": "Parameters", "parameter": parameter}))
            }
            Err(Refused::Malformed) => outcome(StatusCode::BAD_REQUEST, "invalid", "This is no stretch of an audit chain."),
            Err(Refused::Unproven(why)) => outcome(StatusCode::UNPROCESSABLE_ENTITY, "business-rule", why),
            Err(Refused::Forbidden) => {
                let sentence = "Taking up a chain again is for those who look after workstations or privacy.";
                outcome(StatusCode::FORBIDDEN, "forbidden", sentence)
            }
            Err(Refused::Store(error)) => {
                tracing::error!(?error, "the memory of audit chains cannot be used");
                outcome(StatusCode::INTERNAL_SERVER_ERROR, "exception", "The memory of audit chains cannot be used.")
            }
        })
    }

    fn take_in(&self, audit: &AuditIntake, bearer: &Bearer, upload: &Upload) -> Result<Answer, Refused> {
        let mut db = self.store.lock();
        let tx = db.transaction()?;
        let mut book = Book { db: &tx, device: &upload.device };
        let known = book.workstation()?;
        let (answer, told) = match (&upload.clear, known) {
            (Some(reason), known) => {
                if !keeps_workstations(bearer) {
                    return Err(Refused::Forbidden);
                }
                let line = known.as_ref().map_or(1, |known| known.line + 1);
                let seen = taken_up(upload)?;
                book.begin(line, Standing::Follows)?;
                book.note(bearer, "cleared", reason)?;
                (self.countersign(&book, bearer, line, &seen)?, Some("cleared"))
            }
            // Nothing is known of it: its first word is taken for good.
            (None, None) if upload.links.is_empty() || upload.after.sequence > 0 && !begins_a_chain(upload) => {
                (Answer("resend", None), None)
            }
            (None, None) => {
                let seen = taken_up(upload)?;
                book.begin(1, Standing::Follows)?;
                book.note(bearer, "registered", "")?;
                (self.countersign(&book, bearer, 1, &seen)?, None)
            }
            (None, Some(known)) if known.standing != Standing::Follows => {
                (Answer(known.standing.as_str(), book.last(known.line)?.map(|last| last.word)), None)
            }
            (None, Some(known)) => self.go_on(&mut book, bearer, upload, &known)?,
        };
        tx.commit()?;
        drop(db);
        if let Some(what) = told {
            tracing::warn!(device = upload.device, what, "a workstation's audit chain");
            audit.note(&event(&upload.device, what, bearer))?;
        }
        Ok(answer)
    }

    fn go_on(
        &self,
        book: &mut Book<'_>,
        bearer: &Bearer,
        upload: &Upload,
        known: &Workstation,
    ) -> Result<(Answer, Option<&'static str>), Refused> {
        let marks = book.marks(known.line)?;
        let last = || Ok::<_, Refused>(book.last(known.line)?.map(|last| last.word));
        let Some(base) = marks.iter().find(|mark| mark.place == upload.after) else {
            return Ok((Answer("resend", last()?), None));
        };
        let places: Vec<Place> = marks.iter().map(|mark| mark.place).collect();
        let standing = match judge(upload.after, Some(base.epoch), &upload.links, &places) {
            Judged::Unproven(why) => return Err(Refused::Unproven(why)),
            Judged::Follows(seen) if places.contains(&seen.place) => return Ok((Answer("follows", last()?), None)),
            Judged::Follows(seen) => return Ok((self.countersign(book, bearer, known.line, &seen)?, None)),
            Judged::Behind => Standing::Behind,
            Judged::Forked => Standing::Forked,
        };
        let word = last()?;
        book.begin(known.line, standing)?;
        book.note(bearer, standing.as_str(), "")?;
        Ok((Answer(standing.as_str(), word), Some(standing.as_str())))
    }

    fn countersign(&self, book: &Book<'_>, bearer: &Bearer, line: i64, seen: &Seen) -> Result<Answer, Refused> {
        let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let word = self.pen().countersign(book.device, &seen.place, &at);
        book.remember(line, seen, &word, &bearer.practitioner)?;
        Ok(Answer("follows", Some(word)))
    }

    fn pen(&self) -> std::sync::MutexGuard<'_, Pen> {
        self.pen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The mark a chain is taken up at, and as far as it goes from there.
fn taken_up(upload: &Upload) -> Result<Seen, Refused> {
    match judge(upload.after, None, &upload.links, &[]) {
        Judged::Follows(seen) => Ok(seen),
        Judged::Unproven(why) => Err(Refused::Unproven(why)),
        Judged::Behind | Judged::Forked => Err(Refused::Unproven("This is no chain's beginning.")),
    }
}

/// Whether an upload of an unknown workstation starts with its first epoch's key, and not in the midst of what another EHR saw.
fn begins_a_chain(upload: &Upload) -> bool {
    upload.links.first().is_some_and(|link| link.contains("\"begin\""))
}

fn keeps_workstations(bearer: &Bearer) -> bool {
    let writes = Role::named(&bearer.role).map(Role::permissions).unwrap_or_default();
    let areas = writes["ehr_write"].as_array();
    areas.is_some_and(|areas| areas.iter().any(|area| area == "devices" || area == "break_glass_reviews"))
}

/// What the privacy officer finds in the audit repository (DICOM PS3.16: Security Alert).
fn event(device: &str, what: &str, bearer: &Bearer) -> Value {
    let dcm =
        |code: &str, display: &str| json!({"system": "http://dicom.nema.org/resources/ontology/DCM", "code": code, "display": display});
    json!({
        "resourceType": "AuditEvent",
        "id": format!("countersign-{}", Uuid::new_v4()),
        "type": dcm("110113", "Security Alert"),
        "subtype": [{"system": "urn:satchel:audit-chain", "code": what}],
        "action": "E",
        "recorded": Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
        "outcome": if what == "cleared" { "0" } else { "8" },
        "agent": [
            {"who": {"reference": format!("Practitioner/{}", bearer.practitioner)}, "requestor": true},
            {"type": {"coding": [dcm("110150", "Application")]},
             "who": {"identifier": {"system": "urn:satchel:workstation", "value": device}}, "requestor": false},
        ],
        "source": {"observer": {"display": "practice EHR"}},
    })
}

impl Upload {
    fn read(body: &[u8]) -> Option<Self> {
        let parameters: Value = serde_json::from_slice(body).ok()?;
        let upload = parameters["parameter"].as_array()?.iter().find(|parameter| parameter["name"] == "upload")?;
        let upload: Value = serde_json::from_str(upload["valueString"].as_str()?).ok()?;
        let after = &upload["after"];
        let links = upload["links"].as_array()?;
        let device = upload["device"].as_str().filter(|device| (1..=64).contains(&device.len()))?;
        let clear = upload["clear"].as_str().map(str::trim);
        if links.len() > MOST_LINKS || clear.is_some_and(|reason| reason.is_empty() || reason.chars().count() > MOST_REASON) {
            return None;
        }
        Some(Self {
            device: device.to_owned(),
            after: Place { sequence: after["sequence"].as_u64()?, digest: decode(after["digest"].as_str()?)? },
            links: links.iter().map(|link| link.as_str().map(str::to_owned)).collect::<Option<_>>()?,
            clear: clear.map(str::to_owned),
        })
    }
}
