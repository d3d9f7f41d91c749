//! From passphrase and device secret to the vault's keys: enrolment, unlock, and what is open afterwards.
mod enrol;
mod file;
mod open;
mod recovery;
mod renew;
mod rotate;
mod security_key;
mod signing;
mod slot;
mod unlock;

#[cfg(test)]
pub(crate) use enrol::enrol_first_with;
pub use enrol::{EnrolAnother, EnrolError, EnrolFirst, Newcomer, Person, enrol_first};
pub(crate) use file::Blob;
pub use file::{EnrolledUser, KeyFile, KeyFileError};
pub use open::{DatabaseKey, OpenKeys};
pub use recovery::{NotACode, RecoveredKeys, RecoveryKey, RecoveryPublic, RecoverySeal};
pub use renew::{Due, RenewError, RenewedKeys};
pub use rotate::{NextKeys, RosterError};
pub use security_key::{NewSecurityKey, SecurityKeyError, SecurityKeySecret};
pub use signing::SigningKey;
pub use slot::Group;
#[cfg(test)]
pub(crate) use slot::Slot;
pub use unlock::{ChangeError, Factors, UnlockError};

#[cfg(test)]
mod tests;
