//! A hospital of 60 for 90 days, with and without snoopers, watched by the real watch.
//!
//! The watch sees what `Access` carries, never a label. Its thresholds were set on seeds 1 to 40 and 1001 to 1008; the figures asserted and printed
//! here, and those of the README, are of seeds from 5001 on. `SATCHEL_WATCH_SEEDS` is how many; `--nocapture` shows the table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
mod chance;
mod score;
mod snoop;
mod town;
mod work;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Instants, Moment, UserId};
use watchful::{Access, Act, Incident, PatientTag, Response, Watch, WatchPolicy};

use crate::chance::Chance;
use crate::score::Score;
use crate::snoop::{Episode, Snoop, snoop};
use crate::town::{PATIENTS, Town};
use crate::work::{Calendar, DAY, Deed, Worker, roles};

const DAYS: u64 = 90;
/// Of 60 people, how many snoop once in these 90 days.
const SNOOPERS: usize = 27;

/// What one worker did, and what the watch said to it.
pub struct Watched {
    /// Each deed and the answer to it.
    pub answers: Vec<(Deed, Response)>,
    /// Each incident and when it was told.
    pub incidents: Vec<(u64, Incident)>,
}

#[test]
fn snoopers_are_found_and_work_goes_on() {
    let seeds: u64 = std::env::var("SATCHEL_WATCH_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(8);
    let first: u64 = std::env::var("SATCHEL_WATCH_FIRST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(5001);
    let mut score = Score::default();
    for seed in first..first + seeds {
        run(seed, &mut score);
    }
    println!("{score}");
    assert_eq!(score.emergencies_held_up, 0, "nothing is put before an emergency");
    assert!(score.recall() >= 0.95, "recall");
    assert!(score.false_positives_per_user_day() <= 0.005, "false positives");
    for kind in Snoop::ALL.into_iter().filter(|kind| *kind != Snoop::SingleUncued) {
        assert!(score.recall_of(kind) >= 0.80, "{kind:?}");
    }
}

fn run(seed: u64, score: &mut Score) {
    let mut chance = Chance::new(seed, 0);
    let town = Town::new(&mut chance);
    let calendar = Calendar { days: DAYS, disaster: chance.between(20, DAYS - 10) };
    // In half of the hospitals break-glass is the only way to a stranger's chart, as Satchel's own policies have it.
    let strict = seed.is_multiple_of(2);
    let mut staff: Vec<Worker> = roles()
        .enumerate()
        .map(|(nth, role)| Worker::working(role, town.person(nth), strict, &calendar, &mut Chance::new(seed, nth as u64 + 1)))
        .collect();
    let mut episodes: Vec<Episode> = Vec::new();
    let begin = chance.below(staff.len() as u64) as usize;
    for nth in 0..SNOOPERS {
        let worker = (begin + nth * 7) % staff.len();
        let kind = Snoop::ALL[nth % Snoop::ALL.len()];
        let number = episodes.len();
        episodes.extend(snoop(kind, &town, (worker, &mut staff[worker]), number, &mut chance));
    }
    for (nth, worker) in staff.iter_mut().enumerate() {
        worker.deeds.sort_by_key(|deed| deed.at);
        let watched = watch(&town, worker, &mut Chance::new(seed, 1000 + nth as u64));
        let episode = episodes.iter().position(|episode| episode.worker == nth);
        score.take(worker, episode.map(|number| &episodes[number]), &watched);
    }
}

/// One worker's deeds through the watch, as a desk would do it.
fn watch(town: &Town, worker: &Worker, chance: &mut Chance) -> Watched {
    let policy = WatchPolicy::default();
    let user = UserId::new("someone").unwrap();
    let mut watch = Watch::new(user.clone());
    let mut watched = Watched { answers: Vec::new(), incidents: Vec::new() };
    let mut workstation = Workstation::new(chance);
    let mut kept = 0;
    for deed in &worker.deeds {
        if deed.at / DAY != kept {
            // Unlock on another day: from the vault, and judged before anything is opened.
            kept = deed.at / DAY;
            watch = Watch::restore(&watch.to_bytes(), &user).0;
            let (now, boot_id) = workstation.at(deed.at, chance);
            let told = watch.look_back(&policy, &now, &boot_id);
            watched.incidents.extend(told.into_iter().map(|incident| (deed.at, incident)));
        }
        let access = access(town, worker, deed);
        let (now, boot_id) = workstation.at(deed.at, chance);
        let mut assessment = watch.observe(&policy, &access, &now, &boot_id);
        watched.incidents.extend(assessment.incidents.drain(..).map(|incident| (deed.at, incident)));
        watched.answers.push((*deed, assessment.response));
        if matches!(assessment.response, Response::StepUp { .. }) && deed.insists {
            watch.stepped_up(&now, &boot_id);
            let again = watch.observe(&policy, &access, &now, &boot_id);
            watched.incidents.extend(again.incidents.into_iter().map(|incident| (deed.at, incident)));
        }
    }
    // The next unlock after the ninety days.
    let end = (DAYS + 2) * DAY;
    let (now, boot_id) = workstation.at(end, chance);
    watched.incidents.extend(watch.look_back(&policy, &now, &boot_id).into_iter().map(|incident| (end, incident)));
    watched
}

fn access(town: &Town, worker: &Worker, deed: &Deed) -> Access {
    let (patient, person) = (&town.patients[deed.patient], &worker.person);
    let mut tag = [0; 16];
    tag[..8].copy_from_slice(&(deed.patient as u64).to_be_bytes());
    let own_record = deed.patient == person.record;
    Access {
        patient: PatientTag::new(tag),
        act: deed.act,
        related: deed.related,
        emergency: deed.emergency || deed.act == Act::BreakGlass,
        restricted: patient.restricted,
        own_record,
        colleague: patient.colleague && !own_record,
        same_address: patient.address == person.address,
        same_surname: patient.surname == person.surname,
        surname_bearers: town.bearers[person.surname],
        patients_held: PATIENTS as u32,
    }
}

/// A machine that is started anew every other day or so, and whose wall clock is sometimes off by an hour or a day.
struct Workstation {
    booted: u64,
    boots: u64,
    off: i64,
}

impl Workstation {
    fn new(chance: &mut Chance) -> Self {
        Self { booted: 0, boots: 0, off: if chance.per_mille(100) { chance.between(0, 48) as i64 - 24 } else { 0 } }
    }

    fn at(&mut self, at: u64, chance: &mut Chance) -> (Instants, String) {
        if at - self.booted > chance.between(20, 200) * DAY / 24 {
            (self.booted, self.boots) = (at - at % (DAY / 24), self.boots + 1);
        }
        let start: DateTime<Utc> = "2026-01-05T00:00:00Z".parse().unwrap();
        let wall = start + TimeDelta::milliseconds(at as i64) + TimeDelta::hours(self.off);
        (Instants { wall, boot: Moment(at - self.booted) }, self.boots.to_string())
    }
}
