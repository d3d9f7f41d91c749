//! Taking an entry down, and the proof that it was.
use kernel::LogId;

use crate::chain::{Head, Link, Mac, link};
use crate::entry::{Action, Actor, Entry, Origin, Outcome, Subject};

/// Where links are kept: an open transaction of the vault.
pub trait Ledger {
    /// What can go wrong when storing.
    type Error;
    /// The audit key.
    type Key: Mac;

    /// Where the chain ends.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn head(&self) -> Result<Head, Self::Error>;

    /// Stores a link behind the head, in the transaction of what it records.
    ///
    /// # Errors
    /// When the store cannot be written, or (as its own fault) if the link could not be formed.
    fn push(&self, link: Option<Link>, entry: &Entry) -> Result<(), Self::Error>;

    /// The audit key.
    fn key(&self) -> &Self::Key;

    /// What all entries of this transaction share.
    fn origin(&self) -> &Origin;

    /// A fresh id for one entry: chance comes from the store, not from this room.
    fn log_id(&self) -> Option<LogId> {
        None
    }
}

/// Proof that an entry stands in the chain of the transaction at hand.
#[derive(Debug)]
pub struct Recorded {
    sequence: u64,
}

impl Recorded {
    /// Its place.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }
}

/// Takes an entry down, of whoever the origin names.
///
/// # Errors
/// The ledger's.
pub fn record<L: Ledger>(ledger: &L, action: Action, outcome: Outcome, subject: Subject) -> Result<Recorded, L::Error> {
    record_by(ledger, ledger.origin().actor.clone(), action, outcome, subject)
}

/// Takes an entry down, of whoever was decided on.
///
/// # Errors
/// The ledger's.
pub fn record_by<L: Ledger>(
    ledger: &L,
    actor: Option<Actor>,
    action: Action,
    outcome: Outcome,
    subject: Subject,
) -> Result<Recorded, L::Error> {
    let head = ledger.head()?;
    let mut entry = Entry::new(head.sequence.saturating_add(1), ledger.origin(), action, outcome, subject);
    entry.actor = actor;
    entry.log_id = ledger.log_id();
    ledger.push(link(&head, &entry, ledger.key()), &entry)?;
    Ok(Recorded { sequence: entry.sequence })
}
