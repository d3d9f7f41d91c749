//! What crosses between the vault's outbox, the machine and the EHR while pushing.
use std::sync::Arc;

use kernel::{PatientId, Phi, RecordId, ResourceType, VersionId};
use serde::{Deserialize, Serialize};

use crate::record::Incoming;

/// One row of the outbox: one immutable version of one record. Ascending ids are the causal order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub i64);

/// Where an outbox entry stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryState {
    /// Never handed to the network.
    Waiting,
    /// Handed to the network at least once without a settled answer: the EHR may or may not hold it.
    Attempted,
    /// Rejected or in conflict: stays until a person settles it; it holds back what depends on it.
    Stuck,
}

/// One entry of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its row.
    pub entry: EntryId,
    /// Resource type.
    pub kind: ResourceType,
    /// Logical id; for a create it was chosen here, at random (a UUID), so that it can name nothing else.
    pub id: RecordId,
    /// The EHR's version this edit was made on; `None` makes it a create.
    pub base_version: Option<VersionId>,
    /// Whose chart it belongs to.
    pub patient: Option<PatientId>,
    /// The resource's exact JSON text, to be sent as it is.
    pub body: Arc<Phi<Box<str>>>,
    /// Where it stands.
    pub state: EntryState,
}

/// How an attempt to send an entry ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The EHR holds this entry's content.
    Acknowledged {
        /// The version under which the EHR took this entry: the base of the next entry of the same record.
        version: VersionId,
        /// What the EHR holds now: the same content, or a later version if someone changed it after ours arrived.
        record: Incoming,
    },
    /// The EHR's record moved on from `base_version`; both sides are kept until a person settles it.
    /// `None`: the EHR has deleted it.
    Conflict(Option<Incoming>),
    /// The EHR will not take it as it is.
    Rejected(Rejection),
    /// No answer, or a passing fault: it stays in the outbox and is sent again.
    Postponed,
}

/// Why the EHR will not take an entry, as a person would act on it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The content breaks a rule of the EHR (400, 422).
    Validation,
    /// The signed-in person may not write this (403).
    Forbidden,
    /// The record no longer exists there (404, 410).
    Gone,
    /// Larger than the EHR takes (413).
    TooLarge,
    /// Anything else final (405, 415, ...).
    Other,
}

impl Rejection {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Validation, Self::Forbidden, Self::Gone, Self::TooLarge, Self::Other];

    /// Its name, as it is kept and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validation => "validation",
            Self::Forbidden => "forbidden",
            Self::Gone => "gone",
            Self::TooLarge => "too_large",
            Self::Other => "other",
        }
    }
}

/// Where one record stands, for its badge on screen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// Only on this workstation, waiting to be sent.
    LocalOnly,
    /// Handed to the network, not acknowledged yet.
    Sending,
    /// Acknowledged by the EHR at this very version.
    Synced,
    /// Refused by the EHR.
    Rejected(Rejection),
    /// Changed on both sides.
    Conflict,
}
