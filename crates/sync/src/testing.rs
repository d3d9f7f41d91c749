//! A model of the store that the machine works with: what is here has been committed, and survives a crash.
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::{PatientId, Phi, RecordId, ResourceType};

use crate::{Commit, EntryId, EntryState, Incoming, Ingested, Member, Outgoing, Settlement};

/// Type and logical id of a record.
pub type Key = (ResourceType, RecordId);

/// Keeps the store's contract, in memory.
#[derive(Default)]
pub struct ModelVault {
    /// The machine's, of the last commit.
    pub checkpoint: Option<Phi<Box<str>>>,
    /// Whose charts are kept.
    pub members: BTreeMap<PatientId, Member>,
    /// Records.
    pub held: BTreeMap<Key, Incoming>,
    /// Records that the EHR has deleted, and when.
    pub gone: BTreeMap<Key, Option<DateTime<Utc>>>,
    /// Entries that the EHR has not taken.
    pub outbox: BTreeMap<EntryId, Outgoing>,
    /// Every outcome, in order.
    pub settled: Vec<(EntryId, Settlement)>,
    next: i64,
}

impl ModelVault {
    /// Takes a page in.
    pub fn commit(&mut self, page: Commit) -> Ingested {
        let mut ingested = Ingested::default();
        for record in page.records {
            self.ingest(record, false, &mut ingested);
        }
        for tombstone in page.tombstones {
            let key = (tombstone.kind, tombstone.id);
            let newer = self.held.get(&key).is_some_and(|held| tombstone.deleted_at.is_some() && held.last_updated > tombstone.deleted_at);
            if !newer && self.held.remove(&key).is_some() {
                ingested.deleted += 1;
            }
            let known = self.gone.entry(key).or_default();
            *known = (*known).max(tombstone.deleted_at);
        }
        for member in page.members {
            self.members.insert(member.patient.clone(), member);
        }
        self.checkpoint = Some(page.checkpoint);
        ingested
    }

    fn ingest(&mut self, record: Incoming, acknowledged: bool, ingested: &mut Ingested) {
        let key = (record.kind.clone(), record.id.clone());
        if self.gone.get(&key).is_some_and(|deleted_at| record.last_updated <= *deleted_at) {
            ingested.unchanged += 1;
            return;
        }
        match self.held.get(&key) {
            Some(held) if held.version == record.version && !acknowledged => ingested.unchanged += 1,
            Some(held) if held.last_updated > record.last_updated => ingested.unchanged += 1,
            held => {
                let count = if held.is_some() { &mut ingested.replaced } else { &mut ingested.added };
                *count += 1;
                self.held.insert(key, record);
            }
        }
    }

    /// Records by type.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<ResourceType, u64> {
        let mut counts = BTreeMap::new();
        for (kind, _) in self.held.keys() {
            *counts.entry(kind.clone()).or_default() += 1;
        }
        counts
    }

    /// Entries in order.
    #[must_use]
    pub fn outbox(&self) -> Vec<Outgoing> {
        self.outbox.values().cloned().collect()
    }

    /// A clinician writes. The base is the held version, or unknown while an earlier write waits.
    pub fn write(&mut self, key: Key, patient: Option<PatientId>, text: &str) -> EntryId {
        self.next += 1;
        let waits = self.outbox.values().any(|out| (&out.kind, &out.id) == (&key.0, &key.1));
        let base_version = if waits { None } else { self.held.get(&key).and_then(|held| held.version.clone()) };
        let entry = EntryId(self.next);
        let out = Outgoing {
            entry,
            kind: key.0,
            id: key.1,
            base_version,
            patient,
            body: Arc::new(Phi::new(text.into())),
            state: EntryState::Waiting,
        };
        self.outbox.insert(entry, out);
        entry
    }

    /// Before each attempt.
    pub fn sending(&mut self, entry: EntryId) {
        if let Some(out) = self.outbox.get_mut(&entry) {
            out.state = EntryState::Attempted;
        }
    }

    /// After each attempt; of an entry that is no longer there, nothing.
    pub fn settle(&mut self, entry: EntryId, outcome: Settlement) {
        let Some(out) = self.outbox.get_mut(&entry) else { return };
        match &outcome {
            Settlement::Acknowledged { version, record } => {
                let key = (out.kind.clone(), out.id.clone());
                self.outbox.remove(&entry);
                if let Some(next) = self.outbox.values_mut().find(|next| (&next.kind, &next.id) == (&key.0, &key.1)) {
                    next.base_version = Some(version.clone());
                }
                self.ingest(record.clone(), true, &mut Ingested::default());
            }
            Settlement::Conflict(_) | Settlement::Rejected(_) => out.state = EntryState::Stuck,
            Settlement::Postponed => {}
        }
        self.settled.push((entry, outcome));
    }
}
