#![doc = include_str!("../README.md")]
mod chain;
mod entry;
mod event;
mod filter;
mod record;

pub use chain::{Checkpoint, CheckpointError, Digest, Fault, FaultKind, Head, Link, Mac, Verified, link, verify};
pub use entry::{Action, Actor, Entry, Origin, Outcome, Subject};
pub use event::audit_event;
pub use filter::Filter;
pub use record::{Ledger, Recorded, record, record_by};
