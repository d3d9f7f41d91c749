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

/// Resource types and the section they belong to. A type's place is its bit in [`Sections`].
const TYPES: &[(&str, Section)] = &[
    ("Patient", Section::Demographics),
    ("RelatedPerson", Section::Demographics),
    ("Flag", Section::Demographics),
    ("Person", Section::Demographics),
    ("Appointment", Section::Appointments),
    ("AppointmentResponse", Section::Appointments),
    ("Condition", Section::Problems),
    ("FamilyMemberHistory", Section::Problems),
    ("ClinicalImpression", Section::Problems),
    ("AllergyIntolerance", Section::Allergies),
    ("MedicationRequest", Section::Medications),
    ("MedicationStatement", Section::Medications),
    ("MedicationAdministration", Section::Medications),
    ("MedicationDispense", Section::Medications),
    ("Medication", Section::Medications),
    ("Observation", Section::Vitals),
    ("DiagnosticReport", Section::Labs),
    ("Specimen", Section::Labs),
    ("Immunization", Section::Immunizations),
    ("ImmunizationRecommendation", Section::Immunizations),
    ("Encounter", Section::Encounters),
    ("EpisodeOfCare", Section::Encounters),
    ("DocumentReference", Section::Notes),
    ("Composition", Section::Notes),
    ("Binary", Section::Notes),
    ("DocumentManifest", Section::Notes),
    ("QuestionnaireResponse", Section::Notes),
    ("Media", Section::Notes),
    ("Procedure", Section::Procedures),
    ("ImagingStudy", Section::Procedures),
    ("Device", Section::Procedures),
    ("DeviceUseStatement", Section::Procedures),
    ("ServiceRequest", Section::Orders),
    ("DeviceRequest", Section::Orders),
    ("NutritionOrder", Section::Orders),
    ("RequestGroup", Section::Orders),
    ("CarePlan", Section::Care),
    ("CareTeam", Section::Care),
    ("Goal", Section::Care),
    ("Task", Section::Care),
    ("Communication", Section::Care),
    ("CommunicationRequest", Section::Care),
    ("Coverage", Section::Coverage),
    ("Account", Section::Coverage),
    ("Claim", Section::Claims),
    ("ClaimResponse", Section::Claims),
    ("ExplanationOfBenefit", Section::Claims),
];

/// Stands for every type that [`TYPES`] does not name; a scope for `*` alone covers it.
const ANY_OTHER: &str = "*";

// INVARIANT: every type has its bit, and the last one is left for any other.
const _: () = assert!(TYPES.len() < 64);

impl Section {
    /// The section a resource type belongs to; observations stand in [`Section::Vitals`] and [`Section::Labs`] alike.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        TYPES.iter().find(|(name, _)| *name == kind).map_or(Self::Other, |(_, section)| *section)
    }

    /// The types that stand in it.
    pub(crate) fn types(self) -> impl Iterator<Item = &'static str> {
        let named = TYPES.iter().filter(move |(_, section)| *section == self).map(|(name, _)| *name);
        let further = match self {
            Self::Labs => Some("Observation"),
            Self::Other => Some(ANY_OTHER),
            _ => None,
        };
        named.chain(further)
    }
}

/// What may be seen of a chart: its sections, and within them the types that the EHR's scopes grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sections {
    held: u32,
    types: u64,
}

impl Sections {
    pub(crate) fn new(held: impl Iterator<Item = Section>, granted: impl Fn(&str) -> bool) -> Self {
        let held = held.fold(0, |set, section| set | 1 << section as u8);
        let mut shown = Self { held, types: u64::MAX };
        let every = TYPES.iter().map(|(name, _)| *name).chain([ANY_OTHER]);
        shown.types = every.filter(|kind| shown.show(kind) && granted(kind)).fold(0, |set, kind| set | bit(kind));
        shown
    }

    /// Is the section in the set?
    #[must_use]
    pub const fn holds(self, section: Section) -> bool {
        self.held & (1 << section as u8) != 0
    }

    /// May a resource of this type be seen?
    #[must_use]
    pub fn show(self, kind: &str) -> bool {
        let held = self.holds(Section::of(kind)) || (kind == "Observation" && self.holds(Section::Labs));
        held && self.types & bit(kind) != 0
    }

    /// The types that may be seen, in one word: two sets of grants that show different types differ in it.
    #[must_use]
    pub const fn types(self) -> u64 {
        self.types
    }
}

fn bit(kind: &str) -> u64 {
    1 << TYPES.iter().position(|(name, _)| *name == kind).unwrap_or(63)
}
