//! The real program as a script calls it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code, reason = "each test binary uses its own part")]
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// How the program is called: profile and environment.
pub struct Terminal {
    pub profile: PathBuf,
    pub environment: Vec<(String, String)>,
}

/// What it said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Terminal {
    /// On a machine without a session: no keyring, no browser.
    pub fn bare(profile: &Path) -> Self {
        Self { profile: profile.to_owned(), environment: vec![("DBUS_SESSION_BUS_ADDRESS".into(), "unix:path=/nonexistent/bus".into())] }
    }

    /// Calls it with `arguments` and `input` on standard input.
    pub fn call(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_satchel-cli"));
        for name in ["SATCHEL_PROFILE", "SATCHEL_EHR", "SATCHEL_CA", "SATCHEL_IDLE_SECONDS"] {
            command.env_remove(name);
        }
        command.arg("--profile").arg(&self.profile).args(arguments).envs(self.environment.iter().cloned());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("satchel-cli starts");
        // It need not read all of it, nor anything.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        let done = child.wait_with_output().expect("satchel-cli ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Said { code: done.status.code().expect("an exit code"), out: text(done.stdout), err: text(done.stderr) }
    }
}

impl Said {
    /// Standard output, after success.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// Standard output as JSON, after success.
    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.done()).expect("JSON")
    }

    /// The error code on stderr's last line, after a failure with this exit code under `--json`.
    #[track_caller]
    pub fn failed(self, exit: i32) -> String {
        assert_eq!(self.code, exit, "{self:?}");
        let last = self.err.lines().last().expect("a line on stderr");
        let error: Value = serde_json::from_str(last).unwrap_or_else(|_| panic!("no JSON: {last}"));
        error["code"].as_str().expect("a code").to_owned()
    }
}
