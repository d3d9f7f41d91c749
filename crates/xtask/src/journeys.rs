//! The journeys in the real window.
use std::path::PathBuf;
use std::process::Command;

use xtask::{Failure, paths};

use crate::{shell, test, tools};

/// Builds what the journeys drive and runs them, or those whose name holds `name`.
pub fn journeys(name: Option<&str>) -> Result<(), Failure> {
    build()?;
    shell::run(&mut command(name))
}

/// Builds, then kills Satchel `rounds` times.
pub fn kill_test(rounds: u32, seed: u64) -> Result<(), Failure> {
    build()?;
    let mut trial = Command::new(paths::program("kill-test"));
    shell::run(trial.args(["--rounds", &rounds.to_string(), "--seed", &seed.to_string()]))
}

/// Builds, then takes records through the practice EHR, a first sync and the charts, and compares both sides digit for digit.
pub fn real_data(load: &[PathBuf]) -> Result<(), Failure> {
    build()?;
    let mut trial = Command::new(paths::program("real-data"));
    shell::run(trial.args(load))
}

/// The journeys' runner, everything being built.
pub fn command(name: Option<&str>) -> Command {
    let mut command = if tools::has_nextest() {
        shell::cargo(&["nextest", "run", "--workspace", "--all-targets", "--profile", "journeys"])
    } else {
        shell::cargo(&["test", "--package", "journeys", "--package", "cli", "--package", "remote", "--all-targets"])
    };
    // The drivers' tests run against it; without it they skip.
    command.env("SATCHEL_PRACTICE_EHR", paths::practice_ehr());
    command.args(name);
    if !tools::has_nextest() {
        command.args(["--", "--test-threads", "1"]);
    }
    command
}

fn build() -> Result<(), Failure> {
    test::set_up()?;
    shell::run(&mut shell::practice_cargo(&["build"]))?;
    shell::run(&mut shell::cargo(&["build", "--workspace", "--all-targets"]))
}
