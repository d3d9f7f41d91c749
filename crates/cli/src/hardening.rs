//! What holds before the first secret is read.
use std::io::Write as _;

/// No core dump may hold a key, neither on a crash nor by another program of the same user attaching; and a panic names its place
/// alone, for its text may quote data.
pub fn harden() {
    no_core_dumps();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
        let _ = writeln!(std::io::stderr(), "satchel-cli: internal: a fault of ours at {place}");
    }));
}

#[cfg(unix)]
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Core dumps are the operating system's policy here.
#[cfg(not(unix))]
fn no_core_dumps() {}
