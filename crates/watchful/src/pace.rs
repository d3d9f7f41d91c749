//! The user's time: what has passed, whatever the clocks say, and which of the user's shifts it is.
use kernel::Instants;
use serde::{Deserialize, Serialize};

/// Milliseconds in a minute.
pub const MINUTE: u64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR: u64 = 60 * MINUTE;
/// So long without an access, and the next begins a new shift; no time zone or roster has to be known.
const PAUSE: u64 = 6 * HOUR;
/// A shift ends after so long in any case.
const LONGEST_SHIFT: u64 = 18 * HOUR;
/// More than this is never believed to have passed at once.
const LONGEST_AWAY: u64 = 90 * 24 * HOUR;

/// The watch's own clock, in milliseconds that this user has been watched: it stands still where clocks go backwards.
///
/// Within one boot the boot clock alone counts: the wall clock can be set. Across boots, what has passed is at least the time
/// since this boot, and more only if the wall clock says so.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// INVARIANT: never falls.
    at: u64,
    boot_id: String,
    boot_ms: u64,
    wall_ms: i64,
    shift: u32,
    shift_began: u64,
    last_access: u64,
}

impl Pace {
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// The user's shifts, from 1; zero before the first access.
    pub const fn shift(&self) -> u32 {
        self.shift
    }

    pub fn advance(&mut self, now: &Instants, boot_id: &str) {
        let boot_id: String = boot_id.chars().take(64).collect();
        let wall_ms = now.wall.timestamp_millis();
        let passed = if self.boot_id.is_empty() && self.shift == 0 {
            0
        } else if self.boot_id == boot_id {
            now.boot.0.saturating_sub(self.boot_ms)
        } else {
            u64::try_from(wall_ms.saturating_sub(self.wall_ms)).unwrap_or(0).max(now.boot.0)
        };
        self.at = self.at.saturating_add(passed.min(LONGEST_AWAY));
        (self.boot_id, self.boot_ms, self.wall_ms) = (boot_id, now.boot.0, wall_ms);
    }

    /// Notes an access at the present time; whether it is the first of a shift.
    pub fn begins_shift(&mut self) -> bool {
        let paused = self.at - self.last_access.min(self.at) >= PAUSE;
        let over = self.at - self.shift_began.min(self.at) >= LONGEST_SHIFT;
        let begins = self.shift == 0 || paused || over;
        if begins {
            self.shift = self.shift.saturating_add(1);
            self.shift_began = self.at;
        }
        self.last_access = self.at;
        begins
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono::{DateTime, TimeDelta, Utc};
    use kernel::Moment;

    use super::*;

    fn at(boot_hours: u64, wall_hours: i64) -> Instants {
        let start: DateTime<Utc> = "2026-03-02T08:00:00Z".parse().unwrap();
        Instants { wall: start + TimeDelta::hours(wall_hours), boot: Moment(boot_hours * HOUR) }
    }

    fn passed(steps: &[(u64, i64, &str)]) -> u64 {
        let mut pace = Pace::default();
        for (boot, wall, id) in steps {
            pace.advance(&at(*boot, *wall), id);
            pace.begins_shift();
        }
        pace.at() / HOUR
    }

    #[test]
    fn the_wall_clock_counts_across_boots_only() {
        assert_eq!(passed(&[(5, 0, "a"), (7, 2, "a")]), 2);
        assert_eq!(passed(&[(5, 0, "a"), (7, 4000, "a")]), 2, "set forward");
        assert_eq!(passed(&[(5, 0, "a"), (7, -4000, "a")]), 2, "set back");
        assert_eq!(passed(&[(5, 0, "a"), (4, 2, "a"), (6, 3, "a")]), 2, "a boot clock that falls stands still");
        assert_eq!(passed(&[(5, 0, "a"), (1, 30, "b")]), 30, "rebooted");
        assert_eq!(passed(&[(5, 0, "a"), (1, -30, "b")]), 1, "rebooted and set back");
        assert_eq!(passed(&[(5, 0, "a"), (1, 1_000_000, "b")]), 90 * 24, "rebooted and set to another century");
    }

    #[test]
    fn shifts_are_told_by_pauses() {
        let mut pace = Pace::default();
        let shifts: Vec<u32> = [0, 1, 5, 11, 16, 18, 22, 27, 33]
            .into_iter()
            .map(|hour| {
                pace.advance(&at(100 + hour, 0), "a");
                pace.begins_shift();
                pace.shift()
            })
            .collect();
        assert_eq!(shifts, [1, 1, 1, 2, 2, 2, 2, 2, 3]);
    }
}
