//! Which access a FHIR request needs (SMART App Launch 2.2 § Scopes for requesting FHIR Resources).

use axum::http::Method;
use serde_json::Value;
use url::form_urlencoded;

use crate::smart::scopes::{CREATE, DELETE, Permissions, READ, SEARCH, Scopes, UPDATE};

/// Permissions on a type of resource; `*` is all of them.
type Need = (String, Permissions);

/// What `method` on `path` (relative to the base, with its query) with this body needs. `None`: no such interaction.
pub fn required(method: &Method, path: &str, query: &str, body: &[u8]) -> Option<Vec<Need>> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let kind = segments[0];
    if kind.is_empty() || kind == "_history" {
        return match (method.as_str(), kind) {
            ("POST", "") => bundle(body),
            ("GET", "_history") => Some(vec![("*".into(), SEARCH.and(READ))]),
            _ => None,
        };
    }
    if !kind.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let operation = segments.iter().find(|segment| segment.starts_with('$')).copied();
    let own = match (method.as_str(), segments.as_slice(), operation) {
        ("GET" | "POST", _, Some("$everything")) => return Some(vec![("*".into(), READ.and(SEARCH))]),
        ("POST", _, Some("$validate")) => READ,
        (_, _, Some(_)) => return None,
        ("GET" | "HEAD", [_], _) | ("GET", [_, "_history"], _) | ("POST", [_, "_search"], _) => SEARCH,
        ("GET" | "HEAD", [_, _], _) | ("GET", [_, _, "_history"] | [_, _, "_history", _], _) => READ,
        // A compartment search is a search of the third segment's type.
        ("GET", [_, _, target], _) => return Some(vec![((*target).into(), SEARCH.and(READ))]),
        ("POST", [_], _) => CREATE,
        ("PUT" | "PATCH", [_] | [_, _], _) => UPDATE,
        ("DELETE", [_] | [_, _], _) => DELETE,
        _ => return None,
    };
    let form = if segments.get(1) == Some(&"_search") { body } else { b"" };
    let mut needs = vec![(kind.into(), own)];
    if reaches_further(query.as_bytes()) || reaches_further(form) {
        needs.push(("*".into(), READ.and(SEARCH)));
    }
    Some(needs)
}

/// Whether `scopes` cover every need.
pub fn covered(scopes: &Scopes, needs: &[Need]) -> bool {
    needs.iter().all(|(kind, permissions)| scopes.allow(kind, *permissions))
}

/// Includes, reverse chains and chains let a search see other types than the one it names.
fn reaches_further(query: &[u8]) -> bool {
    form_urlencoded::parse(query)
        .any(|(name, _)| name.starts_with("_include") || name.starts_with("_revinclude") || name.starts_with("_has") || name.contains('.'))
}

fn bundle(body: &[u8]) -> Option<Vec<Need>> {
    let bundle: Value = serde_json::from_slice(body).ok()?;
    let mut needs = Vec::new();
    for entry in bundle["entry"].as_array()? {
        let method = Method::from_bytes(entry["request"]["method"].as_str()?.as_bytes()).ok()?;
        let url = entry["request"]["url"].as_str()?;
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        // Bundles do not nest.
        if path.trim_matches('/').is_empty() {
            return None;
        }
        needs.extend(required(&method, path, query, b"")?);
    }
    Some(needs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn allowed(scope: &str, method: &str, url: &str, body: &str) -> bool {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        required(&method, path, query, body.as_bytes()).is_some_and(|needs| covered(&Scopes::parse(scope), &needs))
    }

    #[test]
    fn each_interaction_needs_its_own_letter() {
        for (letter, method, url) in [
            ("r", "GET", "/Patient/1"),
            ("r", "GET", "/Patient/1/_history"),
            ("r", "GET", "/Patient/1/_history/2"),
            ("s", "GET", "/Patient?name=a"),
            ("s", "POST", "/Patient/_search"),
            ("s", "GET", "/Patient/_history"),
            ("c", "POST", "/Patient"),
            ("u", "PUT", "/Patient/1"),
            ("u", "PATCH", "/Patient/1"),
            ("d", "DELETE", "/Patient/1"),
        ] {
            assert!(allowed(&format!("user/Patient.{letter}"), method, url, ""), "{method} {url}");
            let without = "cruds".replace(letter, "");
            assert!(!allowed(&format!("user/Patient.{without} user/Goal.cruds"), method, url, ""), "{method} {url}");
        }
    }

    #[test]
    fn what_reaches_beyond_a_type_needs_them_all() {
        for (method, url) in [
            ("GET", "/Patient/1/$everything"),
            ("GET", "/_history"),
            ("GET", "/Patient?_revinclude=Observation:patient"),
            ("GET", "/Patient?_has:Observation:patient:code=1"),
            ("GET", "/Observation?patient.name=a"),
        ] {
            assert!(!allowed("user/Patient.rs user/Observation.rs", method, url, ""), "{url}");
            assert!(allowed("user/*.rs", method, url, ""), "{url}");
        }
        assert!(!allowed("user/Patient.rs", "POST", "/Patient/_search", "_include=Patient:link"));
        assert!(allowed("user/Condition.rs", "GET", "/Patient/1/Condition", ""));
        assert!(!allowed("user/Patient.rs", "GET", "/Patient/1/Condition", ""));
    }

    #[test]
    fn a_bundle_needs_what_its_entries_need() {
        let body = r#"{"resourceType": "Bundle", "type": "transaction", "entry": [
            {"request": {"method": "POST", "url": "Observation"}}, {"request": {"method": "PUT", "url": "Patient/1"}}]}"#;
        assert!(allowed("user/Observation.c user/Patient.u", "POST", "/", body));
        assert!(!allowed("user/Observation.c", "POST", "/", body));
        let nested = r#"{"entry": [{"request": {"method": "POST", "url": ""}}]}"#;
        assert!(!allowed("user/*.cruds", "POST", "/", nested));
    }

    #[test]
    fn what_is_not_fhir_is_not_offered() {
        for (method, url) in
            [("GET", "/console/metrics"), ("POST", "/$sql-run"), ("DELETE", "/Patient/1/$purge"), ("GET", "/admin/tenants")]
        {
            assert!(!allowed("user/*.cruds", method, url, ""), "{url}");
        }
    }
}
