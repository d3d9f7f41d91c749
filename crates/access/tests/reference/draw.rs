//! Askers and charts drawn at random, from the names that count and from some that count for nothing.
use access::Circumstances;

use super::Asker;

pub const ROLES: [&str; 13] = [
    "physician",
    "Doctor",
    "surgeon",
    "nurse",
    "icu",
    "icu_nurse",
    "pharmacist",
    "billing",
    "front_desk",
    "privacy_officer",
    "administrator",
    "janitor",
    "",
];

const READ_NAMES: &[&str] = &[
    "*",
    "patient.*",
    "patient.demographics",
    "patient.demographics",
    "patient.allergies",
    "patient.allergies",
    "patient.problems",
    "patient.medications",
    "medication_history",
    "patient.vitals",
    "patient.labs",
    "patient.notes",
    "progress_notes",
    "restricted_notes",
    "patient.claims",
    "patient.coverage",
    "patient.other",
    "audit.*",
    "audit.chain",
    "directory.*",
    "devices",
    "break_glass_reviews",
    "patient",
    "patient*",
    "PATIENT.*",
    ".*",
    "",
    "**",
    "audit",
    "nonsense",
];

const WRITE_NAMES: &[&str] = &[
    "*",
    "patient.*",
    "patient.notes.*",
    "patient.notes",
    "notes",
    "progress_notes",
    "nursing_notes",
    "operative_notes",
    "pharmacy_notes",
    "discharge_notes",
    "patient.notes.nursing",
    "patient.vitals",
    "vitals",
    "observations",
    "patient.medications.*",
    "patient.medications",
    "medication_administration",
    "medication_dispense",
    "prescriptions",
    "orders",
    "patient.orders",
    "allergies",
    "problems",
    "immunizations",
    "procedures",
    "appointments",
    "demographics",
    "claims",
    "tasks",
    "telemedicine",
    "restrictions",
    "break_glass_reviews",
    "devices",
    "policies",
    "directory.*",
    "directory",
    "patient",
    "orders.*",
    "Vitals",
    "notes*",
    "",
    "telemedicine.*",
    "nonsense",
];

const SCOPE_TYPES: &[&str] = &[
    "*",
    "*",
    "Patient",
    "Flag",
    "AllergyIntolerance",
    "Condition",
    "MedicationRequest",
    "MedicationAdministration",
    "MedicationDispense",
    "Observation",
    "DiagnosticReport",
    "DocumentReference",
    "Claim",
    "ServiceRequest",
    "Immunization",
    "Procedure",
    "Appointment",
    "Task",
    "Practitioner",
    "Basic",
    "patient",
    "",
];

const LETTERS: &[&str] = &[
    "cruds",
    "rs",
    "r",
    "s",
    "c",
    "u",
    "cu",
    "cru",
    "crus",
    "d",
    "read",
    "write",
    "*",
    "sr",
    "x",
    "",
    "crudsx",
    "rr",
    "rs?category=vital-signs",
    "c?category=vital-signs",
    "cruds?category=laboratory",
    "cruds?category=vital-signs",
];

const CONTEXTS: &[&str] = &["user/", "user/", "user/", "user/", "user/", "patient/", "system/", ""];

pub const TYPES: &[&str] = &[
    "Patient",
    "Flag",
    "AllergyIntolerance",
    "Condition",
    "MedicationRequest",
    "MedicationAdministration",
    "Observation",
    "DiagnosticReport",
    "DocumentReference",
    "Composition",
    "Claim",
    "Basic",
];

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed, the same triples, everywhere.
pub struct Draw(pub u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.next() % all.len() as u64).unwrap()]
    }

    fn some(&mut self, all: &[&'static str], most: u64) -> Vec<&'static str> {
        (0..self.next() % (most + 1)).map(|_| self.of(all)).collect()
    }

    pub fn asker(&mut self) -> Asker {
        let by_role = self.one_in(3);
        let (read, write) =
            if by_role && !self.one_in(8) { (Vec::new(), Vec::new()) } else { (self.some(READ_NAMES, 5), self.some(WRITE_NAMES, 6)) };
        let scope = (by_role && !self.one_in(8) || self.one_in(2)).then(|| {
            let mut scopes = vec!["openid".to_owned()];
            if self.one_in(2) {
                scopes.push("user/*.cruds".into());
            }
            for _ in 0..self.next() % 8 {
                scopes.push(format!("{}{}.{}", self.of(CONTEXTS), self.of(SCOPE_TYPES), self.of(LETTERS)));
            }
            scopes.join(" ")
        });
        Asker { role: self.of(&ROLES), read, write, scope, by_role, lapsed: self.one_in(4), quarantined: self.one_in(4) }
    }

    pub fn chart(&mut self) -> Circumstances {
        Circumstances { known: !self.one_in(8), related: !self.one_in(3), restricted: self.one_in(4), emergency: self.one_in(3) }
    }
}
