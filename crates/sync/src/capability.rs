//! What the EHR says it can do (CapabilityStatement, R4 §2.6), as far as planning needs it.
use std::collections::BTreeMap;

use kernel::ResourceType;

/// What the EHR can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capability {
    /// Resource types it serves.
    pub types: BTreeMap<ResourceType, TypeCapability>,
    /// `Patient/{id}/$everything`.
    pub everything: bool,
    /// `GET [base]/_history`.
    pub history_system: bool,
}

/// What it can do with one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypeCapability {
    /// `GET [base]/Type?...`.
    pub search: bool,
    /// `GET [base]/Type/_history`.
    pub history: bool,
    /// The search parameter that selects one patient's records.
    pub by_patient: Option<PatientParam>,
}

/// The search parameter that selects one patient's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatientParam {
    /// `patient`.
    Patient,
    /// `subject`.
    Subject,
}

impl PatientParam {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Subject => "subject",
        }
    }
}

/// Directory types a chart needs soon, to show names and places.
pub(crate) const DIRECTORY_FIRST: [&str; 10] = [
    "Organization",
    "Location",
    "Practitioner",
    "PractitionerRole",
    "Questionnaire",
    "Medication",
    "Device",
    "Group",
    "HealthcareService",
    "Substance",
];

/// Types a clinician's workstation has no use for: conformance and terminology resources, and the EHR's own audit trail,
/// which those who are audited may not read.
const LEFT_OUT: [&str; 20] = [
    "AuditEvent",
    "Binary",
    "CapabilityStatement",
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "ExampleScenario",
    "GraphDefinition",
    "ImplementationGuide",
    "MessageDefinition",
    "NamingSystem",
    "OperationDefinition",
    "SearchParameter",
    "StructureDefinition",
    "StructureMap",
    "Subscription",
    "TerminologyCapabilities",
    "TestReport",
    "TestScript",
    "ValueSet",
];

impl Capability {
    /// Types to hold that are filed in patients' charts.
    pub(crate) fn chart_types(&self) -> impl Iterator<Item = &ResourceType> {
        self.held().filter(|(kind, _)| !self.is_directory(kind)).map(|(kind, _)| kind)
    }

    /// Types to hold that are nobody's in particular.
    pub(crate) fn directory_types(&self) -> impl Iterator<Item = &ResourceType> {
        self.held().filter(|(kind, _)| self.is_directory(kind)).map(|(kind, _)| kind)
    }

    /// Types to ask for when changes are to be found type by type.
    pub(crate) fn held_types(&self) -> impl Iterator<Item = &ResourceType> {
        self.held().map(|(kind, _)| kind)
    }

    pub(crate) fn of(&self, kind: &ResourceType) -> TypeCapability {
        self.types.get(kind).copied().unwrap_or_default()
    }

    fn held(&self) -> impl Iterator<Item = (&ResourceType, &TypeCapability)> {
        self.types.iter().filter(|(kind, can)| can.search && !LEFT_OUT.contains(&kind.as_str()))
    }

    fn is_directory(&self, kind: &ResourceType) -> bool {
        kind.as_str() != "Patient" && (DIRECTORY_FIRST.contains(&kind.as_str()) || self.of(kind).by_patient.is_none())
    }
}
