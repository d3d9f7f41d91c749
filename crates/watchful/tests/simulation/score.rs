//! What counts as found, and what as a false positive.
//!
//! - An *episode* is found if, from its first look until the third of the user's shifts after its last begins, the watch tells an
//!   incident about one of its patients; of a harvest or low-and-slow browsing, which have many, also one about a rate.
//! - A *benign user-day* is a shift of a user in which nothing of an episode was done. It is a *false positive* if any incident that
//!   is not about an episode of that user is told in it, or between it and the next shift.
//! - Per access: all those incidents over all benign accesses (opens, break-glass, refusals and writes).
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use watchful::{Act, Incident, Kind, Response};

use crate::Watched;
use crate::snoop::{Episode, Snoop};
use crate::work::Worker;

#[derive(Default)]
pub struct Score {
    /// Found, of all, and the days until told, in sum.
    episodes: BTreeMap<Snoop, (u32, u32, f64)>,
    /// User-days with a false positive, and all benign ones, by role.
    days: BTreeMap<String, (u32, u32)>,
    false_incidents: BTreeMap<&'static str, u32>,
    accesses: u64,
    elective: u64,
    stepped_up: u64,
    suspended: u64,
    pub emergencies_held_up: u64,
}

impl Score {
    pub fn take(&mut self, worker: &Worker, episode: Option<&Episode>, watched: &Watched) {
        if let Some(episode) = episode {
            self.judge(worker, episode, watched);
        }
        let snooped: BTreeSet<usize> =
            watched.answers.iter().filter(|(deed, _)| deed.episode.is_some()).map(|(deed, _)| shift_of(worker, deed.at)).collect();
        let mut wrong = BTreeSet::new();
        for (at, incident) in &watched.incidents {
            if !episode.is_some_and(|episode| is_about(worker, episode, *at, incident)) {
                wrong.insert(shift_of(worker, *at));
                *self.false_incidents.entry(incident.kind.as_str()).or_default() += 1;
            }
        }
        let days = self.days.entry(format!("{:?}", worker.role)).or_default();
        days.0 += wrong.difference(&snooped).count() as u32;
        days.1 += (worker.shifts.len() - snooped.len()) as u32;
        for (deed, response) in watched.answers.iter().filter(|(deed, _)| deed.episode.is_none()) {
            self.accesses += 1;
            self.elective += u64::from(deed.act == Act::Open && !deed.emergency);
            self.stepped_up += u64::from(matches!(response, Response::StepUp { .. }));
            self.suspended += u64::from(matches!(response, Response::SuspendElective { .. }));
        }
        let held_up = watched.answers.iter().filter(|(deed, response)| deed.emergency && *response != Response::Nothing);
        self.emergencies_held_up += held_up.count() as u64;
    }

    fn judge(&mut self, worker: &Worker, episode: &Episode, watched: &Watched) {
        let told = watched.incidents.iter().find(|(at, incident)| is_about(worker, episode, *at, incident));
        let (found, all, days) = self.episodes.entry(episode.kind).or_default();
        *all += 1;
        if let Some((at, _)) = told {
            *found += 1;
            *days += (at - episode.from) as f64 / crate::work::DAY as f64;
        }
    }

    pub fn recall_of(&self, kind: Snoop) -> f64 {
        let (found, all, _) = self.episodes[&kind];
        f64::from(found) / f64::from(all)
    }

    /// Over all kinds with something to see.
    pub fn recall(&self) -> f64 {
        let (found, all) = self.targeted();
        f64::from(found) / f64::from(all)
    }

    pub fn false_positives_per_user_day(&self) -> f64 {
        let (wrong, all) = self.user_days();
        f64::from(wrong) / f64::from(all)
    }

    fn targeted(&self) -> (u32, u32) {
        let targeted = self.episodes.iter().filter(|(kind, _)| **kind != Snoop::SingleUncued);
        targeted.fold((0, 0), |(found, all), (_, episodes)| (found + episodes.0, all + episodes.1))
    }

    fn user_days(&self) -> (u32, u32) {
        self.days.values().fold((0, 0), |(wrong, all), days| (wrong + days.0, all + days.1))
    }
}

/// The shift at or before a time.
fn shift_of(worker: &Worker, at: u64) -> usize {
    worker.shifts.partition_point(|(begins, _)| *begins <= at).saturating_sub(1)
}

fn is_about(worker: &Worker, episode: &Episode, at: u64, incident: &Incident) -> bool {
    let last = shift_of(worker, episode.to);
    let until = worker.shifts.get(last + 3).map_or(u64::MAX, |(begins, _)| *begins);
    let in_time = (episode.from..until).contains(&at);
    let about = match incident.patient {
        Some(tag) => {
            let patient = u64::from_be_bytes(tag.as_bytes()[..8].try_into().unwrap());
            episode.patients.contains(&(patient as usize))
        }
        None => {
            let rate = matches!(incident.kind, Kind::ChartRate | Kind::StrangerRate | Kind::ManyStrangers | Kind::SlowBrowsing);
            rate && matches!(episode.kind, Snoop::Harvest | Snoop::PanelHarvest | Snoop::LowAndSlow)
        }
    };
    in_time && about
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| snooping | episodes | found | recall | days until told (mean) |\n|---|---|---|---|---|")?;
        for (kind, (found, all, days)) in &self.episodes {
            let share = f64::from(*found) / f64::from(*all) * 100.0;
            writeln!(f, "| {kind:?} | {all} | {found} | {share:.1} % | {:.1} |", days / f64::from(*found))?;
        }
        let (found, all) = self.targeted();
        writeln!(f, "| all but SingleUncued | {all} | {found} | {:.1} % | |", self.recall() * 100.0)?;
        writeln!(f, "\n| role | benign user-days | with an incident | share |\n|---|---|---|---|")?;
        for (role, (wrong, all)) in &self.days {
            writeln!(f, "| {role} | {all} | {wrong} | {:.2} % |", f64::from(*wrong) / f64::from(*all) * 100.0)?;
        }
        let (wrong, all) = self.user_days();
        writeln!(f, "| all | {all} | {wrong} | {:.2} % |", self.false_positives_per_user_day() * 100.0)?;
        let incidents: u32 = self.false_incidents.values().sum();
        writeln!(f, "\nfalse incidents by kind: {:?}", self.false_incidents)?;
        writeln!(f, "false incidents per benign access: {incidents} of {}", self.accesses)?;
        let share = |count: u64| count as f64 / self.elective as f64 * 100.0;
        let (asked, closed) = (share(self.stepped_up), share(self.suspended));
        write!(f, "of {} benign elective opens: step-up {asked:.3} %, closed {closed:.3} %", self.elective)
    }
}
