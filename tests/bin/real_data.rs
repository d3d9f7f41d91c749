//! Public FHIR records that nobody here wrote go through the practice EHR into the vault and are read back: as many of each type,
//! each equal digit for digit, every chart opens.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a developer command; what does not hold ends it")]
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Parser;
use fhir::{Index, Json, Limits, equal_apart_from_server_meta};
use journeys::terminal::Terminal;
use journeys::{Clinician, Desktop, PracticeEhr, Records};
use serde_json::Value;

const PASSPHRASE: &str = "seven grey herons at the weir";

#[derive(Parser)]
struct Arguments {
    /// FHIR files or directories to load; repeatable.
    #[arg(required = true)]
    load: Vec<PathBuf>,
}

type Held = BTreeMap<String, Json>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    let started = Instant::now();
    let ehr = PracticeEhr::start_with(Some(0), arguments.load);
    println!("loaded into the practice EHR in {:.0} s", started.elapsed().as_secs_f64());

    let desktop = Desktop::start().await;
    desktop.browser.sign_in_as(&Clinician::PHYSICIAN, &ehr);
    let profile = desktop.keyring.home().join("satchel");
    let terminal = Terminal::new(&desktop, &profile, &ehr, PASSPHRASE);
    terminal.must(&["enrol"], "");
    first_sync(&terminal);
    println!("vault {} MB", size_of(&profile.join("vault")) / 1_000_000);

    let theirs = held_by_the_ehr(&ehr).await;
    let patients: Vec<&str> = theirs.keys().filter_map(|key| key.strip_prefix("Patient/")).collect();
    let ours = read_back(&terminal, &profile, &patients);
    let equal = compare(&theirs, &ours);
    assert!(equal, "what the vault holds is not what the EHR holds");
}

/// Runs it to its end and says how long it took and what it cost.
fn first_sync(terminal: &Terminal) {
    let started = Instant::now();
    let mut peak = 0;
    // A run ends at the idle limit; the next goes on from there.
    loop {
        let mut sync = terminal.start(&["sync"], "");
        let code = watched(&mut sync, &mut peak);
        if code == Some(0) {
            break;
        }
        assert!(matches!(code, Some(3 | 10)), "sync ends well, out of time, or locked for idleness: {code:?}");
    }
    println!("first sync in {:.0} s, at most {peak} MB of memory", started.elapsed().as_secs_f64());
}

/// Its exit code; raises `peak` to the most memory it had, MB.
fn watched(child: &mut Child, peak: &mut u64) -> Option<i32> {
    // What it says is not of interest, but has to go somewhere.
    let mut said = child.stderr.take().expect("piped");
    let drain = std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    let status = loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        *peak = kilobytes.map_or(*peak, |kilobytes| (kilobytes / 1000).max(*peak));
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        sleep(Duration::from_millis(100));
    };
    let _ = drain.join();
    status.code()
}

async fn held_by_the_ehr(ehr: &PracticeEhr) -> Held {
    let counts = ehr.admin("GET", "/counts", &Value::Null).await;
    let types = counts.as_object().expect("counts by type").keys().filter(|kind| *kind != "AuditEvent");
    let mut held = Held::new();
    for kind in types {
        // A sign-in lasts minutes; so many records may take longer.
        let records: Records = ehr.records_as(&Clinician::PHYSICIAN).await;
        for text in records.texts(&format!("{kind}?_count=500")).await {
            keep(&mut held, &text);
        }
    }
    held
}

fn read_back(terminal: &Terminal, profile: &Path, patients: &[&str]) -> Held {
    let mut command = terminal.program("read-back");
    command.arg(profile).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().expect("read-back is built");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(format!("{PASSPHRASE}\n{}", patients.join("\n")).as_bytes()).expect("it reads");
    drop(stdin);
    let read = child.wait_with_output().expect("it ends");
    assert!(read.status.success(), "every chart opens and is read back whole");
    let mut held = Held::new();
    for line in String::from_utf8(read.stdout).expect("UTF-8").lines() {
        keep(&mut held, line);
    }
    held
}

fn keep(held: &mut Held, text: &str) {
    let record = Json::parse(text.as_bytes(), &Limits::RESOURCE).expect("a record");
    let part = |name: &str| record.get(name).and_then(Json::as_str).expect("a type and an id").to_owned();
    held.insert(format!("{}/{}", part("resourceType"), part("id")), record);
}

/// Prints a line for each type; whether everything is the same. A record of a patient whom the EHR does not have is held in a
/// chart that nobody can open: there is nobody to show it under, and no relation to judge by. It is named, and counts as neither.
fn compare(theirs: &Held, ours: &Held) -> bool {
    let mut by_type: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    for (key, record) in theirs {
        let row = by_type.entry(kind(key)).or_default();
        match ours.get(key) {
            None if is_of_nobody(record, theirs) => {
                println!("of a patient the EHR does not have: {key}");
                continue;
            }
            _ => row[0] += 1,
        }
        match ours.get(key) {
            Some(our) => row[2] += u32::from(!equal_apart_from_server_meta(record, our)),
            None => println!("not in the vault: {key}"),
        }
    }
    for key in ours.keys() {
        by_type.entry(kind(key)).or_default()[1] += 1;
    }
    println!("{:<28} {:>8} {:>8} {:>8}", "type", "EHR", "vault", "unequal");
    for (kind, [on_ehr, in_vault, unequal]) in &by_type {
        println!("{kind:<28} {on_ehr:>8} {in_vault:>8} {unequal:>8}");
    }
    println!("{:<28} {:>8} {:>8}", "all", theirs.len(), ours.len());
    by_type.values().all(|[on_ehr, in_vault, unequal]| on_ehr == in_vault && *unequal == 0)
}

fn is_of_nobody(record: &Json, theirs: &Held) -> bool {
    let patient = Index::read(&record.to_text()).ok().and_then(|index| index.patient);
    patient.is_some_and(|patient| !theirs.contains_key(&format!("Patient/{patient}")))
}

fn kind(key: &str) -> &str {
    key.split_once('/').map_or(key, |(kind, _)| kind)
}

fn size_of(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size_of(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
