//! Security keys at the desk: enrolled with their owner or later, asked at unlock and at what takes them, removed.
//!
//! ```text
//! statement ─► what does it take? (hospital's policy, what is enrolled) ─► passphrase ─► the key signs ─► verified against the sealed
//!                                                                                                         record, counter kept ─► Granted
//! ```
//!
//! INVARIANT: a ceremony waits for a hand, so it runs with nothing held: never under [`Host::desk`](crate::host::Host::desk).
mod authenticator;
mod ceremony;
mod enrol;
mod first;
mod list;
mod pad;
mod records;
mod remove;
mod statement;
mod step_up;
mod unlock;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_enrolment;

pub use authenticator::SecurityKeys;
pub use enrol::enrol_security_key;
pub use list::security_keys;
pub use pad::{TypedPin, answer_security_key, cancel_security_key};
pub use remove::remove_security_key;

pub(crate) use enrol::taken;
pub(crate) use first::{FirstKey, first_key};
pub(crate) use pad::Pad;
pub(crate) use statement::Wording;
pub(crate) use step_up::{key_operation, obtain, takes};
pub(crate) use unlock::{Answer, answer_to_unlock, verify_unlock};
