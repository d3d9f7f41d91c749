//! Reading a CapabilityStatement (R4 §2.6): is it an R4 server, and what can it do.
use kernel::ResourceType;
use serde::Deserialize;
use sync::{Capability, PatientParam, TypeCapability};

/// Reads what planning needs. `None` if the text is no CapabilityStatement of an R4 server (`fhirVersion` 4.0.x).
pub(crate) fn read(body: &[u8]) -> Option<Capability> {
    let statement: Statement = serde_json::from_slice(body).ok()?;
    if statement.resource_type != "CapabilityStatement" || !statement.fhir_version.starts_with("4.0.") {
        return None;
    }
    let server = statement.rest.into_iter().find(|rest| rest.mode == "server")?;
    let mut capability =
        Capability { history_system: server.interaction.iter().any(|can| can.code == "history-system"), ..Capability::default() };
    let mut everything = server.operation.iter().any(is_patient_everything);
    for resource in server.resource {
        let Ok(kind) = ResourceType::new(&resource.kind) else { continue };
        everything |= resource.kind == "Patient" && resource.operation.iter().any(is_everything);
        let can = |code: &str| resource.interaction.iter().any(|can| can.code == code);
        let param = |name: &str| resource.search_param.iter().any(|param| param.name == name);
        let by_patient = match (param("patient"), param("subject")) {
            (true, _) => Some(PatientParam::Patient),
            (false, true) => Some(PatientParam::Subject),
            (false, false) => None,
        };
        capability.types.insert(kind, TypeCapability { search: can("search-type"), history: can("history-type"), by_patient });
    }
    capability.everything = everything;
    Some(capability)
}

/// On Patient itself, the name says which operation it is.
fn is_everything(operation: &Operation) -> bool {
    operation.name.trim_start_matches('$') == "everything"
}

/// At system level, the definition must say that it is Patient's.
fn is_patient_everything(operation: &Operation) -> bool {
    let definition = operation.definition.split('|').next().unwrap_or_default();
    is_everything(operation) && definition.ends_with("/Patient-everything")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    resource_type: String,
    #[serde(default)]
    fhir_version: String,
    #[serde(default)]
    rest: Vec<Rest>,
}

#[derive(Deserialize)]
struct Rest {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    interaction: Vec<Interaction>,
    #[serde(default)]
    operation: Vec<Operation>,
    #[serde(default)]
    resource: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    interaction: Vec<Interaction>,
    #[serde(default)]
    search_param: Vec<SearchParam>,
    #[serde(default)]
    operation: Vec<Operation>,
}

#[derive(Deserialize)]
struct Interaction {
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
struct SearchParam {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(default)]
    name: String,
    #[serde(default)]
    definition: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn an_r4_statement_is_read_and_others_are_not() {
        let text = r#"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","rest":[{"mode":"server",
            "interaction":[{"code":"history-system"}],
            "resource":[
              {"type":"Patient","interaction":[{"code":"search-type"}],"operation":[{"name":"everything","definition":"x"}]},
              {"type":"Observation","interaction":[{"code":"search-type"},{"code":"history-type"}],
               "searchParam":[{"name":"subject"},{"name":"patient"}]},
              {"type":"Not a type"}]}]}"#;
        let capability = read(text.as_bytes()).unwrap();
        assert!(capability.everything && capability.history_system);
        let observation = capability.types[&ResourceType::new("Observation").unwrap()];
        assert_eq!(observation, TypeCapability { search: true, history: true, by_patient: Some(PatientParam::Patient) });
        assert_eq!(capability.types.len(), 2);

        assert_eq!(read(text.replace("4.0.1", "5.0.0").as_bytes()), None);
        assert_eq!(read(text.replace("CapabilityStatement", "Patient").as_bytes()), None);
        assert_eq!(read(b"<html>"), None);
    }
}
