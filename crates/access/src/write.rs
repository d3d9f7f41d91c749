//! What may be written, and by which deployment names it is granted.
use std::fmt;

macro_rules! writes {
    ($($(#[$doc:meta])* $name:ident = $scope:literal $(=> $kind:literal . $letter:literal)?,)*) => {
        /// One thing that a role may or may not write.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Write {
            $($(#[$doc])* $name,)*
        }

        impl Write {
            /// Everything that may be written.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in star notation, as policies ask for it.
            #[must_use]
            pub const fn scope(self) -> &'static str {
                match self { $(Self::$name => $scope,)* }
            }

            /// The FHIR type and the SMART letter without which the EHR would not take it; `None` for what is no FHIR record.
            pub(crate) const fn fhir(self) -> Option<(&'static str, char)> {
                match self { $(Self::$name => writes!(@fhir $($kind $letter)?),)* }
            }
        }
    };
    (@fhir) => { None };
    (@fhir $kind:literal $letter:literal) => { Some(($kind, $letter)) };
}

writes! {
    /// Progress notes.
    ProgressNotes = "patient.notes.progress" => "DocumentReference".'c',
    /// History and physical notes.
    HistoryNotes = "patient.notes.history" => "DocumentReference".'c',
    /// Consultation notes.
    ConsultNotes = "patient.notes.consult" => "DocumentReference".'c',
    /// Discharge summaries.
    DischargeNotes = "patient.notes.discharge" => "DocumentReference".'c',
    /// Procedure notes.
    ProcedureNotes = "patient.notes.procedure" => "DocumentReference".'c',
    /// Operative notes.
    OperativeNotes = "patient.notes.operative" => "DocumentReference".'c',
    /// Nursing notes.
    NursingNotes = "patient.notes.nursing" => "DocumentReference".'c',
    /// Notes of a call.
    TelephoneNotes = "patient.notes.telephone" => "DocumentReference".'c',
    /// Pharmacy notes.
    PharmacyNotes = "patient.notes.pharmacy" => "DocumentReference".'c',
    /// Vital signs and other observations at the bedside.
    Vitals = "patient.vitals" => "Observation".'c',
    /// What was given, held or refused (MAR).
    Administrations = "patient.medications.administrations" => "MedicationAdministration".'c',
    /// What the pharmacy handed out.
    Dispenses = "patient.medications.dispenses" => "MedicationDispense".'c',
    /// Orders of medication.
    Prescriptions = "patient.medications.prescriptions" => "MedicationRequest".'c',
    /// Orders of anything else.
    Orders = "patient.orders" => "ServiceRequest".'c',
    /// Allergies and intolerances.
    Allergies = "patient.allergies" => "AllergyIntolerance".'c',
    /// Problems and diagnoses.
    Problems = "patient.problems" => "Condition".'c',
    /// Immunizations.
    Immunizations = "patient.immunizations" => "Immunization".'c',
    /// Procedures.
    Procedures = "patient.procedures" => "Procedure".'c',
    /// Appointments.
    Appointments = "patient.appointments" => "Appointment".'c',
    /// Name, address and the like; a patient is not made anew here.
    Demographics = "patient.demographics" => "Patient".'u',
    /// Claims.
    Claims = "patient.claims" => "Claim".'c',
    /// Tasks.
    Tasks = "patient.tasks" => "Task".'c',
    /// Visits by video.
    Telemedicine = "telemedicine",
    /// Labels that restrict a chart.
    Restrictions = "restrictions",
    /// Judgement on emergency accesses.
    BreakGlassReviews = "break_glass_reviews",
    /// Workstations, and who has a place on them.
    Devices = "devices",
    /// What the deployment sets for its workstations.
    Policies = "policies",
    /// Who works here.
    Directory = "directory.staff" => "Practitioner".'u',
}

/// Held with a right to any kind of note: which kind a draft is, its right says.
pub(crate) const ANY_NOTE: &str = "notes";

/// Names under which deployments grant a right to write, and the patterns they stand for. A name may stand for itself as well:
/// `patient.medications` is nothing that could be written but all that lies below it.
pub(crate) const ALIASES: &[(&str, &[&str])] = &[
    ("notes", &["patient.notes.*"]),
    ("patient.notes", &["patient.notes.*"]),
    (
        "progress_notes",
        &[
            "patient.notes.progress",
            "patient.notes.history",
            "patient.notes.consult",
            "patient.notes.discharge",
            "patient.notes.procedure",
            "patient.notes.telephone",
        ],
    ),
    ("discharge_notes", &["patient.notes.discharge"]),
    ("operative_notes", &["patient.notes.operative", "patient.notes.procedure"]),
    ("nursing_notes", &["patient.notes.nursing", "patient.notes.telephone"]),
    ("pharmacy_notes", &["patient.notes.pharmacy"]),
    ("observations", &["patient.vitals"]),
    ("vitals", &["patient.vitals"]),
    ("patient.medications", &["patient.medications.*"]),
    ("medication_administration", &["patient.medications.administrations"]),
    ("medication_dispense", &["patient.medications.dispenses"]),
    ("prescriptions", &["patient.medications.prescriptions"]),
    ("orders", &["patient.medications.prescriptions", "patient.orders"]),
    ("allergies", &["patient.allergies"]),
    ("problems", &["patient.problems"]),
    ("immunizations", &["patient.immunizations"]),
    ("procedures", &["patient.procedures"]),
    ("appointments", &["patient.appointments"]),
    ("demographics", &["patient.demographics"]),
    ("claims", &["patient.claims"]),
    ("tasks", &["patient.tasks"]),
    ("directory", &["directory.*"]),
];

/// What kind of note: who may sign one, roles differ in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NoteKind(Write);

impl NoteKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self(Write::ProgressNotes),
        Self(Write::HistoryNotes),
        Self(Write::ConsultNotes),
        Self(Write::DischargeNotes),
        Self(Write::ProcedureNotes),
        Self(Write::OperativeNotes),
        Self(Write::NursingNotes),
        Self(Write::TelephoneNotes),
        Self(Write::PharmacyNotes),
    ];

    /// The kind of a document type, by its LOINC code; a type without one is nobody's to sign.
    #[must_use]
    pub fn from_loinc(code: &str) -> Option<Self> {
        Some(Self(match code {
            "11506-3" => Write::ProgressNotes,
            "34117-2" => Write::HistoryNotes,
            "11488-4" => Write::ConsultNotes,
            "18842-5" => Write::DischargeNotes,
            "28570-0" => Write::ProcedureNotes,
            "11504-8" => Write::OperativeNotes,
            "34746-8" => Write::NursingNotes,
            "34748-4" => Write::TelephoneNotes,
            _ => return None,
        }))
    }

    /// The right to sign it.
    #[must_use]
    pub const fn write(self) -> Write {
        self.0
    }
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.scope())
    }
}
