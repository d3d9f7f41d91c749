//! SMART scopes of a sign-in (SMART App Launch 2.2, "Scopes for requesting FHIR Resources"; version 1 names as well).
use std::collections::BTreeMap;

/// Letters in the only order a scope may have them.
const LETTERS: &str = "cruds";

/// The one restriction by query that what is written here keeps by itself.
const VITAL_SIGNS: &[&str] = &["category=vital-signs", "category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"];

/// What the EHR granted, by resource type.
///
/// `patient/` scopes grant nothing: they are one patient's, and a clinician's desk holds many. Neither do `system/` scopes, which are
/// no person's. A scope restricted by a query grants no reading: which of the records held here lie within, this workstation cannot
/// tell. It grants writing where what is written lies within, as vital signs do in `user/Observation.c?category=vital-signs`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SmartScopes {
    types: BTreeMap<Box<str>, Letters>,
    vital_signs: Letters,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Letters(u8);

impl SmartScopes {
    /// Reads a space-separated list. What is malformed or about no resource grants nothing.
    #[must_use]
    pub fn parse(list: &str) -> Self {
        let mut scopes = Self::default();
        for scope in list.split_ascii_whitespace() {
            scopes.add(scope).unwrap_or_default();
        }
        scopes
    }

    fn add(&mut self, scope: &str) -> Option<()> {
        let scope = scope.strip_prefix("user/")?;
        let (resource, query) = scope.split_once('?').map_or((scope, None), |(resource, query)| (resource, Some(query)));
        let (kind, letters) = resource.split_once('.')?;
        let letters = Letters::parse(letters)?;
        let well_formed =
            kind == "*" || (kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphabetic()));
        match query {
            _ if !well_formed => return None,
            None => {
                let held = self.types.entry(kind.into()).or_default();
                *held = held.and(letters);
            }
            Some(query) => {
                let query = query.replace("%7C", "|").replace("%7c", "|");
                if matches!(kind, "Observation" | "*") && VITAL_SIGNS.contains(&&*query) {
                    self.vital_signs = self.vital_signs.and(letters);
                }
            }
        }
        Some(())
    }

    fn of(&self, kind: &str) -> Letters {
        let held = |name| self.types.get(name).copied().unwrap_or_default();
        held(kind).and(held("*"))
    }

    /// Whether records of a type may be read: one by one, or by search.
    #[must_use]
    pub fn read(&self, kind: &str) -> bool {
        let held = self.of(kind);
        held.has('r') || held.has('s')
    }

    /// Whether a record of a type may be created (`c`) or changed (`u`).
    pub(crate) fn write(&self, kind: &str, letter: char) -> bool {
        self.of(kind).has(letter)
    }

    /// Whether a vital sign may be created.
    pub(crate) fn write_vital_signs(&self) -> bool {
        self.of("Observation").and(self.vital_signs).has('c')
    }
}

impl Letters {
    fn parse(text: &str) -> Option<Self> {
        let text = match text {
            "read" => "rs",
            "write" => "cud",
            "*" => LETTERS,
            other => other,
        };
        let mut order = LETTERS.char_indices();
        let mut held = None;
        for letter in text.chars() {
            let (at, _) = order.find(|(_, known)| *known == letter)?;
            held = Some(Self(held.unwrap_or(Self(0)).0 | 1 << at));
        }
        held
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, letter: char) -> bool {
        LETTERS.find(letter).is_some_and(|at| self.0 & 1 << at != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_read_and_what_is_malformed_grants_nothing() {
        let scopes = SmartScopes::parse("openid launch/patient user/Observation.cru user/Patient.read user/Task.write user/Goal.*");
        assert!(scopes.write("Observation", 'c') && scopes.write("Observation", 'u') && scopes.read("Observation"));
        assert!(scopes.read("Patient") && !scopes.write("Patient", 'u'));
        assert!(scopes.write("Task", 'c') && !scopes.read("Task"));
        assert!(scopes.write("Goal", 'c') && scopes.read("Goal"));
        let nothing =
            "user/Goal.sr user/Flag. user/.rs user/flag.rs user/Flag user/Flag.rx user/F*.rs user/Flag.rr user/Flag.read.write Flag.rs";
        assert_eq!(SmartScopes::parse(nothing), SmartScopes::default());
        assert!(!SmartScopes::default().read("Patient"));
    }

    #[test]
    fn the_star_stands_for_every_type() {
        let scopes = SmartScopes::parse("user/*.rs user/DocumentReference.c");
        assert!(scopes.read("Condition") && scopes.read("DocumentReference"));
        assert!(scopes.write("DocumentReference", 'c') && !scopes.write("Condition", 'c'));
    }

    #[test]
    fn scopes_of_one_patient_or_of_no_person_grant_nothing() {
        assert_eq!(SmartScopes::parse("patient/*.cruds system/*.cruds patient/Observation.read"), SmartScopes::default());
    }

    #[test]
    fn a_restriction_by_query_grants_no_reading_and_only_writing_that_keeps_it() {
        for query in ["category=vital-signs", "category=http://terminology.hl7.org/CodeSystem/observation-category%7Cvital-signs"] {
            let scopes = SmartScopes::parse(&format!("user/Observation.cruds?{query}"));
            assert!(!scopes.read("Observation") && !scopes.write("Observation", 'c'));
            assert!(scopes.write_vital_signs(), "{query}");
        }
        for other in
            ["user/Observation.rs?category=vital-signs", "user/Observation.c?category=laboratory", "user/Condition.c?category=vital-signs"]
        {
            assert!(!SmartScopes::parse(other).write_vital_signs(), "{other}");
        }
    }
}
