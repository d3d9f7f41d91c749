//! What each role of the practice may do: star-notation permissions for the client's own policy, SMART v2 scopes that the
//! EHR enforces.

use serde_json::{Value, json};

use super::scopes::Scopes;

/// A role as the deployment configures it.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// The role's code, as in the `roles` claim.
    pub code: &'static str,
    /// Areas of the chart it may read, star notation.
    ehr_read: &'static [&'static str],
    /// Areas of the chart it may write, star notation.
    ehr_write: &'static [&'static str],
    /// SMART v2 scopes it may be granted, as groups of space-separated scopes.
    scopes: &'static [&'static str],
}

const EVERY_CHART: &str = "user/*.rs";
const NOTES: &str = "user/DocumentReference.cruds user/Composition.cru user/Binary.cr user/QuestionnaireResponse.cru";
const FINDINGS: &str = "user/Observation.cru user/AllergyIntolerance.cru user/Condition.cru user/Procedure.cru \
                        user/Immunization.cru user/FamilyMemberHistory.cru user/Goal.cru user/CarePlan.cru \
                        user/DiagnosticReport.cru user/Media.cru user/Flag.cru";
const ORDERS: &str = "user/MedicationRequest.cru user/ServiceRequest.cru user/MedicationStatement.cru \
                      user/NutritionOrder.cru user/DeviceRequest.cru user/RequestGroup.cru";
const BEDSIDE: &str = "user/Observation.cru user/MedicationAdministration.cru user/AllergyIntolerance.cru user/Goal.cru \
                       user/CarePlan.cru user/Procedure.cru user/Immunization.cru user/Flag.cru";
const TEAMWORK: &str = "user/Task.cru user/Communication.cru user/CommunicationRequest.cru user/Encounter.cru \
                        user/Appointment.cru user/AppointmentResponse.cru user/CareTeam.cru user/Consent.cru user/List.cru";
const EVERYBODY: &str = "user/AuditEvent.c user/Provenance.cr";

/// Every role a clinician of the practice can have.
pub const ROLES: &[Role] = &[
    Role {
        code: "physician",
        ehr_read: &["patient.*", "medication_history", "restricted_notes"],
        ehr_write: &[
            "progress_notes",
            "orders",
            "allergies",
            "problems",
            "observations",
            "immunizations",
            "procedures",
            "tasks",
            "telemedicine",
        ],
        scopes: &[EVERY_CHART, NOTES, FINDINGS, ORDERS, BEDSIDE, TEAMWORK, EVERYBODY],
    },
    Role {
        code: "surgeon",
        ehr_read: &["patient.*", "medication_history", "restricted_notes"],
        ehr_write: &[
            "progress_notes",
            "operative_notes",
            "orders",
            "allergies",
            "problems",
            "observations",
            "immunizations",
            "procedures",
            "tasks",
            "telemedicine",
        ],
        scopes: &[EVERY_CHART, NOTES, FINDINGS, ORDERS, BEDSIDE, TEAMWORK, EVERYBODY],
    },
    Role {
        code: "nurse",
        ehr_read: &["patient.*", "medication_history"],
        ehr_write: &["nursing_notes", "medication_administration", "allergies", "observations", "immunizations", "tasks"],
        scopes: &[EVERY_CHART, NOTES, BEDSIDE, TEAMWORK, EVERYBODY],
    },
    Role {
        code: "icu",
        ehr_read: &["patient.*", "medication_history"],
        ehr_write: &["nursing_notes", "medication_administration", "allergies", "observations", "immunizations", "procedures", "tasks"],
        scopes: &[EVERY_CHART, NOTES, BEDSIDE, TEAMWORK, EVERYBODY, "user/Device.rs user/DeviceMetric.rs"],
    },
    Role {
        code: "pharmacist",
        ehr_read: &[
            "patient.demographics",
            "patient.allergies",
            "patient.problems",
            "patient.labs",
            "patient.medications",
            "medication_history",
        ],
        ehr_write: &["medication_dispense", "pharmacy_notes", "tasks"],
        scopes: &[
            DIRECTORY,
            "user/Patient.rs user/AllergyIntolerance.rs user/Condition.rs user/Observation.rs user/Encounter.rs user/CareTeam.rs \
             user/Medication.rs user/MedicationRequest.rus user/MedicationAdministration.rs user/MedicationStatement.crus \
             user/MedicationDispense.crus user/DocumentReference.crus user/Task.crus user/Communication.crus",
            "user/Flag.rs user/List.rs user/Appointment.rs",
            EVERYBODY,
        ],
    },
    Role {
        code: "billing",
        ehr_read: &["patient.demographics", "patient.coverage", "patient.encounters", "patient.claims"],
        ehr_write: &["claims"],
        scopes: &[
            DIRECTORY,
            "user/Patient.rs user/Coverage.crus user/Account.crus user/Encounter.rs user/Procedure.rs user/Condition.rs \
             user/Claim.crus user/ClaimResponse.rs user/ExplanationOfBenefit.rs user/Appointment.rs user/Task.crus",
            EVERYBODY,
        ],
    },
    Role {
        code: "front_desk",
        ehr_read: &["patient.demographics", "patient.coverage", "patient.appointments"],
        ehr_write: &["appointments", "demographics"],
        scopes: &[
            DIRECTORY,
            "user/Patient.crus user/RelatedPerson.crus user/Coverage.crus user/Appointment.crus user/AppointmentResponse.crus \
             user/Schedule.rs user/Slot.rus user/Encounter.crus user/Task.crus user/Communication.crus \
             user/QuestionnaireResponse.crus user/Consent.crus",
            EVERYBODY,
        ],
    },
    Role {
        code: "privacy_officer",
        ehr_read: &["audit.*", "patient.demographics", "break_glass_reviews"],
        ehr_write: &["break_glass_reviews", "restrictions"],
        scopes: &[
            DIRECTORY,
            "user/Patient.rs user/CareTeam.rs user/Consent.crus user/Task.crus user/Communication.crus",
            "user/AuditEvent.crs user/Provenance.crs",
        ],
    },
    Role {
        code: "administrator",
        ehr_read: &["directory.*", "audit.*", "devices"],
        ehr_write: &["directory.*", "devices", "policies"],
        scopes: &[
            DIRECTORY,
            "user/Practitioner.crus user/PractitionerRole.crus user/Organization.crus user/Location.crus user/Group.crus \
             user/Device.crus user/Questionnaire.crus",
            "user/AuditEvent.crs user/Provenance.crs",
        ],
    },
];

const DIRECTORY: &str = "user/Practitioner.rs user/PractitionerRole.rs user/Organization.rs user/Location.rs \
                         user/HealthcareService.rs user/Group.rs user/Questionnaire.rs";

impl Role {
    /// The role with this code.
    pub fn named(code: &str) -> Option<&'static Self> {
        ROLES.iter().find(|role| role.code == code)
    }

    /// Everything the role may be granted.
    pub fn scopes(&self) -> Scopes {
        Scopes::parse(&self.scopes.join(" "))
    }

    /// The `permissions` claim: `{"ehr_read": [..], "ehr_write": [..]}`.
    pub fn permissions(&self) -> Value {
        json!({"ehr_read": self.ehr_read, "ehr_write": self.ehr_write})
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::scopes::{CREATE, DELETE, READ, SEARCH, UPDATE};
    use super::*;

    #[test]
    fn every_clinician_has_a_known_role() {
        for who in clinic::CLINICIANS {
            assert!(Role::named(who.role).is_some(), "{}", who.role);
        }
    }

    #[test]
    fn every_scope_written_here_is_well_formed() {
        for role in ROLES {
            let written: usize = role.scopes.iter().flat_map(|group| group.split_ascii_whitespace()).count();
            assert!(written > 0);
            for scope in role.scopes.iter().flat_map(|group| group.split_ascii_whitespace()) {
                assert_ne!(Scopes::parse(scope), Scopes::default(), "{}: {scope}", role.code);
            }
        }
    }

    #[test]
    fn roles_differ_where_it_matters() {
        let may = |code: &str, kind: &str, what| Role::named(code).unwrap().scopes().allow(kind, what);
        assert!(may("physician", "MedicationRequest", CREATE.and(UPDATE)));
        assert!(!may("nurse", "MedicationRequest", CREATE), "nurses administer, they do not prescribe");
        assert!(may("nurse", "MedicationAdministration", CREATE));
        assert!(may("nurse", "DocumentReference", DELETE));
        assert!(!may("billing", "Observation", READ));
        assert!(!may("front_desk", "Condition", SEARCH));
        assert!(!may("physician", "AuditEvent", SEARCH));
        assert!(may("privacy_officer", "AuditEvent", SEARCH));
        for role in ROLES {
            assert!(role.scopes().allow("AuditEvent", CREATE), "{} must be able to report", role.code);
        }
    }
}
