//! What each role may do where the EHR grants SMART scopes but no star-notation permissions.

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $code:literal $(| $other:literal)* { read: $read:expr, write: $write:expr },)*) => {
        /// A role that has a template.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Role {
            $($(#[$doc])* $name,)*
        }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The role behind a deployment's word for it; case, blanks and hyphens do not matter.
            #[must_use]
            pub fn named(word: &str) -> Option<Self> {
                let word = word.trim().to_ascii_lowercase().replace([' ', '-'], "_");
                match word.as_str() {
                    $($code $(| $other)* => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Its code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it may read, star notation.
            #[must_use]
            pub const fn read(self) -> &'static [&'static str] {
                match self { $(Self::$name => $read,)* }
            }

            /// What it may write, star notation.
            #[must_use]
            pub const fn write(self) -> &'static [&'static str] {
                match self { $(Self::$name => $write,)* }
            }
        }
    };
}

roles! {
    /// Treats and prescribes.
    Physician = "physician" | "doctor" | "attending" | "resident" {
        read: &["patient.*"],
        write: &[
            "progress_notes", "orders", "observations", "allergies", "problems", "immunizations", "procedures", "tasks", "telemedicine",
        ]
    },
    /// Treats, prescribes and operates.
    Surgeon = "surgeon" {
        read: &["patient.*"],
        write: &[
            "progress_notes", "operative_notes", "orders", "observations", "allergies", "problems", "immunizations", "procedures", "tasks",
            "telemedicine",
        ]
    },
    /// Nurses; gives what others prescribe.
    Nurse = "nurse" | "rn" | "registered_nurse" {
        read: &["patient.*"],
        write: &["nursing_notes", "medication_administration", "observations", "allergies", "immunizations", "tasks"]
    },
    /// Nurses in intensive care.
    Icu = "icu" | "icu_nurse" {
        read: &["patient.*"],
        write: &["nursing_notes", "medication_administration", "observations", "allergies", "immunizations", "procedures", "tasks"]
    },
    /// Checks and hands out medication.
    Pharmacist = "pharmacist" | "pharmacy" {
        read: &["patient.demographics", "patient.allergies", "patient.problems", "patient.labs", "patient.medications"],
        write: &["medication_dispense", "pharmacy_notes", "tasks"]
    },
    /// Bills.
    Billing = "billing" | "biller" {
        read: &["patient.demographics", "patient.coverage", "patient.encounters", "patient.claims"],
        write: &["claims"]
    },
    /// Receives and schedules.
    FrontDesk = "front_desk" | "frontdesk" | "receptionist" {
        read: &["patient.demographics", "patient.coverage", "patient.appointments"],
        write: &["appointments", "demographics"]
    },
    /// Watches over access.
    PrivacyOfficer = "privacy_officer" {
        read: &["audit.*", "patient.demographics", "break_glass_reviews"],
        write: &["break_glass_reviews", "restrictions"]
    },
    /// Looks after workstations and staff, and sees no chart.
    Administrator = "administrator" | "admin" {
        read: &["directory.*", "audit.*", "devices"],
        write: &["directory.*", "devices", "policies"]
    },
}
