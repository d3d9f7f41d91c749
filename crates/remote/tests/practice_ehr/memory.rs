//! A store in memory that keeps the contract; with a way to die after so many commits.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use kernel::{PatientId, Phi, RecordId, ResourceType, VersionId};
use remote::{PanelHints, Restored, Store, StoreError, Tokens};
use sync::{Commit, EntryId, EntryState, Incoming, Ingested, Member, Outgoing, Settlement};

pub type Key = (ResourceType, RecordId);

#[derive(Default)]
pub struct Memory(Mutex<State>);

#[derive(Default)]
pub struct State {
    pub checkpoint: Option<Phi<Box<str>>>,
    pub members: BTreeMap<PatientId, Member>,
    pub held: BTreeMap<Key, Incoming>,
    pub gone: BTreeMap<Key, Option<DateTime<Utc>>>,
    pub outbox: BTreeMap<EntryId, Outgoing>,
    pub settled: Vec<(EntryId, Settlement)>,
    pub sendings: u32,
    pub tokens: Option<Tokens>,
    pub commits: u32,
    /// Fails every commit after so many.
    pub commits_left: Option<u32>,
    next: i64,
}

impl Memory {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn write(&self, kind: &str, id: &str, patient: Option<&PatientId>, text: &str) -> EntryId {
        let mut state = self.state();
        state.next += 1;
        let key = (ResourceType::new(kind).unwrap(), RecordId::new(id).unwrap());
        let waits = state.outbox.values().any(|out| (&out.kind, &out.id) == (&key.0, &key.1));
        let base_version = if waits { None } else { state.held.get(&key).and_then(|held| held.version.clone()) };
        let entry = EntryId(state.next);
        let out = Outgoing {
            entry,
            kind: key.0,
            id: key.1,
            base_version,
            patient: patient.cloned(),
            body: Arc::new(Phi::new(text.into())),
            state: EntryState::Waiting,
        };
        state.outbox.insert(entry, out);
        entry
    }

    pub fn settlement(&self, entry: EntryId) -> Option<Settlement> {
        let state = self.state();
        let last = state.settled.iter().rev().find(|(settled, outcome)| *settled == entry && *outcome != Settlement::Postponed);
        last.map(|(_, outcome)| outcome.clone())
    }
}

impl State {
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
}

impl Store for Memory {
    fn restore(&self) -> Result<Restored, StoreError> {
        let state = self.state();
        Ok(Restored { checkpoint: state.checkpoint.clone(), members: state.members.values().cloned().collect() })
    }

    fn hints(&self) -> Result<PanelHints, StoreError> {
        Ok(PanelHints::default())
    }

    fn commit(&self, page: Commit) -> Result<Ingested, StoreError> {
        let mut state = self.state();
        match &mut state.commits_left {
            Some(0) => return Err(StoreError::Locked),
            Some(left) => *left -= 1,
            None => {}
        }
        state.commits += 1;
        let mut ingested = Ingested::default();
        for record in page.records {
            state.ingest(record, false, &mut ingested);
        }
        for tombstone in page.tombstones {
            let key = (tombstone.kind, tombstone.id);
            let newer = state.held.get(&key).is_some_and(|held| tombstone.deleted_at.is_some() && held.last_updated > tombstone.deleted_at);
            if !newer && state.held.remove(&key).is_some() {
                ingested.deleted += 1;
            }
            let known = state.gone.entry(key).or_default();
            *known = (*known).max(tombstone.deleted_at);
        }
        for member in page.members {
            state.members.insert(member.patient.clone(), member);
        }
        state.checkpoint = Some(page.checkpoint);
        Ok(ingested)
    }

    fn counts(&self) -> Result<BTreeMap<ResourceType, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        for (kind, _) in self.state().held.keys() {
            *counts.entry(kind.clone()).or_default() += 1;
        }
        Ok(counts)
    }

    fn outbox(&self) -> Result<Vec<Outgoing>, StoreError> {
        Ok(self.state().outbox.values().cloned().collect())
    }

    fn sending(&self, entry: EntryId) -> Result<(), StoreError> {
        let mut state = self.state();
        state.sendings += 1;
        if let Some(out) = state.outbox.get_mut(&entry) {
            out.state = EntryState::Attempted;
        }
        Ok(())
    }

    fn settle(&self, entry: EntryId, outcome: Settlement) -> Result<(), StoreError> {
        let mut state = self.state();
        match &outcome {
            Settlement::Acknowledged { version, record } => {
                let Some(out) = state.outbox.remove(&entry) else { return Ok(()) };
                let version: VersionId = version.clone();
                if let Some(next) = state.outbox.values_mut().find(|next| next.kind == out.kind && next.id == out.id) {
                    next.base_version = Some(version);
                }
                state.ingest(record.clone(), true, &mut Ingested::default());
            }
            Settlement::Conflict(_) | Settlement::Rejected(_) => {
                if let Some(out) = state.outbox.get_mut(&entry) {
                    out.state = EntryState::Stuck;
                }
            }
            Settlement::Postponed => {}
        }
        state.settled.push((entry, outcome));
        Ok(())
    }

    fn keep_tokens(&self, tokens: &Tokens) -> Result<(), StoreError> {
        self.state().tokens = Some(tokens.clone());
        Ok(())
    }
}
