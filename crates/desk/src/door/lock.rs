//! Locking: by hand, by idleness, by the machine. The core decides, never the page.
use std::sync::PoisonError;

use audit::{Action, Outcome, Subject, record};
use kernel::Moment;
use session::{Event, Instruction, LockReason as Why};
use vault::VaultError;

use crate::host::Host;
use crate::state::{Desk, Open};
use crate::view::LockReason;

impl Host {
    /// Locks at once.
    pub fn lock(&self) {
        self.tell(|_| Event::UserLock);
    }

    /// The machine is about to sleep.
    pub fn suspend(&self) {
        self.tell(|_| Event::Suspend);
    }

    /// The desktop was locked.
    pub fn os_locked(&self) {
        self.tell(|_| Event::OsLock);
    }

    /// The token that keeps this workstation's secret is gone.
    pub(crate) fn token_removed(&self) {
        self.tell(|_| Event::TokenRemoved);
    }

    /// Input into the window, as the native layer saw it.
    pub fn activity(&self) {
        self.tell(|now| Event::Activity { now });
    }

    /// Once a second: asks the idle lock, with the operating system's idle time if it tells.
    pub fn lock_if_due(&self, os_idle_ms: Option<u64>) {
        self.tell(|now| Event::Tick { now, os_idle_ms });
    }

    fn tell(&self, event: impl FnOnce(Moment) -> Event) {
        let instructions = match &mut *self.desk() {
            // The clock is read with the desk in hand: two threads' times must not overtake one another, or time would seem to run back.
            Desk::Open(open) => open.idle.on(event(self.now().boot)),
            _ => return,
        };
        for instruction in instructions {
            match instruction {
                Instruction::Warn { seconds_left, .. } => self.notices.idle_warning(Some(u32::try_from(seconds_left).unwrap_or(u32::MAX))),
                Instruction::ClearWarning => self.notices.idle_warning(None),
                Instruction::Lock(why) => self.close(why),
            }
        }
    }

    fn close(&self, why: Why) {
        let reason = match why {
            Why::Idle | Why::ClockFault => LockReason::Idle,
            Why::SessionCap => LockReason::Cap,
            Why::Suspend => LockReason::Suspend,
            Why::OsLock => LockReason::OsLock,
            Why::TokenRemoved => LockReason::TokenRemoved,
            Why::User => LockReason::Asked,
        };
        {
            let mut desk = self.desk();
            match std::mem::replace(&mut *desk, Desk::Moving) {
                Desk::Open(mut open) => {
                    self.token.forget_pin();
                    // Whoever is asked for their key is asked for nothing any more.
                    self.pad.cancel();
                    // INVARIANT: a sign-in made at an open desk ends with it. It was a colleague's, and nobody else's to use later.
                    *self.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    self.note_lock(&mut open, why);
                    *desk = Desk::Locked(Box::new(open.close(reason)));
                }
                other => {
                    *desk = other;
                    return;
                }
            }
        }
        self.notices.locked(reason);
    }

    /// A lock that cannot be recorded (the disk is full) still locks.
    fn note_lock(&self, open: &mut Open, why: Why) {
        let origin = self.origin(Some(open.actor()), &open.site);
        let _ = open.vault.transact(&origin, |tx| {
            record(tx, Action::Lock, Outcome::Allowed, Subject { detail: Some(why.as_str().to_owned()), ..Subject::default() })?;
            Ok::<_, VaultError>(())
        });
    }
}
