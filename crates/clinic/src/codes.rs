//! Code systems by their canonical URLs, and the FHIR datatypes every topic builds with them.

use serde_json::{Value, json};

pub(crate) const SNOMED: &str = "http://snomed.info/sct";
pub(crate) const LOINC: &str = "http://loinc.org";
pub(crate) const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
pub(crate) const ICD10CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
pub(crate) const CVX: &str = "http://hl7.org/fhir/sid/cvx";
pub(crate) const UCUM: &str = "http://unitsofmeasure.org";
pub(crate) const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
pub(crate) const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
/// The identifier systems of this clinic (example.org names: RFC 2606 keeps them unassigned).
pub(crate) const CLINIC_URL: &str = "https://harborview.example.org/fhir";

/// `Coding`.
pub(crate) fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

/// `CodeableConcept` of one coding whose text is its display.
pub(crate) fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [coding(system, code, display)], "text": display })
}

/// `Reference` with a display.
pub(crate) fn reference(target: &str, display: &str) -> Value {
    json!({ "reference": target, "display": display })
}

/// A name of the HL7 terminology server.
pub(crate) fn hl7(system: &str) -> String {
    format!("http://terminology.hl7.org/CodeSystem/{system}")
}

/// A JSON number with at most `decimals` decimals, an integer where there are none.
pub(crate) fn number(value: f64, decimals: usize) -> Value {
    if decimals == 0 {
        return json!(value.round() as i64);
    }
    let scale = 10f64.powi(i32::try_from(decimals).unwrap_or(0));
    json!((value * scale).round() / scale)
}
