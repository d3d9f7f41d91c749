//! The whole way from a terminal, on real parts: the practice EHR, GNOME Keyring, the program itself, each a process of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use journeys::{Clinician, Keyring, PracticeEhr};
use serde_json::{Value, json};
use support::{Said, Terminal};

const PASSPHRASE: &str = "seven grey herons at the weir";
const NOTE: &str = "Cough for three days, no fever.\nPlan: inhaler technique reviewed.";
const ADMINISTRATOR: Clinician = Clinician { user: "samuel.osei", password: "practice" };
const PRIVACY_OFFICER: Clinician = Clinician { user: "miriam.adler", password: "practice" };

/// An enrolled workstation and its EHR.
struct Workstation {
    ehr: PracticeEhr,
    keyring: Keyring,
    terminal: Terminal,
}

impl Workstation {
    /// `None`, said so, where the practice EHR is not built.
    async fn enrolled_by(clinician: &Clinician) -> Option<Self> {
        if !xtask::paths::practice_ehr().exists() {
            eprintln!("skipped: the practice EHR is not built (cargo build --manifest-path practice-ehr/Cargo.toml)");
            return None;
        }
        let (ehr, keyring) = (PracticeEhr::start(30), Keyring::start().await);
        let mut environment: Vec<_> = keyring.environment().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        environment.push(("BROWSER".to_owned(), browser(&keyring, &ehr, clinician)));
        environment.push(("SATCHEL_CA".to_owned(), ehr.ca().display().to_string()));
        let station = Self { terminal: Terminal { profile: keyring.home().join("satchel"), environment }, ehr, keyring };
        let enrolled = station.call(&["enrol", "--ehr", station.ehr.fhir()]).json();
        assert!(enrolled["may"].as_array().is_some_and(|may| !may.is_empty()));
        assert_eq!(station.keyring.count().await, 2, "the secrets of workstation and first generation are in the keyring");
        Some(station)
    }

    /// With the passphrase on standard input and answers as JSON.
    fn call(&self, arguments: &[&str]) -> Said {
        self.call_with(arguments, "")
    }

    fn call_with(&self, arguments: &[&str], rest: &str) -> Said {
        let arguments = [&["--json", "--passphrase-stdin"], arguments].concat();
        self.terminal.call(&arguments, &format!("{PASSPHRASE}\n{rest}"))
    }

    /// As a person reads it.
    fn page(&self, arguments: &[&str]) -> String {
        let arguments = [&["--passphrase-stdin"], arguments].concat();
        self.terminal.call(&arguments, &format!("{PASSPHRASE}\n")).done()
    }
}

/// A browser at which this clinician signs in whenever a page asks.
fn browser(keyring: &Keyring, ehr: &PracticeEhr, clinician: &Clinician) -> String {
    let path = keyring.home().join("browser");
    let program = xtask::paths::practice_ehr();
    let (program, ca, log) = (program.display(), ehr.ca().display(), keyring.home().join("browser.log"));
    let Clinician { user, password } = clinician;
    let call = format!("'{program}' sign-in --user '{user}' --password '{password}' --ca '{ca}' \"$1\"");
    fs::write(&path, format!("#!/bin/sh\nexec {call} >>'{}' 2>&1\n", log.display())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path.display().to_string()
}

/// Someone whom the signed-in clinician sees today, with an ordinary chart.
fn of_today(station: &Workstation) -> String {
    let schedule = station.call(&["schedule"]).json();
    assert!(schedule["as_of"].is_string(), "a list says how old it is: {schedule}");
    let mine = |row: &&Value| row["mine"] == true && row["patient"]["restricted"] == false;
    let row = schedule["rows"].as_array().unwrap().iter().find(mine);
    row.unwrap_or_else(|| panic!("nobody today: {schedule}"))["patient"]["patient"].as_str().unwrap().to_owned()
}

fn ids(rows: &Value, id: impl Fn(&Value) -> &Value) -> Vec<String> {
    rows.as_array().unwrap().iter().filter_map(|row| id(row).as_str().map(str::to_owned)).collect()
}

async fn notes_on_the_ehr(ehr: &PracticeEhr, patient: &str, id: &str) -> usize {
    let records = ehr.records_as(&Clinician::PHYSICIAN).await;
    let documents = records.search(&format!("DocumentReference?patient=Patient/{patient}&_count=50")).await;
    documents.iter().filter(|document| document["id"] == id).count()
}

#[tokio::test]
async fn a_colleague_gets_a_place_and_a_passphrase_changes() {
    const NURSES: &str = "four quiet owls over the barn";
    const NEWER: &str = "copper lamp under seven stairs";
    let Some(mut station) = Workstation::enrolled_by(&Clinician::PHYSICIAN).await else { return };
    let nurse = browser(&station.keyring, &station.ehr, &Clinician::NURSE);
    station.terminal.environment.iter_mut().filter(|(name, _)| name == "BROWSER").for_each(|(_, value)| value.clone_from(&nurse));
    let joined = station.call_with(&["join"], &format!("{NURSES}\n")).json();
    assert_eq!((joined["role"].as_str(), joined["enrolled"].as_bool()), (Some("nurse"), Some(false)));
    assert_eq!(station.call_with(&["join"], &format!("{NURSES}\n")).code, 2, "whoever unlocks has to be named now");
    let again = station.call_with(&["--user", "amara-okafor", "join"], &format!("{NURSES}\n"));
    assert_eq!(again.failed(1), "already_enrolled");

    // No network: each unlocks with their own passphrase, and no other's.
    station.ehr.go_offline().await;
    let unlock = |user: &str, passphrase: &str| {
        station.terminal.call(&["--json", "--passphrase-stdin", "--user", user, "unlock"], &format!("{passphrase}\n"))
    };
    assert_eq!(unlock("lena-fischer", NURSES).json()["user"]["role"], "nurse");
    assert_eq!(unlock("lena-fischer", PASSPHRASE).code, 4);
    let change = ["--json", "--passphrase-stdin", "--user", "lena-fischer", "passphrase"];
    assert_eq!(station.terminal.call(&change, &format!("{NURSES}\n{NEWER}\n")).json(), json!({ "changed": true }));
    assert_eq!(unlock("lena-fischer", NURSES).code, 4);
    assert!(unlock("lena-fischer", NEWER).json()["lease_until"].is_string(), "the sign-in at joining counts");
    assert_eq!(unlock("amara-okafor", PASSPHRASE).json()["user"]["role"], "physician");
    assert_eq!(station.keyring.count().await, 2);
}

/// The profile's files as they stand, elsewhere.
fn copy_of(profile: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(profile).unwrap() {
        let (path, place) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() { copy_of(&path, &place) } else { fs::copy(&path, &place).map(drop).unwrap() }
    }
}

#[tokio::test]
async fn keys_are_renewed_someone_leaves_and_no_copy_opens_any_more() {
    const PHYSICIANS: &str = "four quiet owls over the barn";
    let Some(mut station) = Workstation::enrolled_by(&ADMINISTRATOR).await else { return };
    let physician = browser(&station.keyring, &station.ehr, &Clinician::PHYSICIAN);
    station.terminal.environment.iter_mut().filter(|(name, _)| name == "BROWSER").for_each(|(_, value)| value.clone_from(&physician));
    station.call_with(&["join"], &format!("{PHYSICIANS}\n")).json();
    let keeper = |arguments: &[&str], rest: &str| {
        station
            .terminal
            .call(&[&["--json", "--passphrase-stdin", "--user", "samuel-osei"], arguments].concat(), &format!("{PASSPHRASE}\n{rest}"))
    };
    let work = |profile: &Terminal, arguments: &[&str]| {
        profile.call(&[&["--json", "--passphrase-stdin", "--user", "amara-okafor"], arguments].concat(), &format!("{PHYSICIANS}\n"))
    };
    work(&station.terminal, &["sync"]).json();

    // A copied profile and the right passphrase, on a machine whose keyring knows nothing of it: nothing opens.
    let copy = |name: &str| {
        let profile = station.keyring.home().join(name);
        copy_of(&station.terminal.profile, &profile);
        Terminal { profile, environment: station.terminal.environment.clone() }
    };
    let (before, elsewhere) = (copy("before"), Keyring::start().await);
    let environment = elsewhere.environment().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let stolen = Terminal { profile: before.profile.clone(), environment };
    assert_eq!(work(&stolen, &["unlock"]).failed(6), "keyring_emptied");
    assert_eq!(elsewhere.count().await, 0, "nothing is made anew");

    // On this machine a copy opens, until the keys are renewed.
    work(&before, &["unlock"]).done();
    assert_eq!(keeper(&["keys", "status"], "").json()["generation"], 1);
    let renewed = keeper(&["keys", "rotate"], "").json();
    assert_eq!((&renewed["generation"], &renewed["rotation"]), (&json!(2), &Value::Null));
    assert_eq!(work(&before, &["unlock"]).failed(6), "keyring_emptied");
    assert!(work(&station.terminal, &["schedule"]).json()["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
    assert_eq!(station.keyring.count().await, 2, "the former generation's secret is deleted");

    // A recovery key brings unsent work back without passphrase and keyring.
    let code = keeper(&["recovery", "make"], "").json()["code"].as_str().unwrap().to_owned();
    station.ehr.go_offline().await;
    let patient = work(&station.terminal, &["schedule"]).json()["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["mine"] == true && row["patient"]["restricted"] == false)
        .unwrap()["patient"]["patient"]
        .as_str()
        .unwrap()
        .to_owned();
    let note = ["--json", "--passphrase-stdin", "--user", "amara-okafor", "note", &patient];
    station.terminal.call(&note, &format!("{PHYSICIANS}\n{NOTE}\n")).json();
    assert_eq!(keeper(&["recovery", "drill"], &format!("{code}\n")).json(), json!({ "of": 1, "recovered": 1 }));
    let lost = Terminal { profile: copy("lost").profile, environment: stolen.environment.clone() };
    let out = station.keyring.home().join("recovered.ndjson");
    let read = ["--json", "--passphrase-stdin", "recovery", "read", "--out", out.to_str().unwrap()];
    assert_eq!(lost.call(&read, "0000-0000\n").failed(4), "recovery_code");
    assert_eq!(lost.call(&read, &format!("{code}\n")).json(), json!({ "recovered": 1, "missing": 0 }));
    let recovered: Value = serde_json::from_str(fs::read_to_string(&out).unwrap().trim()).unwrap();
    assert_eq!(
        (&recovered["author"], &recovered["patient"], &recovered["kind"]),
        (&json!("amara-okafor"), &json!(patient), &json!("DocumentReference"))
    );
    let record: Value = serde_json::from_str(recovered["body"].as_str().unwrap()).unwrap();
    assert!(record["content"][0]["attachment"]["data"].is_string(), "the exact record, ready to be sent: {record}");
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);

    // Who is disabled waits; who has unsent work is not removed by accident; who is removed is gone, from every copy.
    keeper(&["clinicians", "disable", "amara-okafor"], "").done();
    assert_eq!(work(&station.terminal, &["unlock"]).failed(4), "clinician_disabled");
    keeper(&["clinicians", "enable", "amara-okafor"], "").done();
    work(&station.terminal, &["unlock"]).done();
    assert_eq!(keeper(&["clinicians", "remove", "amara-okafor"], "").failed(1), "unsent_work");
    let before = copy("before-the-removal");
    keeper(&["clinicians", "remove", "amara-okafor", "--leave-work"], "").done();
    assert_eq!(work(&station.terminal, &["unlock"]).failed(1), "not_enrolled");
    assert_eq!(work(&before, &["unlock"]).failed(6), "keyring_emptied");
    assert_eq!(keeper(&["erase", "workstation"], "").failed(1), "unsent_work");
    keeper(&["erase", "workstation", "--lose-unsent"], "").done();
    assert_eq!((station.keyring.count().await, station.terminal.profile.join("vault").exists()), (0, false));
}

#[tokio::test]
async fn a_physician_goes_from_enrolment_to_a_note_on_the_ehr() {
    let Some(station) = Workstation::enrolled_by(&Clinician::PHYSICIAN).await else { return };
    let synced = station.call(&["sync"]).json();
    assert_eq!((&synced["connection"], &synced["running"]), (&"online".into(), &false.into()));
    assert!(synced["charts_ready"].as_u64() > Some(0) && synced["last_success"].is_string(), "{synced}");

    // Someone of today, found by name and opened.
    let patient = of_today(&station);
    let record = station.ehr.records_as(&Clinician::PHYSICIAN).await.read(&format!("Patient/{patient}")).await;
    let family = record["name"][0]["family"].as_str().unwrap().to_owned();
    let found = station.call(&["search", &family]).json();
    assert!(ids(&found["rows"], |row| &row["patient"]).contains(&patient));
    assert_eq!(station.call_with(&["search", "-"], &family).json()["total"], found["total"], "out of sight");
    let chart = station.call(&["chart", &patient]).json();
    assert_eq!(chart["chart"]["banner"]["patient"], patient);
    let page = station.page(&["chart", &patient]);
    assert!(page.to_uppercase().contains(&family.to_uppercase()), "{page}");
    for section in ["PROBLEMS", "ALLERGIES", "MEDICATIONS", "VITAL SIGNS", "LABORATORY", "IMMUNIZATIONS", "NOTES AND DOCUMENTS"] {
        assert!(page.contains(&format!("\n{section}\n")), "{section}");
    }

    // A note, refused where it must be, then written, sent, and read.
    assert_eq!(station.call_with(&["note", &patient], " \n").failed(1), "empty_note");
    assert_eq!(station.call_with(&["note", "nobody-of-this-id"], NOTE).failed(1), "not_found");
    let note = station.call_with(&["note", &patient], NOTE).json();
    assert_eq!((&note["patient"], &note["state"]), (&patient.as_str().into(), &"local_only".into()));
    let note = note["id"].as_str().unwrap().to_owned();
    assert_eq!(ids(&station.call(&["outbox"]).json(), |row| &row["id"]), [note.as_str()]);
    station.call(&["sync"]).done();
    assert_eq!(station.call(&["outbox", "list"]).json(), Value::Array(Vec::new()));
    assert_eq!(notes_on_the_ehr(&station.ehr, &patient, &note).await, 1);
    let read = station.call(&["document", &patient, "DocumentReference", &note]).json();
    assert_eq!(read["text"].as_str().map(str::trim_end), Some(NOTE));
    assert_eq!(read["row"]["source"]["state"], "synced");

    // What the role does not permit is refused; the chain is whole.
    let verified = station.call(&["audit", "verify"]).json();
    assert!(verified["intact"] == true && verified["entries"].as_u64() > Some(10), "{verified}");
    for refused in [&["audit", "export"][..], &["audit", "replay"]] {
        assert_eq!(station.call(refused).failed(8), "forbidden");
    }
    names_nobody(&station).await;
}

/// What nobody asked for is not printed.
async fn names_nobody(station: &Workstation) {
    let patients = station.ehr.records_as(&Clinician::PHYSICIAN).await.search("Patient?_count=50").await;
    let names: Vec<_> = patients.iter().map(|patient| patient["name"][0]["family"].as_str().unwrap().to_lowercase()).collect();
    assert!(names.len() >= 30);
    let json = [&["status"][..], &["doctor"], &["unlock"], &["sync"], &["outbox"], &["audit", "verify"]].map(|quiet| station.call(quiet));
    let pages = [&["status"][..], &["doctor"], &["outbox"]]
        .map(|quiet| station.terminal.call(&[&["--passphrase-stdin"], quiet].concat(), &format!("{PASSPHRASE}\n")));
    for said in json.into_iter().chain(pages) {
        assert_eq!(said.code, 0, "{said:?}");
        let text = format!("{}{}", said.out, said.err).to_lowercase();
        let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).collect();
        assert!(!names.iter().any(|name| words.contains(&name.as_str())), "{text}");
    }
}

#[tokio::test]
async fn without_the_ehr_work_goes_on_and_is_sent_later() {
    let Some(station) = Workstation::enrolled_by(&Clinician::PHYSICIAN).await else { return };
    station.call(&["sync"]).done();
    station.ehr.go_offline().await;

    assert_eq!(station.call(&["sync"]).failed(7), "ehr_unreachable");
    assert_eq!(station.call(&["status"]).json()["sync"]["connection"], "offline");
    assert_eq!(station.call(&["doctor"]).failed(7), "ehr_unreachable");
    let patient = of_today(&station);
    station.call(&["chart", &patient]).done();
    let written = station.keyring.home().join("note.txt");
    fs::write(&written, NOTE).unwrap();
    let note = station.call(&["note", &patient, "--file", written.to_str().unwrap()]).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(station.call(&["sync"]).failed(7), "ehr_unreachable");
    let waiting = station.call(&["outbox"]).json();
    assert_eq!(ids(&waiting, |row| &row["id"]), [note.as_str()]);
    assert!(waiting[0]["name"].is_null(), "names are shown when asked for");
    assert!(station.call(&["outbox", "list", "--names"]).json()[0]["name"].is_string());
    assert_eq!(station.call(&["outbox", "retry", "4711"]).failed(1), "not_found");

    station.ehr.go_online().await;
    station.call(&["sync"]).done();
    assert_eq!(station.call(&["outbox"]).json(), Value::Array(Vec::new()));
    assert_eq!(notes_on_the_ehr(&station.ehr, &patient, &note).await, 1);
}

#[tokio::test]
async fn a_sync_ends_in_time_and_with_the_idle_limit() {
    let Some(station) = Workstation::enrolled_by(&Clinician::PHYSICIAN).await else { return };
    let limit = |seconds| station.call(&["unlock", "--idle-seconds", seconds]).json()["idle_limit_seconds"].clone();
    assert_eq!((limit("60"), limit("86400")), (60.into(), 900.into()), "shortened, never lengthened");

    let slow = json!({ "path": "/fhir", "fault": { "latency": { "ms": 60_000 } } });
    station.ehr.admin("POST", "/faults", &slow).await;
    assert_eq!(station.call(&["sync", "--timeout", "1"]).failed(10), "sync_running");
    assert_eq!(station.call(&["sync", "--idle-seconds", "10"]).failed(3), "locked");
    assert_eq!(station.call(&["status", "--timeout", "1"]).json()["sync"]["connection"], "unknown");
    station.ehr.admin("DELETE", "/faults", &Value::Null).await;
    station.call(&["sync"]).done();
}

#[tokio::test]
async fn a_session_that_has_ended_is_renewed_by_the_same_person_alone() {
    let Some(station) = Workstation::enrolled_by(&Clinician::PHYSICIAN).await else { return };
    station.ehr.admin("POST", "/sessions/end", &Value::Null).await;
    assert_eq!(station.call(&["sync"]).failed(7), "sign_in_needed");

    browser(&station.keyring, &station.ehr, &Clinician::NURSE);
    assert_eq!(station.call(&["sign-in"]).failed(7), "sign_in_other_person");
    browser(&station.keyring, &station.ehr, &Clinician { user: "amara.okafor", password: "wrong" });
    assert_eq!(station.call(&["sign-in", "--timeout", "3"]).failed(7), "sign_in_cancelled", "nobody comes home");
    assert_eq!(station.call(&["sync"]).failed(7), "sign_in_needed");

    browser(&station.keyring, &station.ehr, &Clinician::PHYSICIAN);
    assert!(station.call(&["sign-in"]).json()["lease_until"].is_string());
    station.call(&["sync"]).done();
}

#[tokio::test]
async fn a_chart_outside_the_panel_opens_by_break_glass_alone() {
    let Some(station) = Workstation::enrolled_by(&Clinician::PHYSICIAN).await else { return };
    station.call(&["sync"]).done();
    // A patient of the practice next door, if one turned up here; else whoever is not the physician's own.
    let mut everyone = station.ehr.records_as(&Clinician::PHYSICIAN).await.search("Patient?_count=50").await;
    everyone.sort_by_key(|patient| patient["generalPractitioner"][0]["reference"] != "Practitioner/ruth-castellano");
    let refused = |patient: &&Value| station.call(&["chart", patient["id"].as_str().unwrap()]).code == 8;
    let stranger = everyone.iter().find(refused).expect("someone outside the panel")["id"].as_str().unwrap();
    assert_eq!(station.call(&["chart", stranger]).failed(8), "break_glass_required");

    let why = ["break-glass", stranger, "--reason"];
    assert_eq!(station.call(&[&why[..], &["BORED", "--text", "wants to know"]].concat()).failed(8), "break_glass_reason");
    assert_eq!(station.call(&[&why[..], &["ETREAT", "--text", "x"]].concat()).failed(8), "break_glass_reason");
    assert_eq!(station.call(&["chart", stranger]).failed(8), "break_glass_required", "not by asking wrongly");
    let granted = station.call_with(&[&why[..], &["ETREAT"]].concat(), "Unconscious in the waiting room.\n").json();
    assert_eq!((&granted["patient"], &granted["reason"]), (&stranger.into(), &"ETREAT".into()));
    assert!(station.page(&["chart", stranger]).starts_with("EMERGENCY ACCESS to "));
    station.call(&["break-glass", stranger, "--end"]).done();
    assert_eq!(station.call(&["chart", stranger]).failed(8), "break_glass_required");
}

#[tokio::test]
async fn an_emergency_access_is_numbered_reported_and_reviewed() {
    const OFFICERS: &str = "four quiet owls over the barn";
    let Some(mut station) = Workstation::enrolled_by(&Clinician::PHYSICIAN).await else { return };
    let officer = browser(&station.keyring, &station.ehr, &PRIVACY_OFFICER);
    station.terminal.environment.iter_mut().filter(|(name, _)| name == "BROWSER").for_each(|(_, value)| value.clone_from(&officer));
    station.call_with(&["join"], &format!("{OFFICERS}\n")).done();
    let physician = |arguments: &[&str]| station.call(&[&["--user", "amara-okafor"], arguments].concat());
    let reviewer = |arguments: &[&str]| {
        let arguments = [&["--json", "--passphrase-stdin", "--user", "miriam-adler"], arguments].concat();
        station.terminal.call(&arguments, &format!("{OFFICERS}\n"))
    };
    physician(&["sync"]).done();
    let everyone = station.ehr.records_as(&Clinician::PHYSICIAN).await.search("Patient?_count=50").await;
    let known = everyone.iter().map(|patient| patient["id"].as_str().unwrap());
    let strangers: Vec<_> = known.filter(|id| physician(&["chart", id]).code == 8).take(2).collect();
    let [first, second] = strangers[..] else { panic!("two outside the panel") };

    // Without a network, each under a number of its own; one of them ended.
    station.ehr.go_offline().await;
    let glass = |patient| physician(&["break-glass", patient, "--reason", "ETREAT", "--text", "unconscious in the hall"]).json();
    let numbers = [glass(first), glass(second)].map(|granted| granted["number"].as_str().expect("a number").to_owned());
    assert_ne!(numbers[0], numbers[1]);
    physician(&["break-glass", first, "--end"]).done();
    let reported = || ids(&physician(&["break-glass", "own"]).json(), |own| &own["number"]);
    let waits = |own: &Value| own.as_array().unwrap().iter().filter(|own| own["reported"] == false).count();
    assert_eq!((reported().len(), waits(&physician(&["break-glass", "own"]).json())), (2, 2));
    assert_eq!(reviewer(&["break-glass", "reviews"]).failed(7), "ehr_unreachable", "the queue is the EHR's");

    // At the next sync the EHR hears of both, once, however often that is said.
    station.ehr.go_online().await;
    for _ in 0..2 {
        physician(&["sync"]).done();
    }
    assert_eq!(waits(&physician(&["break-glass", "own"]).json()), 0);
    assert_eq!(physician(&["break-glass", "reviews"]).failed(8), "forbidden");
    let queue = reviewer(&["break-glass", "reviews"]).json();
    let rows = queue["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &queue["unreadable"]), (2, &0.into()), "{queue}");
    assert!(rows.iter().all(|row| row["worth"] == "good" && row["user"] == "amara-okafor" && row["text"] == "unconscious in the hall"));
    let ended = rows.iter().find(|row| row["patient"] == first).unwrap();
    assert!(ended["ended"].is_string() && rows.iter().any(|row| row["ended"].is_null()));
    assert_eq!(reviewer(&["sync"]).json()["reviews"], 2, "the officer is told");

    // Judged on the version that was read, closed once judged.
    let (task, version) = (ended["task"].as_str().unwrap(), ended["version"].as_str().unwrap());
    let on = |what, version| ["break-glass", what, task, "--version", version];
    assert_eq!(reviewer(&on("close", version)).failed(1), "review_changed", "nobody has judged it");
    let judge = |version| reviewer(&[&on("judge", version)[..], &["--judgement", "inappropriate", "--note", "not on call"]].concat());
    assert_eq!(judge("77").failed(1), "review_changed");
    let judged = judge(version).json();
    assert_eq!((&judged["state"], &judged["judgement"]), (&"judged".into(), &"inappropriate".into()));
    assert!(judged["judged_by"].as_str().unwrap().starts_with("Miriam Adler"));
    assert_eq!(judge(version).failed(1), "review_changed", "that version is gone");
    assert_eq!(reviewer(&on("close", judged["version"].as_str().unwrap())).json()["state"], "closed");
    assert_eq!(reviewer(&["break-glass", "reviews"]).json()["rows"].as_array().unwrap().len(), 1);
    let counted = reviewer(&["break-glass", "statistics"]).json();
    let of = &counted["uses"][0];
    assert_eq!(
        (&of["uses"], &of["inappropriate"], &of["waiting"], &of["doubtful"]),
        (&2.into(), &1.into(), &1.into(), &0.into()),
        "{counted}"
    );
    assert_eq!((&counted["incomplete"], &counted["unreported"]), (&false.into(), &0.into()));
    assert!(counted["openings"]["all"]["emergency"].as_u64().unwrap() >= 2, "{counted}");
}

#[tokio::test]
async fn everything_set_back_is_told_by_the_ehr_until_the_privacy_officer_takes_the_chain_up_again() {
    const OFFICERS: &str = "four quiet owls over the barn";
    let Some(mut station) = Workstation::enrolled_by(&Clinician::PHYSICIAN).await else { return };
    station.call(&["sync"]).done();
    let patient = of_today(&station);
    let officer = browser(&station.keyring, &station.ehr, &PRIVACY_OFFICER);
    station.terminal.environment.iter_mut().filter(|(name, _)| name == "BROWSER").for_each(|(_, value)| value.clone_from(&officer));
    station.call_with(&["join"], &format!("{OFFICERS}\n")).done();
    let physician = |arguments: &[&str]| station.call(&[&["--user", "amara-okafor"], arguments].concat());
    let reviewer = |arguments: &[&str]| {
        let arguments = [&["--json", "--passphrase-stdin", "--user", "miriam-adler"], arguments].concat();
        station.terminal.call(&arguments, &format!("{OFFICERS}\n"))
    };
    let countersigned = || physician(&["audit", "status"]).json()["countersigned"]["sequence"].as_u64();
    let synced_until = |more_than: Option<u64>| {
        for _ in 0..5 {
            physician(&["sync"]).done();
            if countersigned() > more_than {
                return countersigned();
            }
        }
        panic!("the EHR did not countersign");
    };
    let first = synced_until(None);

    // A copy of everything; work goes on, and the EHR sees it; then the copy is back in its place.
    let (profile, copy) = (station.terminal.profile.clone(), station.keyring.home().join("copy"));
    copy_of(&profile, &copy);
    physician(&["chart", &patient]).done();
    let second = synced_until(first);
    fs::remove_dir_all(&profile).unwrap();
    copy_of(&copy, &profile);
    assert!(second > first && physician(&["audit", "verify"]).json()["intact"] == true, "nothing here can tell");

    let told = (0..5).map(|_| physician(&["sync"])).find(|said| said.code != 0).expect("the EHR tells");
    assert_eq!(told.failed(9), "audit_broken");
    let status = physician(&["audit", "status"]).json();
    assert!(["behind", "forked"].contains(&status["quarantine"]["standing"].as_str().unwrap()), "{status}");
    assert!(station.page(&["--user", "amara-okafor", "status"]).contains("QUARANTINED"));
    assert!(station.page(&["doctor"]).contains("QUARANTINED"));
    assert_eq!(physician(&["chart", &patient]).failed(8), "break_glass_required");
    physician(&["break-glass", &patient, "--reason", "ETREAT", "--text", "short of breath"]).done();
    physician(&["chart", &patient]).done();

    let clear = ["audit", "clear-quarantine", "--reason", "restored", "--note", "the disk was replaced"];
    assert_eq!(physician(&clear).failed(8), "forbidden");
    assert_eq!(reviewer(&clear).json()["quarantine"], Value::Null);
    physician(&["break-glass", &patient, "--end"]).done();
    synced_until(countersigned());
    physician(&["chart", &patient]).done();
    let officers = station.ehr.records_as(&PRIVACY_OFFICER).await;
    let events = officers.search("AuditEvent?_count=1000").await;
    let alerts: Vec<_> = events.iter().filter(|event| event["subtype"][0]["system"] == "urn:satchel:audit-chain").collect();
    assert_eq!(alerts.len(), 2, "marked, and taken up again");
    assert_eq!(alerts[1]["subtype"][0]["code"], "cleared");
}

#[tokio::test]
async fn a_privacy_officer_replays_and_exports_the_chain() {
    let Some(station) = Workstation::enrolled_by(&PRIVACY_OFFICER).await else { return };
    let synced = station.call(&["sync"]).json();
    assert!(synced["missing"].as_array().unwrap().iter().all(|missing| missing["why"] == "forbidden"), "{synced}");
    let verified = station.call(&["audit", "verify"]).json();
    assert_eq!(verified["intact"], true);
    let all = station.call(&["audit", "replay"]).json();
    let sequence = |row: &Value| row["sequence"].as_u64().unwrap();
    let rows = all.as_array().unwrap();
    assert!(rows.windows(2).all(|pair| sequence(&pair[0]) < sequence(&pair[1])), "oldest first");
    assert_eq!(rows[0]["action"], "enrol");
    let own = station.call(&["audit", "replay", "--by", "miriam-adler", "--limit", "5"]).json();
    assert_eq!(own.as_array().unwrap().len(), 5);
    assert!(own.as_array().unwrap().iter().all(|row| row["who"] == "miriam-adler"));
    assert_eq!(station.call(&["audit", "replay", "--by", "nobody"]).json(), Value::Array(Vec::new()));
    assert!(station.page(&["audit", "replay", "--limit", "3"]).contains("read_audit"));

    let out = station.keyring.home().join("chain.ndjson");
    let export = ["audit", "export", "--out", out.to_str().unwrap()];
    let exported = station.call(&export).json();
    let links: Vec<Value> = fs::read_to_string(&out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exported["entries"], links.len());
    assert!(links.iter().zip(1..).all(|(link, position)| link["sequence"] == position && link["mac"].is_string()));
    assert_eq!(links.last().unwrap()["entry"]["action"], "export_audit", "the last one records the export");
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(station.call(&export).failed(2), "invalid_request", "what is there is not overwritten");
    assert!(station.call(&["audit", "export"]).done().lines().count() > links.len());

    // The checkpoint outside the database is taken away: it still opens, and says so.
    fs::remove_file(station.terminal.profile.join("vault/audit.head")).unwrap();
    assert_eq!(station.call(&["audit", "verify"]).failed(9), "audit_broken");
}

#[tokio::test]
async fn the_door_stays_shut_without_passphrase_or_keyring() {
    let Some(mut station) = Workstation::enrolled_by(&Clinician::NURSE).await else { return };
    assert_eq!(station.call(&["enrol", "--ehr", station.ehr.fhir()]).failed(1), "already_enrolled");
    assert_eq!(station.call(&["unlock", "--user", "somebody-else"]).failed(1), "not_enrolled");
    assert_eq!(station.terminal.call(&["unlock", "--json"], PASSPHRASE).failed(2), "invalid_request", "not unless asked for");
    station.call(&["doctor"]).done();

    station.keyring.lock().await;
    assert_eq!(station.call(&["unlock"]).failed(6), "keyring_locked");
    station.keyring.stop().await;
    assert_eq!(station.call(&["unlock"]).failed(6), "keyring_absent");
    assert_eq!(station.call(&["doctor"]).failed(6), "keyring_absent");
    station.keyring.log_in().await;
    station.call(&["unlock"]).done();

    let wrong = || station.terminal.call(&["--json", "--passphrase-stdin", "unlock"], "eight grey herons at the weir\n");
    let mut tries = 0;
    let said = loop {
        let said = wrong();
        if said.code != 4 {
            break said;
        }
        tries += 1;
        assert_eq!(said.failed(4), "wrong_passphrase");
        assert!(tries < 5, "no end to guessing");
    };
    assert!(tries >= 2, "a slip is forgiven");
    let error: Value = serde_json::from_str(said.err.trim()).unwrap();
    assert!(error["retry_after_seconds"].as_u64() > Some(0), "{error}");
    assert_eq!(said.failed(5), "soft_locked");
    assert_eq!(station.call(&["unlock"]).failed(5), "soft_locked", "not with the right one either, until then");

    station.keyring.empty().await;
    assert_eq!(station.call(&["unlock"]).failed(6), "keyring_emptied");
    assert_eq!(station.keyring.count().await, 0, "nothing is made anew");
}
