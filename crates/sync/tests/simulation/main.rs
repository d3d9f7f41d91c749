//! Whole-system simulation with seeds: a model EHR, a model vault, a network that delays, reorders, drops before and after
//! the EHR has acted, is away for a while, tokens that end, and a workstation that is killed at any instruction.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod chance;
mod ehr;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use kernel::{Instants, Moment, PatientId, PractitionerId};
use sync::testing::{Key, ModelVault};
use sync::{
    Activity, Address, EntryId, EntryState, Event, Failure, Instruction, Link, Machine, Now, Put, RefreshFailure, Settings, Settlement,
    Status,
};

use crate::chance::Chance;
use crate::ehr::{Ehr, Traits, is_report, key, plain, value_of};

const START: i64 = 1_790_000_000;

struct World {
    chance: Chance,
    now: u64,
    line: BinaryHeap<Reverse<(u64, u64, usize)>>,
    happenings: Vec<Option<Happening>>,
    ehr: Ehr,
    vault: ModelVault,
    machine: Machine,
    settings: Settings,
    /// Counts restarts of the workstation: answers to a former life are lost.
    life: u64,
    store_free_at: u64,
    away: bool,
    /// The access token the EHR takes; a refresh brings the present one.
    good_token: u64,
    held_token: u64,
    refresh_refused: bool,
    troubles: bool,
    status: Status,
    /// Every entry written here: its record, patient and value.
    written: BTreeMap<EntryId, (Key, Option<PatientId>, u64)>,
    /// Entries in the order the EHR first took them, per patient.
    taken: Vec<EntryId>,
    /// Values other people wrote to records, by version.
    foreign: BTreeSet<(Key, u64)>,
    next_value: u64,
    kills: u32,
    resumed_midway: bool,
}

enum Happening {
    Tell(u64, Event),
    Arrive(u64, u64, Instruction),
    Store(u64, Instruction),
    Kill,
    Away(bool),
    TokenEnds(bool),
    Others,
    Clinician,
    NoMoreTroubles,
}

impl World {
    fn new(seed: u64, traits: Traits, whole_practice: bool) -> Self {
        let mut chance = Chance::new(seed);
        let skew = TimeDelta::seconds(chance.below(7_200) as i64 - 3_600);
        let mut ehr = Ehr::new(traits, skew);
        let begin = DateTime::from_timestamp(START, 0).unwrap();
        let before = begin - TimeDelta::days(1);
        for patient in 0..12 {
            let id = format!("p{patient}");
            let who = PatientId::new(&id).unwrap();
            ehr.write(before, key("Patient", &id), Some(who.clone()), Some(1), TimeDelta::zero());
            for record in 0..chance.below(20) {
                let name = ["Observation", "Provenance"][chance.below(2) as usize];
                ehr.write(before, key(name, &format!("{id}-{record}")), Some(who.clone()), Some(1), TimeDelta::zero());
            }
            if patient < 3 {
                let name = ["Appointment", "CareTeam"][patient % 2];
                ehr.write(before, key(name, &format!("plan-{patient}")), Some(who.clone()), Some(1), TimeDelta::zero());
                ehr.write(before, key("Task", &format!("errand-{patient}")), Some(who.clone()), Some(1), TimeDelta::zero());
                ehr.write(before, key("Task", &format!("report-{patient}")), Some(who), Some(1), TimeDelta::zero());
            }
        }
        for place in 0..15 {
            ehr.write(before, key("Location", &format!("l{place}")), None, Some(1), TimeDelta::zero());
        }
        let mut settings = Settings::new(Some(PractitionerId::new("dr").unwrap()), FixedOffset::east_opt(0).unwrap());
        settings.page_size = 4;
        settings.whole_practice = whole_practice;
        let machine = Machine::new(settings.clone(), None, Vec::new());
        Self {
            chance,
            now: 0,
            line: BinaryHeap::new(),
            happenings: Vec::new(),
            ehr,
            vault: ModelVault::default(),
            machine,
            settings,
            life: 0,
            store_free_at: 0,
            away: false,
            good_token: 1,
            held_token: 1,
            refresh_refused: false,
            troubles: true,
            status: Status::default(),
            written: BTreeMap::new(),
            taken: Vec::new(),
            foreign: BTreeSet::new(),
            next_value: 1,
            kills: 0,
            resumed_midway: false,
        }
    }

    fn wall(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(START, 0).unwrap() + TimeDelta::milliseconds(self.now as i64)
    }

    fn after(&mut self, ms: u64, happening: Happening) {
        self.happenings.push(Some(happening));
        self.line.push(Reverse((self.now + ms, self.happenings.len() as u64, self.happenings.len() - 1)));
    }

    fn tell(&mut self, event: Event) {
        let at = Instants { wall: self.wall(), boot: Moment(self.now) };
        let now = Now { at, dice: self.chance.next() as u32 };
        for instruction in self.machine.on(now, event) {
            self.perform(instruction);
        }
    }

    fn perform(&mut self, instruction: Instruction) {
        let life = self.life;
        match instruction {
            Instruction::Publish(status) => self.status = status,
            Instruction::WakeAt(moment) => {
                let wait = moment.0.saturating_sub(self.now);
                self.after(wait, Happening::Tell(life, Event::Woke));
            }
            instruction if instruction.is_for_store() => {
                self.store_free_at = self.store_free_at.max(self.now) + 1 + self.chance.below(20);
                let wait = self.store_free_at - self.now;
                self.after(wait, Happening::Store(life, instruction));
            }
            instruction => {
                let delay = self.delay();
                let token = self.held_token;
                self.after(delay, Happening::Arrive(life, token, instruction));
            }
        }
    }

    fn delay(&mut self) -> u64 {
        if self.troubles && self.chance.percent(5) { self.chance.below(20_000) } else { 5 + self.chance.below(100) }
    }

    fn happen(&mut self, happening: Happening) {
        self.ehr.settle(self.wall());
        match happening {
            Happening::Tell(life, event) if life == self.life => self.tell(event),
            Happening::Store(life, instruction) if life == self.life => {
                let event = self.store(instruction);
                self.tell(event);
            }
            Happening::Arrive(life, token, instruction) => {
                let answer = self.serve(token, instruction);
                let delay = self.delay();
                self.after(delay, Happening::Tell(life, answer));
            }
            Happening::Kill => self.kill(),
            Happening::Away(away) => self.away = away,
            Happening::TokenEnds(refused) => {
                self.good_token += 1;
                self.refresh_refused = refused;
            }
            Happening::Others => self.others_write(),
            Happening::Clinician => self.clinician_writes(),
            Happening::NoMoreTroubles => {
                self.troubles = false;
                self.away = false;
                self.refresh_refused = false;
                self.held_token = self.good_token;
                self.tell(Event::SignedIn);
            }
            Happening::Tell(..) | Happening::Store(..) => {}
        }
    }

    fn kill(&mut self) {
        self.kills += 1;
        self.life += 1;
        self.store_free_at = self.now;
        let members: Vec<_> = self.vault.members.values().cloned().collect();
        self.resumed_midway |= members.iter().any(|member| member.complete) && members.iter().any(|member| !member.complete);
        self.machine = Machine::new(self.settings.clone(), self.vault.checkpoint.as_ref(), members);
        self.tell(Event::Started);
    }

    fn store(&mut self, instruction: Instruction) -> Event {
        match instruction {
            Instruction::Commit(page) => Event::Committed(self.vault.commit(page)),
            Instruction::ReadHints => {
                Event::Hints { pinned: vec![PatientId::new("p5").unwrap()], recent: vec![PatientId::new("p6").unwrap()] }
            }
            Instruction::ReadCounts => Event::Counts(self.vault.counts()),
            Instruction::ReadOutbox => Event::Outbox(self.vault.outbox()),
            Instruction::MarkSending(entry) => {
                self.vault.sending(entry);
                Event::MarkedSending(entry)
            }
            Instruction::Settle { entry, outcome } => {
                self.check_settlement(entry, &outcome);
                self.vault.settle(entry, outcome);
                Event::Settled(entry)
            }
            other => panic!("not for the store: {other:?}"),
        }
    }

    /// INVARIANT: nothing is acknowledged that the EHR does not hold, and nothing is called a conflict or refused in vain.
    fn check_settlement(&self, entry: EntryId, outcome: &Settlement) {
        let (key, _, value) = &self.written[&entry];
        let versions = self.ehr.records.get(key).map(Vec::as_slice).unwrap_or_default();
        match outcome {
            Settlement::Acknowledged { version, .. } => {
                let acknowledged = versions.iter().find(|own| own.number.to_string() == version.as_str()).expect("the version exists");
                assert_eq!(acknowledged.value, Some(*value), "acknowledged under a version that holds something else");
            }
            Settlement::Conflict(_) => {
                assert!(versions.iter().any(|version| self.foreign.contains(&(key.clone(), version.number))), "a conflict with nobody");
            }
            Settlement::Rejected(_) => assert_eq!(value % 50, 0, "refused for no reason"),
            Settlement::Postponed => {}
        }
    }

    fn serve(&mut self, token: u64, instruction: Instruction) -> Event {
        let fault = if self.away {
            Some(Failure::Unreachable)
        } else if self.troubles && self.chance.percent(6) {
            Some(
                [Failure::Interrupted, Failure::Busy { retry_after: None }, Failure::Busy { retry_after: Some(3) }]
                    [self.chance.below(3) as usize],
            )
        } else if token != self.good_token && !matches!(instruction, Instruction::ReadCapability | Instruction::RefreshToken) {
            Some(Failure::Unauthorised)
        } else {
            None
        };
        // The EHR acts, and the answer is lost.
        let lost = fault.is_none() && self.troubles && self.chance.percent(5);
        let wall = self.wall();
        match instruction {
            Instruction::ReadCapability => Event::Capability(fault.map_or_else(|| Ok(self.ehr.capability()), Err)),
            Instruction::Fetch { lane, address } => {
                let (Address::Query(text) | Address::Next(text)) = address;
                let answer = match fault {
                    Some(failure) => Err(failure),
                    None => self.ehr.get(text.expose(), wall),
                };
                Event::Page { lane, answer: if lost { Err(Failure::Interrupted) } else { answer } }
            }
            Instruction::Put(out) => {
                let entry = out.entry;
                let answer = match fault {
                    Some(failure) => Err(failure),
                    None => Ok(self.ehr.put(&out, wall)),
                };
                if matches!(answer, Ok(Put::Taken { .. })) && !self.taken.contains(&entry) {
                    self.taken.push(entry);
                }
                Event::PutAnswered { entry, answer: if lost { Err(Failure::Interrupted) } else { answer } }
            }
            Instruction::Look(out) => {
                let answer = fault.map_or_else(|| Ok(self.ehr.look(&out)), Err);
                Event::Looked { entry: out.entry, answer: if lost { Err(Failure::Interrupted) } else { answer } }
            }
            Instruction::Recall(out) => {
                let answer = fault.map_or_else(|| Ok(self.ehr.recall(&out)), Err);
                Event::Recalled { entry: out.entry, answer }
            }
            Instruction::RefreshToken => Event::Refreshed(if self.away {
                Err(RefreshFailure::Unreachable)
            } else if self.refresh_refused {
                Err(RefreshFailure::Refused)
            } else {
                self.held_token = self.good_token;
                Ok(())
            }),
            other => panic!("not for the EHR: {other:?}"),
        }
    }

    fn others_write(&mut self) {
        let keys: Vec<Key> = self.ehr.records.keys().cloned().collect();
        let chosen = keys[self.chance.below(keys.len() as u64) as usize].clone();
        let delay = if self.chance.percent(30) { TimeDelta::milliseconds(self.chance.below(8_000) as i64) } else { TimeDelta::zero() };
        let wall = self.wall();
        match self.chance.below(10) {
            0 if chosen.0.as_str() != "Patient" => {
                let number = self.ehr.records[&chosen].len() as u64 + 1;
                if self.ehr.current(&chosen).is_some() {
                    self.foreign.insert((chosen.clone(), number));
                    self.ehr.write(wall, chosen, None, None, TimeDelta::zero());
                }
            }
            1 => {
                let id = format!("n{}", self.next_value);
                self.next_value += 1;
                let who = PatientId::new(&id).unwrap();
                self.ehr.write(wall, key("Patient", &id), Some(who.clone()), Some(1), delay);
                self.ehr.write(wall, key("Observation", &format!("{id}-o")), Some(who), Some(1), delay);
            }
            2..5 => {
                let owner = self.ehr.owner[&chosen].clone();
                let id = format!("x{}", self.next_value);
                self.next_value += 1;
                self.ehr.write(wall, key("Observation", &id), owner, Some(1), delay);
            }
            _ => {
                let number = self.ehr.records[&chosen].len() as u64 + 1;
                self.foreign.insert((chosen.clone(), number));
                // Values of other people stay clear of ours.
                let value = 1_000_000 + self.chance.below(1_000_000);
                self.ehr.write(wall, chosen, None, Some(value), TimeDelta::zero());
            }
        }
    }

    fn clinician_writes(&mut self) {
        self.next_value += 1;
        let value = self.next_value;
        let held: Vec<Key> = self.vault.held.keys().filter(|key| key.0.as_str() == "Observation").cloned().collect();
        let own: Vec<Key> = self.written.values().map(|(key, ..)| key.clone()).collect();
        let (key, patient) = match self.chance.below(3) {
            0 if !held.is_empty() => {
                let key = held[self.chance.below(held.len() as u64) as usize].clone();
                (key.clone(), self.vault.held[&key].patient.clone())
            }
            1 if !own.is_empty() => {
                let key = own[self.chance.below(own.len() as u64) as usize].clone();
                let patient = self.written.values().find(|(other, ..)| *other == key).unwrap().1.clone();
                // A record deleted on the EHR, or stuck, is not edited further.
                let alive =
                    self.vault.held.contains_key(&key) || self.vault.outbox.values().any(|out| (&out.kind, &out.id) == (&key.0, &key.1));
                if !alive {
                    return;
                }
                (key, patient)
            }
            _ => {
                let members: Vec<_> = self.vault.members.keys().take(4).cloned().collect();
                if members.is_empty() {
                    return;
                }
                let patient = members[self.chance.below(members.len() as u64) as usize].clone();
                (key("Observation", &format!("mine-{value}")), Some(patient))
            }
        };
        let entry = self.vault.write(key.clone(), patient.clone(), &plain(&key, patient.as_ref(), value));
        self.written.insert(entry, (key, patient, value));
        self.tell(Event::OutboxChanged);
    }

    fn run(&mut self, until: u64) {
        while let Some(Reverse((at, _, index))) = self.line.peek().copied() {
            if at > until {
                break;
            }
            self.line.pop();
            self.now = at;
            let happening = self.happenings[index].take().unwrap();
            self.happen(happening);
        }
        self.now = until;
    }
}

fn simulate(seed: u64, traits: Traits, whole_practice: bool) -> World {
    let mut world = World::new(seed, traits, whole_practice);
    let hour = 3_600_000;
    for _ in 0..world.chance.below(8) {
        let at = world.chance.below(hour / 10);
        world.after(at, Happening::Kill);
    }
    for _ in 0..world.chance.below(3) {
        let at = world.chance.below(hour / 2);
        let back = at + world.chance.below(hour / 4);
        world.after(at, Happening::Away(true));
        world.after(back, Happening::Away(false));
    }
    for _ in 0..world.chance.below(4) {
        let (at, refused) = (world.chance.below(hour / 2), world.chance.percent(20));
        world.after(at, Happening::TokenEnds(refused));
    }
    for _ in 0..60 {
        let (at, own) = (world.chance.below(hour / 2), world.chance.below(hour / 2));
        world.after(at, Happening::Others);
        world.after(own, Happening::Clinician);
    }
    world.after(hour, Happening::NoMoreTroubles);
    world.tell(Event::Started);
    world.run(2 * hour);
    check(&world, whole_practice, seed);
    world
}

fn check(world: &World, whole_practice: bool, seed: u64) {
    let World { ehr, vault, .. } = world;
    assert_eq!(world.status.link, Link::Online, "seed {seed}");
    assert!(world.status.current_as_of.is_some(), "seed {seed}: never current, {:?}", world.status);
    assert_eq!(world.status.progress.charts_ready, world.status.progress.charts_total, "seed {seed}");

    assert!(world.status.missing.is_empty(), "seed {seed}: {:?}", world.status.missing);

    // Everything the EHR has is here, version for version, text for text, reports of emergency access aside; nothing else is.
    let held_for = |patient: &Option<PatientId>| patient.as_ref().is_none_or(|patient| vault.members.contains_key(patient));
    if whole_practice {
        assert!(ehr.patients().iter().all(|patient| vault.members.contains_key(patient)), "seed {seed}: a patient is missing");
    }
    for (key, owner) in &ehr.owner {
        let expected = ehr.current(key).filter(|_| held_for(owner) && !is_report(key));
        let held = vault.held.get(key);
        // Without histories, a deletion cannot be seen.
        if expected.is_none() && !ehr.traits.history {
            continue;
        }
        assert_eq!(held.map(|held| &**held.body.expose()), expected.map(|version| &*version.body), "seed {seed}: {key:?}");
    }
    assert!(vault.held.keys().all(|key| ehr.owner.contains_key(key)), "seed {seed}");

    // Nothing waits but what is stuck, or builds on it.
    let stuck: BTreeSet<_> = vault.outbox.values().filter(|out| out.state == EntryState::Stuck).map(|out| out.id.clone()).collect();
    assert!(vault.outbox.values().all(|out| stuck.contains(&out.id)), "seed {seed}: {:?}", vault.outbox.keys());

    // Exactly once: every acknowledged value stands in its own record, and nothing of ours in any other.
    let own: BTreeMap<u64, &Key> = world.written.values().map(|(key, _, value)| (*value, key)).collect();
    for (key, versions) in &ehr.records {
        let ours = versions.iter().filter_map(|version| version.value).filter(|value| (2..1_000_000).contains(value));
        for value in ours {
            assert_eq!(own.get(&value), Some(&key), "seed {seed}: {value} stands in a record it was not written to");
        }
    }
    for (entry, outcome) in &vault.settled {
        if let Settlement::Acknowledged { .. } = outcome {
            assert!(world.taken.contains(entry), "seed {seed}: acknowledged before it was taken");
        }
    }

    // Per patient, the EHR took entries in the order they were written, stuck ones and their dependants aside.
    let mut last: BTreeMap<&PatientId, EntryId> = BTreeMap::new();
    for entry in world.taken.iter().filter(|entry| !vault.outbox.contains_key(entry)) {
        if let Some(patient) = &world.written[entry].1 {
            let former = last.insert(patient, *entry);
            assert!(former.is_none_or(|former| former < *entry), "seed {seed}: {former:?} before {entry:?}");
        }
    }
    for out in vault.outbox.values().filter(|out| out.state == EntryState::Stuck) {
        assert!(value_of(out.body.expose()) > 1, "seed {seed}");
    }
}

/// A few dozen worlds each time; `SYNC_SEEDS=5000` for a night's worth.
fn seeds(from: u64) -> std::ops::Range<u64> {
    let count = std::env::var("SYNC_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(40);
    from..from + count
}

const FULL: Traits = Traits { everything: true, forgets_provenance: true, history: true, blind_creates: false, shifting_pages: false };

#[test]
fn an_ehr_with_everything_and_history() {
    let (mut kills, mut midway) = (0, 0);
    for seed in seeds(0) {
        let world = simulate(seed, FULL, true);
        kills += world.kills;
        midway += u32::from(world.resumed_midway);
    }
    assert!(kills > 0 && midway > 0, "the seeds cover restarts ({kills}) and resumption midway ({midway})");
}

#[test]
fn an_ehr_that_ignores_if_none_match() {
    for seed in seeds(100_000) {
        simulate(seed, Traits { blind_creates: true, ..FULL }, true);
    }
}

#[test]
fn an_ehr_whose_pages_shift() {
    for seed in seeds(200_000) {
        simulate(seed, Traits { shifting_pages: true, ..FULL }, true);
    }
}

#[test]
fn an_ehr_with_searches_alone() {
    for seed in seeds(300_000) {
        simulate(seed, Traits { everything: false, history: false, ..FULL }, true);
    }
}

#[test]
fn the_panel_alone() {
    for seed in seeds(400_000) {
        // Without the whole practice's counts, `$everything` is taken at its word.
        let world = simulate(seed, Traits { forgets_provenance: false, ..FULL }, false);
        assert!(world.vault.members.len() < world.ehr.patients().len(), "strangers' charts stay away");
    }
}

#[test]
fn a_report_of_emergency_access_is_no_change_and_keeps_nothing_busy() {
    let mut world = World::new(7, FULL, true);
    world.troubles = false;
    world.tell(Event::Started);
    world.run(600_000);
    let (requests, records) = (world.ehr.requests, world.status.progress.records);
    let owner = Some(PatientId::new("p1").unwrap());
    world.ehr.write(world.wall(), key("Task", "report-new"), owner, Some(1), TimeDelta::zero());
    world.run(600_000 + 600_000);
    assert_eq!(world.status.progress.records, records, "nothing was taken in");
    assert!((27..=33).contains(&(world.ehr.requests - requests)), "and no look more was made");
    assert_eq!(world.status.progress.activity, Activity::Idle);
    check(&world, true, 7);
}

#[test]
fn a_look_for_changes_costs_a_constant_few_requests() {
    let mut world = World::new(7, FULL, true);
    world.troubles = false;
    world.tell(Event::Started);
    world.run(600_000);
    let before = world.ehr.requests;
    world.run(600_000 + 600_000);
    // Ten looks in ten minutes: the schedule, the care teams and the history.
    let requests = world.ehr.requests - before;
    assert!((27..=33).contains(&requests), "{requests}");
}
