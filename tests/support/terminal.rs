//! Satchel's terminal door on a desktop: `satchel-cli`, run as an administrator's script would.
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use xtask::{child, paths};

use crate::{Desktop, PracticeEhr};

/// Commands on one profile, as one clinician.
#[derive(Debug, Clone)]
pub struct Terminal {
    environment: Vec<(&'static str, String)>,
    profile: PathBuf,
    ehr: String,
    ca: PathBuf,
    passphrase: String,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; `None` where it was killed.
    pub code: Option<i32>,
    /// What it answered; null where that is no JSON.
    pub answer: Value,
    /// What it said on stderr.
    pub said: String,
}

impl Terminal {
    /// A terminal on this desktop.
    pub fn new(desktop: &Desktop, profile: &Path, ehr: &PracticeEhr, passphrase: &str) -> Self {
        Self {
            environment: desktop.environment(),
            profile: profile.to_owned(),
            ehr: ehr.fhir().to_owned(),
            ca: ehr.ca().to_owned(),
            passphrase: passphrase.to_owned(),
        }
    }

    /// Runs a command to its end; what it needs besides the passphrase follows on its standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Ended {
        Ended::from(self.start(arguments, input).wait_with_output().expect("satchel-cli ends"))
    }

    /// As [`Terminal::run`], and it has to succeed. Answers what the command answered.
    pub fn must(&self, arguments: &[&str], input: &str) -> Value {
        let ended = self.run(arguments, input);
        assert_eq!(ended.code, Some(0), "satchel-cli {arguments:?}: {}", ended.said);
        ended.answer
    }

    /// Starts a command.
    pub fn start(&self, arguments: &[&str], input: &str) -> Child {
        let mut command = self.command();
        let mut child = command.args(arguments).spawn().expect("satchel-cli is built");
        let mut stdin = child.stdin.take().expect("piped");
        // A command that ends early reads nothing; that is for its exit code to say.
        let _ = stdin.write_all(format!("{}\n{input}", self.passphrase).as_bytes());
        child
    }

    /// A program of this desktop's user.
    pub fn program(&self, name: &str) -> Command {
        let mut command = child::bound(paths::program(name));
        command.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    /// What a program says that gets this one line on its standard input. It has to succeed.
    pub fn answer(program: &mut Command, line: &str) -> String {
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program is built");
        writeln!(child.stdin.take().expect("piped"), "{line}").expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("text")
    }

    fn command(&self) -> Command {
        let mut command = self.program("satchel-cli");
        command.arg("--profile").arg(&self.profile).args(["--json", "--passphrase-stdin", "--ca"]).arg(&self.ca);
        command.env("SATCHEL_EHR", &self.ehr);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            answer: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
