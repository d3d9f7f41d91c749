//! Unlocks a profile, opens the charts named on standard input, and writes every record of the vault to standard output, one a line,
//! digit for digit: what a comparison with the EHR needs. The first line of standard input is the passphrase.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    clippy::panic,
    reason = "a developer command; what does not work ends it"
)]
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use desk::view::{LockReason, Stage, SyncView};
use desk::{Host, Notices, Options, Passphrase, SecurityKeys, parse};
use kernel::{ErrorCode, PatientId, SystemClock};
use serde_json::value::RawValue;

#[derive(Parser)]
struct Arguments {
    /// Folder of the profile.
    profile: PathBuf,
}

#[tokio::main]
async fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("standard input");
    let mut lines = input.lines();
    let passphrase = Passphrase::new(lines.next().expect("a passphrase"));
    let host = open(Arguments::parse().profile, &passphrase);

    let mut took = Vec::new();
    for id in lines {
        let patient = parse::patient(id).expect("a patient's id");
        let started = Instant::now();
        let opened = desk::open_chart(&host, &patient);
        took.push(started.elapsed());
        if let Err(problem) = opened {
            eprintln!("{id}: the chart does not open: {}", problem.code().as_str());
            std::process::exit(1);
        }
        write(&desk::chart_records(&host, &patient).expect("the chart's records"));
    }
    write(&desk::directory_records(&host).expect("the records of no patient"));
    host.lock();
    tell(took);
}

fn open(profile: PathBuf, passphrase: &Passphrase) -> Arc<Host> {
    let options = Options {
        profile,
        suggested_ehr: None,
        further_root: None,
        idle_seconds: None,
        token_module: None,
        token_label: None,
        policy: desk::PolicyFound::on_this_machine(),
    };
    let runtime = tokio::runtime::Handle::current();
    let host = Host::start(options, Host::os_keyring(), SecurityKeys::of_this_machine(), Arc::new(SystemClock), Arc::new(Nobody), runtime)
        .expect("a profile");
    let Stage::Locked { users, .. } = desk::stage(&host).expect("a stage") else { panic!("nobody is enrolled here") };
    let user = parse::user(&users[0].user).expect("a user's id");
    desk::unlock(&host, &user, passphrase).expect("the vault opens");
    desk::cancel_sync(&host).expect("no sync");
    host
}

/// A record's text may hold line breaks outside strings; as one line it is the same JSON with the same digits.
fn write(records: &[String]) {
    for record in records {
        let record: Box<RawValue> = serde_json::from_str(record).expect("JSON");
        println!("{}", record.get().replace(['\n', '\r'], " "));
    }
}

fn tell(mut took: Vec<Duration>) {
    took.sort();
    let (median, slowest) = (took.get(took.len() / 2), took.last());
    eprintln!("{} charts opened, median {median:?}, slowest {slowest:?}", took.len());
}

/// Nobody watches.
struct Nobody;

impl Notices for Nobody {
    fn sync(&self, _: &SyncView) {}

    fn idle_warning(&self, _: Option<u32>) {}

    fn locked(&self, _: LockReason) {}

    fn rotation(&self, _: Option<desk::view::RotationView>) {}

    fn security_key(&self, _: Option<&desk::view::SecurityKeyPrompt>) {}

    fn chart_changed(&self, _: &PatientId) {}

    fn browse(&self, _: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::SignInFailed)
    }
}
