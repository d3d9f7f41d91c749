#![doc = include_str!("../README.md")]
mod access;
mod docket;
mod drift;
mod incident;
mod looks;
mod pace;
mod policy;
mod recent;
mod restraint;
mod usual;
mod watch;

pub use access::{Access, Act, NotATag, PatientTag};
pub use incident::{Assessment, Evidence, Incident, Kind, Response, Severity, Verdict};
pub use policy::{Thresholds, WatchPolicy};
pub use watch::{Restored, Ties, Watch};
