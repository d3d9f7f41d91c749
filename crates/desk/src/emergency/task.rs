//! The FHIR Task (R4 §8.12) by which an emergency access is reported and reviewed: its codes.
use serde_json::{Value, json};

/// System of [`REVIEW_CODE`].
pub const TASK_SYSTEM: &str = sync::REPORT.0;
/// A report of emergency access.
pub const REVIEW_CODE: &str = sync::REPORT.1;
/// System of the inputs' types: `purpose`, `number`, `signed`, `unnumbered`, `reason`, `began`, `until`, `ended`, `workstation`.
pub const INPUT_SYSTEM: &str = "urn:satchel:break-glass";
/// System of the output's type `judgement` and of its values.
pub const OUTPUT_SYSTEM: &str = "urn:satchel:break-glass-review";
/// System of the identifier.
pub const ID_SYSTEM: &str = "urn:satchel:break-glass-grant";
/// The search for all of them.
pub const QUERY: &str = "Task?code=urn:satchel:task%7Cbreak-glass-review";

/// A CodeableConcept with one coding.
pub fn concept(system: &str, code: &str) -> Value {
    json!({ "coding": [{ "system": system, "code": code }] })
}

/// Whether a CodeableConcept has this coding.
pub fn is_of(concept: &Value, system: &str, code: &str) -> bool {
    let codings = concept["coding"].as_array();
    codings.into_iter().flatten().any(|coding| coding["system"] == system && coding["code"] == code)
}

/// The input of a type.
pub fn input<'a>(task: &'a Value, code: &str) -> Option<&'a Value> {
    task["input"].as_array()?.iter().find(|input| is_of(&input["type"], INPUT_SYSTEM, code))
}
