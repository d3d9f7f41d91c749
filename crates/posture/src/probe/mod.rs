//! How this workstation stands: looked at from inside the clinician's session, nothing changed, no privilege needed.
mod clock;
mod finding;

#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod mount;
#[cfg(target_os = "linux")]
mod screen;
#[cfg(target_os = "linux")]
mod swap;
#[cfg(target_os = "linux")]
mod view;

use std::path::Path;

use serde::Serialize;

pub use clock::{BUILT, ClockFacts, Elapsed, LastSeen, clock_sanity};
pub use finding::{Check, Detail, Finding, State};

/// Everything that was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Posture {
    /// Whether what lies in the profile's folder is encrypted by the disk or file system below it.
    pub disk: Finding,
    /// Whether memory that is swapped out is encrypted.
    pub swap: Finding,
    /// Whether hibernation would write memory to a disk in the clear.
    pub hibernation: Finding,
    /// Whether the desktop locks by itself.
    pub screen_lock: Finding,
    /// Whether the system keeps its clock in step with others. Whether it is *right*: [`clock_sanity`].
    pub clock: Finding,
    /// Whether a crash of this process would leave its memory in a file.
    pub core_dumps: Finding,
    /// Whether keys can be kept out of swap.
    pub locked_memory: Finding,
    /// Whether other programs of the same user can read this process's memory.
    pub attach: Finding,
}

impl Posture {
    /// Looks at everything. Asks the desktop's settings and the system bus: takes some seconds at worst, so not on the window's thread.
    /// `profile` need not exist yet.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn look(profile: &Path) -> Self {
        let view = view::System;
        let swap = swap::swap(&view);
        Self {
            disk: disk::disk(&view, profile),
            swap,
            hibernation: swap::hibernation(&view, swap.detail),
            screen_lock: screen::screen_lock(),
            clock: clock::synchronised(),
            core_dumps: memory::core_dumps(&view),
            locked_memory: memory::locked_memory(),
            attach: memory::attach(&view),
        }
    }

    /// Nothing of it can be told on this system yet.
    #[cfg(not(target_os = "linux"))]
    #[must_use]
    pub fn look(_: &Path) -> Self {
        let untold = |check| Finding::new(check, Detail::UntoldSystem);
        Self {
            disk: untold(Check::Disk),
            swap: untold(Check::Swap),
            hibernation: untold(Check::Hibernation),
            screen_lock: untold(Check::ScreenLock),
            clock: untold(Check::Clock),
            core_dumps: untold(Check::CoreDumps),
            locked_memory: untold(Check::LockedMemory),
            attach: untold(Check::Attach),
        }
    }

    /// Every finding, in order.
    #[must_use]
    pub const fn findings(&self) -> [Finding; 8] {
        [self.disk, self.swap, self.hibernation, self.screen_lock, self.clock, self.core_dumps, self.locked_memory, self.attach]
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Shown by `cargo test -p posture this_machine -- --nocapture`.
    #[test]
    #[allow(clippy::print_stdout)]
    fn this_machine_can_be_looked_at() {
        let posture = Posture::look(&std::env::temp_dir().join("no profile yet"));
        for Finding { what, state, detail } in posture.findings() {
            println!("{:14} {:8} {}", what.as_str(), state.as_str(), detail.words());
        }
        let looked: Vec<_> = posture.findings().iter().map(|finding| finding.what).collect();
        assert_eq!(looked, Check::ALL.iter().copied().filter(|check| *check != Check::ClockSanity).collect::<Vec<_>>());
        assert!(posture.findings().iter().all(|finding| finding.detail != Detail::UntoldSystem));
    }
}
