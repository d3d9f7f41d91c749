#![doc = include_str!("../README.md")]

mod aead;
mod blocklist;
mod door;
mod durable;
mod entropy;
mod envelope;
mod hierarchy;
mod hpke;
mod kdf;
mod passphrase;
mod passphrase_check;
mod patient;
mod provider;
mod secret;

pub use door::DoorSeal;
pub use durable::replace_file;
pub use envelope::SealError;
pub use hierarchy::{
    ChangeError, DatabaseKey, Due, EnrolAnother, EnrolError, EnrolFirst, EnrolledUser, Factors, Group, KeyFile, KeyFileError,
    NewSecurityKey, Newcomer, NextKeys, NotACode, OpenKeys, Person, RecoveredKeys, RecoveryKey, RecoveryPublic, RecoverySeal, RenewError,
    RenewedKeys, RosterError, SecurityKeyError, SecurityKeySecret, SigningKey, UnlockError, enrol_first,
};
pub use kdf::KdfCost;
pub use passphrase::{Passphrase, WeakPassphrase};
pub use passphrase_check::PassphraseCheck;
pub use patient::{PatientKey, PatientSlot, RecordContext, WrappedPatientKey};
pub use provider::pkcs11::{
    KeyOperation, KeyOutcome, KeyUse, KeyUseLog, ModuleError, NotRecorded, Pin, PinPad, PinPrompt, PinState, TokenLogin, TokenName,
    TokenStore,
};
pub use provider::{DeviceSecret, FindSecret, OsKeyring, SecretName, SecretStore, StoreError, WorkstationSecrets};
#[cfg(any(test, feature = "testing"))]
pub use provider::{MemoryKeyring, MemoryStore};

#[cfg(test)]
mod vectors;
