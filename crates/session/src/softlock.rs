//! Waiting after wrong passphrases (NIST SP 800-63B §3.2.2 rate limiting; OWASP ASVS 6.3.1).
//!
//! The first two wrong ones are free; then 5 s, 15 s, 30 s, 1 min, 5 min, and 15 min for every further one. It is never more:
//! nobody is shut out of a chart for good by someone else's typing. Each clinician waits alone.
//!
//! An attempt counts as wrong *before* the passphrase is tried, until it is known to be right, so that killing the program in
//! between wins no free guess:
//!
//! ```text
//! attempt() ─ Err(SoftLocked) → show how long
//!     └ Ok → write to_bytes() → try the passphrase ─ wrong → nothing more to do
//!                                                  └ right → succeeded() → write to_bytes()
//! ```
use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use kernel::{Instants, Moment, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many wrong passphrases each clinician has entered since the last right one, and when the last was.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Softlock {
    users: BTreeMap<UserId, Failures>,
    /// Stands for everybody's failures when the file could not be believed.
    everyone: Option<Failures>,
}

/// The passphrase may not be tried yet.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("too many wrong passphrases, wait {seconds_left} s")]
pub struct SoftLocked {
    /// Whole seconds until it may, at least one.
    pub seconds_left: u64,
}

/// What [`Softlock::restore`] made of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restored {
    /// It was as it had been written.
    Intact,
    /// It was not: everybody waits the longest delay from now on. Write [`Softlock::to_bytes`] at once, or the next start
    /// begins that wait again; and note it in the door's log.
    Distrusted,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Failures {
    count: u32,
    wall: DateTime<Utc>,
    boot: Moment,
    boot_id: String,
}

impl Softlock {
    /// Nobody has failed yet: at the first enrolment, and only then. Write it at once; a missing file is not a fresh one.
    #[must_use]
    pub fn fresh() -> Self {
        Self::default()
    }

    /// Reads what [`Softlock::to_bytes`] wrote. Of an existing vault, pass a missing file as empty bytes.
    ///
    /// INVARIANT: whatever is not exactly as written yields the longest delay, never none.
    #[must_use]
    pub fn restore(bytes: &[u8], now: &Instants, boot_id: &str) -> (Self, Restored) {
        let believable = |failures: &Failures| failures.count > 0 && (failures.boot_id != boot_id || failures.boot <= now.boot);
        match Self::read(bytes) {
            Some(read) if read.users.values().chain(&read.everyone).all(believable) => (read, Restored::Intact),
            _ => {
                let everyone = Some(Failures::at(u32::MAX, now, boot_id));
                (Self { everyone, ..Self::default() }, Restored::Distrusted)
            }
        }
    }

    /// The file: a checksum (of accidents; whoever may write the file may write a right one), a line break, JSON.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plain structs with string keys: serialising them has no way to fail. If it did, an empty file means the longest delay.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{}\n{json}", checksum(&json)).into_bytes()
    }

    /// Seconds until `user` may try a passphrase; zero if now.
    #[must_use]
    pub fn seconds_left(&self, user: &UserId, now: &Instants, boot_id: &str) -> u64 {
        let failures = self.users.get(user).into_iter().chain(&self.everyone);
        failures.map(|failures| failures.millis_left(now, boot_id)).max().unwrap_or(0).div_ceil(1000)
    }

    /// Counts one attempt of `user` as wrong and lets it through, or says how long to wait.
    pub fn attempt(&mut self, user: &UserId, now: &Instants, boot_id: &str) -> Result<(), SoftLocked> {
        match self.seconds_left(user, now, boot_id) {
            0 => {}
            seconds_left => return Err(SoftLocked { seconds_left }),
        }
        let so_far = self.users.get(user).into_iter().chain(&self.everyone).map(|failures| failures.count).max().unwrap_or(0);
        self.users.insert(user.clone(), Failures::at(so_far.saturating_add(1), now, boot_id));
        Ok(())
    }

    /// The attempt that was let through was right.
    pub fn succeeded(&mut self, user: &UserId) {
        self.users.remove(user);
        self.everyone = None;
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (sum, json) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
        if sum == checksum(json) { serde_json::from_str(json).ok() } else { None }
    }
}

/// Milliseconds to wait after so many failures in a row.
fn delay(count: u32) -> u64 {
    let seconds = match count {
        0..=2 => 0,
        3 => 5,
        4 => 15,
        5 => 30,
        6 => 60,
        7 => 5 * 60,
        _ => 15 * 60,
    };
    seconds * 1000
}

impl Failures {
    fn at(count: u32, now: &Instants, boot_id: &str) -> Self {
        Self { count, wall: now.wall, boot: now.boot, boot_id: boot_id.to_owned() }
    }

    /// Within one boot the boot clock alone counts: the wall clock can be set. After another boot, what has passed since is at
    /// least the time since that boot, and more only if the wall clock says so; set back, it says nothing.
    fn millis_left(&self, now: &Instants, boot_id: &str) -> u64 {
        let passed = if self.boot_id == boot_id {
            now.boot.since(self.boot)
        } else {
            let by_wall = now.wall.signed_duration_since(self.wall).num_milliseconds();
            now.boot.0.max(u64::try_from(by_wall).unwrap_or(0))
        };
        delay(self.count).saturating_sub(passed)
    }
}

fn checksum(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use chrono::{TimeDelta, TimeZone};
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> Instants {
        let wall = Utc.with_ymd_and_hms(2026, 3, 2, 8, 0, 0).unwrap() + TimeDelta::seconds(i64::try_from(seconds).unwrap());
        Instants { wall, boot: Moment(seconds * 1000) }
    }

    fn user(name: &str) -> UserId {
        UserId::new(name).unwrap()
    }

    /// `failures` wrong attempts as fast as allowed, beginning at second 1000; and the second of the last.
    fn failed(failures: u32) -> (Softlock, u64) {
        let (mut softlock, mut now) = (Softlock::fresh(), 1000);
        for failure in 0..failures {
            now += softlock.seconds_left(&user("ada"), &at(now), "boot");
            assert_eq!(softlock.attempt(&user("ada"), &at(now), "boot"), Ok(()), "{failure}");
        }
        (softlock, now)
    }

    #[test]
    fn delays_grow_to_a_quarter_of_an_hour() {
        let delays = [0, 0, 0, 5, 15, 30, 60, 300, 900, 900, 900];
        for (failures, delay) in (0..).zip(delays) {
            let (mut softlock, now) = failed(failures);
            assert_eq!(softlock.seconds_left(&user("ada"), &at(now), "boot"), delay, "{failures}");
            if delay > 0 {
                let early = softlock.attempt(&user("ada"), &at(now + delay - 1), "boot");
                assert_eq!(early, Err(SoftLocked { seconds_left: 1 }));
            }
        }
    }

    #[test]
    fn a_colleague_does_not_wait_and_a_right_one_ends_it() {
        let (mut softlock, now) = failed(6);
        assert_eq!(softlock.seconds_left(&user("ben"), &at(now), "boot"), 0);
        softlock.succeeded(&user("ada"));
        assert_eq!(softlock, Softlock::fresh());
    }

    #[test]
    fn a_refused_attempt_neither_counts_nor_prolongs() {
        let (mut softlock, now) = failed(4);
        let before = softlock.clone();
        for second in 0..10 {
            assert!(softlock.attempt(&user("ada"), &at(now + second), "boot").is_err());
        }
        assert_eq!(softlock, before);
    }

    #[test]
    fn restarting_changes_nothing() {
        let (softlock, now) = failed(7);
        let (restored, how) = Softlock::restore(&softlock.to_bytes(), &at(now), "boot");
        assert_eq!((restored, how), (softlock, Restored::Intact));
    }

    #[test]
    fn setting_the_clock_back_or_rebooting_does_not_shorten() {
        let (softlock, now) = failed(7);
        let left = |now: Instants, boot_id| softlock.seconds_left(&user("ada"), &now, boot_id);
        let back = Instants { wall: at(now).wall - TimeDelta::days(400), ..at(now + 100) };
        assert_eq!(left(back, "boot"), 200, "set back");
        let forth = Instants { wall: at(now).wall + TimeDelta::days(400), ..at(now + 100) };
        assert_eq!(left(forth, "boot"), 200, "set forward within one boot");
        let rebooted = Instants { boot: Moment(20_000), ..at(now + 60) };
        assert_eq!(left(rebooted, "next"), 240, "rebooted, the wall clock right");
        let both = Instants { wall: at(now).wall - TimeDelta::days(400), boot: Moment(20_000) };
        assert_eq!(left(both, "next"), 280, "rebooted and set back");
    }

    #[test]
    fn an_unreadable_file_is_the_longest_delay() {
        let (softlock, now) = failed(3);
        let whole = softlock.to_bytes();
        let mut files = vec![Vec::new(), b"{}".to_vec(), vec![0xff; 64]];
        files.extend((0..whole.len()).map(|len| whole[..len].to_vec()));
        files.extend((0..whole.len()).map(|at| {
            let mut flipped = whole.clone();
            flipped[at] ^= 4;
            flipped
        }));
        for file in files {
            let (mut restored, how) = Softlock::restore(&file, &at(now), "boot");
            assert_eq!(how, Restored::Distrusted);
            for name in ["ada", "ben"] {
                assert_eq!(restored.seconds_left(&user(name), &at(now), "boot"), 900);
            }
            // The wait passes, and a right passphrase ends the distrust.
            assert_eq!(restored.attempt(&user("ben"), &at(now + 900), "boot"), Ok(()));
            assert_eq!(restored.seconds_left(&user("ben"), &at(now + 900), "boot"), 900);
            restored.succeeded(&user("ben"));
            assert_eq!(restored, Softlock::fresh());
        }
    }

    #[test]
    fn a_file_from_this_boots_future_is_not_believed() {
        let (softlock, now) = failed(3);
        assert_eq!(Softlock::restore(&softlock.to_bytes(), &at(now - 1), "boot").1, Restored::Distrusted);
        assert_eq!(Softlock::restore(&softlock.to_bytes(), &at(now - 1), "next").1, Restored::Intact);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// Whatever is done to wall clock (backwards), machine and program, nobody guesses faster than the table allows, and
        /// nobody waits longer than its last line of uptime.
        #[test]
        fn no_schedule_guesses_faster_than_the_table(
            steps in prop::collection::vec((0..400_u64, 0..8_u8, 0..100_000_i64), 1..60),
        ) {
            let mut softlock = Softlock::fresh();
            let (mut truth, mut booted, mut boot, mut set_back) = (10_000_u64, 0, 0, 0);
            let (mut count, mut last): (u32, u64) = (0, 0);
            for (wait, what, back) in steps {
                truth += wait;
                match what {
                    0 => set_back += back,
                    1 => (booted, boot) = (truth, boot + 1),
                    _ => {}
                }
                let wall = at(truth).wall - TimeDelta::seconds(set_back);
                let now = Instants { wall, boot: Moment((truth - booted) * 1000) };
                let boot_id = boot.to_string();
                if what == 2 {
                    let (restored, how) = Softlock::restore(&softlock.to_bytes(), &now, &boot_id);
                    prop_assert_eq!(how, Restored::Intact);
                    softlock = restored;
                }
                let left = softlock.seconds_left(&user("ada"), &now, &boot_id);
                prop_assert!(left <= 900);
                if truth - booted.max(last) >= 900 {
                    prop_assert_eq!(left, 0);
                }
                if softlock.attempt(&user("ada"), &now, &boot_id).is_ok() {
                    prop_assert!(truth - last >= delay(count) / 1000, "after {} failures", count);
                    prop_assert!(delay(count + 1) >= delay(count));
                    (count, last) = (count + 1, truth);
                }
            }
        }
    }
}
