//! Killed at any step between the request for emergency access and the chart on screen: nothing was shown without its durable
//! entries, and no number was taken twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
use std::collections::BTreeSet;
use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use access::{GrantNumber, IssuedNumber};

use crate::test_host::{PASSPHRASE, PATIENT, STRANGER, TestHost, stranger};
use crate::view::{AuditQuery, AuditRow, BreakGlassRequest};

const FOLDER: &str = "SATCHEL_GLASS_FOLDER";
const AT: &str = "SATCHEL_GLASS_AT";

/// In the order they come.
const MOMENTS: [&str; 13] = [
    "asked",
    "proved",
    "numbered",
    "entered",
    "granted",
    "noted",
    "committed",
    "answered",
    "admitted",
    "read",
    "opened",
    "revealed",
    "ended",
];
/// Who nobody may learn of without an entry.
const NAME: &str = "LINDQVIST";

/// Says that it has come this far and waits to be killed, if this is the moment the parent named.
pub(crate) fn moment(name: &str) {
    if env::var(AT).is_ok_and(|at| at == name) {
        say(&format!("at {name}"));
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

/// At once, past every buffer: what was said before the kill has been said.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}

fn glass() -> BreakGlassRequest {
    let (reason, text) = ("ETREAT".into(), "unconscious in the hall".into());
    BreakGlassRequest { patient: stranger().to_string(), passphrase: PASSPHRASE.into(), reason, text }
}

/// Breaks the glass and shows the chart, again and again; its parent kills it.
#[test]
#[ignore = "the parent below runs it"]
fn child() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let test = TestHost::at(Path::new(&folder));
    test.unlock();
    say("unlocked");
    loop {
        let granted = crate::break_glass(&test.host, glass()).unwrap();
        moment("answered");
        let opened = crate::open_chart(&test.host, &stranger()).unwrap();
        say(&format!("reveal {} {}", granted.number.unwrap_or_default(), opened.chart.banner.name));
        moment("revealed");
        crate::end_break_glass(&test.host, &stranger()).unwrap();
        moment("ended");
    }
}

#[test]
fn killed_at_any_step_nothing_was_revealed_without_a_durable_entry() {
    let folder = tempfile::tempdir().unwrap();
    let test = TestHost::at(folder.path());
    test.enrol("physician", &["patient.*", "audit.*"], &["progress_notes"]);
    test.receive(&[PATIENT, STRANGER]);

    let rounds: u32 = env::var("SATCHEL_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(26);
    let (mut reveals, mut issued, mut checked) = (0, 0, 0);
    restock(&test, &mut issued);
    drop(test);
    let mut taken = BTreeSet::new();
    for round in 0..rounds {
        // Every other kill at a named step, the others at a moment of their own.
        let at = round.is_multiple_of(2).then(|| MOMENTS[round as usize / 2 % MOMENTS.len()]);
        let heard = kill(folder.path(), at, round);
        let test = TestHost::at(folder.path());
        test.unlock();
        let verified = crate::audit_verify(&test.host).unwrap();
        assert!(verified.intact, "round {round} at {at:?}");
        let query = AuditQuery { patient: Some(stranger().to_string()), limit: 1000, ..AuditQuery::default() };
        let mut entries = crate::audit_recent(&test.host, &query).unwrap();
        entries.retain(|entry| entry.sequence > checked && entry.outcome == "allowed");
        entries.reverse();
        checked = verified.entries;
        for number in numbers(&entries) {
            assert!(taken.insert(number.clone()), "round {round} at {at:?}: number {number} twice");
        }
        let reported: BTreeSet<_> = crate::own_emergencies(&test.host).unwrap().into_iter().filter_map(|own| own.number).collect();
        assert!(numbers(&entries).all(|number| reported.contains(&number)), "round {round} at {at:?}: not to be reported");
        for revealed in &heard {
            stands_behind(revealed, &entries, &format!("round {round} at {at:?}"));
        }
        reveals += heard.len();
        restock(&test, &mut issued);
    }
    assert!(reveals >= rounds as usize / 8, "the children revealed {reveals} charts: the test has shown nothing");
    println!("{rounds} kills, {reveals} charts shown, {} accesses", taken.len());
}

/// Behind a chart that was shown under a number stand the access of that number and, after it, the reading under its purpose.
fn stands_behind(number: &str, entries: &[AuditRow], when: &str) {
    let broken = entries.iter().position(|entry| number_of(entry).as_deref() == Some(number));
    let broken = broken.unwrap_or_else(|| panic!("{when}: shown under {number} without an entry"));
    let read = |entry: &AuditRow| entry.action == "read_chart" && entry.purpose.as_deref() == Some("ETREAT");
    assert!(entries[broken..].iter().any(read), "{when}: shown under {number} without an entry of the reading");
}

fn numbers(entries: &[AuditRow]) -> impl Iterator<Item = String> + '_ {
    entries.iter().filter_map(number_of)
}

fn number_of(entry: &AuditRow) -> Option<String> {
    let detail = entry.detail.as_ref().filter(|_| entry.action == "break_glass")?;
    detail.split_once(" number ").map(|(_, number)| number.to_owned())
}

/// Numbers for a round, as the EHR would issue them.
fn restock(test: &TestHost, issued: &mut u32) {
    let fresh: Vec<_> = (0..40)
        .map(|_| {
            *issued += 1;
            let (expires, signed) = ("2026-03-09T08:00:00Z".parse().unwrap(), "a.b.c".into());
            IssuedNumber { number: GrantNumber::new(issued.to_string()).unwrap(), expires, signed }
        })
        .collect();
    crate::sync_work::stock(&test.host, |stock, now| stock.arrived(now, fresh, &[])).unwrap();
}

/// Lets a child work until that step, or for a while; the numbers of the accesses under which it showed the chart.
fn kill(folder: &Path, at: Option<&str>, round: u32) -> Vec<String> {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "kill_test::child", "--ignored", "--nocapture"]).env(FOLDER, folder);
    if let Some(at) = at {
        command.env(AT, at);
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let waits_for = at.map_or_else(|| "unlocked".to_owned(), |at| format!("at {at}"));
    let mut heard: Vec<String> = Vec::new();
    loop {
        let line = said.next().unwrap_or_else(|| panic!("round {round}: the child ended before {waits_for}"));
        let arrived = line == waits_for;
        heard.push(line);
        if arrived {
            break;
        }
    }
    if at.is_none() {
        // So many charts later, however slow the machine, and then at a moment of its own.
        for _ in 0..round / 2 % 3 {
            heard.extend(said.by_ref().find(|line| line.contains(NAME)));
        }
        std::thread::sleep(Duration::from_micros(RandomState::new().hash_one(round) % 300_000));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    heard.extend(said);
    let shown = heard.iter().filter(|line| line.contains(NAME));
    shown.map(|line| line.split(' ').nth(1).filter(|number| !number.is_empty()).expect("a numbered access").to_owned()).collect()
}
