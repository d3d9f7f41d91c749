#![doc = include_str!("../README.md")]
mod chain;
mod countersign;
mod entry;
mod epoch;
mod event;
mod export;
mod filter;
mod record;
mod state;
mod witness;

pub use chain::{Checkpoint, CheckpointError, Digest, Fault, FaultKind, Head, Link, Mac, Verified, link, verify};
pub use countersign::{Checked, CountersignError, Countersigned, ServerKey, Standing};
pub use entry::{Action, Actor, Device, Entry, Origin, Outcome, Subject};
pub use epoch::{EpochMark, Epochs, Occasion, PublicKey, Signature, SignedCheckpoint, Signer, epoch_is_over, witness_is_due};
pub use event::{audit_event, audit_event_apart};
pub use export::Form;
pub use filter::Filter;
pub use record::{Ledger, Recorded, record, record_by};
pub use state::{Side, keeps_state};
pub use witness::{Answer, ServerKeys, Succession, Upload, Verdict};
