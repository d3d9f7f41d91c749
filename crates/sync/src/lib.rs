//! The sync machine: events in, instructions out. No I/O, no clock, no randomness.
mod outbox;
mod record;
mod status;

pub use outbox::{EntryId, EntryState, Outgoing, RecordState, Rejection, Settlement};
pub use record::{Commit, Incoming, Ingested, Member, Tier, Tombstone};
pub use status::{Activity, Halt, Link, Missing, OutboxCount, Progress, Status, WhyMissing};
