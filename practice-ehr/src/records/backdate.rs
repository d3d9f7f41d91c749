//! Dates written rows back to when their request arrived.
//!
//! PostgreSQL-backed FHIR servers stamp rows with the start of the transaction and show them at its commit. A client that
//! remembers the newest `lastUpdated` it has seen will then miss rows that appear later with an earlier stamp.

use std::path::Path;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Response, header};
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;

use super::{RecordsError, TENANT};

/// One version of one resource.
#[derive(Debug, PartialEq, Eq)]
struct Version {
    kind: String,
    id: String,
    version: String,
}

/// Sets `lastUpdated` of everything that the request for `path` wrote to `instant`: in Helios' resource and history tables
/// (its searches and sorts read the former, its histories the latter; no index row holds it) and in the response.
///
/// # Errors
/// [`RecordsError`] when the rows cannot be changed.
pub async fn backdate(
    database: &Path,
    path: &str,
    response: Response<Body>,
    instant: DateTime<Utc>,
) -> Result<Response<Body>, RecordsError> {
    let (mut parts, body) = response.into_parts();
    // Helios builds whole bodies; there is no stream that could fail.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if !parts.status.is_success() {
        return Ok(Response::from_parts(parts, Body::from(bytes)));
    }
    let mut json: Option<Value> = serde_json::from_slice(&bytes).ok();
    let mut written: Vec<Version> = json.iter().flat_map(versions).collect();
    written.extend(parts.headers.get(header::LOCATION).and_then(|value| version(value.to_str().ok()?)));
    let mut db = Connection::open(database)?;
    db.busy_timeout(Duration::from_secs(30))?;
    written.extend(current(&db, path)?);
    date_rows(&mut db, &written, instant)?;

    if let Ok(value) = HeaderValue::from_str(&instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string()) {
        parts.headers.insert(header::LAST_MODIFIED, value);
    }
    let Some(json) = &mut json else { return Ok(Response::from_parts(parts, Body::from(bytes))) };
    stamp(json, &instant.to_rfc3339_opts(SecondsFormat::Millis, true));
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(json.to_string())))
}

/// The current version of `Type/id`, for answers that name none (deletes, `Prefer: return=minimal`).
fn current(db: &Connection, path: &str) -> rusqlite::Result<Option<Version>> {
    let Some((kind, id)) = path.trim_matches('/').split_once('/') else { return Ok(None) };
    let version = db
        .query_row("SELECT version_id FROM resources WHERE tenant_id = ?1 AND resource_type = ?2 AND id = ?3", [TENANT, kind, id], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(version.map(|version| Version { kind: kind.into(), id: id.into(), version }))
}

fn date_rows(db: &mut Connection, written: &[Version], instant: DateTime<Utc>) -> rusqlite::Result<()> {
    let tx = db.transaction()?;
    for table in ["resources", "resource_history"] {
        let sql =
            format!("UPDATE {table} SET last_updated = ?1 WHERE tenant_id = ?2 AND resource_type = ?3 AND id = ?4 AND version_id = ?5");
        for row in written {
            tx.execute(&sql, params![instant.to_rfc3339(), TENANT, row.kind, row.id, row.version])?;
        }
    }
    tx.commit()
}

/// What an answer names as written: the resource itself, or a bundle's entries.
fn versions(json: &Value) -> Vec<Version> {
    if json["resourceType"] == "Bundle" {
        let entries = json["entry"].as_array().into_iter().flatten();
        return entries.filter_map(|entry| version(entry["response"]["location"].as_str()?)).collect();
    }
    let text = |value: &Value| value.as_str().map(String::from);
    let own = || Some(Version { kind: text(&json["resourceType"])?, id: text(&json["id"])?, version: text(&json["meta"]["versionId"])? });
    own().into_iter().collect()
}

/// Reads `[base/]Type/id/_history/version`.
fn version(location: &str) -> Option<Version> {
    let mut parts = location.rsplit('/');
    let version = parts.next()?;
    (parts.next()? == "_history").then_some(())?;
    let id = parts.next()?;
    let kind = parts.next()?;
    Some(Version { kind: kind.into(), id: id.into(), version: version.into() })
}

fn stamp(json: &mut Value, instant: &str) {
    if let Some(last_updated) = json.pointer_mut("/meta/lastUpdated") {
        *last_updated = instant.into();
    }
    for entry in json.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten() {
        for pointer in ["/response/lastModified", "/resource/meta/lastUpdated"] {
            if let Some(last_updated) = entry.pointer_mut(pointer) {
                *last_updated = instant.into();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_versions_are_read_from_locations_and_resources() {
        let expected = Version { kind: "Observation".into(), id: "a".into(), version: "2".into() };
        assert_eq!(version("https://localhost:1/fhir/Observation/a/_history/2").as_ref(), Some(&expected));
        assert_eq!(version("Observation/a"), None);
        let resource = serde_json::json!({"resourceType": "Observation", "id": "a", "meta": {"versionId": "2"}});
        assert_eq!(versions(&resource), [expected]);
    }
}
