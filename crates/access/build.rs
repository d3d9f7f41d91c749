//! No program is built with policies that do not fit their schema, or with one that can never apply.
use std::str::FromStr as _;

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};

const POLICIES: &str = include_str!("policies/satchel.cedar");
const SCHEMA: &str = include_str!("policies/satchel.cedarschema");

fn main() {
    println!("cargo::rerun-if-changed=policies");
    for problem in problems() {
        println!("cargo::error={}", problem.replace('\n', " "));
    }
}

fn problems() -> Vec<String> {
    let (schema, warnings) = match Schema::from_cedarschema_str(SCHEMA) {
        Ok((schema, warnings)) => (schema, warnings.map(|warning| warning.to_string()).collect::<Vec<_>>()),
        Err(error) => return vec![format!("satchel.cedarschema: {error}")],
    };
    let policies = match PolicySet::from_str(POLICIES) {
        Ok(policies) => policies,
        Err(error) => return vec![format!("satchel.cedar: {error}")],
    };
    let found = Validator::new(schema).validate(&policies, ValidationMode::Strict);
    let errors = found.validation_errors().map(ToString::to_string);
    let warned = found.validation_warnings().map(ToString::to_string);
    warnings.into_iter().chain(errors).chain(warned).collect()
}
