//! What can go wrong in the vault.
use keys::SealError;
use rusqlite::ErrorCode as Sqlite;

/// Why the vault did not do it. Nothing of it happened.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
pub enum VaultError {
    /// No vault here.
    #[error("no vault in this place")]
    Missing,
    /// A vault is here already.
    #[error("a vault exists in this place")]
    Exists,
    /// Another program holds it.
    #[error("vault is in use")]
    InUse,
    /// Its files do not open as what they should be.
    #[error("vault cannot be read")]
    Unreadable,
    /// It was written by a later version.
    #[error("vault is of a later version")]
    Newer,
    /// The disk is full.
    #[error("disk is full")]
    DiskFull,
    /// The disk failed otherwise.
    #[error("disk failed")]
    Disk,
    /// A seal did not open or close.
    #[error("seal failed")]
    Seal,
    /// Content and permit name different patients.
    #[error("wrong patient")]
    WrongPatient,
    /// Not held.
    #[error("not found")]
    NotFound,
    /// The draft was saved elsewhere meanwhile, or was begun already.
    #[error("draft changed meanwhile")]
    DraftConflict,
    /// Something entered here has not reached the EHR.
    #[error("unsent work")]
    Unsent,
    /// A fault of ours.
    #[error("vault fault")]
    Fault,
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        let code = match &error {
            rusqlite::Error::QueryReturnedNoRows => return Self::NotFound,
            rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
            other => other.sqlite_error_code(),
        };
        match code {
            Some(Sqlite::DiskFull) => Self::DiskFull,
            Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => Self::InUse,
            // A page whose MAC does not fit shows as plain SQLITE_ERROR, which our own fixed statements never cause; where it is
            // met while writing, as SQLITE_NOMEM (SQLite's pager has no other word for a cipher that fails).
            Some(Sqlite::NotADatabase | Sqlite::DatabaseCorrupt | Sqlite::Unknown | Sqlite::OutOfMemory) => Self::Unreadable,
            Some(Sqlite::SystemIoFailure | Sqlite::CannotOpen | Sqlite::ReadOnly | Sqlite::PermissionDenied) => Self::Disk,
            _ => Self::Fault,
        }
    }
}

impl From<SealError> for VaultError {
    fn from(_: SealError) -> Self {
        Self::Seal
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            std::io::ErrorKind::NotFound => Self::Missing,
            std::io::ErrorKind::WouldBlock => Self::InUse,
            _ => Self::Disk,
        }
    }
}
