//! The sync machine: events in, instructions out. No I/O, no clock, no randomness.
mod backoff;
mod capability;
mod event;
mod machine;
mod outbox;
mod page;
mod panel;
mod pull;
mod push;
mod query;
mod record;
mod settings;
mod status;
#[cfg(feature = "testing")]
pub mod testing;
mod unit;

pub use capability::{Capability, PatientParam, TypeCapability};
pub use event::{Address, Event, Failure, Found, Instruction, Lane, Now, Put, RefreshFailure};
pub use machine::Machine;
pub use outbox::{EntryId, EntryState, Outgoing, RecordState, Rejection, Settlement};
pub use page::Page;
pub use record::{Commit, Incoming, Ingested, Member, REPORT, Tier, Tombstone};
pub use settings::Settings;
pub use status::{Activity, Halt, Link, Missing, OutboxCount, Progress, Status, WhyMissing};
