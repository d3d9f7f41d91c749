//! The wall clock: kept in step by the system? And can it be right?
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::{Check, Detail, Finding};

/// No right clock says less: nothing of this version was there before (2026-01-01).
pub const BUILT: DateTime<Utc> = DateTime::from_timestamp(1_767_225_600, 0).unwrap();

/// What there is to judge the wall clock by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockFacts {
    /// What it says.
    pub now: DateTime<Utc>,
    /// [`BUILT`].
    pub built: DateTime<Utc>,
    /// When it was looked at before.
    pub last_seen: Option<LastSeen>,
    /// What the EHR said at the same time (HTTP `Date`, whole seconds).
    pub ehr: Option<DateTime<Utc>>,
}

/// An earlier look at the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastSeen {
    /// What it said.
    pub wall: DateTime<Utc>,
    /// What has passed since by the boot clock.
    pub elapsed: Elapsed,
}

/// Time passed by a clock that no one can set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Elapsed {
    /// Exactly so much: still the same boot.
    Exactly(Duration),
    /// At least so much: the machine was off in between, who knows how long.
    AtLeast(Duration),
}

/// Two clocks differ by so much without anything being wrong.
const TOLERANCE: TimeDelta = TimeDelta::minutes(2);
/// By so much, an entry's time misleads whoever reads it.
const MISLEADING: TimeDelta = TimeDelta::minutes(10);
/// No version is in use for so long.
const FAR: TimeDelta = TimeDelta::days(20 * 365);

/// Whether the wall clock can be right. Of several things that speak against it, the worst is told.
#[must_use]
pub fn clock_sanity(facts: &ClockFacts) -> Finding {
    let off_ehr = facts.ehr.map(|ehr| (facts.now - ehr).abs()).unwrap_or_default();
    let against = [
        (facts.now < facts.built, Detail::ClockBeforeBuild),
        (facts.now - facts.built > FAR, Detail::ClockFarAhead),
        (off_ehr > MISLEADING, Detail::ClockFarOffEhr),
        (went_back(facts), Detail::ClockWentBack),
        (off_ehr > TOLERANCE, Detail::ClockOffEhr),
        (jumped_ahead(facts), Detail::ClockJumpedAhead),
    ];
    let detail = against.into_iter().find_map(|(speaks, detail)| speaks.then_some(detail)).unwrap_or(Detail::ClockRight);
    Finding::new(Check::ClockSanity, detail)
}

fn went_back(facts: &ClockFacts) -> bool {
    facts.last_seen.is_some_and(|seen| {
        let (Elapsed::Exactly(passed) | Elapsed::AtLeast(passed)) = seen.elapsed;
        facts.now - seen.wall < delta(passed) - TOLERANCE
    })
}

fn jumped_ahead(facts: &ClockFacts) -> bool {
    facts.last_seen.is_some_and(|seen| match seen.elapsed {
        Elapsed::Exactly(passed) => facts.now - seen.wall > delta(passed) + TOLERANCE,
        Elapsed::AtLeast(_) => false,
    })
}

/// A length that no machine has run for is cut to one that sums cannot exceed.
fn delta(passed: Duration) -> TimeDelta {
    TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX).min(TimeDelta::days(365_000))
}

/// Whether the system keeps its clock in step, by the kernel's word as `timedate1` passes it on; it holds for chrony and ntpd too.
#[cfg(target_os = "linux")]
pub fn synchronised() -> Finding {
    let (answer, answered) = std::sync::mpsc::sync_channel(1);
    // The blocking bus may not be asked from inside an async runtime.
    let asking = std::thread::Builder::new().name("clock".into()).spawn(move || {
        let _ = answer.send(zbus::blocking::connection::Builder::system().ok().and_then(ask));
    });
    let synchronised = asking.ok().and_then(|_| answered.recv_timeout(PATIENCE * 2).ok().flatten());
    Finding::new(
        Check::Clock,
        synchronised.map_or(Detail::ClockUntold, |yes| if yes { Detail::ClockInStep } else { Detail::ClockOutOfStep }),
    )
}

#[cfg(target_os = "linux")]
const PATIENCE: Duration = Duration::from_secs(3);

/// `None` if there is no such bus or service, which is normal in containers.
#[cfg(target_os = "linux")]
fn ask(bus: zbus::blocking::connection::Builder<'_>) -> Option<bool> {
    let bus = bus.method_timeout(PATIENCE).build().ok()?;
    let timedate = zbus::blocking::Proxy::new(&bus, TIMEDATE, "/org/freedesktop/timedate1", TIMEDATE).ok()?;
    timedate.get_property("NTPSynchronized").ok()
}

#[cfg(target_os = "linux")]
const TIMEDATE: &str = "org.freedesktop.timedate1";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::finding::State;
    use super::*;

    const HOUR: i64 = 3600;

    fn at(seconds: i64) -> DateTime<Utc> {
        BUILT + TimeDelta::days(100) + TimeDelta::seconds(seconds)
    }

    fn seen(wall: i64, elapsed: Elapsed) -> Option<LastSeen> {
        Some(LastSeen { wall: at(wall), elapsed })
    }

    fn exactly(seconds: i64) -> Elapsed {
        Elapsed::Exactly(Duration::from_secs(seconds.unsigned_abs()))
    }

    fn at_least(seconds: i64) -> Elapsed {
        Elapsed::AtLeast(Duration::from_secs(seconds.unsigned_abs()))
    }

    #[test]
    fn each_thing_that_speaks_against_a_clock() {
        let quiet = ClockFacts { now: at(0), built: BUILT, last_seen: None, ehr: None };
        let with_seen = |last_seen| ClockFacts { last_seen, ..quiet };
        let with_ehr = |seconds| ClockFacts { ehr: Some(at(seconds)), ..quiet };
        for (facts, detail) in [
            (quiet, Detail::ClockRight),
            (ClockFacts { now: BUILT - TimeDelta::seconds(1), ..quiet }, Detail::ClockBeforeBuild),
            (ClockFacts { now: BUILT, ..quiet }, Detail::ClockRight),
            (ClockFacts { now: BUILT + FAR + TimeDelta::seconds(1), ..quiet }, Detail::ClockFarAhead),
            (with_seen(seen(-HOUR, exactly(HOUR))), Detail::ClockRight),
            (with_seen(seen(-HOUR, exactly(HOUR + 120))), Detail::ClockRight),
            (with_seen(seen(-HOUR, exactly(HOUR + 121))), Detail::ClockWentBack),
            (with_seen(seen(-HOUR, exactly(HOUR - 120))), Detail::ClockRight),
            (with_seen(seen(-HOUR, exactly(HOUR - 121))), Detail::ClockJumpedAhead),
            (with_seen(seen(HOUR, exactly(0))), Detail::ClockWentBack),
            (with_seen(seen(-1000 * HOUR, at_least(HOUR))), Detail::ClockRight),
            (with_seen(seen(-HOUR, at_least(2 * HOUR))), Detail::ClockWentBack),
            (with_seen(seen(121, at_least(0))), Detail::ClockWentBack),
            (with_ehr(120), Detail::ClockRight),
            (with_ehr(121), Detail::ClockOffEhr),
            (with_ehr(-600), Detail::ClockOffEhr),
            (with_ehr(-601), Detail::ClockFarOffEhr),
            (with_ehr(601), Detail::ClockFarOffEhr),
        ] {
            assert_eq!(clock_sanity(&facts).detail, detail, "{facts:?}");
        }
    }

    #[test]
    fn built_is_the_year_it_says() {
        assert_eq!(BUILT.to_rfc3339(), "2026-01-01T00:00:00+00:00");
    }

    proptest! {
        #[test]
        fn a_clock_that_runs_right_is_never_blamed(start in 0i64..1_000_000, passed in 0i64..10_000_000, drift in -60i64..60, boots: bool) {
            let elapsed = if boots { at_least(passed / 2) } else { exactly(passed) };
            let now = start + passed + drift;
            let facts = ClockFacts { now: at(now), built: BUILT, last_seen: seen(start, elapsed), ehr: Some(at(now - drift)) };
            prop_assert_eq!(clock_sanity(&facts).detail, Detail::ClockRight);
        }

        #[test]
        fn no_facts_whatever_overflow(now: i32, wall: i32, passed: u64, ehr: i32) {
            let far = |seconds: i32| at(i64::from(seconds) * 1_000);
            for elapsed in [Elapsed::Exactly(Duration::from_millis(passed)), Elapsed::AtLeast(Duration::from_secs(passed))] {
                let last_seen = Some(LastSeen { wall: far(wall), elapsed });
                let finding = clock_sanity(&ClockFacts { now: far(now), built: BUILT, last_seen, ehr: Some(far(ehr)) });
                prop_assert!((now.abs_diff(ehr) <= 1) || finding.state != State::Good);
            }
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod on_a_bus {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, Command, Stdio};

    use zbus::blocking::connection::Builder;

    use super::*;

    struct Bus(Child, String);

    impl Bus {
        fn new() -> Self {
            let mut daemon = Command::new("dbus-daemon");
            daemon.args(["--session", "--nofork", "--print-address"]).stdout(Stdio::piped());
            let mut daemon = daemon.spawn().expect("dbus is installed (cargo xtask setup)");
            let mut address = String::new();
            BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
            Self(daemon, address.trim().to_owned())
        }

        fn builder(&self) -> Builder<'_> {
            Builder::address(self.1.as_str()).unwrap()
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }

    struct Timedate(bool);

    #[zbus::interface(name = "org.freedesktop.timedate1")]
    impl Timedate {
        #[zbus(property, name = "NTPSynchronized")]
        fn ntp_synchronized(&self) -> bool {
            self.0
        }
    }

    #[test]
    fn the_services_word_is_taken_and_its_absence_is_no_word() {
        let bus = Bus::new();
        assert_eq!(ask(bus.builder()), None);
        for synchronised in [true, false] {
            let service = bus.builder().name(TIMEDATE).unwrap().serve_at("/org/freedesktop/timedate1", Timedate(synchronised)).unwrap();
            let service = service.build().unwrap();
            assert_eq!(ask(bus.builder()), Some(synchronised));
            service.close().unwrap();
        }
    }
}
