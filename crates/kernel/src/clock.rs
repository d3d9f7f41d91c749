//! Time as an argument. Rooms that decide take a [`Moment`]; only drivers hold a [`Clock`].
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Milliseconds since the machine started, time asleep included (`CLOCK_BOOTTIME`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Moment(pub u64);

impl Moment {
    /// This moment and `seconds` more.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Milliseconds from `earlier` to this, zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Both clocks, read together: the wall clock may be wrong or set back, the boot clock only runs forward within one boot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instants {
    /// Wall clock, UTC.
    pub wall: DateTime<Utc>,
    /// Boot clock.
    pub boot: Moment,
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// Reads both clocks.
    fn now(&self) -> Instants;
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Instants {
        Instants { wall: Utc::now(), boot: boot_time() }
    }
}

#[cfg(target_os = "linux")]
fn boot_time() -> Moment {
    // `std::time::Instant` stands still in suspend on Linux; a deadline must not.
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let millis = u64::try_from(time.tv_nsec / 1_000_000).unwrap_or(0);
    Moment(seconds.saturating_mul(1000).saturating_add(millis))
}

#[cfg(not(target_os = "linux"))]
fn boot_time() -> Moment {
    use std::sync::OnceLock;
    use std::time::Instant;
    // macOS' and Windows' `Instant` count time asleep; only the difference matters.
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    Moment(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_clock_runs_forward() {
        let first = SystemClock.now().boot;
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert!(SystemClock.now().boot.since(first) >= 4);
    }
}
