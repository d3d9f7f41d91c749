//! An emergency access as the EHR is told of it.
use access::{EmergencyGrant, Purpose};
use chrono::{DateTime, SecondsFormat, Utc};
use kernel::{DeviceId, PractitionerId};
use serde_json::{Value, json};

use super::book::{Access, Numbering};
use super::task::{ID_SYSTEM, INPUT_SYSTEM, REVIEW_CODE, TASK_SYSTEM, concept, input};

/// Who reports, and from where.
pub struct Reporter {
    /// The clinician.
    pub practitioner: PractitionerId,
    /// Name.
    pub name: String,
    /// The workstation's id in audit events.
    pub device: DeviceId,
    /// The workstation's name.
    pub workstation: String,
}

/// The Task. The written reason is in it, for the officer must read it; it is labelled restricted, and nothing of it is in audit
/// entries.
pub fn report(access: &Access, by: &Reporter) -> Value {
    let Access { grant, reason, numbering, sequence, ended, .. } = access;
    let EmergencyGrant { grant, patient, purpose, began, until, .. } = grant;
    let mut inputs = vec![
        with("purpose", "valueCodeableConcept", purpose_concept(*purpose)),
        with("reason", "valueString", reason.as_str().into()),
        with("began", "valueDateTime", text(*began).into()),
        with("until", "valueDateTime", text(*until).into()),
        with("workstation", "valueString", by.workstation.as_str().into()),
    ];
    match numbering {
        Numbering::Number { number, signed } => {
            inputs.push(with("number", "valueString", number.as_str().into()));
            inputs.push(with("signed", "valueString", (**signed).into()));
        }
        Numbering::Unnumbered(why) => inputs.push(with("unnumbered", "valueCode", why.code().into())),
    }
    inputs.extend(ended.map(end));
    json!({
        "resourceType": "Task",
        "id": grant.to_string(),
        "meta": { "security": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R" }] },
        "identifier": [{ "system": ID_SYSTEM, "value": grant.to_string() }],
        "status": "requested",
        "intent": "order",
        "priority": if numbering.number().is_some() { "routine" } else { "urgent" },
        "code": concept(TASK_SYSTEM, REVIEW_CODE),
        "focus": { "reference": format!("AuditEvent/{}-{sequence}", by.device) },
        "for": { "reference": format!("Patient/{patient}") },
        "authoredOn": text(*began),
        "requester": { "reference": format!("Practitioner/{}", by.practitioner), "display": by.name },
        "input": inputs,
    })
}

/// The EHR's Task with the end added; `None` if it says so already.
pub fn with_end(mut task: Value, ended: DateTime<Utc>) -> Option<Value> {
    if input(&task, "ended").is_some() {
        return None;
    }
    task["input"].as_array_mut()?.push(end(ended));
    Some(task)
}

fn end(ended: DateTime<Utc>) -> Value {
    with("ended", "valueDateTime", text(ended).into())
}

fn with(code: &str, member: &str, value: Value) -> Value {
    let mut input = json!({ "type": concept(INPUT_SYSTEM, code) });
    input[member] = value;
    input
}

fn purpose_concept(purpose: Purpose) -> Value {
    concept("http://terminology.hl7.org/CodeSystem/v3-ActReason", purpose.code())
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use access::{GrantNumber, Unnumbered};
    use kernel::{GrantId, Instants, Moment, PatientId, UserId};

    use super::super::book::Told;
    use super::*;

    fn reported(numbering: Numbering) -> (Access, Value) {
        let reason = "unconscious in the hall".to_owned();
        let access = Access {
            grant: EmergencyGrant::new(
                GrantId::parse("6f2c0c36-5d0b-4c7e-9d5a-111111111111").unwrap(),
                UserId::new("dr-1").unwrap(),
                PatientId::new("pat-1").unwrap(),
                ("ETREAT", &reason),
                &Instants { wall: "2026-03-02T08:00:00Z".parse().unwrap(), boot: Moment(0) },
                "b",
            )
            .unwrap(),
            reason: reason.into(),
            numbering,
            sequence: 7,
            ended: None,
            told: Told::Nothing,
            verdict: None,
        };
        let by = Reporter {
            practitioner: PractitionerId::new("dr-1").unwrap(),
            name: "Dr Test".into(),
            device: DeviceId::new("ward-3").unwrap(),
            workstation: "desk".into(),
        };
        let task = report(&access, &by);
        (access, task)
    }

    #[test]
    fn the_wire_form_is_frozen() {
        let number = Numbering::Number { number: GrantNumber::new("42").unwrap(), signed: "a.b.c".into() };
        let (_, task) = reported(number);
        let frozen: Value = serde_json::from_str(include_str!("../../vectors/break_glass_task.json")).unwrap();
        assert_eq!(task, frozen);
    }

    #[test]
    fn an_unnumbered_access_is_urgent_and_says_why() {
        let (_, task) = reported(Numbering::Unnumbered(Unnumbered::NotOffered));
        assert_eq!((&task["priority"], &input(&task, "unnumbered").unwrap()["valueCode"]), (&"urgent".into(), &"not-offered".into()));
        assert!(input(&task, "number").is_none());
    }

    #[test]
    fn the_end_is_added_once_to_what_the_ehr_holds() {
        let (access, mut task) = reported(Numbering::Unnumbered(Unnumbered::NoneLeft));
        task["status"] = "in-progress".into();
        let ended = with_end(task.clone(), access.grant.until).unwrap();
        assert_eq!(ended["status"], "in-progress", "a judgement made meanwhile stays");
        assert_eq!(ended["input"].as_array().unwrap().len(), task["input"].as_array().unwrap().len() + 1);
        assert_eq!(with_end(ended, access.grant.until), None);
    }
}
