//! Star-notation permissions, compiled into what the policies ask.
use std::collections::BTreeSet;

use kernel::{PractitionerId, UserId};
use serde::{Deserialize, Serialize};

use crate::section::{Section, Sections};

/// Names a role may hold besides the sections of a chart.
const FURTHER_READS: &[&str] = &["audit.chain"];

/// Names under which deployments grant a section.
const ALIASES: &[(&str, &str)] =
    &[("medication_history", "patient.medications"), ("progress_notes", "patient.notes"), ("restricted_notes", "patient.notes")];

/// The right to write any kind of note is the right to write notes; which kinds a role may sign is the EHR's to say.
const NOTES: &[&str] = &["progress_notes", "nursing_notes", "operative_notes", "pharmacy_notes", "patient.notes"];

/// What the EHR's sign-in granted, as the token carries it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Permissions {
    /// `ehr_read`, star notation.
    #[serde(default)]
    pub ehr_read: Vec<String>,
    /// `ehr_write`, star notation.
    #[serde(default)]
    pub ehr_write: Vec<String>,
}

/// The signed-in clinician as policies see them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// The enrolled user.
    pub user: UserId,
    /// The practitioner on the EHR.
    pub practitioner: PractitionerId,
    /// The role for the audit entry.
    pub role: String,
    reads: BTreeSet<&'static str>,
    writes: BTreeSet<&'static str>,
    lapsed: bool,
}

impl User {
    /// Compiles the grants. Unknown names grant nothing.
    #[must_use]
    pub fn new(user: UserId, practitioner: PractitionerId, role: String, granted: &Permissions) -> Self {
        let known = || Section::ALL.iter().map(|s| s.scope()).chain(FURTHER_READS.iter().copied());
        let mut reads = BTreeSet::new();
        for pattern in &granted.ehr_read {
            let pattern = canonical(pattern);
            reads.extend(known().filter(|name| matches(pattern, name)));
        }
        let mut writes = BTreeSet::new();
        if granted.ehr_write.iter().any(|pattern| NOTES.iter().any(|name| matches(pattern, name))) {
            writes.insert("notes");
        }
        if granted.ehr_write.iter().any(|pattern| matches(pattern, "devices")) {
            writes.insert("devices");
        }
        Self { user, practitioner, role, reads, writes, lapsed: false }
    }

    /// The same clinician under an offline lease that has run out (or not): ordinary access rests, break-glass remains.
    #[must_use]
    pub fn lapsed(self, lapsed: bool) -> Self {
        Self { lapsed, ..self }
    }

    /// Has the offline lease run out?
    #[must_use]
    pub const fn is_lapsed(&self) -> bool {
        self.lapsed
    }

    /// What may be read, by name.
    pub fn reads(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.reads.iter().copied()
    }

    /// What may be written, by name.
    pub fn writes(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.writes.iter().copied()
    }

    /// The sections of a chart that may be read.
    #[must_use]
    pub fn sections(&self) -> Sections {
        Section::ALL.iter().filter(|s| self.reads.contains(s.scope())).fold(Sections::default(), |set, s| set.with(*s))
    }
}

fn canonical(pattern: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == pattern).map_or(pattern, |(_, name)| name)
}

/// `*` alone, or at the end after a dot, stands for every name below it.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => true,
        Some(prefix) => prefix.ends_with('.') && name.starts_with(prefix),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    pub fn user(read: &[&str], write: &[&str]) -> User {
        let granted = Permissions {
            ehr_read: read.iter().map(|s| (*s).to_owned()).collect(),
            ehr_write: write.iter().map(|s| (*s).to_owned()).collect(),
        };
        User::new(UserId::new("u1").unwrap(), PractitionerId::new("p1").unwrap(), "physician".into(), &granted)
    }

    #[test]
    fn stars_cover_what_is_below_them() {
        assert_eq!(user(&["patient.*"], &[]).reads().count(), Section::ALL.len());
        assert_eq!(user(&["patient.labs"], &[]).reads().collect::<Vec<_>>(), ["patient.labs"]);
        assert_eq!(user(&["medication_history"], &[]).reads().collect::<Vec<_>>(), ["patient.medications"]);
        assert_eq!(user(&["audit.*"], &[]).reads().collect::<Vec<_>>(), ["audit.chain"]);
        assert_eq!(user(&["patient*", "pat.*", "nonsense", ""], &["notes?"]).reads().count(), 0);
    }

    #[test]
    fn sections_follow_reads() {
        let billing = user(&["patient.demographics", "patient.claims"], &["claims"]);
        assert!(billing.sections().holds(Section::Claims));
        assert!(!billing.sections().holds(Section::Notes));
        assert_eq!(billing.writes().count(), 0);
    }
}
