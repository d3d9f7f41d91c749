//! Charts from elsewhere get a care team of the practice, so that ordinary access to them works.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use clinic::CLINICIANS;
use serde_json::{Value, json};

/// Loaded patients, and those to whom somebody of the practice is related already.
#[derive(Default)]
pub struct Teams {
    patients: BTreeMap<String, String>,
    related: BTreeSet<String>,
}

impl Teams {
    /// Notes a loaded resource.
    pub fn see(&mut self, resource: &Value) {
        let id = resource["id"].as_str().unwrap_or_default();
        if resource["resourceType"] == "Patient" {
            self.patients.insert(id.to_owned(), name(resource));
        }
        if names_a_clinician(resource) {
            let own = (resource["resourceType"] == "Patient").then_some(id);
            let about = ["subject", "patient", "beneficiary"].iter().filter_map(|field| resource[*field]["reference"].as_str());
            let participants = resource["participant"].as_array().into_iter().flatten();
            let actors = participants.filter_map(|participant| participant["actor"]["reference"].as_str());
            let patients = about.chain(actors).filter_map(|reference| reference.strip_prefix("Patient/"));
            self.related.extend(patients.chain(own).map(String::from));
        }
    }

    /// A CareTeam for every patient without one.
    pub fn missing(self) -> impl Iterator<Item = Value> {
        self.patients.into_iter().filter(move |(id, _)| !self.related.contains(id)).map(|(id, name)| team(&id, &name))
    }
}

fn team(patient: &str, name: &str) -> Value {
    let members: Vec<Value> = CLINICIANS
        .iter()
        .filter(|who| matches!(who.role, "physician" | "nurse"))
        .map(|who| {
            let (code, display) = if who.role == "physician" { ("309343006", "Physician") } else { ("224535009", "Registered nurse") };
            json!({
                "role": [{"coding": [{"system": "http://snomed.info/sct", "code": code, "display": display}]}],
                "member": {"reference": format!("Practitioner/{}", who.practitioner_id), "display": who.display_name},
            })
        })
        .collect();
    json!({
        "resourceType": "CareTeam",
        "id": team_id(patient),
        "status": "active",
        "category": [{"coding": [{"system": "http://loinc.org", "code": "LA28865-6", "display": "Longitudinal care-coordination focused care team"}]}],
        "name": format!("Practice team of {name}"),
        "subject": {"reference": format!("Patient/{patient}"), "display": name},
        "participant": members,
    })
}

/// `practice-team-<patient id>`; a digest stands for ids that would make it longer than FHIR allows.
fn team_id(patient: &str) -> String {
    let id = format!("practice-team-{patient}");
    if id.len() <= 64 {
        return id;
    }
    let hash = digest(&SHA256, patient.as_bytes());
    let short: String = hash.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("practice-team-{short}")
}

fn name(patient: &Value) -> String {
    let name = &patient["name"][0];
    let given = name["given"][0].as_str().unwrap_or_default();
    format!("{given} {}", name["family"].as_str().unwrap_or_default()).trim().to_owned()
}

fn names_a_clinician(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(names_a_clinician),
        Value::Object(members) => members.iter().any(|(name, member)| match member {
            Value::String(reference) if name == "reference" => {
                let who = reference.strip_prefix("Practitioner/");
                who.is_some_and(|id| CLINICIANS.iter().any(|clinician| clinician.practitioner_id == id))
            }
            _ => names_a_clinician(member),
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_patients_without_any_relation_get_a_team() {
        let clinician = format!("Practitioner/{}", CLINICIANS[0].practitioner_id);
        let mut teams = Teams::default();
        for id in ["stranger", "known"] {
            teams.see(&json!({"resourceType": "Patient", "id": id, "name": [{"given": ["Ada"], "family": "B"}]}));
        }
        teams.see(&json!({"resourceType": "Encounter", "subject": {"reference": "Patient/known"}, "participant": [{"individual": {"reference": clinician}}]}));
        let made: Vec<Value> = teams.missing().collect();
        assert_eq!(made.len(), 1);
        assert_eq!(made[0]["id"], "practice-team-stranger");
        assert_eq!(made[0]["subject"]["reference"], "Patient/stranger");
        assert!(made[0]["participant"].as_array().unwrap().iter().any(|p| p["member"]["reference"] == clinician));
    }

    #[test]
    fn ids_stay_within_what_fhir_allows() {
        assert!(team_id(&"x".repeat(64)).len() <= 64);
        assert_ne!(team_id(&"x".repeat(64)), team_id(&"y".repeat(64)));
    }
}
