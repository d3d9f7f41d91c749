//! The parts of a chart that a role may or may not see.
use serde::{Deserialize, Serialize};

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident = $scope:literal,)*) => {
        /// A part of a chart.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Section {
            $($(#[$doc])* $name,)*
        }

        impl Section {
            /// Every section.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in star notation.
            #[must_use]
            pub const fn scope(self) -> &'static str {
                match self { $(Self::$name => $scope,)* }
            }
        }
    };
}

sections! {
    /// Who the patient is, flags on the banner.
    Demographics = "patient.demographics",
    /// Appointments.
    Appointments = "patient.appointments",
    /// Conditions.
    Problems = "patient.problems",
    /// Allergies.
    Allergies = "patient.allergies",
    /// Prescriptions, dispenses, administrations.
    Medications = "patient.medications",
    /// Observations.
    Vitals = "patient.vitals",
    /// Laboratory: diagnostic reports, and observations too.
    Labs = "patient.labs",
    /// Immunizations.
    Immunizations = "patient.immunizations",
    /// Encounters.
    Encounters = "patient.encounters",
    /// Notes, documents, forms.
    Notes = "patient.notes",
    /// Procedures and imaging.
    Procedures = "patient.procedures",
    /// Orders.
    Orders = "patient.orders",
    /// Plans, goals, teams, tasks, messages.
    Care = "patient.care",
    /// Coverage.
    Coverage = "patient.coverage",
    /// Claims and explanations of benefit.
    Claims = "patient.claims",
    /// Whatever has no section of its own.
    Other = "patient.other",
}

impl Section {
    /// The section a resource type belongs to; observations stand in [`Section::Vitals`] and [`Section::Labs`] alike.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        match kind {
            "Patient" | "RelatedPerson" | "Flag" | "Person" => Self::Demographics,
            "Appointment" | "AppointmentResponse" => Self::Appointments,
            "Condition" | "FamilyMemberHistory" | "ClinicalImpression" => Self::Problems,
            "AllergyIntolerance" => Self::Allergies,
            "MedicationRequest" | "MedicationStatement" | "MedicationAdministration" | "MedicationDispense" | "Medication" => {
                Self::Medications
            }
            "Observation" => Self::Vitals,
            "DiagnosticReport" | "Specimen" => Self::Labs,
            "Immunization" | "ImmunizationRecommendation" => Self::Immunizations,
            "Encounter" | "EpisodeOfCare" => Self::Encounters,
            "DocumentReference" | "Composition" | "Binary" | "DocumentManifest" | "QuestionnaireResponse" | "Media" => Self::Notes,
            "Procedure" | "ImagingStudy" | "Device" | "DeviceUseStatement" => Self::Procedures,
            "ServiceRequest" | "DeviceRequest" | "NutritionOrder" | "RequestGroup" => Self::Orders,
            "CarePlan" | "CareTeam" | "Goal" | "Task" | "Communication" | "CommunicationRequest" => Self::Care,
            "Coverage" | "Account" => Self::Coverage,
            "Claim" | "ClaimResponse" | "ExplanationOfBenefit" => Self::Claims,
            _ => Self::Other,
        }
    }
}

/// A set of sections.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sections(u32);

impl Sections {
    /// This set and one section more.
    #[must_use]
    pub const fn with(self, section: Section) -> Self {
        Self(self.0 | 1 << section as u8)
    }

    /// Is the section in the set?
    #[must_use]
    pub const fn holds(self, section: Section) -> bool {
        self.0 & (1 << section as u8) != 0
    }

    /// May a resource of this type be seen?
    #[must_use]
    pub fn show(self, kind: &str) -> bool {
        self.holds(Section::of(kind)) || (kind == "Observation" && self.holds(Section::Labs))
    }
}
