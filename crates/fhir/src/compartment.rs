//! In whose chart a resource is filed.
//!
//! Source: CompartmentDefinition/patient, FHIR R4 (4.0.1), with the search parameters' expressions. Where that definition
//! lists several elements (who it is about, who performed, who wrote), a chart is about its subject: a mother who reports
//! her child's symptom does not get the child's Observation in her own chart. Only where no element names a subject
//! (Appointment, Provenance, …) do the others decide. `Device.patient` is not in the R4 compartment and is used all the
//! same: an implant belongs to its bearer (US Core Implantable Device).

/// The element that names the patient.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Filing {
    /// The resource is the Patient.
    Own,
    Subject,
    Patient,
    Beneficiary,
    Individual,
    For,
    Candidate,
    Target,
    ParticipantActor,
    Actor,
    DeliverTo,
    Agent,
    Link,
}

/// Elements to look at for a type, the first that names a Patient counts. Types not listed (also those unknown to R4) are
/// tried by `subject`, then `patient`.
pub(crate) fn filing(resource_type: &str) -> &'static [Filing] {
    use Filing::{Actor, Agent, Beneficiary, Candidate, DeliverTo, For, Individual, Link, Own, ParticipantActor, Patient, Subject, Target};
    match resource_type {
        "Patient" => &[Own],
        "Appointment" => &[ParticipantActor],
        "AppointmentResponse" | "Schedule" => &[Actor],
        "AuditEvent" => &[Agent],
        "Coverage" => &[Beneficiary],
        "EnrollmentRequest" => &[Candidate],
        "Person" => &[Link],
        "Provenance" => &[Target],
        "ResearchSubject" => &[Individual],
        "SupplyRequest" => &[DeliverTo],
        "Task" => &[For],
        "AllergyIntolerance"
        | "BodyStructure"
        | "Claim"
        | "ClaimResponse"
        | "Consent"
        | "CoverageEligibilityRequest"
        | "CoverageEligibilityResponse"
        | "DetectedIssue"
        | "Device"
        | "EpisodeOfCare"
        | "ExplanationOfBenefit"
        | "FamilyMemberHistory"
        | "Immunization"
        | "ImmunizationEvaluation"
        | "ImmunizationRecommendation"
        | "MolecularSequence"
        | "NutritionOrder"
        | "RelatedPerson"
        | "SupplyDelivery"
        | "VisionPrescription" => &[Patient],
        // Not in anybody's chart: shared definitions and the people and places of the hospital.
        "Practitioner" | "PractitionerRole" | "Organization" | "Location" | "Medication" | "Substance" | "HealthcareService" | "Group" => {
            &[]
        }
        _ => &[Subject, Patient],
    }
}
