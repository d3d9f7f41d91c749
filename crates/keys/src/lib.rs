#![doc = include_str!("../README.md")]

mod aead;
mod door;
mod durable;
mod entropy;
mod envelope;
mod hierarchy;
mod hpke;
mod kdf;
mod passphrase;
mod patient;
mod provider;
mod secret;

pub use door::DoorSeal;
pub use durable::replace_file;
pub use envelope::SealError;
pub use hierarchy::{
    ChangeError, EnrolAnother, EnrolError, EnrolFirst, EnrolledUser, Group, KeyFile, KeyFileError, Newcomer, OpenKeys, Person, UnlockError,
    enrol_first,
};
pub use kdf::KdfCost;
pub use passphrase::{Passphrase, WeakPassphrase};
pub use patient::{PatientKey, PatientSlot, RecordContext, WrappedPatientKey};
#[cfg(any(test, feature = "testing"))]
pub use provider::MemoryStore;
pub use provider::{DeviceSecret, OsKeyring, SecretStore, StoreError};

#[cfg(test)]
mod vectors;
