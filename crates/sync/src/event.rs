//! The machine's language: what it is told and what it asks for.
use std::collections::BTreeMap;

use kernel::{Instants, Moment, PatientId, Phi, ResourceType, VersionId};

use crate::capability::Capability;
use crate::outbox::{EntryId, Outgoing, Rejection, Settlement};
use crate::page::Page;
use crate::record::{Commit, Incoming, Ingested};
use crate::status::{Halt, Status};

/// Time and chance, read by the driver at each event.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Both clocks.
    pub at: Instants,
    /// A random number, for the jitter of waits.
    pub dice: u32,
}

/// Names one running fetch, so that its answer finds the way back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Lane(pub(crate) u32);

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run begins (first event).
    Started,
    /// Answers [`Instruction::ReadCapability`].
    Capability(Result<Capability, Failure>),
    /// Answers [`Instruction::ReadHints`].
    Hints {
        /// Pinned patients, most important first.
        pinned: Vec<PatientId>,
        /// Patients opened lately, latest first.
        recent: Vec<PatientId>,
    },
    /// Answers [`Instruction::Fetch`].
    Page {
        /// The fetch.
        lane: Lane,
        /// Its answer.
        answer: Result<Page, Failure>,
    },
    /// Answers [`Instruction::Commit`]; commits are answered in the order asked.
    Committed(Ingested),
    /// Answers [`Instruction::ReadCounts`].
    Counts(BTreeMap<ResourceType, u64>),
    /// Answers [`Instruction::ReadOutbox`].
    Outbox(Vec<Outgoing>),
    /// Answers [`Instruction::MarkSending`]: it is on disk that the EHR may hold the entry.
    MarkedSending(EntryId),
    /// Answers [`Instruction::Put`].
    PutAnswered {
        /// The entry.
        entry: EntryId,
        /// How it went.
        answer: Result<Put, Failure>,
    },
    /// Answers [`Instruction::Look`].
    Looked {
        /// The entry.
        entry: EntryId,
        /// What the EHR holds under its id now.
        answer: Result<Found, Failure>,
    },
    /// Answers [`Instruction::Recall`].
    Recalled {
        /// The entry.
        entry: EntryId,
        /// Versions of its record the EHR still knows, newest first.
        answer: Result<Vec<Incoming>, Failure>,
    },
    /// Answers [`Instruction::Settle`].
    Settled(EntryId),
    /// Answers [`Instruction::RefreshToken`].
    Refreshed(Result<(), RefreshFailure>),
    /// A clinician signed in again: there are fresh tokens.
    SignedIn,
    /// The EHR refused the present access token to a request beside these.
    TokenRefused,
    /// The time of the last [`Instruction::WakeAt`] has come.
    Woke,
    /// Something was written to the outbox, or a person settled a stuck entry.
    OutboxChanged,
    /// A chart was pinned or opened.
    PanelChanged,
    /// A person asks for it now, or the network came back: do not wait out any delay.
    SyncNow,
    /// The vault failed; nothing further is asked for.
    StoreFailed(Halt),
}

/// What the driver is to do. Instructions to the store ([`Instruction::is_for_store`]) are carried out one after the other in
/// the order given; the others at once, side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// `GET metadata`. Also serves as the probe while offline.
    ReadCapability,
    /// GET one page.
    Fetch {
        /// Names the fetch.
        lane: Lane,
        /// Where.
        address: Address,
    },
    /// Store: make the page durable.
    Commit(Commit),
    /// Store: who is pinned, who was opened lately.
    ReadHints,
    /// Store: records held per type.
    ReadCounts,
    /// Store: the outbox.
    ReadOutbox,
    /// Store: note that the entry is handed to the network.
    MarkSending(EntryId),
    /// `PUT Type/id`: with `If-None-Match: *` for a create, with `If-Match` for an update.
    Put(Outgoing),
    /// `GET Type/id` for this entry's record.
    Look(Outgoing),
    /// `GET Type/id/_history` for this entry's record.
    Recall(Outgoing),
    /// Store: note how the entry ended.
    Settle {
        /// The entry.
        entry: EntryId,
        /// How.
        outcome: Settlement,
    },
    /// Get a fresh access token, keep it, use it from then on.
    RefreshToken,
    /// Send [`Event::Woke`] at this moment; replaces an earlier one.
    WakeAt(Moment),
    /// Show this.
    Publish(Status),
}

impl Instruction {
    /// Whether the vault carries it out.
    #[must_use]
    pub const fn is_for_store(&self) -> bool {
        matches!(self, Self::Commit(_) | Self::ReadHints | Self::ReadCounts | Self::ReadOutbox | Self::MarkSending(_) | Self::Settle { .. })
    }
}

/// Where a page is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// Path and query below the EHR's base address, ready for the wire. May name a patient.
    Query(Phi<Box<str>>),
    /// A `next` link as the EHR wrote it; the driver refuses it off the EHR's own address.
    Next(Phi<Box<str>>),
}

/// How a PUT went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// 200, 201: taken under this version; the record as the EHR holds it (from the answer's body or a read after it).
    Taken {
        /// The version under which it was taken.
        version: VersionId,
        /// The record.
        record: Incoming,
    },
    /// 409, 412: the EHR holds another version than the precondition names.
    PreconditionFailed,
    /// Any other 4xx that is final.
    Refused(Rejection),
}

/// What the EHR holds under an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This.
    Record(Incoming),
    /// Nothing, and never did as far as it says (404).
    Nothing,
    /// Nothing any more (410).
    Gone,
}

/// Why an exchange gave no answer to work with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// No connection: no route, refused, name unknown, certificate not trusted.
    Unreachable,
    /// Connected, but the answer did not come or broke off.
    Interrupted,
    /// 401: the access token is not (any longer) accepted.
    Unauthorised,
    /// 403.
    Forbidden,
    /// 404, 410.
    NotFound,
    /// 408, 425, 429, 5xx: later, at the earliest after so many seconds if the EHR says (`Retry-After`).
    Busy {
        /// Seconds.
        retry_after: Option<u32>,
    },
    /// Larger than the limits allow.
    TooLarge,
    /// No valid FHIR answer, or a link off the EHR's address.
    BadAnswer,
    /// Any other 4xx.
    Refused,
}

/// Why there is no fresh token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefreshFailure {
    /// The EHR wants a sign-in by a person.
    Refused,
    /// It could not be asked.
    Unreachable,
    /// It failed, later perhaps.
    Busy,
}
