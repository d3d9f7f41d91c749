//! How often each kind of request came: what tests read to prove that a client asked for no more than it needed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::Method;

/// Requests since the start or the last [`Counting::reset`], by method and path template.
#[derive(Default)]
pub struct Counting(Mutex<BTreeMap<String, u64>>);

impl Counting {
    /// Counts one request.
    pub fn count(&self, method: &Method, path: &str) {
        let key = format!("{method} {}", template(path));
        *self.lock().entry(key).or_default() += 1;
    }

    /// The counts so far, such as `"GET /fhir/Patient/{id}": 3`.
    pub fn snapshot(&self) -> BTreeMap<String, u64> {
        self.lock().clone()
    }

    /// Starts again at nothing.
    pub fn reset(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path with every logical id and version replaced: `/fhir/Patient/7/_history/2` is `/fhir/Patient/{id}/_history/{vid}`.
fn template(path: &str) -> String {
    let Some(rest) = path.strip_prefix("/fhir/") else { return path.to_owned() };
    let mut out = String::from("/fhir");
    let mut previous = "";
    for (position, segment) in rest.split('/').enumerate() {
        out.push('/');
        if previous == "_history" {
            out.push_str("{vid}");
        } else if position == 1 && previous.starts_with(|c: char| c.is_ascii_uppercase()) && !segment.starts_with(['_', '$']) {
            out.push_str("{id}");
        } else {
            out.push_str(segment);
        }
        previous = segment;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_versions_are_replaced_and_operations_kept() {
        for (path, expected) in [
            ("/fhir", "/fhir"),
            ("/fhir/Patient", "/fhir/Patient"),
            ("/fhir/Patient/Abc", "/fhir/Patient/{id}"),
            ("/fhir/Patient/Abc/Observation", "/fhir/Patient/{id}/Observation"),
            ("/fhir/Patient/a-1/$everything", "/fhir/Patient/{id}/$everything"),
            ("/fhir/Patient/a-1/_history/3", "/fhir/Patient/{id}/_history/{vid}"),
            ("/fhir/Observation/_history", "/fhir/Observation/_history"),
            ("/fhir/_history", "/fhir/_history"),
            ("/auth/token", "/auth/token"),
        ] {
            assert_eq!(template(path), expected);
        }
    }

    #[test]
    fn reset_forgets() {
        let counting = Counting::default();
        counting.count(&Method::GET, "/fhir/Patient/1");
        counting.count(&Method::GET, "/fhir/Patient/2");
        assert_eq!(counting.snapshot().get("GET /fhir/Patient/{id}"), Some(&2));
        counting.reset();
        assert!(counting.snapshot().is_empty());
    }
}
