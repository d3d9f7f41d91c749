//! What a JSON text may cost before it is refused.

/// Deepest nesting ever accepted: below the 128 of `serde_json`, so that what passes here can be read by typed views too,
/// and small enough that walking a tree by recursion is safe.
const DEEPEST: usize = 120;

/// Bounds on one JSON text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Longest text, in bytes.
    pub bytes: usize,
    /// Deepest nesting of arrays and objects; more than 120 counts as 120.
    pub depth: usize,
    /// Most values, containers included.
    pub nodes: usize,
}

impl Limits {
    /// One resource: 16 MiB (documents carry base64 inside), 64 deep, a million values.
    pub const RESOURCE: Self = Self { bytes: 16 << 20, depth: 64, nodes: 1_000_000 };
    /// One page of a search or history: 64 MiB, 80 deep, four million values.
    pub const PAGE: Self = Self { bytes: 64 << 20, depth: 80, nodes: 4_000_000 };

    pub(crate) fn deepest(&self) -> usize {
        self.depth.min(DEEPEST)
    }
}

/// Why a text is refused. Carries no position: a position beside a log line would point into a patient's record.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy, Hash)]
pub enum JsonError {
    /// Longer than `Limits::bytes`.
    #[error("text is too long")]
    TooLong,
    /// Nested deeper than `Limits::depth`.
    #[error("nested too deep")]
    TooDeep,
    /// More values than `Limits::nodes`.
    #[error("too many values")]
    TooMany,
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Not JSON.
    #[error("not JSON")]
    Syntax,
    /// A second value, or anything but space, after the first.
    #[error("more than one JSON value")]
    Trailing,
    /// One object names the same member twice: readers would disagree about which counts.
    #[error("duplicate member name")]
    DuplicateKey,
    /// An escape that is half a character (RFC 8259 §8.2).
    #[error("lone surrogate")]
    LoneSurrogate,
}
