#![doc = include_str!("../README.md")]
mod policy;
mod probe;

#[cfg(unix)]
pub use policy::Owner;
pub use policy::{
    Act, AdminFileError, Choice, Effective, Factors, Found, KeyClass, LastKnown, Origin, Policy, PolicyFinding, PolicyProblem, Refusal,
    Requirement, Setting, SettingName, Shown, Standing, Value, WatchLimit, read_admin_file,
};
pub use probe::{BUILT, Check, ClockFacts, Detail, Elapsed, Finding, LastSeen, Posture, State, clock_sanity};
