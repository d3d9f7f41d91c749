#![doc = include_str!("../README.md")]
mod audit_log;
mod card;
mod checkpoint;
mod codec;
mod countersigned;
mod door;
mod drafts;
mod emergency;
mod epochs;
mod erase;
mod error;
mod files;
mod ingest;
mod keyed;
mod open;
mod outbox;
mod own;
mod panel;
mod patients;
mod records;
mod recovery;
mod reseal;
mod schema;
mod states;
mod theirs;
mod tx;
mod watch;

/// The rooms whose types stand in this one's interface.
#[doc(no_inline)]
pub use {access, audit, kernel, keys, sync};

pub use audit_log::{AuditEntry, Verdict};
pub use countersigned::{Quarantine, Stretch};
pub use door::{DoorEvent, DoorLog, TOKEN_DID_IT};
pub use drafts::{Draft, DraftText, UnsignedDraft};
pub use emergency::EmergencyInForce;
pub use error::VaultError;
pub use files::Files;
pub use ingest::{Arrival, Filing, Relation};
pub use open::{LockedVault, OpenVault};
pub use outbox::{NewRecord, OutboxEntry};
pub use panel::ChartStanding;
pub use patients::Card;
pub use records::{ChartRows, Row, State, UnreadableRow};
pub use recovery::{Drill, Recovered, Unsent};
pub use reseal::Resealed;
pub use states::{AuditState, AuditStates};
pub use theirs::EhrSide;
pub use tx::Tx;
pub use watch::Watched;
