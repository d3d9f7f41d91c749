//! Searching the audit repository by `_id` and `date`, in order of arrival, page by page.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::served;
use crate::outcome::{fhir, outcome};

const DEFAULT_PAGE: u32 = 100;
const MAX_PAGE: u32 = 1000;

/// Answers `GET /AuditEvent?…`. Parameters: `_id`, `date` (with `ge`, `gt`, `le`, `lt` or a prefix of the instant, which
/// repeats), `_count`, and the repository's own `_after` in `next` links.
///
/// # Errors
/// Whatever SQLite reports.
pub fn search(db: &Connection, base: &str, query: &str) -> rusqlite::Result<Response<Body>> {
    let mut filter = String::from("1 = 1");
    let mut values: Vec<String> = Vec::new();
    let (mut count, mut after) = (DEFAULT_PAGE, 0_i64);
    let mut carried = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "_count" => count = value.parse().unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE),
            "_after" => after = value.parse().unwrap_or(0),
            "_total" | "_format" => {}
            "_id" => {
                let ids: Vec<&str> = value.split(',').collect();
                filter.push_str(&format!(" AND id IN ({})", vec!["?"; ids.len()].join(", ")));
                values.extend(ids.into_iter().map(String::from));
            }
            "date" => {
                let (condition, bound) = date(&value);
                filter.push_str(condition);
                values.push(bound);
            }
            _ => {
                let sentence = "The audit repository searches by _id and date.";
                return Ok(outcome(StatusCode::BAD_REQUEST, "not-supported", sentence));
            }
        }
        if name != "_after" {
            carried.append_pair(&name, &value);
        }
    }
    let total: u64 =
        db.query_row(&format!("SELECT count(*) FROM audit_event WHERE {filter}"), params_from_iter(&values), |row| row.get(0))?;

    // One row more than asked for tells whether there is a next page.
    let page = format!("SELECT seq, body, received FROM audit_event WHERE {filter} AND seq > {after} ORDER BY seq LIMIT {}", count + 1);
    let mut statement = db.prepare(&page)?;
    let rows = statement.query_map(params_from_iter(&values), |row| {
        Ok((row.get::<_, i64>(0)?, served(&row.get::<_, String>(1)?, &row.get::<_, String>(2)?)))
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<(i64, Value)>>>()?;
    let more = rows.len() > count as usize;
    rows.truncate(count as usize);

    let mut links = vec![json!({"relation": "self", "url": format!("{base}/AuditEvent?{query}")})];
    if let (true, Some((last, _))) = (more, rows.last()) {
        carried.append_pair("_after", &last.to_string());
        links.push(json!({"relation": "next", "url": format!("{base}/AuditEvent?{}", carried.finish())}));
    }
    let entries: Vec<Value> = rows
        .into_iter()
        .map(|(_, event)| {
            let url = format!("{base}/AuditEvent/{}", event["id"].as_str().unwrap_or_default());
            json!({"fullUrl": url, "resource": event, "search": {"mode": "match"}})
        })
        .collect();
    let bundle = json!({"resourceType": "Bundle", "type": "searchset", "total": total, "link": links, "entry": entries});
    Ok(fhir(StatusCode::OK, &bundle))
}

/// `ge2026-01-02` and its like; a bare value matches the instants that begin with it.
fn date(value: &str) -> (&'static str, String) {
    let instant = |text: &str| match chrono::DateTime::parse_from_rfc3339(text) {
        Ok(instant) => instant.with_timezone(&chrono::Utc).to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        Err(_) => text.to_owned(),
    };
    let bound = value.get(2..).map(instant).unwrap_or_default();
    match value.get(..2) {
        Some("ge") => (" AND recorded >= ?", bound),
        Some("gt") => (" AND recorded > ?", bound),
        // A bound such as a day includes what it is a prefix of.
        Some("le") => (" AND recorded <= ?", format!("{bound}~")),
        Some("lt") => (" AND recorded < ?", bound),
        _ => (" AND recorded GLOB ?", format!("{}*", instant(value).replace(['*', '?', '['], ""))),
    }
}
