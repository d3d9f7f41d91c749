//! Looking after the workstation: who has a place on it, its keys, recovery, and taking things off it.
mod erase;
mod recovery;
mod renewal;
mod roster;
mod rotation;
#[cfg(test)]
mod tests;

pub use erase::{erase_chart, erase_workstation};
pub use recovery::{RecoveredWork, make_recovery_key, recover_unsent, recovery_drill};
pub(crate) use renewal::{Renewal, prepare as prepare_renewal, renew};
pub use roster::{clinicians, disable_clinician, enable_clinician, remove_clinician};
pub(crate) use rotation::begin as keep_up;
pub use rotation::{key_status, pause_rotation, rotate_keys};
