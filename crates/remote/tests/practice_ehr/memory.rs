//! The model store behind the driver's interface; with a way to die after so many commits.
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use kernel::{PatientId, RecordId, ResourceType};
use remote::{PanelHints, Restored, Store, StoreError, Tokens};
use sync::testing::ModelVault;
use sync::{Commit, EntryId, Ingested, Outgoing, Settlement};

#[derive(Default)]
pub struct Memory(Mutex<State>);

#[derive(Default)]
pub struct State {
    pub vault: ModelVault,
    pub sendings: u32,
    pub tokens: Option<Tokens>,
    pub commits: u32,
    /// Fails every commit after so many.
    pub commits_left: Option<u32>,
}

impl Memory {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn write(&self, kind: &str, id: &str, patient: Option<&PatientId>, text: &str) -> EntryId {
        let key = (ResourceType::new(kind).unwrap(), RecordId::new(id).unwrap());
        self.state().vault.write(key, patient.cloned(), text)
    }

    pub fn settlement(&self, entry: EntryId) -> Option<Settlement> {
        let state = self.state();
        let last = state.vault.settled.iter().rev().find(|(settled, outcome)| *settled == entry && *outcome != Settlement::Postponed);
        last.map(|(_, outcome)| outcome.clone())
    }
}

impl Store for Memory {
    fn restore(&self) -> Result<Restored, StoreError> {
        let ModelVault { checkpoint, members, .. } = &self.state().vault;
        Ok(Restored { checkpoint: checkpoint.clone(), members: members.values().cloned().collect() })
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
        Ok(state.vault.commit(page))
    }

    fn counts(&self) -> Result<BTreeMap<ResourceType, u64>, StoreError> {
        Ok(self.state().vault.counts())
    }

    fn outbox(&self) -> Result<Vec<Outgoing>, StoreError> {
        Ok(self.state().vault.outbox())
    }

    fn sending(&self, entry: EntryId) -> Result<(), StoreError> {
        let mut state = self.state();
        state.sendings += 1;
        state.vault.sending(entry);
        Ok(())
    }

    fn settle(&self, entry: EntryId, outcome: Settlement) -> Result<(), StoreError> {
        self.state().vault.settle(entry, outcome);
        Ok(())
    }

    fn keep_tokens(&self, tokens: &Tokens) -> Result<(), StoreError> {
        self.state().tokens = Some(tokens.clone());
        Ok(())
    }
}
