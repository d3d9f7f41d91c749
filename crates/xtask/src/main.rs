//! Every developer command. `cargo xtask run` and `cargo xtask test` set up what a fresh machine lacks.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer command speaks to the terminal")]
mod apt;
mod bindings;
mod desktop;
mod duplicates;
mod journeys;
mod run;
mod shell;
mod stamp;
mod steps;
mod test;
mod tools;
mod ui;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::Failure;

/// Satchel's developer commands.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Build Satchel and open it, against the practice EHR or another.
    Run(run::Arguments),
    /// Run every check: formatting, lints, tests, UI, journeys in the real window.
    Test,
    /// Run the journeys in the real window, or those whose name holds NAME.
    Journeys {
        /// A part of a journey's name.
        name: Option<String>,
    },
    /// Takes FHIR records through the practice EHR, a first sync and the charts, and compares both sides digit for digit.
    RealData {
        /// Files or directories of bundles or NDJSON, also `.zst`.
        #[arg(required = true)]
        load: Vec<PathBuf>,
    },
    /// Kill Satchel at random moments of sync and note-taking; nothing acknowledged may be lost or doubled.
    KillTest {
        /// How often.
        #[arg(long, default_value_t = 300)]
        rounds: u32,
        /// Which moments; another number, other moments.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Hold the access policies against a second evaluator, triple by triple (user, action, resource).
    AccessTriples {
        /// How many.
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// Which; another number, other triples.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Write the TypeScript forms of the view types anew.
    Bindings,
    /// Install what building and testing need, and nothing more.
    Setup,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Run(arguments) => run::run(&arguments),
        Verb::Test => test::test(),
        Verb::Journeys { name } => journeys::journeys(name.as_deref()),
        Verb::RealData { load } => journeys::real_data(&load),
        Verb::KillTest { rounds, seed } => journeys::kill_test(rounds, seed),
        Verb::AccessTriples { count, seed } => access_triples(count, seed),
        Verb::Bindings => bindings::export(),
        Verb::Setup => test::set_up().map(drop),
    }
}

fn access_triples(count: u64, seed: u64) -> Result<(), Failure> {
    let mut test = shell::cargo(&["test", "--release", "-p", "access", "--test", "reference", "--", "--nocapture"]);
    shell::run(test.env("SATCHEL_TRIPLES", count.to_string()).env("SATCHEL_SEED", seed.to_string()))
}
