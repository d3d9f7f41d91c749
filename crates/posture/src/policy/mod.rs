//! The hospital's policy: what the file asks, held against the floors.
mod effective;
mod file;
mod parse;
mod problem;
mod settings;
mod shown;
#[cfg(test)]
mod tests;

pub use effective::{Choice, Effective, LastKnown, Origin, Refusal, Setting, Standing};
#[cfg(unix)]
pub use file::Owner;
pub use file::{AdminFileError, Found, read_admin_file};
pub use problem::{PolicyFinding, PolicyProblem};
pub use settings::{Act, Factors, KeyClass, Policy, Requirement, SettingName, WatchLimit};
pub use shown::{Shown, Value};
