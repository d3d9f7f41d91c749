//! Pulling: what to fetch next, what a page means, how far everything is.
//!
//! Work is a set of [`Unit`]s, each a series of pages. Whenever a lane is free, the most urgent unit gets it; a page goes to
//! the store together with the checkpoint that says where its unit goes on, and only then is the unit's next page fetched. So
//! a run killed anywhere loses the pages in flight and nothing else.
mod choose;
mod fail;
mod take;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use kernel::{Moment, PatientId, Phi, RecordId, ResourceType};

use crate::capability::Capability;
use crate::event::{Instruction, Lane, Now};
use crate::page::Page;
use crate::panel::Panel;
use crate::record::{Commit, Ingested, Member, Tier};
use crate::settings::Settings;
use crate::status::{Activity, Missing, Progress, WhyMissing};
use crate::unit::{Saved, Unit};
use choose::Step;

#[derive(Debug, Default)]
pub(crate) struct Pull {
    capability: Option<Capability>,
    panel: Panel,
    saved: Saved,
    /// Units that are read afresh in every look: who is on the panel today.
    again: BTreeSet<Unit>,
    lanes: BTreeMap<Lane, Running>,
    /// Commits handed to the store, oldest first.
    committing: VecDeque<Committing>,
    /// What may be said of currency: what is pulled and on disk.
    kept_as_of: Option<DateTime<Utc>>,
    next_lane: u32,
    retry: BTreeMap<Unit, Retry>,
    /// Left alone until the next run: refused, or unreadable again and again.
    given_up: BTreeSet<Unit>,
    /// Charts with an entry that could not be read: they are not whole.
    spoiled: BTreeSet<PatientId>,
    missing: BTreeMap<(Option<ResourceType>, WhyMissing), u32>,
    counts: Counts,
    /// Reports of emergency access that the EHR gave in this run: it counts them, and no chart holds them.
    reports: BTreeSet<(ResourceType, RecordId)>,
    verify: Verify,
    changes_due: Moment,
    /// Asked for since the present look began, so it does not answer for it.
    look_again: bool,
    /// Wall clock when this run's last finished look for changes began.
    looked_as_of: Option<DateTime<Utc>>,
    /// The EHR asked not to be asked before.
    hold_until: Moment,
    everything_worked: bool,
    everything_refused: bool,
    history_refused: bool,
    records: u64,
    bytes: u64,
}

#[derive(Debug)]
struct Running {
    unit: Unit,
    step: Step,
    /// The access token it was asked with.
    generation: u32,
}

#[derive(Debug)]
struct Committing {
    /// `None` for one that holds panel rows alone.
    unit: Option<Unit>,
    /// How current what is held is once this is on disk.
    current_as_of: Option<DateTime<Utc>>,
}

#[derive(Debug, Default)]
struct Retry {
    failures: u32,
    at: Moment,
}

#[derive(Debug, Default)]
enum Counts {
    #[default]
    Unknown,
    Asked,
    /// Records held, by type.
    Known(BTreeMap<ResourceType, u64>),
}

/// Types whose number the EHR confirmed, until it is certain.
///
/// Equal numbers could hide one record missing here behind one deleted there that we do not know of yet. So a number counts
/// only after a look for changes that began later and brought no deletion of the type.
#[derive(Debug, Default)]
struct Verify {
    /// Equal, and no look has begun since.
    equal: BTreeSet<ResourceType>,
    /// Sweeps made in this run.
    sweeps: BTreeMap<ResourceType, u8>,
}

impl Pull {
    /// Picks up where the last run stopped.
    pub(crate) fn restore(checkpoint: Option<&Phi<Box<str>>>, members: Vec<Member>) -> Self {
        let (saved, members) = match checkpoint.and_then(Saved::read) {
            Some(saved) => (saved, members),
            // Without the high-water mark no chart can be known to be current: all are pulled again.
            None => (Saved::default(), members.into_iter().map(|member| Member { complete: false, ..member }).collect()),
        };
        let (kept_as_of, again) = (saved.current_as_of, BTreeSet::from([Unit::Schedule, Unit::CareTeams]));
        Self { saved, kept_as_of, panel: Panel::restore(members), again, ..Self::default() }
    }

    pub(crate) fn learn(&mut self, capability: Capability) {
        self.capability = Some(capability);
    }

    /// Takes pinned and recently opened patients in. Returns the commit that notes it, if any joined or moved up.
    pub(crate) fn hint(&mut self, pinned: &[PatientId], recent: &[PatientId]) -> Option<Commit> {
        let tiers = pinned.iter().map(|patient| (patient, Tier::Pinned)).chain(recent.iter().map(|patient| (patient, Tier::Recent)));
        let members: Vec<_> = tiers.filter_map(|(patient, tier)| self.panel.admit(patient, tier)).collect();
        (!members.is_empty()).then(|| {
            self.committing(None);
            Commit { members, checkpoint: self.saved.write(), ..Commit::default() }
        })
    }

    /// Looks for changes, and at the panel, at the next opportunity.
    pub(crate) fn hurry(&mut self, now: Now) {
        self.hold_until = Moment::default();
        self.retry.values_mut().for_each(|retry| retry.at = now.at.boot);
        self.changes_due = now.at.boot;
        self.look_again = self.saved.changes.is_some();
    }

    /// Asks again for what was refused or given up: whoever signed in now may be someone who may.
    pub(crate) fn reconsider(&mut self) {
        self.given_up.clear();
        self.spoiled.clear();
        self.missing.clear();
        (self.everything_worked, self.everything_refused, self.history_refused) = (false, false, false);
    }

    /// Starts as many fetches as there are lanes and work for. `generation` names the access token in use.
    pub(crate) fn fill(&mut self, settings: &Settings, now: Now, generation: u32, out: &mut Vec<Instruction>) {
        if now.at.boot < self.hold_until {
            return;
        }
        while self.lanes.len() + self.committing.len() < usize::from(settings.fetches) {
            let Some(unit) = self.choose(settings, now) else { break };
            let Some((address, step)) = self.address(settings, &unit, now) else {
                self.miss(kind_of(&unit), WhyMissing::NotOffered);
                self.give_up(unit);
                continue;
            };
            self.next_lane = self.next_lane.wrapping_add(1);
            let lane = Lane(self.next_lane);
            self.lanes.insert(lane, Running { unit, step, generation });
            out.push(Instruction::Fetch { lane, address });
        }
        if self.counts_wanted(settings) {
            self.counts = Counts::Asked;
            out.push(Instruction::ReadCounts);
        }
    }

    pub(crate) fn counted(&mut self, counts: BTreeMap<ResourceType, u64>) {
        self.counts = Counts::Known(counts);
    }

    /// Takes a page in; the commit makes it durable. `None` where there is nothing to keep.
    pub(crate) fn page(&mut self, settings: &Settings, lane: Lane, page: Page, now: Now) -> Option<Commit> {
        let running = self.lanes.remove(&lane)?;
        self.retry.remove(&running.unit);
        self.missing.remove(&(kind_of(&running.unit), WhyMissing::Failing));
        self.bytes = self.bytes.saturating_add(page.bytes);
        if let Unit::Count(kind) = &running.unit {
            // A number is nothing to keep: the next commit carries what follows from it.
            self.counted_there(kind, page.total);
            return None;
        }
        self.take(settings, running, page, now)
    }

    /// The oldest commit is on disk.
    pub(crate) fn committed(&mut self, ingested: Ingested) {
        // INVARIANT: nothing is called current before it is on disk.
        if let Some(done) = self.committing.pop_front() {
            self.kept_as_of = done.current_as_of;
        }
        self.records = self.records.saturating_add(u64::from(ingested.added) + u64::from(ingested.replaced));
    }

    /// The access token the fetch was made with.
    pub(crate) fn generation(&self, lane: Lane) -> Option<u32> {
        self.lanes.get(&lane).map(|running| running.generation)
    }

    /// When something is due although nothing happens until then.
    pub(crate) fn wake_at(&self, now: Now) -> Option<Moment> {
        let retries = self.retry.values().map(|retry| retry.at);
        let changes = self.saved.high_water.map(|_| self.changes_due);
        retries.chain(changes).map(|due| due.max(self.hold_until)).filter(|due| *due > now.at.boot).min()
    }

    pub(crate) fn progress(&self) -> Progress {
        let active =
            || self.lanes.values().map(|running| &running.unit).chain(self.committing.iter().filter_map(|commit| commit.unit.as_ref()));
        let tier = active().filter_map(|unit| match unit {
            Unit::Chart(patient) => self.panel.tier(patient),
            _ => None,
        });
        Progress {
            activity: active().map(activity).min().unwrap_or_default(),
            tier: tier.min(),
            charts_ready: self.panel.ready(),
            charts_total: self.panel.total(),
            records: self.records,
            bytes: self.bytes,
        }
    }

    pub(crate) fn current_as_of(&self) -> Option<DateTime<Utc>> {
        self.kept_as_of
    }

    /// Notes that a commit goes to the store.
    fn committing(&mut self, unit: Option<Unit>) {
        self.committing.push_back(Committing { unit, current_as_of: self.saved.current_as_of });
    }

    pub(crate) fn missing(&self) -> Vec<Missing> {
        self.missing.iter().map(|((kind, why), count)| Missing { kind: kind.clone(), why: *why, count: *count }).collect()
    }
}

fn activity(unit: &Unit) -> Activity {
    match unit {
        Unit::Schedule | Unit::CareTeams | Unit::Patients => Activity::Planning,
        Unit::Chart(_) | Unit::Sweep(_) => Activity::Charts,
        Unit::Directory(_) => Activity::Directory,
        Unit::Count(_) => Activity::Verifying,
        Unit::Changes => Activity::Delta,
    }
}

/// The type a person is told about; charts and changes are of every type.
fn kind_of(unit: &Unit) -> Option<ResourceType> {
    let fixed = match unit {
        Unit::Directory(kind) | Unit::Count(kind) | Unit::Sweep(kind) => return Some(kind.clone()),
        Unit::Chart(_) | Unit::Changes => return None,
        Unit::Schedule => "Appointment",
        Unit::CareTeams => "CareTeam",
        Unit::Patients => "Patient",
    };
    ResourceType::new(fixed).ok()
}
