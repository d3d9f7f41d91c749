//! The offline lease: how long a workstation may be unlocked without the EHR having confirmed that it still may.
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Instants, Moment};
use serde::{Deserialize, Serialize};

/// How long a lease lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LeasePolicy {
    hours: u32,
}

impl LeasePolicy {
    /// The longest lease, in hours.
    pub const LONGEST_HOURS: u32 = 72;

    /// So many hours, at least one and at most [`LeasePolicy::LONGEST_HOURS`].
    #[must_use]
    pub fn new(hours: u32) -> Self {
        Self { hours: hours.clamp(1, Self::LONGEST_HOURS) }
    }
}

impl Default for LeasePolicy {
    /// A day.
    fn default() -> Self {
        Self::new(24)
    }
}

/// One lease. Kept sealed; written again after every [`Lease::check`], for it remembers the latest time it has seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lease {
    until: DateTime<Utc>,
    /// INVARIANT: never earlier than before: setting the wall clock back does not turn it back.
    latest: DateTime<Utc>,
    boot: Moment,
    boot_id: String,
}

/// Whether the workstation may be unlocked offline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeaseState {
    /// It may.
    Valid {
        /// Until when, by the lease's own reckoning.
        until: DateTime<Utc>,
    },
    /// Only after a sign-in at the EHR. What waits in the outbox stays.
    Expired,
}

impl Lease {
    /// The EHR has just confirmed the clinician.
    #[must_use]
    pub fn granted(policy: LeasePolicy, now: &Instants, boot_id: &str) -> Self {
        let until = now.wall.checked_add_signed(TimeDelta::hours(i64::from(policy.hours))).unwrap_or(now.wall);
        Self { until, latest: now.wall, boot: now.boot, boot_id: boot_id.to_owned() }
    }

    /// The same lease, ending no later than what it stands for: permissions may have an end of their own.
    #[must_use]
    pub fn at_most_until(self, end: Option<DateTime<Utc>>) -> Self {
        Self { until: end.map_or(self.until, |end| self.until.min(end)), ..self }
    }

    /// Whether it holds. A wall clock that was wrongly ahead and is put right leaves it expired: the next sign-in grants another.
    pub fn check(&mut self, now: &Instants, boot_id: &str) -> LeaseState {
        // At least the boot clock's time has passed since `latest`; after another boot, at least all of that boot's.
        let passed = if self.boot_id == boot_id { now.boot.since(self.boot) } else { now.boot.0 };
        let passed = TimeDelta::milliseconds(i64::try_from(passed).unwrap_or(i64::MAX));
        let at_least = self.latest.checked_add_signed(passed).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.latest = now.wall.max(at_least);
        self.boot = now.boot;
        boot_id.clone_into(&mut self.boot_id);
        if self.latest < self.until { LeaseState::Valid { until: self.until } } else { LeaseState::Expired }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    const HOUR: u64 = 3600;

    fn at(seconds: u64) -> Instants {
        let wall = Utc.with_ymd_and_hms(2026, 3, 2, 8, 0, 0).unwrap() + TimeDelta::seconds(i64::try_from(seconds).unwrap());
        Instants { wall, boot: Moment(seconds * 1000) }
    }

    fn with_wall(now: Instants, wall: u64) -> Instants {
        Instants { wall: at(wall).wall, ..now }
    }

    #[test]
    fn lasts_a_day() {
        let mut lease = Lease::granted(LeasePolicy::default(), &at(0), "boot");
        assert_eq!(lease.check(&at(24 * HOUR - 1), "boot"), LeaseState::Valid { until: at(24 * HOUR).wall });
        assert_eq!(lease.check(&at(24 * HOUR), "boot"), LeaseState::Expired);
        assert_eq!(LeasePolicy::new(0), LeasePolicy::new(1));
        assert_eq!(LeasePolicy::new(1000), LeasePolicy::new(72));
    }

    #[test]
    fn setting_the_clock_back_does_not_help() {
        let mut lease = Lease::granted(LeasePolicy::default(), &at(0), "boot");
        assert_ne!(lease.check(&with_wall(at(23 * HOUR), 0), "boot"), LeaseState::Expired);
        assert_eq!(lease.check(&with_wall(at(24 * HOUR), HOUR), "boot"), LeaseState::Expired);
        let mut rebooted = Lease::granted(LeasePolicy::default(), &at(0), "boot");
        assert_ne!(rebooted.check(&at(20 * HOUR), "boot"), LeaseState::Expired);
        assert_eq!(rebooted.check(&with_wall(at(4 * HOUR), 0), "next"), LeaseState::Expired);
    }

    #[test]
    fn outlasts_no_permission() {
        let lease = || Lease::granted(LeasePolicy::default(), &at(0), "boot");
        assert_eq!(lease().at_most_until(None), lease());
        assert_eq!(lease().at_most_until(Some(at(48 * HOUR).wall)), lease(), "it shortens, and never prolongs");
        let mut short = lease().at_most_until(Some(at(HOUR).wall));
        assert_eq!(short.check(&at(HOUR - 1), "boot"), LeaseState::Valid { until: at(HOUR).wall });
        assert_eq!(short.check(&with_wall(at(HOUR), 0), "boot"), LeaseState::Expired, "whatever the wall clock says");
        assert_eq!(lease().at_most_until(Some(at(0).wall)).check(&at(0), "boot"), LeaseState::Expired);
    }

    #[test]
    fn survives_being_kept() {
        let lease = Lease::granted(LeasePolicy::default(), &at(5), "boot");
        assert_eq!(serde_json::from_str::<Lease>(&serde_json::to_string(&lease).unwrap()).unwrap(), lease);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn expires_in_time_and_stays_expired_whatever_the_wall_clock_says(
            steps in prop::collection::vec((0..4 * HOUR, 0..40 * HOUR), 1..40),
        ) {
            let mut lease = Lease::granted(LeasePolicy::default(), &at(0), "boot");
            let (mut truth, mut expired) = (0, false);
            for (passed, wall) in steps {
                truth += passed;
                let state = lease.check(&with_wall(at(truth), wall), "boot");
                prop_assert!(truth < 24 * HOUR || state == LeaseState::Expired);
                prop_assert!(!expired || state == LeaseState::Expired);
                expired = state == LeaseState::Expired;
            }
        }
    }
}
