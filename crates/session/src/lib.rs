//! When a workstation is open and when it is not: waiting after wrong passphrases, the idle lock, the offline lease.
//!
//! Every decision here is a value: time comes in as [`kernel::Moment`] or [`kernel::Instants`], what to do goes out. No clock is
//! read, no file written, no timer set. `boot_id` is any text that changes whenever the boot clock starts anew
//! (`/proc/sys/kernel/random/boot_id` on Linux; a random text per process where the boot clock counts from the process).
mod idle;
mod lease;
mod softlock;

pub use idle::{Event, IdleLock, IdlePolicy, Instruction, LockReason};
pub use lease::{Lease, LeasePolicy, LeaseState};
pub use softlock::{Restored, SoftLocked, Softlock};
