//! Why a use-case did not do it, and which code the screen gets.
use access::Refusal;
use kernel::{CorrelationId, ErrorCode};
use vault::VaultError;

use crate::view::CommandError;

/// Why a use-case did not do it. Ids and static text only.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The desk is locked.
    #[error("desk is locked")]
    Locked,
    /// Wait before the next passphrase.
    #[error("wait {seconds} s")]
    SoftLocked {
        /// Whole seconds.
        seconds: u32,
    },
    /// The security key refused its PIN.
    #[error("wrong PIN, {tries_left} tries left")]
    SecurityKeyPin {
        /// Before the key locks itself for good.
        tries_left: u8,
    },
    /// The role does not allow it.
    #[error("not permitted")]
    Forbidden,
    /// Break-glass would allow it.
    #[error("break-glass required")]
    BreakGlassRequired,
    /// The vault's.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Any other named one.
    #[error("{}", .0.as_str())]
    Named(ErrorCode),
}

impl Problem {
    /// The code the screen knows words for.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Locked => ErrorCode::Locked,
            Self::SoftLocked { .. } => ErrorCode::SoftLocked,
            Self::SecurityKeyPin { .. } => ErrorCode::SecurityKeyWrongPin,
            Self::Forbidden => ErrorCode::Forbidden,
            Self::BreakGlassRequired => ErrorCode::BreakGlassRequired,
            Self::Named(code) => code,
            Self::Vault(error) => match error {
                VaultError::Missing => ErrorCode::NotEnrolled,
                VaultError::Exists => ErrorCode::AlreadyEnrolled,
                VaultError::InUse => ErrorCode::VaultInUse,
                VaultError::Unreadable | VaultError::Newer | VaultError::Seal => ErrorCode::VaultUnreadable,
                VaultError::DiskFull => ErrorCode::DiskFull,
                VaultError::WrongPatient => ErrorCode::WrongPatient,
                VaultError::NotFound => ErrorCode::NotFound,
                VaultError::DraftConflict => ErrorCode::DraftConflict,
                VaultError::Unsent => ErrorCode::UnsentWork,
                VaultError::Disk | VaultError::Fault => ErrorCode::Internal,
            },
        }
    }

    /// What leaves the core.
    #[must_use]
    pub fn shown(self, correlation: CorrelationId) -> CommandError {
        let retry_after_seconds = if let Self::SoftLocked { seconds } = self { Some(seconds) } else { None };
        let tries_left = if let Self::SecurityKeyPin { tries_left } = self { Some(tries_left) } else { None };
        CommandError { code: self.code(), correlation_id: correlation.to_string(), retry_after_seconds, tries_left }
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self::Named(code)
    }
}

impl From<Refusal<VaultError>> for Problem {
    fn from(refusal: Refusal<VaultError>) -> Self {
        match refusal {
            Refusal::Forbidden => Self::Forbidden,
            Refusal::BreakGlassRequired => Self::BreakGlassRequired,
            Refusal::Unknown => Self::Vault(VaultError::NotFound),
            Refusal::Ledger(error) => Self::Vault(error),
        }
    }
}
