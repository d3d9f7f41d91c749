//! What a sign-in granted, compiled into what the policies ask.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kernel::{PractitionerId, UserId};
use serde::{Deserialize, Serialize};

use crate::role::Role;
use crate::section::{Section, Sections};
use crate::smart::SmartScopes;
use crate::write::{self, ANY_NOTE, NoteKind, Write};

/// Names a role may read besides the sections of a chart, and the FHIR type that the EHR must grant for it.
const FURTHER_READS: &[(&str, Option<&str>)] =
    &[("audit.chain", None), ("break_glass_reviews", None), ("directory.staff", Some("Practitioner")), ("devices", None)];

/// Names under which deployments grant a section.
const READ_ALIASES: &[(&str, &[&str])] = &[
    ("medication_history", &["patient.medications"]),
    ("progress_notes", &["patient.notes"]),
    ("restricted_notes", &["patient.notes"]),
    ("directory", &["directory.*"]),
];

/// What the EHR's sign-in granted. A sign-in that granted nothing is the default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Permissions {
    /// `ehr_read`, star notation.
    #[serde(default)]
    pub ehr_read: Vec<String>,
    /// `ehr_write`, star notation.
    #[serde(default)]
    pub ehr_write: Vec<String>,
    /// Granted SMART scopes, space-separated, as the token's answer lists them; `None` where it lists none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The EHR sent no permissions at all (not even empty ones): within the scopes, the role's template stands for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_role: bool,
    /// The permissions' own end, which no offline lease outlasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
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
    sections: Sections,
    lapsed: bool,
    quarantined: bool,
}

impl User {
    /// Compiles the grants. Unknown names grant nothing.
    ///
    /// INVARIANT: SMART scopes, where the EHR lists any, only ever take away; a role's template counts only within them.
    #[must_use]
    pub fn new(user: UserId, practitioner: PractitionerId, role: String, granted: &Permissions) -> Self {
        let scopes = granted.scope.as_deref().map(SmartScopes::parse);
        let (read, write) = patterns(&role, granted);
        let readable = |kind: &str| scopes.as_ref().is_none_or(|scopes| scopes.read(kind));
        let writable = |write: &Write| match (&scopes, write.fhir()) {
            (None, _) | (_, None) => true,
            (Some(scopes), Some(_)) if *write == Write::Vitals => scopes.write_vital_signs(),
            (Some(scopes), Some((kind, letter))) => scopes.write(kind, letter),
        };
        let held = |section: &Section| covers(&read, section.scope()) && section.types().any(readable);
        let further = FURTHER_READS.iter().filter(|(name, kind)| covers(&read, name) && kind.is_none_or(readable));
        let reads = Section::ALL.iter().filter(|s| held(s)).map(|s| s.scope()).chain(further.map(|(name, _)| *name)).collect();
        let mut writes: BTreeSet<_> = Write::ALL.iter().filter(|w| covers(&write, w.scope()) && writable(w)).map(|w| w.scope()).collect();
        if NoteKind::ALL.iter().any(|kind| writes.contains(kind.write().scope())) {
            writes.insert(ANY_NOTE);
        }
        let sections = Sections::new(Section::ALL.iter().copied().filter(held), readable);
        Self { user, practitioner, role, reads, writes, sections, lapsed: false, quarantined: false }
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

    /// The same clinician at a workstation whose audit chain is quarantined (or not): charts open with broken glass alone.
    #[must_use]
    pub fn quarantined(self, quarantined: bool) -> Self {
        Self { quarantined, ..self }
    }

    /// Is the workstation quarantined?
    #[must_use]
    pub const fn is_quarantined(&self) -> bool {
        self.quarantined
    }

    /// What may be read, by name.
    pub fn reads(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.reads.iter().copied()
    }

    /// What may be written, by name; `notes` stands beside the kinds of note.
    pub fn writes(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.writes.iter().copied()
    }

    /// Whether the role may sign notes of a kind. Where and when, the policies decide.
    #[must_use]
    pub fn may_sign(&self, kind: NoteKind) -> bool {
        self.writes.contains(kind.write().scope())
    }

    /// The sections of a chart that may be read.
    #[must_use]
    pub const fn sections(&self) -> Sections {
        self.sections
    }
}

/// Patterns for reading and for writing, aliases resolved.
fn patterns(role: &str, granted: &Permissions) -> (Vec<String>, Vec<String>) {
    let Permissions { ehr_read, ehr_write, scope, by_role, .. } = granted;
    let unstated = ehr_read.is_empty() && ehr_write.is_empty();
    match Role::named(role).filter(|_| *by_role && unstated && scope.is_some()) {
        Some(role) => (resolved(role.read(), READ_ALIASES), resolved(role.write(), write::ALIASES)),
        None => (resolved(ehr_read, READ_ALIASES), resolved(ehr_write, write::ALIASES)),
    }
}

fn resolved(names: &[impl AsRef<str>], aliases: &[(&str, &[&str])]) -> Vec<String> {
    let mut patterns = Vec::new();
    for name in names.iter().map(AsRef::as_ref) {
        match aliases.iter().find(|(alias, _)| *alias == name) {
            Some((_, meant)) => patterns.extend(meant.iter().map(|pattern| (*pattern).to_owned())),
            None => patterns.push(name.to_owned()),
        }
    }
    patterns
}

fn covers(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, name))
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

    const EVERY_CHART: &str = "openid user/*.rs user/AuditEvent.c";

    fn granted(read: &[&str], write: &[&str]) -> Permissions {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Permissions { ehr_read: own(read), ehr_write: own(write), ..Permissions::default() }
    }

    fn compiled(role: &str, granted: &Permissions) -> User {
        User::new(UserId::new("u1").unwrap(), PractitionerId::new("p1").unwrap(), role.into(), granted)
    }

    fn user(read: &[&str], write: &[&str]) -> User {
        compiled("physician", &granted(read, write))
    }

    fn scoped(read: &[&str], write: &[&str], scope: &str) -> User {
        compiled("physician", &Permissions { scope: Some(scope.into()), ..granted(read, write) })
    }

    fn by_role(role: &str, scope: Option<&str>) -> User {
        compiled(role, &Permissions { scope: scope.map(str::to_owned), by_role: true, ..Permissions::default() })
    }

    fn writes(user: &User) -> Vec<&'static str> {
        user.writes().collect()
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
        assert!(!billing.sections().show("DocumentReference"));
        assert_eq!(writes(&billing), ["patient.claims"]);
    }

    #[test]
    fn names_of_deployments_become_what_may_be_written() {
        assert_eq!(writes(&user(&[], &["orders"])), ["patient.medications.prescriptions", "patient.orders"]);
        assert_eq!(writes(&user(&[], &["patient.medications"])).len(), 3);
        assert_eq!(writes(&user(&[], &["observations", "vitals"])), ["patient.vitals"]);
        assert_eq!(writes(&user(&[], &["*"])).len(), Write::ALL.len() + 1, "and any note");
        assert_eq!(writes(&user(&[], &["patient.notes.*"])).len(), NoteKind::ALL.len() + 1);
        assert_eq!(writes(&user(&[], &["nursing_note", "Orders", "orders.", "patient*", "notes?", ""])), [""; 0]);
        assert!(!writes(&user(&[], &["patient.*"])).iter().any(|name| matches!(*name, "restrictions" | "devices" | "policies")));
    }

    #[test]
    fn who_signs_which_kind_of_note() {
        let kind = |code| NoteKind::from_loinc(code).unwrap();
        let (progress, nursing, operative) = (kind("11506-3"), kind("34746-8"), kind("11504-8"));
        let signs = |names: &[&str]| {
            let user = user(&[], names);
            [progress, nursing, operative].map(|kind| user.may_sign(kind))
        };
        assert_eq!(signs(&["progress_notes"]), [true, false, false]);
        assert_eq!(signs(&["nursing_notes"]), [false, true, false]);
        assert_eq!(signs(&["progress_notes", "operative_notes"]), [true, false, true]);
        assert_eq!(signs(&["notes"]), [true, true, true]);
        assert_eq!(signs(&["claims"]), [false, false, false]);
        assert_eq!(NoteKind::from_loinc("1-1"), None);
    }

    #[test]
    fn smart_scopes_only_take_away() {
        let nurse = scoped(&["patient.*"], &["nursing_notes", "observations", "orders"], "user/*.rs user/Observation.cru");
        assert_eq!(writes(&nurse), ["patient.vitals"]);
        assert_eq!(nurse.reads().count(), Section::ALL.len());
        let narrow = scoped(&["patient.*"], &[], "user/Patient.rs user/MedicationRequest.r user/AllergyIntolerance.c");
        assert_eq!(narrow.reads().collect::<Vec<_>>(), ["patient.demographics", "patient.medications"]);
        assert!(narrow.sections().show("MedicationRequest") && !narrow.sections().show("MedicationAdministration"));
        assert_eq!(scoped(&["patient.labs"], &["claims"], "user/*.cruds").reads().collect::<Vec<_>>(), ["patient.labs"]);
        assert_eq!(scoped(&["patient.*"], &["*"], "openid launch/patient patient/*.cruds").sections(), Sections::default());
        let keeper = scoped(&["audit.*"], &["devices"], "openid");
        assert_eq!((keeper.reads().collect::<Vec<_>>(), writes(&keeper)), (vec!["audit.chain"], vec!["devices"]), "no FHIR records");
        let vitals = scoped(&["patient.vitals"], &["vitals"], "user/Observation.crs?category=vital-signs");
        assert_eq!((vitals.reads().count(), writes(&vitals)), (0, vec!["patient.vitals"]));
    }

    #[test]
    fn a_role_grants_only_where_the_ehr_stated_scopes_and_no_permissions() {
        let nurse = by_role("Registered Nurse", Some("user/*.cruds"));
        assert!(nurse.sections().holds(Section::Notes));
        assert!(writes(&nurse).contains(&"patient.medications.administrations"));
        assert!(!writes(&nurse).contains(&"patient.medications.prescriptions"));
        assert_eq!(writes(&by_role("nurse", Some(EVERY_CHART))), [""; 0]);
        for nobody in [by_role("physician", None), by_role("", Some("user/*.cruds")), by_role("astronaut", Some("user/*.cruds"))] {
            assert_eq!((nobody.reads().count(), nobody.writes().count()), (0, 0));
        }
        let stated = compiled("physician", &Permissions { scope: Some("user/*.cruds".into()), ..Permissions::default() });
        assert_eq!((stated.reads().count(), stated.writes().count()), (0, 0), "empty permissions are none, whatever the role");
    }

    #[test]
    fn every_name_of_a_template_is_known() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.code()), Some(*role));
            for name in role.read() {
                assert!(user(&[name], &[]).reads().count() > 0, "{} {name}", role.code());
            }
            for name in role.write() {
                assert!(user(&[], &[name]).writes().count() > 0, "{} {name}", role.code());
            }
        }
        assert_eq!(Role::named(" ICU-Nurse "), Some(Role::Icu));
    }

    /// Frozen: persons are kept sealed between sessions, and read by later versions.
    #[test]
    fn what_was_kept_before_is_still_read_and_grants_no_more() {
        let old = r#"{"ehr_read":["patient.*"],"ehr_write":["progress_notes"]}"#;
        let read: Permissions = serde_json::from_str(old).unwrap();
        assert_eq!(read, granted(&["patient.*"], &["progress_notes"]));
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
        assert_eq!(serde_json::from_str::<Permissions>("{}").unwrap(), Permissions::default());
        let full = Permissions {
            scope: Some("user/*.rs".into()),
            by_role: true,
            until: Some("2026-03-02T20:00:00Z".parse().unwrap()),
            ..granted(&[], &[])
        };
        let written = r#"{"ehr_read":[],"ehr_write":[],"scope":"user/*.rs","by_role":true,"until":"2026-03-02T20:00:00Z"}"#;
        assert_eq!(serde_json::to_string(&full).unwrap(), written);
        assert_eq!(serde_json::from_str::<Permissions>(written).unwrap(), full);
    }
}
