//! What to fetch next.
use std::collections::BTreeSet;

use chrono::TimeDelta;
use kernel::{PatientId, ResourceType};

use super::{Counts, Pull, kind_of};
use crate::capability::{Capability, DIRECTORY_FIRST};
use crate::event::{Address, Now};
use crate::query;
use crate::record::Tier;
use crate::settings::Settings;
use crate::unit::{Changes, Unit};

/// What is asked of the EHR for a unit at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All at once: `$everything`, the system's history, or the unit's one search.
    Whole,
    /// One type of several.
    Kind(ResourceType),
}

impl Step {
    pub(super) fn kind(self) -> Option<ResourceType> {
        match self {
            Self::Whole => None,
            Self::Kind(kind) => Some(kind),
        }
    }
}

impl Pull {
    /// The most urgent unit that is neither running nor waiting out a failure: who is on the panel, today's charts, the
    /// directory's first pages, the rest of the panel's charts, what changed, the rest of the directory, then the practice.
    pub(super) fn choose(&self, settings: &Settings, now: Now) -> Option<Unit> {
        let capability = self.capability.as_ref()?;
        let free = |unit: &Unit| {
            !self.is_busy(unit) && !self.given_up.contains(unit) && self.retry.get(unit).is_none_or(|retry| retry.at <= now.at.boot)
        };
        let charts = |first, last| self.panel.waiting(first, last).map(chart).find(free);
        let one = |unit: Unit, wanted: bool| (wanted && free(&unit)).then_some(unit);

        let panel = || self.panel_units(settings).find(|unit| free(unit));
        let directory_begins = || {
            let mut first = capability.directory_types().filter(|kind| DIRECTORY_FIRST.contains(&kind.as_str())).map(directory);
            first.find(|unit| !self.saved.done.contains(unit) && !self.saved.open.contains_key(unit) && free(unit))
        };
        let changes = || one(Unit::Changes, self.changes_are_due(now));
        let directory_goes_on = || capability.directory_types().map(directory).find(|unit| !self.saved.done.contains(unit) && free(unit));
        let patients = || one(Unit::Patients, settings.whole_practice && !self.saved.done.contains(&Unit::Patients));
        let practice = || {
            let one_by_one = self.has_everything() || self.all_swept(capability);
            if one_by_one { charts(Tier::Practice, Tier::Practice) } else { None }
        };
        let verify = || if settings.whole_practice { self.to_verify(capability).find(free) } else { None };
        let last_look = || one(Unit::Changes, self.saved.high_water.is_some() && self.look_is_all_that_remains(settings));

        panel()
            .or_else(|| charts(Tier::Today, Tier::Today))
            .or_else(directory_begins)
            .or_else(|| charts(Tier::CareTeam, Tier::Recent))
            .or_else(changes)
            .or_else(directory_goes_on)
            .or_else(patients)
            .or_else(practice)
            .or_else(verify)
            .or_else(last_look)
    }

    /// Whether anything but changes remains to be pulled, given-up units aside: those are named as missing.
    pub(super) fn is_first_pull(&self, settings: &Settings) -> bool {
        self.panel_remains(settings) || (settings.whole_practice && self.unverified().next().is_some())
    }

    /// The pull is over but for a look for changes: none was made yet, or counted types await it.
    fn look_is_all_that_remains(&self, settings: &Settings) -> bool {
        let confirmed = |kind: &ResourceType| self.is_equal(kind);
        let counted = !settings.whole_practice || self.unverified().all(confirmed);
        counted && !self.panel_remains(settings) && (self.looked_as_of.is_none() || !self.verify.equal.is_empty())
    }

    fn panel_remains(&self, settings: &Settings) -> bool {
        let Some(capability) = &self.capability else { return true };
        let remains = |unit: Unit| !self.saved.done.contains(&unit) && !self.given_up.contains(&unit);
        self.panel_units(settings).any(|unit| !self.given_up.contains(&unit))
            || self.panel.waiting(Tier::Today, Tier::Practice).any(|patient| remains(chart(patient)))
            || capability.directory_types().any(|kind| remains(directory(kind)))
            || (settings.whole_practice && remains(Unit::Patients))
    }

    /// Types of which it is not certain yet that all records are here.
    fn unverified(&self) -> impl Iterator<Item = &ResourceType> {
        let held = self.capability.iter().flat_map(Capability::held_types);
        held.filter(|kind| {
            let (count, sweep) = (Unit::Count((*kind).clone()), Unit::Sweep((*kind).clone()));
            !self.saved.done.contains(&count) && !self.given_up.contains(&count) && !self.given_up.contains(&sweep)
        })
    }

    /// The EHR confirmed the type's number; a look has yet to end.
    fn is_equal(&self, kind: &ResourceType) -> bool {
        self.verify.equal.contains(kind) || self.saved.changes.as_ref().is_some_and(|changes| changes.counted.contains(kind))
    }

    /// Counting makes sense once nothing else is under way.
    pub(super) fn counts_wanted(&self, settings: &Settings) -> bool {
        settings.whole_practice
            && matches!(self.counts, Counts::Unknown)
            && self.lanes.is_empty()
            && self.committing.is_empty()
            && self.saved.high_water.is_some()
            && !self.panel_remains(settings)
            && self.unverified().any(|kind| !self.is_equal(kind))
    }

    /// The address of the unit's next page. `None` if the EHR offers no way to it.
    pub(super) fn address(&mut self, settings: &Settings, unit: &Unit, now: Now) -> Option<(Address, Step)> {
        if *unit == Unit::Changes && self.saved.changes.is_none() {
            let since = self.saved.high_water? - TimeDelta::seconds(settings.overlap_s.into());
            let counted = std::mem::take(&mut self.verify.equal);
            self.saved.changes =
                Some(Changes { since, newest: None, answered: None, began: now.at.wall, counted, deleted: BTreeSet::new() });
        }
        let step = self.step(unit)?;
        let position = self.saved.open.get(unit).cloned().unwrap_or_default();
        if let Some(next) = position.next {
            return Some((Address::Next(next), step));
        }
        let capability = self.capability.as_ref()?;
        let count = position.count.unwrap_or(settings.page_size);
        let practitioner = settings.practitioner.as_ref();
        let since = self.saved.changes.as_ref().map(|changes| changes.since);
        let address = match (unit, &step) {
            (Unit::Schedule, _) => query::schedule(settings, practitioner?, now.at.wall, count),
            (Unit::CareTeams, _) => query::care_teams(practitioner?, count),
            (Unit::Patients, _) => query::all(&ResourceType::new("Patient").ok()?, count),
            (Unit::Directory(kind) | Unit::Sweep(kind), _) => query::all(kind, count),
            (Unit::Count(kind), _) => query::how_many(kind),
            (Unit::Chart(patient), Step::Whole) => query::everything(patient, count),
            (Unit::Chart(patient), Step::Kind(kind)) => query::of_patient(kind, capability.of(kind).by_patient, patient, count),
            (Unit::Changes, Step::Whole) => query::history(since?, count),
            (Unit::Changes, Step::Kind(kind)) if capability.of(kind).history => query::history_of(kind, since?, count),
            (Unit::Changes, Step::Kind(kind)) => query::updated(kind, since?, count),
        };
        Some((address, step))
    }

    /// Where a unit that may go type by type stands. A unit begun whole goes on so.
    fn step(&self, unit: &Unit) -> Option<Step> {
        let position = self.saved.open.get(unit);
        if let Some(kind) = position.and_then(|position| position.step.clone()) {
            return Some(Step::Kind(kind));
        }
        let begun = position.is_some_and(|position| position.next.is_some());
        let whole = match unit {
            Unit::Chart(_) => self.has_everything(),
            Unit::Changes => !self.history_refused && self.capability.as_ref().is_some_and(|capability| capability.history_system),
            _ => true,
        };
        if whole || begun { Some(Step::Whole) } else { self.kinds(unit).into_iter().next().map(Step::Kind) }
    }

    /// The types such a unit goes through, in order.
    pub(super) fn kinds(&self, unit: &Unit) -> Vec<ResourceType> {
        let Some(capability) = &self.capability else { return Vec::new() };
        let searchable = |kind: &&ResourceType| kind.as_str() == "Patient" || capability.of(kind).by_patient.is_some();
        match unit {
            Unit::Chart(_) => capability.chart_types().filter(searchable).cloned().collect(),
            Unit::Changes => capability.held_types().cloned().collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn has_everything(&self) -> bool {
        !self.everything_refused && self.capability.as_ref().is_some_and(|capability| capability.everything)
    }

    pub(super) fn all_swept(&self, capability: &Capability) -> bool {
        // What this person may not read, or the EHR cannot give, is named as missing and holds up nothing else.
        let through = |unit: Unit| self.saved.done.contains(&unit) || self.given_up.contains(&unit);
        capability.chart_types().all(|kind| through(Unit::Sweep(kind.clone())))
    }

    fn panel_units<'a>(&'a self, settings: &'a Settings) -> impl Iterator<Item = Unit> + 'a {
        let serves = |kind: ResourceType| self.capability.as_ref().is_some_and(|capability| capability.of(&kind).search);
        let offered = move |unit: &&Unit| settings.practitioner.is_some() && kind_of(unit).is_some_and(serves);
        self.again.iter().filter(offered).cloned()
    }

    fn is_busy(&self, unit: &Unit) -> bool {
        self.lanes.values().any(|running| running.unit == *unit) || self.committing.iter().any(|busy| busy.unit.as_ref() == Some(unit))
    }

    fn changes_are_due(&self, now: Now) -> bool {
        self.saved.high_water.is_some() && (self.saved.changes.is_some() || now.at.boot >= self.changes_due)
    }

    /// Each type is counted, and swept if the EHR has more than is held. Without `$everything`, every chart type is swept
    /// first, which costs far fewer requests than asking patient by patient.
    fn to_verify<'a>(&'a self, capability: &'a Capability) -> impl Iterator<Item = Unit> + 'a {
        let in_bulk = !self.has_everything();
        let unswept = move |kind: &&ResourceType| in_bulk && !self.saved.done.contains(&Unit::Sweep((*kind).clone()));
        let bulk = capability.chart_types().filter(unswept).map(|kind| Unit::Sweep(kind.clone()));
        let found_short = self.saved.open.keys().filter(|unit| matches!(unit, Unit::Sweep(_))).cloned();
        let counted = matches!(self.counts, Counts::Known(_));
        let open = move |kind: &&ResourceType| counted && !self.is_equal(kind);
        let counts = self.unverified().filter(open).map(|kind| Unit::Count(kind.clone()));
        found_short.chain(bulk).chain(counts)
    }
}

fn chart(patient: &PatientId) -> Unit {
    Unit::Chart(patient.clone())
}

fn directory(kind: &ResourceType) -> Unit {
    Unit::Directory(kind.clone())
}
