//! What filing a record needs, read from its text before the transaction.
use chart::{Directory, IndexEntry, RelationKind, relations};
use kernel::{PatientId, ResourceType};
use vault::{Filing, Relation};

/// How a record is filed. One whose form cannot be read is filed without date and code: held, and shown as unreadable.
pub fn file(kind: &ResourceType, body: &str, directory: &Directory) -> Filing {
    let Ok(index) = fhir::Index::read(body) else {
        // An error must be on the closed side.
        return Filing { restricted: true, ..Filing::default() };
    };
    Filing {
        date: index.date.map_or(0, |date| date.epoch()),
        code: index.code.clone(),
        restricted: index.restricted,
        relations: related(kind, body, &index.patient, &index.other_patients, directory),
        card: (kind.as_str() == "Patient").then(|| IndexEntry::read(body)).flatten().map(|entry| entry.as_bytes().to_vec()),
    }
}

/// Everyone whose ordinary business the record makes its patients' charts.
fn related(kind: &ResourceType, body: &str, patient: &Option<PatientId>, others: &[PatientId], directory: &Directory) -> Vec<Relation> {
    let stated = relations(kind.as_str(), body, directory);
    let to = |patient: &PatientId| {
        let patient = patient.clone();
        stated.iter().map(move |relation| Relation {
            patient: patient.clone(),
            practitioner: relation.practitioner.clone(),
            kind: number(relation.kind),
            begins: relation.from.unwrap_or(i64::MIN),
            // The chart room's end is the first second after.
            ends: relation.until.map_or(i64::MAX, |until| until.saturating_sub(1)),
        })
    };
    patient.iter().chain(others).flat_map(to).collect()
}

/// As the vault keeps it; frozen.
const fn number(kind: RelationKind) -> u8 {
    match kind {
        RelationKind::CareTeam => 1,
        RelationKind::Appointment => 2,
        RelationKind::Encounter => 3,
        RelationKind::GeneralPractitioner => 4,
    }
}
