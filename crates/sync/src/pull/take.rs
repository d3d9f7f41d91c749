//! What a page means.
use chrono::TimeDelta;
use kernel::ResourceType;

use super::choose::Step;
use super::{Counts, Pull, Running};
use crate::event::Now;
use crate::page::Page;
use crate::record::{Commit, Member, Tier};
use crate::settings::Settings;
use crate::status::WhyMissing;
use crate::unit::{Position, Unit};

/// The mark follows the EHR's clock at this distance when nothing changes: a bulk load shortly before would otherwise lie in
/// the overlap, and be read again, in every look to come. Wide enough for a clock that differs from the one that stamps.
const QUIET: TimeDelta = TimeDelta::minutes(10);
/// Times a type is swept in one run because the EHR counts more than is held.
const SWEEPS: u8 = 3;

impl Pull {
    /// Turns a page into the commit that makes it, and where its unit goes on, durable together.
    pub(super) fn take(&mut self, settings: &Settings, running: Running, page: Page, now: Now) -> Option<Commit> {
        let Running { unit, step, .. } = running;
        let mut page = page.newest_only();
        let newest = page.newest();
        // INVARIANT: a report is no record of a chart: it is not filed, brings nobody onto the panel, and is no change worth a commit.
        let reports = page.records.extract_if(.., |record| record.is_report());
        self.reports.extend(reports.map(|report| (report.kind, report.id)));
        for gone in &page.tombstones {
            self.reports.remove(&(gone.kind.clone(), gone.id.clone()));
        }
        if self.saved.high_water.is_none() {
            // Whatever changes from the first answer on is found by asking for changes since then.
            self.saved.high_water = Some(page.served_at);
            self.changes_due = now.at.boot.plus_seconds(settings.interval_s.into());
        }
        for kind in &page.unreadable {
            self.miss(kind.clone(), WhyMissing::BadAnswer);
        }
        if let (Unit::Chart(patient), false) = (&unit, page.unreadable.is_empty()) {
            self.spoiled.insert(patient.clone());
        }
        if let (Unit::Changes, Some(changes)) = (&unit, &mut self.saved.changes) {
            changes.newest = changes.newest.max(newest);
            changes.answered.get_or_insert(page.served_at);
            changes.deleted.extend(page.tombstones.iter().map(|tombstone| tombstone.kind.clone()));
        }

        let tier = match unit {
            Unit::Schedule => Some(Tier::Today),
            Unit::CareTeams => Some(Tier::CareTeam),
            _ => settings.whole_practice.then_some(Tier::Practice),
        };
        let mut members = Vec::new();
        if let Some(tier) = tier {
            let patients = page.records.iter().filter_map(|record| record.patient.as_ref());
            members.extend(patients.filter_map(|patient| self.panel.admit(patient, tier)));
        }
        let Page { mut records, tombstones, next, .. } = page;
        records.retain(|record| record.patient.as_ref().is_none_or(|patient| self.panel.holds(patient)));

        match next {
            Some(next) => {
                let position = self.saved.open.entry(unit.clone()).or_default();
                position.next = Some(next);
                // Pinned, lest a change in what the EHR offers reads the link as another step's.
                position.step = step.kind();
            }
            None => members.extend(self.step_done(settings, &unit, &step, now)),
        }
        self.note_currency(settings);
        self.hand_over(unit, Commit { records, tombstones, members, checkpoint: self.saved.write() })
    }

    /// Ends the unit, or its present step, without a page.
    pub(super) fn pass_over(&mut self, settings: &Settings, running: Running, now: Now) -> Option<Commit> {
        let Running { unit, step, .. } = running;
        let members = self.step_done(settings, &unit, &step, now);
        self.hand_over(unit, Commit { members, checkpoint: self.saved.write(), ..Commit::default() })
    }

    /// The commit, unless it would say nothing: a look goes through many types, most of which bring nothing, and where it stands
    /// is worth keeping only with what it brought, and at its end.
    fn hand_over(&mut self, unit: Unit, commit: Commit) -> Option<Commit> {
        let brings_nothing = commit.records.is_empty() && commit.tombstones.is_empty() && commit.members.is_empty();
        if brings_nothing && unit == Unit::Changes && self.saved.changes.is_some() {
            return None;
        }
        self.committing(Some(unit));
        Some(commit)
    }

    fn step_done(&mut self, settings: &Settings, unit: &Unit, step: &Step, now: Now) -> Vec<Member> {
        if let Step::Kind(done) = step
            && let Some(following) = self.kinds(unit).into_iter().find(|kind| kind > done)
        {
            self.saved.open.insert(unit.clone(), Position { step: Some(following), ..Position::default() });
            return Vec::new();
        }
        self.saved.open.remove(unit);
        match unit {
            Unit::Schedule | Unit::CareTeams => {
                self.again.remove(unit);
            }
            Unit::Chart(patient) if self.spoiled.contains(patient) => self.give_up(unit.clone()),
            Unit::Chart(patient) => {
                self.everything_worked |= *step == Step::Whole;
                return self.panel.complete(patient).into_iter().collect();
            }
            Unit::Changes => self.changes_done(settings, now),
            Unit::Directory(_) | Unit::Patients | Unit::Count(_) => {
                self.saved.done.insert(unit.clone());
            }
            Unit::Sweep(kind) => {
                self.saved.done.insert(unit.clone());
                *self.verify.sweeps.entry(kind.clone()).or_default() += 1;
                self.counts = Counts::Unknown;
                return self.swept();
            }
        }
        Vec::new()
    }

    /// Where charts came by sweeping every type, all are whole once the last type is through.
    pub(super) fn swept(&mut self) -> Vec<Member> {
        let through = self.capability.as_ref().is_some_and(|capability| self.all_swept(capability));
        if self.has_everything() || !through {
            return Vec::new();
        }
        let charts = self.panel.incomplete();
        charts.iter().filter_map(|patient| self.panel.complete(patient)).collect()
    }

    /// Compares what the EHR has of a type with what is held.
    pub(super) fn counted_there(&mut self, kind: &ResourceType, total: Option<u64>) {
        let held = match &self.counts {
            Counts::Known(counts) => counts.get(kind).copied().unwrap_or(0),
            Counts::Unknown | Counts::Asked => 0,
        };
        let held = held + self.reports.iter().filter(|(reported, _)| reported == kind).count() as u64;
        let sweeps = self.verify.sweeps.get(kind).copied().unwrap_or(0);
        match total {
            Some(total) if total <= held => {
                self.verify.equal.insert(kind.clone());
            }
            // It cannot say: sweeping once is all there is to do.
            None if sweeps > 0 => {
                self.saved.done.insert(Unit::Count(kind.clone()));
            }
            _ if sweeps < SWEEPS => {
                self.saved.open.insert(Unit::Sweep(kind.clone()), Position::default());
            }
            _ => {
                self.miss(Some(kind.clone()), WhyMissing::Incomplete);
                self.give_up(Unit::Count(kind.clone()));
            }
        }
    }

    /// What is held is as current as the last look once nothing the look brought, a new patient's chart say, remains to be pulled.
    fn note_currency(&mut self, settings: &Settings) {
        if self.looked_as_of > self.saved.current_as_of && !self.is_first_pull(settings) {
            self.saved.current_as_of = self.looked_as_of;
        }
    }

    fn changes_done(&mut self, settings: &Settings, now: Now) {
        if let Some(changes) = self.saved.changes.take() {
            for kind in changes.counted {
                if changes.deleted.contains(&kind) {
                    self.counts = Counts::Unknown;
                } else {
                    self.saved.done.insert(Unit::Count(kind));
                }
            }
            // INVARIANT: the mark never passes the look's first answer. A look may take long, and what changes in what was
            // asked first is not seen by what is asked last, however new that is.
            let seen = self.saved.high_water.max(changes.newest);
            self.saved.high_water = seen.map(|seen| changes.answered.map_or(seen, |answered| seen.max(answered - QUIET).min(answered)));
            self.looked_as_of = Some(changes.began);
            self.note_currency(settings);
        }
        let again_at_once = std::mem::take(&mut self.look_again);
        self.changes_due = if again_at_once { now.at.boot } else { now.at.boot.plus_seconds(settings.interval_s.into()) };
        self.again.extend([Unit::Schedule, Unit::CareTeams]);
    }
}
