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
            &["*", "patient.*", "patient.notes.*", "patient.notes", "notes", "progress_notes", "nursing_notes", "patient.notes.telephone"],
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
        "dispenses" => {
            (&["*", "patient.*", "patient.medications.*", "patient.medications", "medication_dispense"], Some(("MedicationDispense", 'c')))
        }
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
    let granted =
        if by_template(asker) { template_writes(asker.role).contains(&thing) } else { names.iter().any(|name| asker.write.contains(name)) };
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
