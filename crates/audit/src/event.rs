//! An entry as a FHIR AuditEvent, as the EHR's audit repository takes it (IHE BALP, DICOM PS3.16 CID 400 and 401 codes).
use kernel::DeviceId;
use serde_json::{Value, json};

use crate::entry::{Action, Entry, Outcome};

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const OWN: &str = "urn:satchel:audit-action";

/// The AuditEvent (R4) of an entry of this workstation's chain. Its id is made of workstation and position, so that an event sent
/// twice is one event; `None` stands for an entry that cannot be read, which is an event of its own.
#[must_use]
pub fn audit_event(device: &DeviceId, sequence: u64, entry: Option<&Entry>) -> Value {
    event(format!("{device}-{sequence}"), device, sequence, entry)
}

/// The same for an EHR that holds another event of this position: the chain was set back, or copied. Its id carries the entry's own.
/// `None` for an entry without one.
#[must_use]
pub fn audit_event_apart(device: &DeviceId, sequence: u64, entry: &Entry) -> Option<Value> {
    let own = entry.log_id?.to_string();
    Some(event(format!("{device}-{sequence}-{}", own.get(..8)?), device, sequence, Some(entry)))
}

fn event(id: String, device: &DeviceId, sequence: u64, entry: Option<&Entry>) -> Value {
    let Some(entry) = entry else { return unreadable(id, device) };
    let (kind, subtype, verb) = codes(entry.action);
    let mut event = json!({
        "resourceType": "AuditEvent",
        "id": id,
        "type": dcm(kind),
        "subtype": subtypes(subtype, entry.action),
        "action": verb,
        "recorded": entry.at,
        "outcome": outcome(entry.outcome),
        "agent": [person(entry), application(device, entry)],
        "source": source(&entry.workstation),
        "entity": entities(entry, sequence),
    });
    if let Some(purpose) = &entry.subject.purpose {
        event["purposeOfEvent"] = json!([concept("http://terminology.hl7.org/CodeSystem/v3-ActReason", purpose)]);
    }
    event
}

/// Type and subtype (DICOM), and C, R, U or E.
const fn codes(action: Action) -> (&'static str, Option<&'static str>, &'static str) {
    match action {
        Action::Start => ("110100", Some("110120"), "E"),
        Action::Unlock | Action::UnlockFailed | Action::SignIn => ("110114", Some("110122"), "E"),
        Action::Lock => ("110114", Some("110123"), "E"),
        Action::Enrol => ("110113", Some("110137"), "C"),
        Action::ChangePassphrase | Action::ChangeSecurityKeys | Action::ChangeRoster => ("110113", Some("110137"), "U"),
        Action::StepUp => ("110114", Some("110122"), "E"),
        Action::RotateKeys | Action::Recovery | Action::UseToken | Action::Incident => ("110113", None, "E"),
        Action::EraseChart => ("110110", None, "D"),
        Action::EraseWorkstation => ("110113", None, "D"),
        Action::ReviewBreakGlass | Action::Countersign => ("110101", None, "U"),
        Action::BreakGlass => ("110113", Some("110127"), "E"),
        Action::EndBreakGlass => ("110113", Some("110138"), "E"),
        Action::ReadAudit | Action::VerifyAudit | Action::ExportAudit | Action::SendAudit => ("110101", None, "R"),
        Action::OpenIndex | Action::Search | Action::ReadSchedule => ("110112", None, "E"),
        Action::ReadChart => ("110110", None, "R"),
        Action::Pin | Action::WriteDraft => ("110110", None, "U"),
        Action::SignNote
        | Action::WriteVitals
        | Action::AdministerMedication
        | Action::DispenseMedication
        | Action::Prescribe
        | Action::PlaceOrder
        | Action::WriteAllergy
        | Action::WriteProblem
        | Action::WriteImmunization
        | Action::WriteProcedure
        | Action::ScheduleAppointment
        | Action::WriteClaim
        | Action::WriteTask => ("110110", None, "C"),
        Action::EditDemographics => ("110110", None, "U"),
        Action::HoldVisit => ("110110", None, "E"),
        Action::RestrictChart | Action::EditDirectory | Action::ChangePolicy | Action::ClearQuarantine => ("110113", None, "U"),
        Action::Ingest => ("110107", None, "C"),
        Action::Push => ("110106", None, "R"),
        Action::ReadOutbox | Action::DeskMemory => ("110100", None, "R"),
    }
}

fn subtypes(dicom: Option<&str>, action: Action) -> Value {
    let own = json!({ "system": OWN, "code": action.as_str() });
    dicom.map_or_else(|| json!([own]), |code| json!([dcm(code), own]))
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "0",
        Outcome::Refused => "4",
        Outcome::Failed => "8",
    }
}

fn person(entry: &Entry) -> Value {
    let Some(actor) = &entry.actor else {
        return json!({ "who": { "display": "nobody: locked" }, "requestor": true, "network": machine(&entry.workstation) });
    };
    let mut agent = json!({
        "type": concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
        "role": [{ "text": actor.role }],
        "who": { "reference": format!("Practitioner/{}", actor.practitioner) },
        "altId": actor.user.as_str(),
        "requestor": true,
        "network": machine(&entry.workstation),
    });
    if let Some(address) = &entry.address {
        agent["network"] = json!({ "address": address, "type": "2" });
    }
    agent
}

fn machine(name: &str) -> Value {
    json!({ "address": name, "type": "1" })
}

/// The user agent: which program, on which machine and system.
fn application(device: &DeviceId, entry: &Entry) -> Value {
    let system = entry.device.as_ref().map_or_else(String::new, |device| format!(" ({})", device.system));
    agent(device, &format!("Satchel {}{system}", entry.client))
}

fn agent(device: &DeviceId, display: &str) -> Value {
    json!({
        "type": { "coding": [dcm("110150")] },
        "who": { "identifier": { "system": "urn:satchel:workstation", "value": device.as_str() }, "display": display },
        "requestor": false,
    })
}

fn source(workstation: &str) -> Value {
    json!({
        "observer": { "display": workstation },
        "type": [{ "system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "1", "display": "User Device" }],
    })
}

fn entities(entry: &Entry, sequence: u64) -> Value {
    let subject = &entry.subject;
    let mut all = Vec::new();
    if let Some(patient) = &subject.patient {
        all.push(entity(&format!("Patient/{patient}"), "1", "1"));
    }
    if let Some((kind, id)) = &subject.record {
        all.push(entity(&format!("{kind}/{id}"), "2", "4"));
    }
    let mut detail =
        vec![text("sequence", &sequence.to_string()), text("boot", &entry.boot_id), text("boot_ms", &entry.boot_ms.to_string())];
    let log_id = entry.log_id.map(|id| id.to_string());
    let states = [
        ("log_id", log_id),
        ("before", subject.before.map(String::from)),
        ("after", subject.after.map(String::from)),
        ("detail", subject.detail.clone()),
    ];
    detail.extend(states.iter().filter_map(|(name, value)| Some(text(name, value.as_deref()?))));
    all.push(json!({
        "what": { "identifier": { "value": entry.correlation.to_string() } },
        "type": { "system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "code": "XrequestId" },
        "detail": detail,
    }));
    all.into()
}

fn entity(reference: &str, kind: &str, role: &str) -> Value {
    json!({
        "what": { "reference": reference },
        "type": { "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": kind },
        "role": { "system": "http://terminology.hl7.org/CodeSystem/object-role", "code": role },
    })
}

fn text(name: &str, value: &str) -> Value {
    json!({ "type": name, "valueString": value })
}

fn concept(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

fn dcm(code: &str) -> Value {
    let display = match code {
        "110100" => "Application Activity",
        "110101" => "Audit Log Used",
        "110106" => "Export",
        "110107" => "Import",
        "110110" => "Patient Record",
        "110112" => "Query",
        "110113" => "Security Alert",
        "110114" => "User Authentication",
        "110120" => "Application Start",
        "110122" => "Login",
        "110123" => "Logout",
        "110127" => "Emergency Override Started",
        "110137" => "User Security Attributes Changed",
        "110138" => "Emergency Override Stopped",
        _ => "Application",
    };
    json!({ "system": DCM, "code": code, "display": display })
}

/// The chain says that something happened, and no longer what: that is for the privacy officer to know.
fn unreadable(id: String, device: &DeviceId) -> Value {
    json!({
        "resourceType": "AuditEvent",
        "id": id,
        "type": dcm("110113"),
        "action": "R",
        // When it was written is not known any more either; FHIR wants an instant all the same.
        "recorded": "1970-01-01T00:00:00Z",
        "outcome": "12",
        "outcomeDesc": "The entry of this position cannot be read.",
        "agent": [agent(device, "Satchel")],
        "source": { "observer": { "identifier": { "system": "urn:satchel:workstation", "value": device.as_str() } } },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use kernel::{CorrelationId, Instants, Moment, PatientId, PractitionerId, RecordId, ResourceType, UserId};

    use super::*;
    use crate::entry::{Actor, Origin, Subject};

    fn device() -> DeviceId {
        DeviceId::new("ward-3").unwrap()
    }

    fn entry(action: Action, outcome: Outcome, subject: Subject, actor: Option<Actor>) -> Entry {
        let at = Instants { wall: "2026-03-01T08:00:00.250Z".parse().unwrap(), boot: Moment(7) };
        let correlation = CorrelationId::parse("00000000-0000-4000-8000-000000000001").unwrap();
        let origin = Origin {
            actor,
            at,
            boot_id: "b".into(),
            correlation,
            workstation: "desk-1".into(),
            address: None,
            client: "0.1.0",
            device: None,
        };
        Entry::new(42, &origin, action, outcome, subject)
    }

    fn ada() -> Actor {
        let practitioner = PractitionerId::new("prac-ada").unwrap();
        Actor { user: UserId::new("ada").unwrap(), practitioner, role: "physician".into() }
    }

    #[test]
    fn break_glass_says_who_whom_why_and_where() {
        let subject = Subject {
            patient: Some(PatientId::new("pat-1").unwrap()),
            record: Some((ResourceType::new("Observation").unwrap(), RecordId::new("obs-1").unwrap())),
            purpose: Some("ETREAT".into()),
            detail: Some("60 min".into()),
            ..Subject::default()
        };
        let event = audit_event(&device(), 42, Some(&entry(Action::BreakGlass, Outcome::Allowed, subject, Some(ada()))));
        let frozen: Value = serde_json::from_str(include_str!("../vectors/break_glass_event.json")).unwrap();
        assert_eq!(event, frozen, "{event:#}");
    }

    #[test]
    fn every_action_has_its_codes_and_the_elements_r4_requires() {
        for action in Action::ALL {
            for (outcome, code) in [(Outcome::Allowed, "0"), (Outcome::Refused, "4"), (Outcome::Failed, "8")] {
                let event = audit_event(&device(), 42, Some(&entry(*action, outcome, Subject::default(), None)));
                assert_eq!(event["outcome"], code);
                assert!(event["type"]["code"].as_str().is_some_and(|code| code.starts_with("1101")));
                assert!(event["subtype"].as_array().unwrap().iter().any(|subtype| subtype["code"] == action.as_str()));
                assert!(event["agent"].as_array().unwrap().iter().all(|agent| agent["requestor"].is_boolean()));
                assert_eq!(event["source"]["observer"]["display"], "desk-1");
            }
        }
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_told_as_such() {
        let event = audit_event(&device(), 42, None);
        assert_eq!((event["id"].as_str(), event["outcome"].as_str()), (Some("ward-3-42"), Some("12")));
    }
}
