//! Satchel is killed at random moments of sync and note-taking. Nothing acknowledged may be lost, nothing may reach the EHR twice,
//! and the vault has to open every time.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a developer command; what does not hold ends it")]
use std::collections::BTreeMap;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use journeys::terminal::{Ended, Terminal};
use journeys::{Clinician, Desktop, PracticeEhr, Records};
use serde_json::Value;

#[derive(Parser)]
struct Arguments {
    /// How often to kill.
    #[arg(long, default_value_t = 300)]
    rounds: u32,
    /// Which moments; another number, other moments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Synthetic patients of the practice EHR.
    #[arg(long, default_value_t = 100)]
    patients: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    let desktop = Desktop::start().await;
    let ehr = PracticeEhr::start(arguments.patients);
    desktop.browser.sign_in_as(&Clinician::PHYSICIAN, &ehr);
    let profile = desktop.keyring.home().join("satchel");
    let terminal = Terminal::new(&desktop, &profile, &ehr, "seven grey herons at the weir");
    terminal.must(&["enrol"], "");

    let mut trial = Trial::new(terminal, arguments.seed);
    trial.kill_first_sync(arguments.rounds / 10);
    let patients = trial.patients();
    trial.measure(&patients[0]);
    // What ended before its kill is no round.
    while trial.kills < arguments.rounds {
        let patient = patients[trial.notes.len() % patients.len()].clone();
        if trial.chance.below(3) == 0 {
            trial.killed_sync()
        } else {
            trial.killed_note(&patient)
        }
        trial.opens();
    }
    trial.terminal.must(&["sync"], "");
    let verified = trial.terminal.must(&["audit", "verify"], "");
    let said = notes_on(&ehr.records_as(&Clinician::PHYSICIAN).await, &patients).await;
    trial.settle(&said, &verified);
}

/// What was tried, and what was acknowledged.
struct Trial {
    terminal: Terminal,
    chance: Chance,
    kills: u32,
    survived: u32,
    notes: BTreeMap<String, bool>,
    note_takes: Duration,
    sync_takes: Duration,
}

impl Trial {
    fn new(terminal: Terminal, seed: u64) -> Self {
        let notes = BTreeMap::new();
        Self { terminal, chance: Chance(seed), kills: 0, survived: 0, notes, note_takes: Duration::ZERO, sync_takes: Duration::ZERO }
    }

    /// The first pull, killed ever later, then let run to its end.
    fn kill_first_sync(&mut self, times: u32) {
        for time in 0..times {
            let child = self.terminal.start(&["sync"], "");
            self.kill_after(child, Duration::from_millis(200 + 150 * u64::from(time)));
            self.opens();
        }
        self.terminal.must(&["sync"], "");
    }

    /// How long a command takes that nobody kills.
    fn measure(&mut self, patient: &str) {
        let started = Instant::now();
        let text = self.new_note();
        self.terminal.must(&["note", patient], &text);
        self.notes.insert(text, true);
        self.note_takes = started.elapsed();
        let started = Instant::now();
        self.terminal.must(&["sync"], "");
        self.sync_takes = started.elapsed();
        println!("a note takes {:?}, a sync {:?}", self.note_takes, self.sync_takes);
    }

    fn killed_note(&mut self, patient: &str) {
        let text = self.new_note();
        let moment = self.chance.within(self.note_takes);
        let child = self.terminal.start(&["note", patient], &text);
        let started = Instant::now();
        let ended = self.kill_after(child, moment);
        if ended.code.is_some() {
            self.note_takes = closer(self.note_takes, started.elapsed());
        }
        let acknowledged = ended.code == Some(0) && ended.answer["id"].is_string();
        assert!(acknowledged || ended.code.is_none(), "a note that nobody killed fails: {}", ended.said);
        self.notes.insert(text, acknowledged);
    }

    fn killed_sync(&mut self) {
        let moment = self.chance.within(self.sync_takes);
        let child = self.terminal.start(&["sync"], "");
        let started = Instant::now();
        let ended = self.kill_after(child, moment);
        if ended.code.is_some() {
            self.sync_takes = closer(self.sync_takes, started.elapsed());
        }
        assert!(matches!(ended.code, None | Some(0)), "a sync that nobody killed fails: {}", ended.said);
    }

    /// The vault opens after a kill.
    fn opens(&self) {
        self.terminal.must(&["unlock"], "");
    }

    /// Kills the command at that moment of its life, unless it is over by then.
    fn kill_after(&mut self, mut child: Child, moment: Duration) -> Ended {
        let started = Instant::now();
        while started.elapsed() < moment && child.try_wait().expect("a child").is_none() {
            sleep(Duration::from_millis(1));
        }
        let _ = child.kill();
        let ended = Ended::from(child.wait_with_output().expect("a child that ended"));
        if ended.code.is_some() {
            self.survived += 1;
            return ended;
        }
        self.kills += 1;
        if self.kills.is_multiple_of(25) {
            println!("{} killed, {} notes acknowledged", self.kills, self.notes.values().filter(|known| **known).count());
        }
        ended
    }

    /// Some of today's patients whose charts open without break-glass.
    fn patients(&self) -> Vec<String> {
        let today = self.terminal.must(&["schedule"], "");
        let rows = today["rows"].as_array().into_iter().flatten();
        let ids = rows.filter_map(|row| row["patient"]["patient"].as_str());
        let open: Vec<String> = ids.filter(|id| self.terminal.run(&["chart", id], "").code == Some(0)).take(5).map(str::to_owned).collect();
        assert!(!open.is_empty(), "somebody on today's schedule has a chart that opens");
        open
    }

    fn new_note(&self) -> String {
        format!("Kill test note {:04}. Seen today, stable, plan unchanged.", self.notes.len())
    }

    /// Compares what was acknowledged with what the EHR holds.
    fn settle(&self, on_ehr: &[String], verified: &Value) {
        let times = |text: &str| on_ehr.iter().filter(|said| said.contains(text)).count();
        let acknowledged = self.notes.iter().filter(|(_, known)| **known);
        let lost: Vec<&String> = acknowledged.clone().filter(|(text, _)| times(text) == 0).map(|(text, _)| text).collect();
        let twice: Vec<&String> = self.notes.keys().filter(|text| times(text) > 1).collect();
        println!(
            "{} killed ({} more ended before), {} notes begun, {} acknowledged, {} lost, {} twice on the EHR; audit: {verified}",
            self.kills,
            self.survived,
            self.notes.len(),
            acknowledged.count(),
            lost.len(),
            twice.len()
        );
        assert!(lost.is_empty() && twice.is_empty(), "lost {lost:?}, twice {twice:?}");
    }
}

/// How long such a command takes, as far as is known by now: the machine may be busier or idler than it was.
fn closer(known: Duration, seen: Duration) -> Duration {
    (known * 3 + seen) / 4
}

async fn notes_on(records: &Records, patients: &[String]) -> Vec<String> {
    let mut said = Vec::new();
    for patient in patients {
        for document in records.search(&format!("DocumentReference?patient=Patient/{patient}&_count=100")).await {
            let data = document["content"][0]["attachment"]["data"].as_str().and_then(|data| STANDARD.decode(data).ok());
            said.extend(data.and_then(|bytes| String::from_utf8(bytes).ok()));
        }
    }
    said
}

/// Moments drawn from a seed (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A moment of a life of that length, or after it: most of the commands die, the others are acknowledged.
    fn within(&mut self, life: Duration) -> Duration {
        let millis = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.below(millis + millis / 4 + 1))
    }
}
