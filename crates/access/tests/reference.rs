//! The gate against a second evaluator, written from the tables of the room's README and sharing nothing with it: every role and
//! action under every circumstance, then triples at random.
//!
//! `SATCHEL_TRIPLES` says how many (10,000 by default), `SATCHEL_SEED` which:
//! `cargo xtask access-triples` takes a million.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
use std::num::NonZero;
use std::thread;

use access::{Circumstances, Gate, NoteKind, Permissions, User};
use audit::Action;
use kernel::{PractitionerId, UserId};

/// Who asks, as the EHR's token says it.
#[derive(Clone, Debug, Default)]
struct Asker {
    role: &'static str,
    read: Vec<&'static str>,
    write: Vec<&'static str>,
    scope: Option<String>,
    by_role: bool,
    lapsed: bool,
    quarantined: bool,
}

impl Asker {
    fn compiled(&self) -> User {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let granted = Permissions {
            ehr_read: own(&self.read),
            ehr_write: own(&self.write),
            scope: self.scope.clone(),
            by_role: self.by_role,
            until: None,
        };
        let (user, practitioner) = (UserId::new("u").unwrap(), PractitionerId::new("p").unwrap());
        User::new(user, practitioner, self.role.into(), &granted).lapsed(self.lapsed).quarantined(self.quarantined)
    }
}

/// What a chart is to the asker: held, related, restricted, glass broken. `None`: the workstation is asked about.
type Chart = Option<Circumstances>;

mod reference {
    //! The README's tables, flat: every name that grants a thing is written out.
    use super::{Asker, Chart};

    /// Names that grant reading of a section, and the FHIR types of which the scopes must grant one.
    fn reading(section: &str) -> (&'static [&'static str], &'static [&'static str]) {
        match section {
            "demographics" => (&["*", "patient.*", "patient.demographics"], &["Patient", "RelatedPerson", "Flag", "Person"]),
            "allergies" => (&["*", "patient.*", "patient.allergies"], &["AllergyIntolerance"]),
            "problems" => (&["*", "patient.*", "patient.problems"], &["Condition", "FamilyMemberHistory", "ClinicalImpression"]),
            "medications" => (
                &["*", "patient.*", "patient.medications", "medication_history"],
                &["MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense", "Medication"],
            ),
            "vitals" => (&["*", "patient.*", "patient.vitals"], &["Observation"]),
            "labs" => (&["*", "patient.*", "patient.labs"], &["DiagnosticReport", "Specimen", "Observation"]),
            "notes" => (
                &["*", "patient.*", "patient.notes", "progress_notes", "restricted_notes"],
                &["DocumentReference", "Composition", "Binary", "DocumentManifest", "QuestionnaireResponse", "Media"],
            ),
            "claims" => (&["*", "patient.*", "patient.claims"], &["Claim", "ClaimResponse", "ExplanationOfBenefit"]),
            "other" => (&["*", "patient.*", "patient.other"], &["(any other)"]),
            "audit" => (&["*", "audit.*", "audit.chain"], &[]),
            other => panic!("no section {other}"),
        }
    }

    /// Sections that a role's template reads, of those this test asks about.
    fn template_reads(role: &str) -> &'static [&'static str] {
        match role {
            "physician" | "Doctor" | "surgeon" | "nurse" | "icu" | "icu_nurse" => {
                &["demographics", "allergies", "problems", "medications", "vitals", "labs", "notes", "claims", "other"]
            }
            "pharmacist" => &["demographics", "allergies", "problems", "medications", "labs"],
            "billing" => &["demographics", "claims"],
            "front_desk" => &["demographics"],
            "privacy_officer" => &["demographics", "audit"],
            "administrator" => &["audit"],
            _ => &[],
        }
    }

    /// Names that grant a thing to write, and what the scopes must grant for it.
    fn writing(thing: &str) -> (&'static [&'static str], Option<(&'static str, char)>) {
        const NOTE: Option<(&str, char)> = Some(("DocumentReference", 'c'));
        match thing {
            "patient.notes.progress" => {
                (&["*", "patient.*", "patient.notes.*", "patient.notes", "notes", "progress_notes", "patient.notes.progress"], NOTE)
            }
            "patient.notes.history" => {
                (&["*", "patient.*", "patient.notes.*", "patient.notes", "notes", "progress_notes", "patient.notes.history"], NOTE)
            }
            "patient.notes.consult" => {
                (&["*", "patient.*", "patient.notes.*", "patient.notes", "notes", "progress_notes", "patient.notes.consult"], NOTE)
            }
            "patient.notes.discharge" => (
                &[
                    "*",
                    "patient.*",
                    "patient.notes.*",
                    "patient.notes",
                    "notes",
                    "progress_notes",
                    "discharge_notes",
                    "patient.notes.discharge",
                ],
                NOTE,
            ),
            "patient.notes.procedure" => (
                &[
                    "*",
                    "patient.*",
                    "patient.notes.*",
                    "patient.notes",
                    "notes",
                    "progress_notes",
                    "operative_notes",
                    "patient.notes.procedure",
                ],
                NOTE,
            ),
            "patient.notes.operative" => {
                (&["*", "patient.*", "patient.notes.*", "patient.notes", "notes", "operative_notes", "patient.notes.operative"], NOTE)
            }
            "patient.notes.nursing" => {
                (&["*", "patient.*", "patient.notes.*", "patient.notes", "notes", "nursing_notes", "patient.notes.nursing"], NOTE)
            }
            "patient.notes.telephone" => (
                &[
                    "*",
                    "patient.*",
                    "patient.notes.*",
                    "patient.notes",
                    "notes",
                    "progress_notes",
                    "nursing_notes",
                    "patient.notes.telephone",
                ],
                NOTE,
            ),
            "patient.notes.pharmacy" => {
                (&["*", "patient.*", "patient.notes.*", "patient.notes", "notes", "pharmacy_notes", "patient.notes.pharmacy"], NOTE)
            }
            "vitals" => (&["*", "patient.*", "patient.vitals", "vitals", "observations"], Some(("Observation", 'c'))),
            "administrations" => (
                &["*", "patient.*", "patient.medications.*", "patient.medications", "medication_administration"],
                Some(("MedicationAdministration", 'c')),
            ),
            "dispenses" => (
                &["*", "patient.*", "patient.medications.*", "patient.medications", "medication_dispense"],
                Some(("MedicationDispense", 'c')),
            ),
            "prescriptions" => (
                &["*", "patient.*", "patient.medications.*", "patient.medications", "prescriptions", "orders"],
                Some(("MedicationRequest", 'c')),
            ),
            "orders" => (&["*", "patient.*", "patient.orders", "orders"], Some(("ServiceRequest", 'c'))),
            "allergies" => (&["*", "patient.*", "patient.allergies", "allergies"], Some(("AllergyIntolerance", 'c'))),
            "problems" => (&["*", "patient.*", "patient.problems", "problems"], Some(("Condition", 'c'))),
            "immunizations" => (&["*", "patient.*", "patient.immunizations", "immunizations"], Some(("Immunization", 'c'))),
            "procedures" => (&["*", "patient.*", "patient.procedures", "procedures"], Some(("Procedure", 'c'))),
            "appointments" => (&["*", "patient.*", "patient.appointments", "appointments"], Some(("Appointment", 'c'))),
            "demographics" => (&["*", "patient.*", "patient.demographics", "demographics"], Some(("Patient", 'u'))),
            "claims" => (&["*", "patient.*", "patient.claims", "claims"], Some(("Claim", 'c'))),
            "tasks" => (&["*", "patient.*", "patient.tasks", "tasks"], Some(("Task", 'c'))),
            "telemedicine" => (&["*", "telemedicine"], None),
            "restrictions" => (&["*", "restrictions"], None),
            "reviews" => (&["*", "break_glass_reviews"], None),
            "devices" => (&["*", "devices"], None),
            "policies" => (&["*", "policies"], None),
            "directory" => (&["*", "directory", "directory.*", "directory.staff"], Some(("Practitioner", 'u'))),
            other => panic!("nothing to write: {other}"),
        }
    }

    /// What a role's template writes.
    fn template_writes(role: &str) -> &'static [&'static str] {
        match role {
            "physician" | "Doctor" => &[
                "patient.notes.progress",
                "patient.notes.history",
                "patient.notes.consult",
                "patient.notes.discharge",
                "patient.notes.procedure",
                "patient.notes.telephone",
                "prescriptions",
                "orders",
                "vitals",
                "allergies",
                "problems",
                "immunizations",
                "procedures",
                "tasks",
                "telemedicine",
            ],
            "surgeon" => &[
                "patient.notes.progress",
                "patient.notes.history",
                "patient.notes.consult",
                "patient.notes.discharge",
                "patient.notes.procedure",
                "patient.notes.telephone",
                "patient.notes.operative",
                "prescriptions",
                "orders",
                "vitals",
                "allergies",
                "problems",
                "immunizations",
                "procedures",
                "tasks",
                "telemedicine",
            ],
            "nurse" => {
                &["patient.notes.nursing", "patient.notes.telephone", "administrations", "vitals", "allergies", "immunizations", "tasks"]
            }
            "icu" | "icu_nurse" => &[
                "patient.notes.nursing",
                "patient.notes.telephone",
                "administrations",
                "vitals",
                "allergies",
                "immunizations",
                "procedures",
                "tasks",
            ],
            "pharmacist" => &["patient.notes.pharmacy", "dispenses", "tasks"],
            "billing" => &["claims"],
            "front_desk" => &["appointments", "demographics"],
            "privacy_officer" => &["restrictions", "reviews"],
            "administrator" => &["directory", "devices", "policies"],
            _ => &[],
        }
    }

    pub const NOTES: [&str; 9] = [
        "patient.notes.progress",
        "patient.notes.history",
        "patient.notes.consult",
        "patient.notes.discharge",
        "patient.notes.procedure",
        "patient.notes.operative",
        "patient.notes.nursing",
        "patient.notes.telephone",
        "patient.notes.pharmacy",
    ];

    /// Every spelling of a scope that grants a letter on a type, tried one after the other.
    fn scoped(asker: &Asker, kind: &str, letter: char) -> bool {
        let Some(list) = &asker.scope else { return true };
        let listed: Vec<&str> = list.split(' ').collect();
        let mut spellings: Vec<String> = (1..32_u8)
            .map(|set| "cruds".chars().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, letter)| letter).collect())
            .filter(|letters: &String| letters.contains(letter))
            .collect();
        spellings.push(if "rs".contains(letter) { "read" } else { "write" }.into());
        spellings.push("*".into());
        let narrow = if kind == "Observation" && letter == 'c' { "?category=vital-signs" } else { "" };
        spellings.iter().any(|letters| {
            let of = |kind: &str| [format!("user/{kind}.{letters}"), format!("user/{kind}.{letters}{narrow}")];
            [of(kind), of("*")].iter().flatten().any(|scope| listed.contains(&scope.as_str()))
        })
    }

    fn sees(asker: &Asker, kind: &str) -> bool {
        scoped(asker, kind, 'r') || scoped(asker, kind, 's')
    }

    fn by_template(asker: &Asker) -> bool {
        asker.by_role && asker.read.is_empty() && asker.write.is_empty() && asker.scope.is_some()
    }

    fn named(asker: &Asker, section: &str) -> bool {
        if by_template(asker) {
            return template_reads(asker.role).contains(&section);
        }
        reading(section).0.iter().any(|name| asker.read.contains(name))
    }

    pub fn reads(asker: &Asker, section: &str) -> bool {
        let types = reading(section).1;
        named(asker, section) && (types.is_empty() || types.iter().any(|kind| sees(asker, kind)))
    }

    pub fn writes(asker: &Asker, thing: &str) -> bool {
        let (names, needed) = writing(thing);
        let granted = if by_template(asker) {
            template_writes(asker.role).contains(&thing)
        } else {
            names.iter().any(|name| asker.write.contains(name))
        };
        granted && needed.is_none_or(|(kind, letter)| scoped(asker, kind, letter))
    }

    /// Whether a record of a type shows in an open chart.
    pub fn shows(asker: &Asker, kind: &str) -> bool {
        let sections: &[&str] = match kind {
            "Patient" | "Flag" => &["demographics"],
            "AllergyIntolerance" => &["allergies"],
            "Condition" => &["problems"],
            "MedicationRequest" | "MedicationAdministration" => &["medications"],
            "Observation" => &["vitals", "labs"],
            "DiagnosticReport" => &["labs"],
            "DocumentReference" | "Composition" => &["notes"],
            "Claim" => &["claims"],
            "Basic" => &["other"],
            other => panic!("not asked about: {other}"),
        };
        let kind = if kind == "Basic" { "(any other)" } else { kind };
        sections.iter().any(|section| reads(asker, section)) && sees(asker, kind)
    }

    pub fn decides(asker: &Asker, action: &str, chart: Chart, note: Option<&str>) -> bool {
        match chart {
            Some(chart) if !chart.known => false,
            Some(chart) => {
                let ordinary = chart.related && !chart.restricted && !asker.lapsed;
                let treating = ordinary || chart.emergency;
                match action {
                    "read_chart" => reads(asker, "demographics") && treating && (!asker.quarantined || chart.emergency),
                    "pin" => reads(asker, "demographics") && ordinary && (!asker.quarantined || chart.emergency),
                    "write_draft" | "sign_note" => {
                        treating && note.map_or_else(|| NOTES.iter().any(|kind| writes(asker, kind)), |kind| writes(asker, kind))
                    }
                    "write_vitals" => writes(asker, "vitals") && treating,
                    "administer_medication" => writes(asker, "administrations") && treating,
                    "dispense_medication" => writes(asker, "dispenses") && treating,
                    "prescribe" => writes(asker, "prescriptions") && treating,
                    "place_order" => writes(asker, "orders") && treating,
                    "write_allergy" => writes(asker, "allergies") && treating,
                    "write_problem" => writes(asker, "problems") && treating,
                    "write_immunization" => writes(asker, "immunizations") && treating,
                    "write_procedure" => writes(asker, "procedures") && treating,
                    "schedule_appointment" => writes(asker, "appointments") && ordinary,
                    "edit_demographics" => writes(asker, "demographics") && ordinary,
                    "write_claim" => writes(asker, "claims") && ordinary,
                    "write_task" => writes(asker, "tasks") && ordinary,
                    "hold_visit" => writes(asker, "telemedicine") && ordinary,
                    "restrict_chart" => writes(asker, "restrictions") && !asker.lapsed,
                    "erase_chart" => writes(asker, "devices"),
                    "break_glass" | "end_break_glass" => reads(asker, "demographics") && reads(asker, "allergies"),
                    _ => false,
                }
            }
            None => match action {
                "open_index" | "search" | "read_schedule" => reads(asker, "demographics"),
                "ingest"
                | "push"
                | "read_outbox"
                | "desk_memory"
                | "verify_audit"
                | "send_audit"
                | "change_passphrase"
                | "change_security_keys"
                | "rotate_keys" => true,
                "change_roster" | "recovery" | "erase_workstation" => writes(asker, "devices"),
                "clear_quarantine" => writes(asker, "devices") || writes(asker, "reviews"),
                "change_policy" => writes(asker, "policies") && !asker.lapsed,
                "edit_directory" => writes(asker, "directory") && !asker.lapsed,
                "enrol" => !asker.lapsed,
                "read_audit" | "export_audit" => reads(asker, "audit"),
                "review_break_glass" => reads(asker, "audit") && writes(asker, "reviews"),
                _ => false,
            },
        }
    }
}

const ROLES: [&str; 13] = [
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

const TYPES: &[&str] = &[
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
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.next() % all.len() as u64).unwrap()]
    }

    fn some(&mut self, all: &[&'static str], most: u64) -> Vec<&'static str> {
        (0..self.next() % (most + 1)).map(|_| self.of(all)).collect()
    }

    fn asker(&mut self) -> Asker {
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

    fn chart(&mut self) -> Circumstances {
        Circumstances { known: !self.one_in(8), related: !self.one_in(3), restricted: self.one_in(4), emergency: self.one_in(3) }
    }
}

fn agree(gate: &Gate, asker: &Asker, user: &User, action: Action, chart: Chart, note: Option<NoteKind>) -> bool {
    let expected = reference::decides(asker, action.as_str(), chart, note.map(|kind| kind.write().scope()));
    let decided = gate.decide(user, action, chart, note);
    assert_eq!(decided, expected, "{asker:?} {action:?} {chart:?} {note:?}");
    decided
}

/// Every chart that is held, one that is not (whatever else speaks for it), and the workstation.
fn every_chart() -> impl Iterator<Item = Chart> {
    let bit = |set: u8, at: u8| set >> at & 1 == 1;
    let held = (0..8).map(move |set| Circumstances { known: true, related: bit(set, 0), restricted: bit(set, 1), emergency: bit(set, 2) });
    let absent = Circumstances { known: false, related: true, restricted: false, emergency: true };
    held.chain([absent]).map(Some).chain([None])
}

fn charted(action: Action) -> bool {
    matches!(action, Action::WriteDraft | Action::SignNote)
}

#[test]
fn every_role_and_action_under_every_circumstance() {
    let gate = Gate::new().unwrap();
    let mut allowed = 0;
    for role in ROLES.into_iter().filter(|role| !matches!(*role, "Doctor" | "icu_nurse" | "janitor")) {
        for lapsed in [false, true] {
            let asker = Asker { role, scope: Some("openid user/*.cruds".into()), by_role: true, lapsed, ..Asker::default() };
            let user = asker.compiled();
            for action in Action::ALL {
                for chart in every_chart() {
                    allowed += u32::from(agree(&gate, &asker, &user, *action, chart, None));
                }
                for note in NoteKind::ALL.into_iter().filter(|_| charted(*action)) {
                    let chart = Circumstances { known: true, related: true, ..Circumstances::default() };
                    allowed += u32::from(agree(&gate, &asker, &user, *action, Some(chart), Some(note)));
                }
            }
        }
    }
    assert!(allowed > 500, "{allowed}");
}

#[test]
fn triples_at_random() {
    let set = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let (triples, seed) = (set("SATCHEL_TRIPLES").unwrap_or(10_000), set("SATCHEL_SEED").unwrap_or(1));
    let gate = Gate::new().unwrap();
    let workers = thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let (mut allowed, mut shown) = (0, 0);
    thread::scope(|scope| {
        let run = |worker: u64| {
            let (gate, mut allowed, mut shown) = (&gate, 0_u64, 0_u64);
            move || {
                for triple in (worker..triples).step_by(usize::try_from(workers).unwrap()) {
                    let mut draw = Draw(seed << 32 ^ triple.wrapping_mul(0xD134_2543_DE82_EF95));
                    let asker = draw.asker();
                    let user = asker.compiled();
                    let action = draw.of(Action::ALL);
                    let chart = if draw.one_in(3) { None } else { Some(draw.chart()) };
                    let note = (charted(action) && draw.one_in(2)).then(|| draw.of(&NoteKind::ALL));
                    allowed += u64::from(agree(gate, &asker, &user, action, chart, note));
                    let kind = draw.of(TYPES);
                    assert_eq!(user.sections().show(kind), reference::shows(&asker, kind), "{asker:?} {kind}");
                    shown += u64::from(user.sections().show(kind));
                }
                (allowed, shown)
            }
        };
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(run(worker))).collect();
        for worker in running {
            let (more, seen) = worker.join().unwrap();
            allowed += more;
            shown += seen;
        }
    });
    // A test in which almost nothing, or almost everything, is allowed proves little.
    assert!(allowed * 20 > triples && allowed * 20 < triples * 19, "{allowed} of {triples} allowed");
    assert!(shown * 20 > triples && shown * 20 < triples * 19, "{shown} of {triples} shown");
    println!("{triples} triples agree; {allowed} allowed, {shown} records shown");
}

#[test]
fn billing_sees_no_note_and_a_nurse_prescribes_nothing() {
    let gate = Gate::new().unwrap();
    let billing = Asker { role: "billing", scope: Some("user/*.cruds".into()), by_role: true, ..Asker::default() }.compiled();
    assert!(!billing.sections().show("DocumentReference"));
    let nurse = Asker { role: "nurse", scope: Some("user/*.cruds".into()), by_role: true, ..Asker::default() }.compiled();
    for chart in every_chart() {
        for action in [Action::WriteDraft, Action::SignNote, Action::WriteVitals, Action::Prescribe] {
            assert!(!gate.decide(&billing, action, chart, None));
        }
        assert!(!gate.decide(&nurse, Action::Prescribe, chart, None) && !gate.decide(&nurse, Action::PlaceOrder, chart, None));
    }
    let own = Some(Circumstances { known: true, related: true, ..Circumstances::default() });
    assert!(gate.decide(&nurse, Action::WriteVitals, own, None) && gate.decide(&nurse, Action::AdministerMedication, own, None));
}
