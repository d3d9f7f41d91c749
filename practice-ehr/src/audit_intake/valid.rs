//! The least an AuditEvent must hold to be worth keeping: what R4 makes mandatory.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

/// `recorded` in UTC with milliseconds, so that it sorts as text.
///
/// # Errors
/// What is missing or wrong, as a sentence.
pub fn recorded(event: &Value) -> Result<String, &'static str> {
    if event["resourceType"] != "AuditEvent" {
        return Err("The resource is not an AuditEvent.");
    }
    if !event["id"].is_null() && !event["id"].as_str().is_some_and(is_id) {
        return Err("AuditEvent.id is not a FHIR id.");
    }
    if !event["type"]["code"].is_string() {
        return Err("AuditEvent.type.code is required.");
    }
    let agents = event["agent"].as_array().map(Vec::as_slice).unwrap_or_default();
    if agents.is_empty() || agents.iter().any(|agent| !agent["requestor"].is_boolean()) {
        return Err("AuditEvent.agent is required, and each agent says whether it is the requestor.");
    }
    if !event["source"]["observer"].is_object() {
        return Err("AuditEvent.source.observer is required.");
    }
    let recorded = event["recorded"].as_str().and_then(|instant| DateTime::parse_from_rfc3339(instant).ok());
    match recorded {
        Some(instant) => Ok(instant.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::Millis, true)),
        None => Err("AuditEvent.recorded is required and must be an instant."),
    }
}

/// FHIR R4 §2.24.0.1, type `id`.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mandatory_elements_are_mandatory() {
        let event = json!({
            "resourceType": "AuditEvent", "id": "a", "type": {"code": "rest"}, "recorded": "2026-01-02T03:04:05+01:00",
            "agent": [{"requestor": true}], "source": {"observer": {"display": "here"}},
        });
        assert_eq!(recorded(&event), Ok("2026-01-02T02:04:05.000Z".into()));
        for missing in ["resourceType", "type", "recorded", "agent", "source"] {
            let mut incomplete = event.clone();
            incomplete[missing] = Value::Null;
            assert!(recorded(&incomplete).is_err(), "{missing}");
        }
        let mut ill_named = event;
        ill_named["id"] = "a/b".into();
        assert!(recorded(&ill_named).is_err());
    }
}
