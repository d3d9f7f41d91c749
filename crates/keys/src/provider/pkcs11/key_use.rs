//! The record of every use of a key in the token.

/// One call to the token that makes, uses, reads or destroys a key. Where the call is made twice, first for the length of what it
/// gives alone (PKCS#11 v3.1, 5.2), the two are one use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyUse {
    /// What the token was asked to do.
    pub operation: KeyOperation,
    /// What came of it.
    pub outcome: KeyOutcome,
}

/// What the token was asked to do with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyOperation {
    /// `C_GenerateKey`: a wrapping key, in the token.
    Generate,
    /// `C_CreateObject`: the device's secret, for the length of a session.
    Import,
    /// `C_WrapKey`: the device's secret under the wrapping key.
    Wrap,
    /// `C_UnwrapKey`: the device's secret, for the length of a session.
    Unwrap,
    /// `C_GetAttributeValue` of the unwrapped device's secret.
    Read,
    /// `C_DestroyObject` of either.
    Destroy,
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyOutcome {
    /// The token did it.
    Done,
    /// The token refused, or failed.
    Failed,
    /// The token did not answer in time; what it did is not known.
    Unanswered,
}

impl KeyOperation {
    /// The stable name, as logs carry it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::Import => "import",
            Self::Wrap => "wrap",
            Self::Unwrap => "unwrap",
            Self::Read => "read",
            Self::Destroy => "destroy",
        }
    }
}

impl KeyOutcome {
    /// The stable name, as logs carry it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unanswered => "unanswered",
        }
    }
}

/// Keeps the record.
pub trait KeyUseLog: Send + Sync {
    /// Records one use, durably.
    ///
    /// Called once for every call to the token, in their order, on the thread that called [`SecretStore`](crate::SecretStore),
    /// after the token answered and before anything goes on. If it fails, what the token gave is wiped and not released.
    fn record(&self, key_use: KeyUse) -> Result<(), NotRecorded>;
}

/// The use could not be recorded.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("use of a key could not be recorded")]
pub struct NotRecorded;
