//! Notes: begun, saved, signed.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A note begun and not signed.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct UnsignedNote {
    /// Draft.
    pub draft: String,
    /// Chart.
    pub patient: String,
    /// Patient as in lists; absent where this clinician may not see who it is.
    pub name: Option<String>,
    /// LOINC code.
    pub note_type: String,
    /// Last saved, RFC 3339.
    pub saved_at: String,
}

/// An unsigned note.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct DraftView {
    /// Id.
    pub draft: String,
    /// The chart it belongs to.
    pub patient: String,
    /// Kind of note: LOINC code of the document type, "11506-3" progress note.
    pub note_type: String,
    /// Text.
    pub text: String,
    /// Caret, in UTF-16 units as the web counts.
    pub caret: u32,
    /// Counts up with every save; a save names the revision it builds on.
    pub revision: u32,
    /// When last sealed on disk, RFC 3339.
    pub saved_at: String,
}

/// A save of a draft.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct SaveDraft {
    /// Chart.
    pub patient: String,
    /// Draft.
    pub draft: String,
    /// Text.
    pub text: String,
    /// Caret, UTF-16 units.
    pub caret: u32,
    /// The revision this save builds on.
    pub revision: u32,
}

/// The answer to a save: on disk.
#[derive(Serialize, TS, Clone, Copy)]
#[ts(export)]
pub struct DraftSaved {
    /// Revision now on disk.
    pub revision: u32,
}

/// A signed note, on disk and in the outbox.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct NoteSigned {
    /// DocumentReference id.
    pub id: String,
    /// The chart.
    pub patient: String,
}
