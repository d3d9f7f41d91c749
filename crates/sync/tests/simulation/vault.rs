//! A model vault that keeps the contract of the store: what is here survives a crash.
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::{PatientId, Phi, ResourceType, VersionId};
use sync::{Commit, EntryId, EntryState, Incoming, Ingested, Member, Outgoing, Settlement};

use crate::ehr::{Key, plain};

#[derive(Default)]
pub struct Vault {
    pub checkpoint: Option<Phi<Box<str>>>,
    pub members: BTreeMap<PatientId, Member>,
    pub held: BTreeMap<Key, Incoming>,
    pub gone: BTreeMap<Key, Option<DateTime<Utc>>>,
    pub outbox: BTreeMap<EntryId, Outgoing>,
    pub settled: Vec<(EntryId, Settlement)>,
    next: i64,
}

impl Vault {
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
            Some(_) => {
                ingested.replaced += 1;
                self.held.insert(key, record);
            }
            None => {
                ingested.added += 1;
                self.held.insert(key, record);
            }
        }
    }

    pub fn counts(&self) -> BTreeMap<ResourceType, u64> {
        let mut counts = BTreeMap::new();
        for (kind, _) in self.held.keys() {
            *counts.entry(kind.clone()).or_default() += 1;
        }
        counts
    }

    pub fn outbox(&self) -> Vec<Outgoing> {
        self.outbox.values().cloned().collect()
    }

    /// A clinician writes. The base is the held version, or unknown while an earlier write waits.
    pub fn write(&mut self, key: Key, patient: Option<PatientId>, value: u64) -> EntryId {
        self.next += 1;
        let waits = self.outbox.values().any(|out| (&out.kind, &out.id) == (&key.0, &key.1));
        let base_version: Option<VersionId> = if waits { None } else { self.held.get(&key).and_then(|held| held.version.clone()) };
        let text = plain(&key, patient.as_ref(), value);
        let out = Outgoing {
            entry: EntryId(self.next),
            kind: key.0,
            id: key.1,
            base_version,
            patient,
            body: Arc::new(Phi::new(text.into())),
            state: EntryState::Waiting,
        };
        self.outbox.insert(out.entry, out);
        EntryId(self.next)
    }

    pub fn sending(&mut self, entry: EntryId) {
        if let Some(out) = self.outbox.get_mut(&entry) {
            out.state = EntryState::Attempted;
        }
    }

    pub fn settle(&mut self, entry: EntryId, outcome: Settlement) {
        if !self.outbox.contains_key(&entry) {
            return;
        }
        match &outcome {
            Settlement::Acknowledged { version, record } => {
                let out = self.outbox.remove(&entry).unwrap();
                if let Some(next) = self.outbox.values_mut().find(|next| next.kind == out.kind && next.id == out.id) {
                    next.base_version = Some(version.clone());
                }
                self.ingest(record.clone(), true, &mut Ingested::default());
            }
            Settlement::Conflict(_) | Settlement::Rejected(_) => self.outbox.get_mut(&entry).unwrap().state = EntryState::Stuck,
            Settlement::Postponed => {}
        }
        self.settled.push((entry, outcome));
    }
}
