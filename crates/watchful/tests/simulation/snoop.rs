//! Episodes of snooping, put among the work of otherwise ordinary people.
use std::collections::BTreeSet;

use watchful::Act;

use crate::chance::Chance;
use crate::town::{PATIENTS, Town};
use crate::work::{Deed, HOUR, MINUTE, Worker};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Snoop {
    /// One to three looks at a restricted chart.
    Vip,
    /// One to four looks at someone of the household, or a relative elsewhere.
    Family,
    /// One to three looks at one's own chart.
    OwnRecord,
    /// One to three looks at a colleague's chart.
    Colleague,
    /// 25 to 150 strangers' charts within one to two hours.
    Harvest,
    /// 70 to 200 charts of one's own patients within an hour: a panel copied, or a session taken over.
    PanelHarvest,
    /// One or two strangers' charts each shift, for 15 to 25 shifts.
    LowAndSlow,
    /// The same stranger's chart in three to eight shifts.
    ExPartner,
    /// One look at one stranger's chart, with nothing in common. Not part of the target: there is nothing to see.
    SingleUncued,
}

impl Snoop {
    pub const ALL: [Self; 9] = [
        Self::Vip,
        Self::Family,
        Self::OwnRecord,
        Self::Colleague,
        Self::Harvest,
        Self::PanelHarvest,
        Self::LowAndSlow,
        Self::ExPartner,
        Self::SingleUncued,
    ];
}

pub struct Episode {
    pub kind: Snoop,
    pub worker: usize,
    pub patients: BTreeSet<usize>,
    pub from: u64,
    pub to: u64,
}

/// Adds an episode to a worker's deeds. None if they have no family here, or too few shifts.
pub fn snoop(kind: Snoop, town: &Town, at: (usize, &mut Worker), number: usize, chance: &mut Chance) -> Option<Episode> {
    let (index, worker) = at;
    let anyone = |chance: &mut Chance| chance.below(PATIENTS as u64) as usize;
    let targets: Vec<usize> = match kind {
        Snoop::Vip => vec![*chance.pick(&town.restricted)],
        Snoop::Family => {
            let person = &worker.person;
            let near = if chance.per_mille(700) { &person.household } else { &person.relatives };
            let family = if near.is_empty() { &person.household } else { near };
            vec![*(if family.is_empty() { None } else { Some(chance.pick(family)) })?]
        }
        Snoop::OwnRecord => vec![worker.person.record],
        Snoop::Colleague => vec![*town.colleagues.iter().cycle().skip(anyone(chance)).find(|other| **other != worker.person.record)?],
        Snoop::ExPartner | Snoop::SingleUncued => vec![anyone(chance)],
        Snoop::Harvest => (0..chance.between(25, 150)).map(|_| anyone(chance)).collect(),
        Snoop::PanelHarvest => (0..chance.between(70, 200)).map(|_| anyone(chance)).collect(),
        Snoop::LowAndSlow => (0..50).map(|_| anyone(chance)).collect(),
    };
    let shifts = match kind {
        Snoop::Harvest | Snoop::PanelHarvest | Snoop::SingleUncued => 1,
        Snoop::Family => chance.between(1, 4),
        Snoop::ExPartner => chance.between(3, 8),
        Snoop::LowAndSlow => chance.between(15, 25),
        Snoop::Vip | Snoop::OwnRecord | Snoop::Colleague => chance.between(1, 3),
    } as usize;
    // Every first, second or third shift, and none of the worker's last three: what is looked at then is judged after the end.
    let stride = if kind == Snoop::LowAndSlow { 1 } else { chance.between(1, 3) as usize };
    let latest = worker.shifts.len().checked_sub(shifts * stride + 3)?;
    let first = chance.below(latest as u64 + 1) as usize;
    let mut deeds: Vec<Deed> = Vec::new();
    let mut targets_left = targets.iter().copied().cycle();
    for nth in 0..shifts {
        let (begins, ends) = worker.shifts[first + nth * stride];
        let looks = match kind {
            Snoop::LowAndSlow => chance.between(1, 2) as usize,
            Snoop::Harvest | Snoop::PanelHarvest => targets.len(),
            _ => 1,
        };
        let span = match kind {
            Snoop::Harvest => chance.between(60, 120) * MINUTE,
            Snoop::PanelHarvest => HOUR,
            _ => ends - begins - 2 * HOUR,
        };
        let start = begins + HOUR;
        for patient in targets_left.by_ref().take(looks) {
            look(worker.strict && kind != Snoop::PanelHarvest, kind, start + chance.below(span), patient, number, &mut deeds);
        }
    }
    let (from, to) = (deeds.iter().map(|deed| deed.at).min()?, deeds.iter().map(|deed| deed.at).max()?);
    let patients = deeds.iter().map(|deed| deed.patient).collect();
    worker.deeds.extend(deeds);
    Some(Episode { kind, worker: index, patients, from, to })
}

/// A snooper goes on at every hurdle, and documents nothing.
fn look(strict: bool, kind: Snoop, at: u64, patient: usize, number: usize, deeds: &mut Vec<Deed>) {
    let related = kind == Snoop::PanelHarvest;
    let deed = |at, act, emergency| Deed { at, patient, act, related, emergency, insists: true, episode: Some(number) };
    if strict {
        deeds.push(deed(at, Act::Refused, false));
        deeds.push(deed(at + MINUTE / 2, Act::BreakGlass, true));
    }
    deeds.push(deed(at + MINUTE / 2, Act::Open, strict));
}
