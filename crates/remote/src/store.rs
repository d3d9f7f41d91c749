//! What the drivers need of the vault.
use std::collections::BTreeMap;

use kernel::{PatientId, Phi, ResourceType};
use sync::{Commit, EntryId, Halt, Ingested, Member, Outgoing, Settlement};

use crate::token::Tokens;

/// The vault as synchronisation sees it.
///
/// Every method is synchronous, is called from a blocking thread, and is one durable transaction: when it returns `Ok`, its
/// effect is on disk; when it returns `Err`, nothing of it happened. Calls never overlap with each other, but the rest of
/// the program may write to the vault between them.
pub trait Store: Send + Sync + 'static {
    /// Reads where the last run stopped. An empty vault answers `Restored::default()`.
    fn restore(&self) -> Result<Restored, StoreError>;

    /// Who is pinned or was opened lately, as it stands now (called at start and whenever the panel may have changed).
    fn hints(&self) -> Result<PanelHints, StoreError>;

    /// Takes one page: records, tombstones, panel rows and the checkpoint, all or nothing.
    ///
    /// Idempotent; the same page may come again, and pages may overlap. For a record already held:
    /// - same version: unchanged, the body is not compared;
    /// - held `last_updated` is later than the incoming one: unchanged (histories come newest first);
    /// - otherwise the incoming version replaces the held one.
    ///
    /// A tombstone hides the record and is *remembered*: a version with `last_updated` at or before `deleted_at` must not
    /// bring it back, a later one does. A tombstone for what was never held is remembered too. A tombstone without
    /// `deleted_at` hides the held version whatever its time.
    ///
    /// INVARIANT: a record with entries in the outbox keeps its local content on screen; the incoming version is kept
    /// beside it as the EHR's side and never touches the outbox. The push finds the difference through `If-Match`.
    ///
    /// `members` are inserted or replace the row of the same patient. `checkpoint` replaces the stored text.
    fn commit(&self, page: Commit) -> Result<Ingested, StoreError>;

    /// How many records of each type are held as the EHR's own: without tombstoned ones, without those never acknowledged.
    fn counts(&self) -> Result<BTreeMap<ResourceType, u64>, StoreError>;

    /// Every entry of the outbox in ascending [`EntryId`], stuck ones included. An entry is one immutable version; an edit
    /// made while an earlier one of the same record waits is a further entry.
    fn outbox(&self) -> Result<Vec<Outgoing>, StoreError>;

    /// Marks the entry as handed to the network (`EntryState::Attempted`, badge "sending"), before the first byte leaves:
    /// after a crash the machine must know that the EHR may hold it. Idempotent.
    fn sending(&self, entry: EntryId) -> Result<(), StoreError>;

    /// Records how an attempt ended. Idempotent; an entry no longer in the outbox is `Ok` without effect.
    ///
    /// - `Acknowledged { version, record }`: removes the entry; the next entry of the same record, if any, gets
    ///   `base_version = version` (not the version inside `record`, which may be a stranger's later one). `record` is taken as
    ///   [`Store::commit`] takes it, except that the same version replaces the local text; with no further entry the badge is
    ///   "synced".
    /// - `Conflict(theirs)`: the entry becomes `Stuck`, badge "conflict"; `theirs` is kept beside it.
    /// - `Rejected(reason)`: the entry becomes `Stuck`, badge "rejected" with the reason.
    /// - `Postponed`: the entry stays `Attempted`; badge "local only".
    fn settle(&self, entry: EntryId, outcome: Settlement) -> Result<(), StoreError>;

    /// Keeps the tokens of the present sign-in (sealed), replacing the former ones; called before a rotated refresh token is
    /// first relied on.
    fn keep_tokens(&self, tokens: &Tokens) -> Result<(), StoreError>;
}

/// Where the last run stopped.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// The checkpoint of the last commit; `None` before the first.
    pub checkpoint: Option<Phi<Box<str>>>,
    /// Every panel row.
    pub members: Vec<Member>,
}

/// Who matters on this workstation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PanelHints {
    /// Pinned, most important first.
    pub pinned: Vec<PatientId>,
    /// Opened lately, latest first; a bounded list (the vault decides, 50 is plenty).
    pub recent: Vec<PatientId>,
}

/// Why the vault could not do it. Each stops the run; nothing is lost, the next run resumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The vault is locked.
    #[error("the vault is locked")]
    Locked,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// Anything else.
    #[error("the vault could not be read or written")]
    Vault,
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Locked => Self::Locked,
            StoreError::DiskFull => Self::DiskFull,
            StoreError::Vault => Self::Vault,
        }
    }
}
