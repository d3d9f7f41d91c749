//! References as a server stores them: `Type/id` instead of `urn:uuid:…` and `Type?identifier=…` (FHIR R4 §3.1.0.11.2).

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

/// What conditional references can name: everything loaded that has an identifier.
#[derive(Default)]
pub struct References {
    /// `Type?identifier=system|value` to `Type/id`; `None` when several resources have it.
    by_identifier: HashMap<String, Option<String>>,
}

impl References {
    /// Remembers a resource's identifiers.
    pub fn learn(&mut self, resource: &Value) {
        let (Some(kind), Some(id)) = (resource["resourceType"].as_str(), resource["id"].as_str()) else { return };
        let own = format!("{kind}/{id}");
        for identifier in resource["identifier"].as_array().into_iter().flatten() {
            let Some(value) = identifier["value"].as_str() else { continue };
            let system = identifier["system"].as_str().unwrap_or_default();
            for key in [format!("{kind}?identifier={system}|{value}"), format!("{kind}?identifier={value}")] {
                let known = self.by_identifier.entry(key).or_insert_with(|| Some(own.clone()));
                if known.as_deref() != Some(own.as_str()) {
                    *known = None;
                }
            }
        }
    }

    /// Replaces every conditional reference.
    ///
    /// # Errors
    /// When one names nothing known, or several resources; the resource is then unchanged.
    pub fn resolve_conditional(&self, resource: &mut Value) -> Result<(), ()> {
        let mut unresolved = false;
        each_reference(resource, &mut |reference| {
            unresolved |= is_conditional(reference) && self.target(reference).is_none();
            None
        });
        if unresolved {
            return Err(());
        }
        each_reference(resource, &mut |reference| self.target(reference));
        Ok(())
    }

    fn target(&self, reference: &str) -> Option<String> {
        self.by_identifier.get(reference).cloned().flatten()
    }
}

/// Gives an id to resources that have none: from their `urn:uuid:`, or else from their content.
pub fn identified(mut resources: Vec<(Option<String>, Value)>) -> Vec<(Option<String>, Value)> {
    for (full_url, resource) in &mut resources {
        if resource["id"].is_null() && resource["resourceType"].is_string() {
            let id = full_url.as_deref().and_then(|url| url.strip_prefix("urn:uuid:")).map_or_else(|| id_of(resource), String::from);
            resource["id"] = id.into();
        }
    }
    resources
}

/// The names that resources of a document go by inside it, with what they are called outside.
pub fn local_names(resources: &[(Option<String>, Value)]) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for (full_url, resource) in resources {
        if let (Some(url), Some(kind), Some(id)) = (full_url, resource["resourceType"].as_str(), resource["id"].as_str()) {
            names.insert(url.clone(), format!("{kind}/{id}"));
        }
    }
    names
}

/// Replaces references to `fullUrl`s of the same document.
pub fn resolve_local(resource: &mut Value, names: &HashMap<String, String>) {
    if !names.is_empty() {
        each_reference(resource, &mut |reference| names.get(reference).cloned());
    }
}

/// `Type?criteria`; an absolute address with a query is not one.
fn is_conditional(reference: &str) -> bool {
    reference
        .split_once('?')
        .is_some_and(|(kind, _)| kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Offers every `reference` to `replace`.
fn each_reference(value: &mut Value, replace: &mut impl FnMut(&str) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, replace)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(reference) if name == "reference" => {
                        if let Some(target) = replace(reference) {
                            *reference = target;
                        }
                    }
                    _ => each_reference(member, replace),
                }
            }
        }
        _ => {}
    }
}

fn id_of(resource: &Value) -> String {
    let hash = digest(&SHA256, resource.to_string().as_bytes());
    hash.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_inside_a_document_become_ids() {
        let resources = identified(vec![
            (Some("urn:uuid:p".into()), json!({"resourceType": "Patient"})),
            (Some("urn:uuid:o".into()), json!({"resourceType": "Observation", "id": "own", "subject": {"reference": "urn:uuid:p"}})),
        ]);
        let names = local_names(&resources);
        let mut observation = resources[1].1.clone();
        resolve_local(&mut observation, &names);
        assert_eq!(resources[0].1["id"], "p");
        assert_eq!(observation["subject"]["reference"], "Patient/p");
    }

    #[test]
    fn conditional_references_resolve_only_to_exactly_one() {
        let mut references = References::default();
        let practitioner = |id: &str| json!({"resourceType": "Practitioner", "id": id, "identifier": [{"system": "npi", "value": "1"}]});
        let asking = json!({"resourceType": "Encounter", "participant": [{"individual": {"reference": "Practitioner?identifier=npi|1"}}]});

        let mut encounter = asking.clone();
        assert_eq!(references.resolve_conditional(&mut encounter), Err(()));
        assert_eq!(encounter, asking, "unchanged");

        references.learn(&practitioner("a"));
        references.learn(&practitioner("a"));
        assert_eq!(references.resolve_conditional(&mut encounter), Ok(()));
        assert_eq!(encounter["participant"][0]["individual"]["reference"], "Practitioner/a");

        references.learn(&practitioner("b"));
        assert_eq!(references.resolve_conditional(&mut asking.clone()), Err(()), "ambiguous");
    }
}
