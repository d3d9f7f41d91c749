//! Low and slow: a cumulative sum (Page, "Continuous inspection schemes", Biometrika 41, 1954) of looks a shift over the user's
//! own rate, in thousandths of a look.
use serde::{Deserialize, Serialize};

use crate::policy::Thresholds;

const LOOK: u32 = 1000;
/// What is assumed of somebody unknown: four looks in ten shifts that nothing comes of.
const PRIOR_RATE: u32 = 400;
/// For how many shifts that assumption stands.
const PRIOR_SHIFTS: u32 = 20;
/// The rate is that of about so many shifts.
const MEMORY: u32 = 60;
/// No habit excuses more looks a shift.
const HIGHEST_RATE: u32 = 4 * LOOK;
/// One shift counts for so many looks over the rate at most: a single bad day is not low and slow.
const MOST_OVER: u32 = 2 * LOOK;

/// Looks at strangers' charts that no documented care followed.
///
/// INVARIANT: `sum` is what is left from before this shift; it falls by the user's rate and the margin each shift, and is never negative.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    rate: u32,
    shifts_learnt: u32,
    sum: u32,
    /// Looks judged in this shift.
    today: u32,
    /// Shifts and looks since the sum was last zero, this shift excluded.
    run_shifts: u32,
    run_looks: u32,
}

/// The looks that have added up, and what is usual.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excess {
    pub looks: u32,
    pub usual: u32,
    pub limit: u32,
    pub shifts: u32,
    /// Twice the limit.
    pub grave: bool,
}

impl Default for Drift {
    fn default() -> Self {
        Self { rate: PRIOR_RATE, shifts_learnt: 0, sum: 0, today: 0, run_shifts: 0, run_looks: 0 }
    }
}

impl Drift {
    /// The user's own rate, in thousandths of a look a shift.
    pub const fn rate(&self) -> u32 {
        self.rate
    }

    pub fn look(&mut self) {
        self.today = self.today.saturating_add(1);
    }

    /// Whether looks have added up to an incident.
    pub fn excess(&self, limits: &Thresholds) -> Option<Excess> {
        let (sum, limit) = (self.sum_today(limits), self.limit(limits));
        let looks = self.run_looks.saturating_add(self.today);
        let shifts = self.run_shifts.saturating_add(1);
        (sum >= limit).then(|| Excess {
            looks,
            usual: (u64::from(self.rate) * u64::from(shifts)).div_ceil(u64::from(LOOK)).try_into().unwrap_or(u32::MAX),
            limit: looks.saturating_sub((sum - limit) / LOOK),
            shifts,
            grave: sum >= limit.saturating_mul(2),
        })
    }

    /// Whether the looks judged within this one shift are too many whatever came before.
    pub fn crowd(&self, limits: &Thresholds) -> Option<Excess> {
        let usual = self.rate.div_ceil(LOOK);
        let limit = usual.saturating_mul(limits.rate_factor).max(limits.unfollowed_floor);
        let grave = self.today >= limit.saturating_mul(2);
        (self.today >= limit).then_some(Excess { looks: self.today, usual, limit, shifts: 1, grave })
    }

    /// A shift has passed.
    pub fn close_shift(&mut self, limits: &Thresholds) {
        let counted = self.counted();
        self.sum = self.sum_today(limits);
        if self.sum == 0 {
            (self.run_shifts, self.run_looks) = (0, 0);
        } else {
            self.run_shifts = self.run_shifts.saturating_add(1);
            self.run_looks = self.run_looks.saturating_add(self.today);
        }
        self.today = 0;
        // What half looks like browsing is not learnt as a habit, but by a newcomer, of whom nothing else is known.
        if self.sum >= self.limit(limits) / 2 {
            return;
        }
        let weight = self.shifts_learnt.saturating_add(PRIOR_SHIFTS).min(MEMORY);
        let rate = (u64::from(self.rate) * u64::from(weight) + u64::from(counted)) / u64::from(weight + 1);
        self.rate = u32::try_from(rate).unwrap_or(HIGHEST_RATE).min(HIGHEST_RATE);
        self.shifts_learnt = self.shifts_learnt.saturating_add(1);
    }

    /// The privacy officer has found a good reason: what has added up is this user's work.
    pub fn explained(&mut self) {
        let shifts = self.run_shifts.saturating_add(1);
        let looks = self.run_looks.saturating_add(self.today);
        self.rate = self.rate.max((looks.saturating_mul(LOOK) / shifts).min(HIGHEST_RATE));
        self.restart();
    }

    /// Counts anew from here.
    pub fn restart(&mut self) {
        (self.sum, self.today, self.run_shifts, self.run_looks) = (0, 0, 0, 0);
    }

    fn counted(&self) -> u32 {
        self.today.saturating_mul(LOOK).min(self.rate.saturating_add(MOST_OVER))
    }

    fn sum_today(&self, limits: &Thresholds) -> u32 {
        let allowed = self.rate.saturating_add(limits.slow_margin);
        self.sum.saturating_add(self.counted()).saturating_sub(allowed)
    }

    /// The limit for a rate of zero, and its root for chance.
    fn limit(&self, limits: &Thresholds) -> u32 {
        let root = (self.rate.saturating_mul(LOOK)).isqrt();
        let more = u64::from(limits.slow_limit) * u64::from(root) / u64::from(LOOK);
        limits.slow_limit.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shifts until an incident, with so many looks in each.
    fn shifts_until(drift: &mut Drift, looks: impl Fn(u32) -> u32) -> Option<u32> {
        let limits = Thresholds::default();
        (1..=200).find(|shift| {
            (0..looks(*shift)).for_each(|_| drift.look());
            let found = drift.excess(&limits).is_some();
            drift.close_shift(&limits);
            found
        })
    }

    fn settled(looks: impl Fn(u32) -> u32) -> Drift {
        let mut drift = Drift::default();
        assert_eq!(shifts_until(&mut drift, looks), None);
        drift
    }

    #[test]
    fn one_look_a_shift_adds_up_and_two_sooner() {
        let rare = settled(|shift| u32::from(shift.is_multiple_of(10)));
        assert_eq!(shifts_until(&mut rare.clone(), |_| 1), Some(11));
        assert_eq!(shifts_until(&mut rare.clone(), |_| 2), Some(3));
        assert_eq!(shifts_until(&mut rare.clone(), |_| 20), Some(3), "one bad day is not enough");
    }

    #[test]
    fn who_always_has_some_is_measured_by_them() {
        let often = settled(|shift| u32::from(shift % 4 != 0));
        assert_eq!(often.clone().excess(&Thresholds::default()), None);
        assert!(shifts_until(&mut often.clone(), |_| 4).is_some_and(|shifts| shifts <= 8));
    }

    #[test]
    fn nobody_learns_to_browse_without_end() {
        let mut drift = Drift::default();
        let limits = Thresholds::default();
        for shift in 0..2_000 {
            (0..shift / 20).for_each(|_| drift.look());
            drift.close_shift(&limits);
            drift.explained();
        }
        assert!(drift.rate <= HIGHEST_RATE);
        assert!(shifts_until(&mut drift, |_| 7).is_some());
    }

    #[test]
    fn the_numbers_explain_it() {
        let mut drift = settled(|shift| u32::from(shift.is_multiple_of(10)));
        let limits = Thresholds::default();
        let excess = loop {
            (0..2).for_each(|_| drift.look());
            if let Some(excess) = drift.excess(&limits) {
                break excess;
            }
            drift.close_shift(&limits);
        };
        assert_eq!((excess.looks, excess.shifts, excess.usual, excess.grave), (7, 4, 1, false));
        assert!(excess.limit <= excess.looks && excess.limit > excess.usual);
        drift.explained();
        assert_eq!(drift.excess(&limits), None);
    }
}
