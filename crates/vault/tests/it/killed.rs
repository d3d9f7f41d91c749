//! A process that works in a vault until it is killed: this program again, running one of its ignored tests.
use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "SATCHEL_KILLED_FOLDER";
const ROUND: &str = "SATCHEL_KILLED_ROUND";

/// The vault's folder and the round, for the child; `None` in a process that nobody will kill.
pub fn task() -> Option<(PathBuf, u64)> {
    Some((env::var_os(FOLDER)?.into(), env::var(ROUND).ok()?.parse().ok()?))
}

/// How often to kill, where `SATCHEL_KILL_ROUNDS` does not say.
pub fn rounds(usual: u64) -> u64 {
    env::var("SATCHEL_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}

/// Runs the test `child` and kills it so long after it has said `begun`, or after its start. What it said in that time.
pub fn kill(child: &str, folder: &Path, round: u64, begun: Option<&str>, after: Duration) -> Vec<String> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", child, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    if let Some(begun) = begun {
        assert!(said.any(|line| line.unwrap() == begun), "round {round}: the child did not say {begun}");
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    said.map_while(Result::ok).collect()
}
