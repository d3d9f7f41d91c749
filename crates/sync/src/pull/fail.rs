//! What a failure means.
use kernel::ResourceType;

use super::choose::Step;
use super::{Pull, Running, kind_of};
use crate::backoff;
use crate::event::{Failure, Lane, Now};
use crate::record::Commit;
use crate::settings::Settings;
use crate::status::WhyMissing;
use crate::unit::Unit;

/// Tries of a page that keeps coming back unreadable.
const BAD_ANSWERS: u32 = 3;
/// Failures in a row after which a person is told.
const FAILURES_TOLD: u32 = 3;
/// Answers broken off in a row after which less is asked for.
const BROKEN_OFF: u32 = 3;
/// Times a unit is begun anew because its link has expired.
const RESTARTS: u8 = 3;

impl Pull {
    /// Notes that a fetch failed. Returns a commit where the failure ends a unit or step.
    pub(crate) fn failed(&mut self, settings: &Settings, lane: Lane, failure: Failure, now: Now) -> Option<Commit> {
        let running = self.lanes.remove(&lane)?;
        let begun = self.saved.open.get(&running.unit).is_some_and(|position| position.next.is_some());
        match failure {
            Failure::Forbidden => return self.forbidden(settings, running, now),
            // A patient merged away or deleted has no chart to wait for.
            Failure::NotFound if !begun && matches!(running.unit, Unit::Chart(_)) => return self.pass_over(settings, running, now),
            Failure::NotFound | Failure::Refused if begun => self.begin_anew(running.unit, now),
            Failure::BadAnswer | Failure::Refused | Failure::NotFound => self.unreadable(running.unit, now),
            Failure::TooLarge => self.ask_for_less(settings, running.unit, now),
            Failure::Busy { retry_after } => {
                if retry_after.is_some() {
                    self.hold_until = backoff::next_try(now, 1, retry_after);
                }
                self.try_again(running.unit, now, retry_after);
            }
            Failure::Interrupted => {
                self.try_again(running.unit.clone(), now, None);
                // A page that breaks off again and again may be more than the EHR or the line can deliver in time.
                if self.retry.get(&running.unit).is_some_and(|retry| retry.failures.is_multiple_of(BROKEN_OFF)) {
                    self.halve(settings, &running.unit);
                }
            }
            Failure::Unauthorised => self.try_again(running.unit, now, None),
            // Not the unit's fault: it goes on as soon as the EHR is back.
            Failure::Unreachable => {}
        }
        None
    }

    pub(super) fn give_up(&mut self, unit: Unit) {
        self.again.remove(&unit);
        self.retry.remove(&unit);
        self.given_up.insert(unit);
    }

    pub(super) fn miss(&mut self, kind: Option<ResourceType>, why: WhyMissing) {
        *self.missing.entry((kind, why)).or_default() += 1;
    }

    /// What spans all types may be refused to someone who may read some: then it is asked type by type.
    fn forbidden(&mut self, settings: &Settings, running: Running, now: Now) -> Option<Commit> {
        match (&running.unit, &running.step) {
            (Unit::Chart(_), Step::Whole) if !self.everything_worked => {
                self.everything_refused = true;
                self.saved.open.remove(&running.unit);
            }
            (Unit::Changes, Step::Whole) => {
                self.history_refused = true;
                self.saved.open.remove(&running.unit);
            }
            (Unit::Chart(_) | Unit::Changes, Step::Kind(kind)) => {
                self.missing.insert((Some(kind.clone()), WhyMissing::Forbidden), 1);
                return self.pass_over(settings, running, now);
            }
            _ => {
                self.miss(kind_of(&running.unit), WhyMissing::Forbidden);
                self.give_up(running.unit.clone());
                if matches!(running.unit, Unit::Sweep(_)) {
                    // It may have been the last one that charts were waiting for.
                    let members = self.swept();
                    self.committing(Some(running.unit));
                    return Some(Commit { members, checkpoint: self.saved.write(), ..Commit::default() });
                }
            }
        }
        None
    }

    /// The EHR no longer knows the link: the unit, or its step, begins at its first page.
    fn begin_anew(&mut self, unit: Unit, now: Now) {
        let position = self.saved.open.entry(unit.clone()).or_default();
        position.next = None;
        position.restarts = position.restarts.saturating_add(1);
        if position.restarts > RESTARTS {
            self.unreadable(unit, now);
        }
    }

    fn ask_for_less(&mut self, settings: &Settings, unit: Unit, now: Now) {
        if !self.halve(settings, &unit) {
            self.unreadable(unit, now);
        }
    }

    /// Asks for half as many records per page, from the step's first page on. False if it is one already.
    fn halve(&mut self, settings: &Settings, unit: &Unit) -> bool {
        let position = self.saved.open.entry(unit.clone()).or_default();
        let count = position.count.unwrap_or(settings.page_size) / 2;
        if count > 0 {
            position.count = Some(count);
            position.next = None;
        }
        count > 0
    }

    fn unreadable(&mut self, unit: Unit, now: Now) {
        let failures = self.retry.get(&unit).map_or(0, |retry| retry.failures) + 1;
        // INVARIANT: changes are never given up, or what is held would grow old without a word.
        if failures < BAD_ANSWERS || unit == Unit::Changes {
            return self.try_again(unit, now, None);
        }
        self.miss(kind_of(&unit), WhyMissing::BadAnswer);
        self.give_up(unit);
    }

    fn try_again(&mut self, unit: Unit, now: Now, retry_after: Option<u32>) {
        let retry = self.retry.entry(unit.clone()).or_default();
        retry.failures = retry.failures.saturating_add(1);
        retry.at = backoff::next_try(now, retry.failures, retry_after);
        if retry.failures == FAILURES_TOLD {
            self.miss(kind_of(&unit), WhyMissing::Failing);
        }
    }
}
