//! A row of steps, each run to its end whatever became of the one before, and the table that closes them.
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use xtask::{Failure, child};

use crate::shell;

/// What became of a step.
enum Outcome {
    Passed,
    Failed(String),
    Skipped(&'static str),
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
    closing: Vec<String>,
}

/// The steps run so far.
#[derive(Default)]
pub struct Steps {
    rows: Vec<Row>,
}

impl Steps {
    /// Runs a command, shows what it prints, and keeps the lines by which its runner sums up (those that hold one of `closing`).
    /// Answers whether it passed.
    pub fn command(&mut self, name: &'static str, mut command: Command, closing: &[&str]) -> bool {
        heading(name, &child::line(&command));
        let started = Instant::now();
        let (outcome, closing) = match watched(&mut command, closing) {
            Ok(lines) => (Outcome::Passed, lines),
            Err((failure, lines)) => (Outcome::Failed(failure.to_string()), lines),
        };
        self.close(name, outcome, started.elapsed(), closing)
    }

    /// Runs a piece of these commands' own work; what it answers is its closing line.
    pub fn work(&mut self, name: &'static str, work: impl FnOnce() -> Result<String, Failure>) -> bool {
        heading(name, "");
        let started = Instant::now();
        let (outcome, closing) = match work() {
            Ok(line) => (Outcome::Passed, vec![line]),
            Err(failure) => (Outcome::Failed(failure.to_string()), Vec::new()),
        };
        self.close(name, outcome, started.elapsed(), closing)
    }

    /// Notes a step that could not run; that counts as a failure of the whole.
    pub fn skip(&mut self, name: &'static str, because: &'static str) {
        self.close(name, Outcome::Skipped(because), Duration::ZERO, Vec::new());
    }

    /// Prints the table. An error where any step failed or was skipped.
    pub fn finish(self) -> Result<(), Failure> {
        println!("\n{:<28} {:<8} {:>8}  ", "step", "outcome", "seconds");
        for row in &self.rows {
            println!("{:<28} {:<8} {:>8.1}  {}", row.name, word(&row.outcome), row.took.as_secs_f64(), remark(row));
        }
        let total: Duration = self.rows.iter().map(|row| row.took).sum();
        println!("{:<28} {:<8} {:>8.1}", "all", "", total.as_secs_f64());
        let bad: Vec<_> = self.rows.iter().filter(|row| !matches!(row.outcome, Outcome::Passed)).map(|row| row.name).collect();
        if bad.is_empty() { Ok(()) } else { Err(Failure::advice(format_args!("not passed: {}", bad.join(", ")))) }
    }

    fn close(&mut self, name: &'static str, outcome: Outcome, took: Duration, closing: Vec<String>) -> bool {
        let passed = matches!(outcome, Outcome::Passed);
        println!("-- {name}: {} ({:.1} s)", word(&outcome), took.as_secs_f64());
        self.rows.push(Row { name, outcome, took, closing });
        passed
    }
}

fn heading(name: &str, line: &str) {
    println!("\n== {name}  {line}");
    let _ = std::io::stdout().flush();
}

const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passed",
        Outcome::Failed(_) => "FAILED",
        Outcome::Skipped(_) => "SKIPPED",
    }
}

fn remark(row: &Row) -> String {
    match &row.outcome {
        Outcome::Passed => row.closing.join(" | "),
        Outcome::Failed(why) => row.closing.last().cloned().unwrap_or_else(|| why.clone()),
        Outcome::Skipped(because) => (*because).to_owned(),
    }
}

/// Runs `command`, passing both its outputs on line by line.
fn watched(command: &mut Command, closing: &[&str]) -> Result<Vec<String>, (Failure, Vec<String>)> {
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|source| (shell::cannot_start(command, source), Vec::new()))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let lines = thread::scope(|scope| {
        let readers = [scope.spawn(|| out.map(|pipe| pass_on(pipe, closing))), scope.spawn(|| err.map(|pipe| pass_on(pipe, closing)))];
        readers.into_iter().flat_map(|reader| reader.join().ok().flatten().unwrap_or_default()).collect::<Vec<_>>()
    });
    match child.wait() {
        Ok(status) if status.success() => Ok(lines),
        Ok(status) => Err((Failure::Command { command: child::line(command), status }, lines)),
        Err(source) => Err((shell::cannot_start(command, source), lines)),
    }
}

fn pass_on(pipe: impl Read, closing: &[&str]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let _ = std::io::stdout().lock().write_all(&line);
        let plain = without_colour(&String::from_utf8_lossy(&line));
        if closing.iter().any(|mark| plain.contains(mark)) {
            kept.push(plain);
        }
        line.clear();
    }
    kept
}

/// The line without its ANSI colour sequences and outer blanks.
fn without_colour(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    let plain = parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest));
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_kept_without_colour_and_a_failing_step_fails_the_whole() {
        let mut steps = Steps::default();
        let mut good = Command::new("sh");
        good.args(["-c", r"printf 'noise\n\033[32m Summary\033[0m 3 passed\n'"]);
        assert!(steps.command("good", good, &["Summary"]));
        assert_eq!(steps.rows[0].closing, ["Summary 3 passed"]);
        let mut bad = Command::new("sh");
        bad.args(["-c", "echo Summary 1 failed >&2; exit 3"]);
        assert!(!steps.command("bad", bad, &["Summary"]));
        assert_eq!(remark(&steps.rows[1]), "Summary 1 failed");
        assert!(steps.finish().is_err());
    }

    #[test]
    fn a_skipped_step_is_no_success() {
        let mut steps = Steps::default();
        steps.skip("journeys", "the build failed");
        assert!(steps.finish().is_err());
    }
}
