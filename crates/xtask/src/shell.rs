//! Running other programs: what they print goes where this command's output goes.
use std::env;
use std::path::Path;
use std::process::Command;

use xtask::{Failure, child, paths};

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|source| cannot_start(command, source))?;
    if status.success() { Ok(()) } else { Err(Failure::Command { command: child::line(command), status }) }
}

/// A failure to start `command`.
pub fn cannot_start(command: &Command, source: std::io::Error) -> Failure {
    Failure::Start { program: command.get_program().to_string_lossy().into_owned(), source }
}

/// Cargo in the main workspace.
pub fn cargo(arguments: &[&str]) -> Command {
    cargo_in(&paths::root(), arguments)
}

/// Cargo in the practice EHR's workspace.
pub fn practice_cargo(arguments: &[&str]) -> Command {
    cargo_in(&paths::root().join("practice-ehr"), arguments)
}

/// npm in `directory` of the repository. Install scripts of packages never run.
pub fn npm(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(directory).env("npm_config_ignore_scripts", "true").env("npm_config_fund", "false");
    command.env("npm_config_audit", "false").env("npm_config_update_notifier", "false");
    command
}

fn cargo_in(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(directory);
    // `cargo run` describes this package in the environment; build scripts that watch those names would run again.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_BIN_") {
            command.env_remove(&name);
        }
    }
    command
}
