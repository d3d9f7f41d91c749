//! Every event is an AuditEvent as FHIR R4 defines it (hl7.org/fhir/R4/auditevent.html): elements, cardinalities, types, required codes,
//! and the constraint sev-1. Compact by purpose: what the definition requires of these elements, not a general validator.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use audit::{Action, Actor, Device, Digest, Entry, Origin, Outcome, Subject, audit_event};
use kernel::{CorrelationId, DeviceId, Instants, LogId, Moment, PatientId, PractitionerId, RecordId, ResourceType, UserId};
use serde_json::{Map, Value};

/// An element: name, least, most (`None` is many), and what it is.
type Element = (&'static str, usize, Option<usize>, Kind);

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Flag,
    Instant,
    Id,
    /// One of a required value set.
    Code(&'static [&'static str]),
    Parts(&'static [Element]),
}

const ONE: Option<usize> = Some(1);
const CODING: Kind = Kind::Parts(&[("system", 0, ONE, Kind::Text), ("code", 0, ONE, Kind::Text), ("display", 0, ONE, Kind::Text)]);
const CONCEPT: Kind = Kind::Parts(&[("coding", 0, None, CODING), ("text", 0, ONE, Kind::Text)]);
const IDENTIFIER: Kind = Kind::Parts(&[("system", 0, ONE, Kind::Text), ("value", 0, ONE, Kind::Text)]);
const REFERENCE: Kind =
    Kind::Parts(&[("reference", 0, ONE, Kind::Text), ("identifier", 0, ONE, IDENTIFIER), ("display", 0, ONE, Kind::Text)]);
const NETWORK: Kind = Kind::Parts(&[("address", 0, ONE, Kind::Text), ("type", 0, ONE, Kind::Code(&["1", "2", "3", "4", "5"]))]);
const AGENT: Kind = Kind::Parts(&[
    ("type", 0, ONE, CONCEPT),
    ("role", 0, None, CONCEPT),
    ("who", 0, ONE, REFERENCE),
    ("altId", 0, ONE, Kind::Text),
    ("name", 0, ONE, Kind::Text),
    ("requestor", 1, ONE, Kind::Flag),
    ("network", 0, ONE, NETWORK),
    ("purposeOfUse", 0, None, CONCEPT),
]);
const SOURCE: Kind = Kind::Parts(&[("site", 0, ONE, Kind::Text), ("observer", 1, ONE, REFERENCE), ("type", 0, None, CODING)]);
const DETAIL: Kind = Kind::Parts(&[("type", 1, ONE, Kind::Text), ("valueString", 1, ONE, Kind::Text)]);
const ENTITY: Kind = Kind::Parts(&[
    ("what", 0, ONE, REFERENCE),
    ("type", 0, ONE, CODING),
    ("role", 0, ONE, CODING),
    ("name", 0, ONE, Kind::Text),
    ("query", 0, ONE, Kind::Text),
    ("detail", 0, None, DETAIL),
]);
const AUDIT_EVENT: Kind = Kind::Parts(&[
    ("resourceType", 1, ONE, Kind::Code(&["AuditEvent"])),
    ("id", 0, ONE, Kind::Id),
    ("type", 1, ONE, CODING),
    ("subtype", 0, None, CODING),
    ("action", 0, ONE, Kind::Code(&["C", "R", "U", "D", "E"])),
    ("recorded", 1, ONE, Kind::Instant),
    ("outcome", 0, ONE, Kind::Code(&["0", "4", "8", "12"])),
    ("outcomeDesc", 0, ONE, Kind::Text),
    ("purposeOfEvent", 0, None, CONCEPT),
    ("agent", 1, None, AGENT),
    ("source", 1, ONE, SOURCE),
    ("entity", 0, None, ENTITY),
]);

/// Everything that is wrong with it.
fn problems(value: &Value, kind: Kind, at: &str) -> Vec<String> {
    let is = |good: bool| if good { Vec::new() } else { vec![format!("{at}: {value}")] };
    let text = value.as_str();
    match kind {
        Kind::Text => is(text.is_some_and(|text| !text.trim().is_empty())),
        Kind::Flag => is(value.is_boolean()),
        Kind::Code(codes) => is(text.is_some_and(|text| codes.contains(&text))),
        Kind::Id => {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
            is(text.is_some_and(|text| (1..=64).contains(&text.len()) && text.chars().all(fits)))
        }
        // An instant has a date, a time to the second at least, and a zone.
        Kind::Instant => is(text.is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok())),
        Kind::Parts(elements) => {
            let Some(parts) = value.as_object().filter(|parts| !parts.is_empty()) else { return is(false) };
            let unknown = parts.keys().filter(|name| !elements.iter().any(|(known, ..)| known == name));
            let mut found: Vec<_> = unknown.map(|name| format!("{at}.{name}: no such element")).collect();
            elements.iter().for_each(|element| found.extend(element_problems(parts, element, at)));
            found
        }
    }
}

fn element_problems(parts: &Map<String, Value>, (name, least, most, kind): &Element, at: &str) -> Vec<String> {
    let at = format!("{at}.{name}");
    let values: &[Value] = match (parts.get(*name), most) {
        (None, _) => &[],
        (Some(Value::Array(values)), None) if !values.is_empty() => values,
        (Some(Value::Array(_)), _) | (Some(_), None) => return vec![format!("{at}: not the right number of them")],
        (Some(value), Some(_)) => std::slice::from_ref(value),
    };
    if values.len() < *least {
        return vec![format!("{at}: missing")];
    }
    values.iter().flat_map(|value| problems(value, *kind, &at)).collect()
}

fn check(event: &Value) -> Vec<String> {
    let mut found = problems(event, AUDIT_EVENT, "AuditEvent");
    let entities = event["entity"].as_array().map_or(&[][..], Vec::as_slice);
    if entities.iter().any(|entity| entity.get("name").is_some() && entity.get("query").is_some()) {
        found.push("sev-1: name and query".into());
    }
    found
}

fn device() -> DeviceId {
    DeviceId::new("00000000-0000-4000-8000-00000000000d").unwrap()
}

fn entry(action: Action, outcome: Outcome, full: bool) -> Entry {
    let actor =
        || Actor { user: UserId::new("ada").unwrap(), practitioner: PractitionerId::new("prac-ada").unwrap(), role: "nurse".into() };
    let origin = Origin {
        actor: full.then(actor),
        at: Instants { wall: "2026-03-01T08:00:00.250Z".parse().unwrap(), boot: Moment(7) },
        boot_id: "b".into(),
        correlation: CorrelationId::parse("00000000-0000-4000-8000-000000000001").unwrap(),
        workstation: "desk-1".into(),
        address: full.then(|| "10.0.0.7".into()),
        client: "0.1.0",
        device: full.then(|| Device { id: device(), system: "Linux 6.1".into() }),
    };
    let subject = if full {
        Subject {
            patient: PatientId::new("pat-1").ok(),
            record: Some((ResourceType::new("Observation").unwrap(), RecordId::new("obs-1").unwrap())),
            purpose: Some("ETREAT".into()),
            before: Some(Digest([1; 32])),
            after: Some(Digest([2; 32])),
            detail: Some("60 min".into()),
            ..Subject::default()
        }
    } else {
        Subject::default()
    };
    let mut entry = Entry::new(42, &origin, action, outcome, subject);
    entry.log_id = full.then(|| LogId::parse("00000000-0000-4000-8000-000000000002")).flatten();
    entry
}

#[test]
fn every_action_and_outcome_makes_a_valid_event() {
    for action in Action::ALL {
        for outcome in [Outcome::Allowed, Outcome::Refused, Outcome::Failed] {
            for full in [true, false] {
                let event = audit_event(&device(), 42, Some(&entry(*action, outcome, full)));
                assert_eq!(check(&event), [""; 0], "{action:?} {outcome:?} {event:#}");
                let requestors = event["agent"].as_array().unwrap().iter().filter(|agent| agent["requestor"] == true);
                assert_eq!(requestors.count(), 1);
                let systems = ["type", "subtype"].iter().flat_map(|name| match &event[*name] {
                    Value::Array(codings) => codings.clone(),
                    coding => vec![coding.clone()],
                });
                assert!(systems.into_iter().all(|coding| coding["system"].is_string() && coding["code"].is_string()));
            }
        }
    }
    assert_eq!(check(&audit_event(&device(), 42, None)), [""; 0], "unreadable");
}

#[test]
fn the_check_finds_what_is_wrong() {
    let good = audit_event(&device(), 42, Some(&entry(Action::ReadChart, Outcome::Allowed, true)));
    type Spoil = fn(&mut Value);
    let spoils: &[(&str, Spoil)] = &[
        ("no type", |event| drop(event.as_object_mut().unwrap().remove("type"))),
        ("no agent", |event| event["agent"] = Value::Array(Vec::new())),
        ("no requestor", |event| drop(event["agent"][0].as_object_mut().unwrap().remove("requestor"))),
        ("no observer", |event| drop(event["source"].as_object_mut().unwrap().remove("observer"))),
        ("outcome of no set", |event| event["outcome"] = "1".into()),
        ("action of no set", |event| event["action"] = "X".into()),
        ("no zone", |event| event["recorded"] = "2026-03-01T08:00:00".into()),
        ("empty text", |event| event["source"]["observer"]["display"] = "".into()),
        ("unknown element", |event| event["severity"] = "high".into()),
        ("two of one", |event| event["type"] = Value::Array(vec![event["type"].clone()])),
        ("id too long", |event| event["id"] = "x".repeat(65).into()),
        ("name and query", |event| (event["entity"][0]["name"], event["entity"][0]["query"]) = ("a".into(), "b".into())),
    ];
    for (what, spoil) in spoils {
        let mut event = good.clone();
        spoil(&mut event);
        assert_ne!(check(&event), [""; 0], "{what}");
    }
}
