//! Security keys: those enrolled, and what is asked of their holder.
use serde::Serialize;
use ts_rs::TS;

/// A security key that takes part in the clinician's unlocking.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SecurityKeyView {
    /// Its credential's id, base64url.
    pub id: String,
    /// As its holder named it.
    pub name: String,
    /// Enrolled, RFC 3339.
    pub enrolled_at: String,
}

/// What is asked of whoever holds a security key. While it is asked, the act waits.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SecurityKeyPrompt {
    /// For what: `unlock`, `sign`, `sign_controlled_substance`, `break_glass`, `export`, `key_operation`.
    pub act: String,
    /// What the key signs; the screen shows these lines and nothing else as what is signed.
    pub lines: Vec<StatementLine>,
    /// What to do.
    pub step: SecurityKeyStep,
}

/// What the holder is to do.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(tag = "step", rename_all = "snake_case")]
#[ts(export)]
pub enum SecurityKeyStep {
    /// Touch the key that is plugged in.
    Touch,
    /// Type the key's PIN.
    Pin {
        /// Before the key locks itself for good.
        tries_left: u8,
        /// The one just typed was wrong.
        wrong: bool,
    },
    /// Put the new key in, and say so.
    Insert,
}

/// A line of what is signed.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct StatementLine {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
}
