//! What the open desk keeps in memory to find patients and name people.
use access::{OpenIndex, Permit, ReadSchedule};
use chart::{Directory, IndexEntry, PatientIndex};
use vault::{Arrival, Tx};

use crate::problem::Problem;

/// The patient index, from the sealed cards.
pub fn build(tx: &Tx<'_>, permit: &Permit<'_, OpenIndex>) -> Result<PatientIndex, Problem> {
    let (cards, mut unreadable) = tx.cards(permit)?;
    let mut entries = Vec::with_capacity(cards.len());
    for card in cards {
        // EXPOSE: into the index, which is wiped at lock.
        match card.entry.map(|bytes| IndexEntry::from_bytes(bytes.expose())) {
            Some(Ok(entry)) => entries.push(entry),
            Some(Err(_)) => unreadable += 1,
            None => {}
        }
    }
    if unreadable > 0 {
        tracing::error!(unreadable, "patient cards do not open");
    }
    Ok(PatientIndex::from_entries(entries))
}

/// Names of practitioners and places.
pub fn directory(tx: &Tx<'_>, permit: &Permit<'_, ReadSchedule>) -> Result<Directory, Problem> {
    let mut directory = Directory::new();
    for row in tx.directory(permit)?.rows {
        // EXPOSE: practitioners and organisations, for names in views; no patient is among them.
        directory.add(&row.kind, row.body.expose());
    }
    Ok(directory)
}

/// Takes over what a committed page taught: patients into the index, practitioners and places into the directory.
pub fn learn(index: &mut PatientIndex, directory: &mut Directory, arrival: &Arrival) {
    if let Some(Ok(entry)) = arrival.filing.card.as_deref().map(IndexEntry::from_bytes) {
        index.upsert(entry);
    } else if arrival.incoming.patient.is_none() {
        // EXPOSE: belongs to no patient; the directory takes practitioners and places only.
        directory.add(arrival.incoming.kind.as_str(), arrival.incoming.body.expose());
    }
}
