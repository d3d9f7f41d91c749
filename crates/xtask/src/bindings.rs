//! The TypeScript forms of the view types, which the UI compiles against.
use std::process::Command;

use xtask::{Failure, paths};

use crate::shell;

const BINDINGS: &str = "ui/src/platform/bindings";

/// Writes them anew from the Rust types (ts-rs does so as tests).
pub fn export() -> Result<(), Failure> {
    shell::run(&mut shell::cargo(&["test", "--workspace", "--lib", "--quiet", "export_bindings"]))
}

/// After the tests have written them: an error where they differ from the committed ones.
pub fn check() -> Result<String, Failure> {
    let mut ask = Command::new("git");
    ask.current_dir(paths::root()).args(["status", "--porcelain", "--", BINDINGS]);
    let said = ask.output().map_err(|source| shell::cannot_start(&ask, source))?;
    if !said.status.success() {
        return Ok("not a git checkout: nothing to compare with".to_owned());
    }
    let changed = String::from_utf8_lossy(&said.stdout);
    if changed.trim().is_empty() {
        return Ok("as committed".to_owned());
    }
    println!("{changed}");
    Err(Failure::advice("the bindings changed: commit what `cargo xtask bindings` wrote"))
}
