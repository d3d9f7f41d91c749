#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod any_file;
mod belief;
mod floors;
mod form;
#[cfg(unix)]
mod on_disk;

use super::*;
use crate::probe::{Check, Detail, Finding, Posture};

const FULL: &str = include_str!("../../../vectors/policy.json");

fn read(text: impl Into<Vec<u8>>) -> Found {
    Found::Read { bytes: text.into(), administrators_alone: true }
}

fn resolved(text: impl Into<Vec<u8>>) -> Effective {
    Effective::resolve(&read(text), LastKnown::Nothing, &Choice::default())
}

fn known(effective: &Effective) -> LastKnown<'_> {
    LastKnown::Policy(effective.to_keep().unwrap())
}

fn problems(effective: &Effective) -> Vec<PolicyProblem> {
    effective.findings().iter().map(|finding| finding.problem.clone()).collect()
}

fn by_policy<T>(value: T) -> Setting<T> {
    Setting { value, origin: Origin::Policy, locked: true }
}

fn by_default<T>(value: T) -> Setting<T> {
    Setting { value, origin: Origin::Default, locked: false }
}

/// Whether `one` lets no one do what `other` does not.
fn is_no_looser(one: &Effective, other: &Effective) -> bool {
    one.idle_seconds().value <= other.idle_seconds().value
        && one.session_cap_hours().value <= other.session_cap_hours().value
        && one.offline_lease_hours().value <= other.offline_lease_hours().value
        && one.factors().value >= other.factors().value
        && one.step_up().value.is_superset(&other.step_up().value)
        && one.min_passphrase_chars().value >= other.min_passphrase_chars().value
        && KeyClass::ALL.iter().all(|class| one.rotation_days(*class).value <= other.rotation_days(*class).value)
        && one.allow_tls_1_2().value <= other.allow_tls_1_2().value
        && one.require_disk_encryption().value >= other.require_disk_encryption().value
        && one.require_secure_swap().value >= other.require_secure_swap().value
}

fn posture(disk: Detail, swap: Detail) -> Posture {
    let of = |check, detail| Finding::new(check, detail);
    Posture {
        disk: of(Check::Disk, disk),
        swap: of(Check::Swap, swap),
        hibernation: of(Check::Hibernation, Detail::HibernationOff),
        screen_lock: of(Check::ScreenLock, Detail::ScreenLockNoDesktop),
        clock: of(Check::Clock, Detail::ClockUntold),
        core_dumps: of(Check::CoreDumps, Detail::CoreDumpsOff),
        locked_memory: of(Check::LockedMemory, Detail::LockedMemoryEnough),
        attach: of(Check::Attach, Detail::AttachRefused),
    }
}
