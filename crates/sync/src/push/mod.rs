//! Pushing: the outbox goes to the EHR in causal order per patient, each entry exactly once.
//!
//! ```text
//! Idle ─▶ Marking ─▶ Putting ─▶ Settling ─▶ (gone)
//!   │                  │ 409/412    ▲
//!   └──────────────▶ Looking ───────┤
//!    sent before       │ another content, sent before
//!                    Recalling ─────┘
//! ```
//! A lost answer leaves an entry that the EHR may or may not hold. FHIR's `If-None-Match: *` on a create is ignored by some
//! EHRs, and a second `If-Match` update answers 412 whether our first or a stranger's arrived. So an entry sent before is
//! looked for: the same content under its id, now or in the versions since, acknowledges it. A create's id is a random UUID
//! chosen here, so a PUT repeated while the first is still under way can only write the same content to the same record.
mod answer;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Moment, PatientId, RecordId, ResourceType};

use crate::backoff;
use crate::event::{Instruction, Now};
use crate::outbox::{EntryId, EntryState, Outgoing, Settlement};
use crate::record::Incoming;
use crate::status::OutboxCount;

#[derive(Debug, Default)]
pub(crate) struct Push {
    entries: BTreeMap<EntryId, Item>,
}

#[derive(Debug)]
struct Item {
    out: Outgoing,
    phase: Phase,
    /// Waits for a stuck entry it builds on.
    held: bool,
    /// Looked for since it was last sent, and not found.
    sought: bool,
    failures: u32,
    not_before: Moment,
    /// The access token it was last sent with.
    generation: u32,
}

#[derive(Debug)]
enum Phase {
    Idle,
    Marking,
    Putting,
    Looking,
    /// Holds what the EHR has under the id now.
    Recalling(Incoming),
    Settling(Settlement),
}

/// What must not overtake one another: a patient's entries; for those of nobody, a record's.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Chain {
    Patient(PatientId),
    Record(ResourceType, RecordId),
}

impl Push {
    /// Takes the outbox as the store has it; entries under way stay as they are.
    pub(crate) fn load(&mut self, list: Vec<Outgoing>) {
        let mut former = std::mem::take(&mut self.entries);
        for out in list {
            let item = match former.remove(&out.entry) {
                Some(item) if !matches!(item.phase, Phase::Idle) => item,
                Some(item) => Item { out, ..item },
                None => {
                    Item { out, phase: Phase::Idle, held: false, sought: false, failures: 0, not_before: Moment::default(), generation: 0 }
                }
            };
            self.entries.insert(item.out.entry, item);
        }
        // An entry under way and not in the list is one whose settlement is in the store's line after this reading.
        self.entries.extend(former.into_iter().filter(|(_, item)| !matches!(item.phase, Phase::Idle)));
        self.hold_dependants();
    }

    /// Forgets every wait.
    pub(crate) fn hurry(&mut self) {
        for item in self.entries.values_mut() {
            item.not_before = Moment::default();
        }
    }

    /// Starts what can be sent now, at most `width` chains side by side.
    pub(crate) fn launch(&mut self, width: u8, now: Now, generation: u32, out: &mut Vec<Instruction>) {
        let mut chains = BTreeSet::new();
        let mut running = self.entries.values().filter(|item| !matches!(item.phase, Phase::Idle)).count();
        for item in self.entries.values_mut() {
            // INVARIANT: of a chain, only the first entry that is neither stuck nor held is ever under way.
            if item.out.state == EntryState::Stuck || item.held || !chains.insert(item.chain()) {
                continue;
            }
            if !matches!(item.phase, Phase::Idle) || now.at.boot < item.not_before || running >= usize::from(width) {
                continue;
            }
            running += 1;
            item.generation = generation;
            if item.out.state == EntryState::Attempted && item.out.base_version.is_none() {
                item.phase = Phase::Looking;
                out.push(Instruction::Look(item.out.clone()));
            } else {
                item.phase = Phase::Marking;
                out.push(Instruction::MarkSending(item.out.entry));
            }
        }
    }

    /// The store has settled the entry.
    pub(crate) fn settled(&mut self, entry: EntryId, now: Now) {
        let Some(Phase::Settling(outcome)) = self.entries.get_mut(&entry).map(|item| std::mem::replace(&mut item.phase, Phase::Idle))
        else {
            return;
        };
        match outcome {
            Settlement::Acknowledged { version, .. } => {
                let Some(done) = self.entries.remove(&entry) else { return };
                // Only now: an outbox read earlier and arriving later would have brought the former base back.
                let next = self.entries.values_mut().find(|item| item.out.kind == done.out.kind && item.out.id == done.out.id);
                if let Some(next) = next {
                    next.out.base_version = Some(version);
                }
            }
            Settlement::Conflict(_) | Settlement::Rejected(_) => {
                if let Some(item) = self.entries.get_mut(&entry) {
                    item.out.state = EntryState::Stuck;
                }
                self.hold_dependants();
            }
            Settlement::Postponed => {
                if let Some(item) = self.entries.get_mut(&entry) {
                    item.not_before = item.not_before.max(Moment(now.at.boot.0.saturating_add(1)));
                }
            }
        }
    }

    pub(crate) fn wake_at(&self, now: Now) -> Option<Moment> {
        let waiting = self.entries.values().filter(|item| item.out.state != EntryState::Stuck && !item.held);
        waiting.map(|item| item.not_before).filter(|due| *due > now.at.boot).min()
    }

    pub(crate) fn count(&self) -> OutboxCount {
        let mut count = OutboxCount::default();
        for item in self.entries.values() {
            match (item.out.state, &item.phase) {
                (EntryState::Stuck, _) => count.stuck += 1,
                (_, Phase::Idle) => count.waiting += 1,
                _ => count.sending += 1,
            }
        }
        count
    }

    /// Later versions of a stuck entry's record, and entries whose text refers to it, wait for it and for nothing else: a
    /// rejected note does not keep a patient's vital signs from being sent.
    fn hold_dependants(&mut self) {
        let mut stuck: Vec<(ResourceType, RecordId, String)> = Vec::new();
        for item in self.entries.values_mut() {
            // EXPOSE: looked through for references, not kept.
            let body = item.out.body.expose();
            let builds_on = |(kind, id, reference): &(ResourceType, RecordId, String)| {
                (*kind == item.out.kind && *id == item.out.id) || body.contains(reference.as_str())
            };
            item.held = item.out.state != EntryState::Stuck && stuck.iter().any(builds_on);
            if item.held || item.out.state == EntryState::Stuck {
                let reference = format!("\"{}/{}\"", item.out.kind, item.out.id);
                stuck.push((item.out.kind.clone(), item.out.id.clone(), reference));
            }
        }
    }
}

impl Item {
    fn chain(&self) -> Chain {
        match &self.out.patient {
            Some(patient) => Chain::Patient(patient.clone()),
            None => Chain::Record(self.out.kind.clone(), self.out.id.clone()),
        }
    }

    fn settle(&mut self, outcome: Settlement) -> Instruction {
        self.phase = Phase::Settling(outcome.clone());
        Instruction::Settle { entry: self.out.entry, outcome }
    }

    fn postpone(&mut self, now: Now, retry_after: Option<u32>) -> Instruction {
        self.failures = self.failures.saturating_add(1);
        self.not_before = backoff::next_try(now, self.failures, retry_after);
        self.settle(Settlement::Postponed)
    }
}
