//! The journeys in the real window.
use std::process::Command;

use xtask::Failure;

use crate::{shell, test, tools};

/// Builds what the journeys drive and runs them, or those whose name holds `name`.
pub fn journeys(name: Option<&str>) -> Result<(), Failure> {
    test::set_up()?;
    shell::run(&mut shell::practice_cargo(&["build"]))?;
    shell::run(&mut shell::cargo(&["build", "--workspace", "--all-targets"]))?;
    shell::run(&mut command(name))
}

/// The journeys' runner, everything being built.
pub fn command(name: Option<&str>) -> Command {
    let mut command = if tools::has_nextest() {
        shell::cargo(&["nextest", "run", "--workspace", "--all-targets", "--profile", "journeys"])
    } else {
        shell::cargo(&["test", "--package", "journeys", "--all-targets"])
    };
    command.args(name);
    if !tools::has_nextest() {
        command.args(["--", "--test-threads", "1"]);
    }
    command
}
