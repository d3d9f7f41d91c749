//! `cargo xtask test`: everything that has to hold, from a machine that has Rust and Node and nothing else.
use std::process::Command;

use xtask::Failure;

use crate::shell::{cargo, npm, practice_cargo};
use crate::steps::Steps;
use crate::{apt, bindings, duplicates, journeys, tools, ui};

/// How the runners sum up.
const NEXTEST: &[&str] = &["Summary ["];
const CARGO_TEST: &[&str] = &["test result:"];
const VITEST: &[&str] = &["Test Files ", "Tests "];
const ESLINT: &[&str] = &["problem"];
const NONE: &[&str] = &[];

/// Sets the machine up and runs every check.
pub fn test() -> Result<(), Failure> {
    let mut steps = Steps::default();
    if !steps.work("set up", set_up) {
        return steps.finish();
    }
    lockfiles(&mut steps);
    formatting(&mut steps);
    // The practice EHR first: tests of the main workspace talk to it.
    let practice_built = practice_workspace(&mut steps);
    let built = main_workspace(&mut steps);
    front_end(&mut steps);
    if built && practice_built {
        steps.command("window journeys", journeys::command(None), if tools::has_nextest() { NEXTEST } else { CARGO_TEST });
    } else {
        steps.skip("window journeys", "a build failed");
    }
    steps.finish()
}

/// Whatever the checks and the build need.
pub fn set_up() -> Result<String, Failure> {
    apt::ensure(apt::Purpose::Test)?;
    ui::install()?;
    ui::build()?;
    tools::ensure_tauri_driver()?;
    Ok("ready".to_owned())
}

/// Fails where cargo would have to change one, so that what is tested is what is committed.
fn lockfiles(steps: &mut Steps) {
    let members: &[&str] = &["tree", "--locked", "--workspace", "--depth", "0", "--prefix", "none"];
    steps.command("lockfile", cargo(members), NONE);
    steps.command("lockfile, practice EHR", practice_cargo(members), NONE);
}

fn formatting(steps: &mut Steps) {
    steps.command("rustfmt", cargo(&["fmt", "--all", "--check"]), NONE);
    steps.command("rustfmt, practice EHR", practice_cargo(&["fmt", "--check"]), NONE);
}

/// One set of features and targets throughout, so that nothing is compiled twice.
fn main_workspace(steps: &mut Steps) -> bool {
    steps.command("clippy", cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]), NONE);
    let built = steps.command("build", cargo(&["build", "--workspace", "--all-targets"]), NONE);
    if built {
        steps.command("tests", tests(), if tools::has_nextest() { NEXTEST } else { CARGO_TEST });
        steps.command("doc tests", cargo(&["test", "--workspace", "--doc"]), NONE);
        steps.work("bindings are current", bindings::check);
    } else {
        steps.skip("tests", "the build failed");
    }
    steps.work("libraries in two versions", duplicates::report);
    built
}

fn tests() -> Command {
    if tools::has_nextest() {
        cargo(&["nextest", "run", "--workspace", "--all-targets"])
    } else {
        cargo(&["test", "--workspace", "--all-targets", "--exclude", "journeys"])
    }
}

fn front_end(steps: &mut Steps) {
    let ui = ui::directory();
    steps.command("UI types", npm(&ui, &["run", "typecheck"]), NONE);
    steps.command("UI lint", npm(&ui, &["run", "lint"]), ESLINT);
    steps.command("UI tests", npm(&ui, &["test"]), VITEST);
}

fn practice_workspace(steps: &mut Steps) -> bool {
    steps.command("clippy, practice EHR", practice_cargo(&["clippy", "--all-targets", "--", "-D", "warnings"]), NONE);
    let built = steps.command("build, practice EHR", practice_cargo(&["build"]), NONE);
    if built {
        let (run, closing): (&[&str], _) = if tools::has_nextest() { (&["nextest", "run"], NEXTEST) } else { (&["test"], CARGO_TEST) };
        steps.command("tests, practice EHR", practice_cargo(run), closing);
    } else {
        steps.skip("tests, practice EHR", "the build failed");
    }
    built
}
