//! The thresholds, and why they are what they are.
use crate::incident::Severity;

/// Thresholds as an organisation may wish them. The defaults are the loosest there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Thresholds {
    /// How many times a busy hour of the user's own is too many. 3: hours of one's own work vary twofold at most in nine of ten
    /// cases, and a harvest is not worth its while below.
    pub rate_factor: u32,
    /// Charts an hour below which the rate alone says nothing: a handover of a whole ward, or a review of a panel.
    pub rate_floor: u32,
    /// Charts an hour that nobody reads, whatever their habit: one each half minute.
    pub rate_ceiling: u32,
    /// The same for charts of strangers in which no care has been documented yet: a disaster fills an emergency department with them.
    pub stranger_floor: u32,
    /// No habit excuses more of them than this.
    pub stranger_ceiling: u32,
    /// Strangers' charts of one shift without documented care when the time for it is over: then there is no disaster to excuse them.
    pub unfollowed_floor: u32,
    /// Minutes within which care is documented in a stranger's chart, before the look is judged: 24 hours, as a history and
    /// physical examination has (42 CFR 482.24(c)(4)(i)).
    pub grace_minutes: u32,
    /// A surname that more patients in a thousand bear is no evidence. 5: only the two or three commonest of a country are
    /// above it (2010 census of the United States: Smith 8.3, Johnson 6.6, Williams 5.5).
    pub surname_per_mille: u32,
    /// Up to how many looks a shift, in thousandths, that nothing comes of, one look at a colleague's or a restricted chart is an
    /// incident. Who has more (pharmacists, emergency physicians) meets such charts by chance: there it takes a second shift.
    pub chance_rate: u32,
    /// In how many shifts of 32 the same stranger's chart is looked at before it is an incident.
    pub repeated_shifts: u32,
    /// Looks a shift, in thousandths, above the user's own rate that browsing has to exceed to add up: half of the one a shift
    /// that is to be found.
    pub slow_margin: u32,
    /// Excess looks, in thousandths, at which browsing is an incident for a user whose own rate is zero; it grows with the root of
    /// that rate, as chance does.
    pub slow_limit: u32,
    /// Severity of opening one's own record.
    pub own_record: Severity,
    /// Minutes for which an alarm keeps the charts of strangers closed: the rest of a shift.
    pub suspension_minutes: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            rate_factor: 3,
            rate_floor: 36,
            rate_ceiling: 120,
            stranger_floor: 12,
            unfollowed_floor: 8,
            stranger_ceiling: 40,
            grace_minutes: 24 * 60,
            surname_per_mille: 5,
            chance_rate: 450,
            repeated_shifts: 3,
            slow_margin: 500,
            slow_limit: 3_200,
            own_record: Severity::Warning,
            suspension_minutes: 8 * 60,
        }
    }
}

/// Thresholds between the default and the strictest that leaves people able to work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WatchPolicy(Thresholds);

impl WatchPolicy {
    /// Brings every wish between the strictest and the default: a policy tightens the watch, and never blinds it.
    #[must_use]
    pub fn tightened(wish: &Thresholds) -> Self {
        let loosest = Thresholds::default();
        Self(Thresholds {
            rate_factor: wish.rate_factor.clamp(2, loosest.rate_factor),
            rate_floor: wish.rate_floor.clamp(10, loosest.rate_floor),
            rate_ceiling: wish.rate_ceiling.clamp(50, loosest.rate_ceiling),
            stranger_floor: wish.stranger_floor.clamp(6, loosest.stranger_floor),
            stranger_ceiling: wish.stranger_ceiling.clamp(20, loosest.stranger_ceiling),
            unfollowed_floor: wish.unfollowed_floor.clamp(4, loosest.unfollowed_floor),
            grace_minutes: wish.grace_minutes.clamp(60, loosest.grace_minutes),
            surname_per_mille: wish.surname_per_mille.clamp(loosest.surname_per_mille, 20),
            chance_rate: wish.chance_rate.clamp(loosest.chance_rate, 4_000),
            repeated_shifts: wish.repeated_shifts.clamp(2, loosest.repeated_shifts),
            slow_margin: wish.slow_margin.clamp(250, loosest.slow_margin),
            slow_limit: wish.slow_limit.clamp(2_000, loosest.slow_limit),
            own_record: wish.own_record.max(loosest.own_record),
            suspension_minutes: wish.suspension_minutes.clamp(loosest.suspension_minutes, 7 * 24 * 60),
        })
    }

    pub(crate) const fn limits(&self) -> &Thresholds {
        &self.0
    }

    pub(crate) const fn grace(&self) -> u64 {
        self.0.grace_minutes as u64 * 60_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_tightens_only() {
        let loose = Thresholds {
            rate_factor: 100,
            rate_floor: u32::MAX,
            rate_ceiling: u32::MAX,
            stranger_floor: u32::MAX,
            unfollowed_floor: u32::MAX,
            stranger_ceiling: u32::MAX,
            grace_minutes: u32::MAX,
            surname_per_mille: 0,
            chance_rate: 0,
            repeated_shifts: u32::MAX,
            slow_margin: u32::MAX,
            slow_limit: u32::MAX,
            own_record: Severity::Notice,
            suspension_minutes: 0,
        };
        assert_eq!(WatchPolicy::tightened(&loose), WatchPolicy::default());
        let strict = Thresholds {
            rate_factor: 0,
            rate_floor: 0,
            rate_ceiling: 0,
            stranger_floor: 0,
            unfollowed_floor: 0,
            stranger_ceiling: 0,
            grace_minutes: 0,
            surname_per_mille: 1000,
            chance_rate: u32::MAX,
            repeated_shifts: 0,
            slow_margin: 0,
            slow_limit: 0,
            own_record: Severity::Alarm,
            suspension_minutes: u32::MAX,
        };
        let strictest = *WatchPolicy::tightened(&strict).limits();
        assert_eq!((strictest.rate_factor, strictest.rate_floor, strictest.rate_ceiling), (2, 10, 50));
        assert_eq!((strictest.stranger_floor, strictest.stranger_ceiling), (6, 20));
        assert_eq!((strictest.unfollowed_floor, strictest.grace_minutes), (4, 60));
        assert_eq!((strictest.surname_per_mille, strictest.chance_rate, strictest.repeated_shifts), (20, 4_000, 2));
        assert_eq!((strictest.slow_margin, strictest.slow_limit, strictest.suspension_minutes), (250, 2_000, 7 * 24 * 60));
        assert_eq!(strictest.own_record, Severity::Alarm);
    }
}
