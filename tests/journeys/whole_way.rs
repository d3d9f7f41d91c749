//! The whole way, once: from a fresh workstation to a note that reached the EHR, through a lost network and a power cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journeys::canary::Canaries;
use journeys::{App, Clinician, Desktop, PracticeEhr, Records};
use serde_json::Value;

const PASSPHRASE: &str = "seven grey herons at the weir";
const KEPT: &str = "Cough for three days, no fever. Lungs clear to auscultation, saturation 98 % on room air. ";
const MID_SENTENCE: &str = "Plan: inhaler technique reviewed, return if";
const REST: &str = " symptoms persist beyond two weeks.";

#[tokio::test]
async fn a_note_survives_a_lost_network_and_a_power_cut_and_reaches_the_ehr_once() {
    let desktop = Desktop::start().await;
    let ehr = PracticeEhr::start(40);
    let profile = desktop.keyring.home().join("satchel");

    let app = App::launch(&desktop, &profile, &ehr).await;
    first_run(&app, &desktop, &ehr).await;
    let patient = chart_of_someone_scheduled(&app, &ehr).await;
    ehr.go_offline().await;
    app.window.knows_it_is_offline().await;
    write_until_mid_sentence(&app).await;
    app.kill_9();

    let app = App::launch(&desktop, &profile, &ehr).await;
    unlock_and_find_the_draft(&app, &patient).await;
    let note = sign_offline(&app).await;
    ehr.go_online().await;
    app.window.sync_now().await;
    app.window.note_stands(&note, "synced").await;
    app.window.synced().await;
    app.window.picture("09-note-synced").await;

    let records = ehr.records_as(&Clinician::PHYSICIAN).await;
    let text = format!("{KEPT}{MID_SENTENCE}{REST}");
    assert_eq!(notes_that_say(&records, &patient, &text).await, 1, "on the EHR, once");
    audit_verifies(&app).await;
    app.window.press("lock").await;
    app.window.see("locked").await;
    nothing_in_the_clear(&app, &desktop, &records, &text).await;
}

/// Enrolment and the first sync, with a picture of each screen.
async fn first_run(app: &App, desktop: &Desktop, ehr: &PracticeEhr) {
    let window = &app.window;
    window.see("first-run").await;
    window.picture("01-first-run").await;
    window.choose_ehr(ehr).await;
    window.picture("02-sign-in").await;
    window.sign_in(desktop, ehr, &Clinician::PHYSICIAN).await;
    window.picture("03-passphrase").await;
    window.set_passphrase(PASSPHRASE).await;
    window.see("desk").await;
    assert_eq!(desktop.keyring.count().await, 2, "the secrets of workstation and first generation are in the keyring");
    window.synced().await;
    window.see_first("schedule-row-").await;
    window.picture("04-desk").await;
}

/// Someone on today's schedule, found by name and opened.
async fn chart_of_someone_scheduled(app: &App, ehr: &PracticeEhr) -> String {
    let window = &app.window;
    let records = ehr.records_as(&Clinician::PHYSICIAN).await;
    let mut ids = window.scheduled().await.into_iter();
    let (id, record) = loop {
        let id = ids.next().expect("someone scheduled whose chart is not restricted");
        let record = records.read(&format!("Patient/{id}")).await;
        if record["meta"]["security"].is_null() {
            break (id, record);
        }
    };
    let family = record["name"][0]["family"].as_str().expect("a family name").to_owned();
    window.fill("search", &family).await;
    window.see(&format!("search-row-{id}")).await;
    window.picture("05-search").await;
    window.press(&format!("search-row-{id}")).await;
    window.see(&format!("chart-{id}")).await;
    let upper = family.to_uppercase();
    window.says("banner-name", |name| name.to_uppercase().contains(&upper)).await;
    for section in ["problems", "allergies", "medications", "vitals", "labs", "immunizations", "encounters", "documents"] {
        window.present(&format!("section-{section}")).await;
    }
    window.picture("06-chart").await;
    assert!(!window.title().await.contains(&family), "the window's title names nobody");
    id
}

/// The network is gone; the power goes while a sentence is being typed.
async fn write_until_mid_sentence(app: &App) {
    let window = &app.window;
    window.start_note().await;
    window.type_into("note-editor", KEPT).await;
    window.note_is_kept().await;
    window.type_into("note-editor", MID_SENTENCE).await;
    window.note_is_kept().await;
    window.picture("07-note-offline").await;
    window.type_into("note-editor", " sym").await;
}

/// What was acknowledged is there; what was typed in the last second may be.
async fn unlock_and_find_the_draft(app: &App, patient: &str) {
    let window = &app.window;
    window.see("locked").await;
    window.picture("08-locked").await;
    window.unlock(PASSPHRASE).await;
    // Unlocking leads back to where the hands were: this chart, this note.
    window.see(&format!("chart-{patient}")).await;
    window.see("note-editor").await;
    let found = window.value("note-editor").await;
    let acknowledged = format!("{KEPT}{MID_SENTENCE}");
    assert!(found.starts_with(&acknowledged), "every acknowledged keystroke is there: {found:?}");
    assert!(format!("{acknowledged} sym").starts_with(&found), "and nothing that was not typed: {found:?}");
    window.fill("note-editor", &format!("{acknowledged}{REST}")).await;
    window.note_is_kept().await;
}

async fn sign_offline(app: &App) -> String {
    let note = app.window.sign_note().await;
    app.window.note_stands(&note, "local_only").await;
    note
}

async fn notes_that_say(records: &Records, patient: &str, text: &str) -> usize {
    let documents = records.search(&format!("DocumentReference?patient=Patient/{patient}&_count=50")).await;
    documents.iter().filter(|document| texts_of(document).iter().any(|said| said.contains(text))).count()
}

/// The attachments of a DocumentReference that are text.
fn texts_of(document: &Value) -> Vec<String> {
    let contents = document["content"].as_array().into_iter().flatten();
    let data = contents.filter_map(|content| content["attachment"]["data"].as_str());
    data.filter_map(|data| String::from_utf8(STANDARD.decode(data).ok()?).ok()).collect()
}

/// As the clinician sees it.
async fn audit_verifies(app: &App) {
    let window = &app.window;
    window.command("audit").await;
    window.see("audit").await;
    window.press("audit-verify").await;
    window.reaches("audit-verified", "data-intact", "true").await;
    window.picture("10-audit").await;
}

/// Names, identifiers and note texts of every patient lie nowhere in the clear: not in the profile, the user's home, temporary files,
/// logs, the web view's own storage, nor in a window's title or the process's command line.
async fn nothing_in_the_clear(app: &App, desktop: &Desktop, records: &Records, note: &str) {
    let canaries = Canaries::new(texts_a_chart_brings(records, note).await);
    assert!(canaries.count() >= 200, "{} canaries", canaries.count());

    let user = desktop.keyring.everything();
    let hunt = canaries.in_files(user);
    assert!(hunt.sightings.is_empty(), "{:?}", hunt.sightings);
    assert!(canaries.in_bytes(Path::new("window titles"), window_titles(desktop).as_bytes()).is_empty());
    let command_line = std::fs::read(format!("/proc/{}/cmdline", app.pid())).unwrap();
    assert!(canaries.in_bytes(Path::new("command line"), &command_line).is_empty());

    // The hunt itself is worth something only if it finds what is there.
    std::fs::write(desktop.keyring.temporary().join("planted"), format!("x{note}y")).unwrap();
    assert_eq!(canaries.in_files(user).sightings.len(), 1, "the planted control is found");
    println!("{} canaries, {} files, {} bytes: none in the clear", canaries.count(), hunt.files, hunt.bytes);
}

async fn texts_a_chart_brings(records: &Records, note: &str) -> Vec<String> {
    let staff = records.search("Practitioner?_count=50").await;
    let is_staff = |family: &str| staff.iter().any(|person| person["name"][0]["family"] == family);
    let mut texts = vec![note.to_owned()];
    for patient in records.search("Patient?_count=50").await {
        let name = &patient["name"][0];
        let given = name["given"][0].as_str().unwrap_or_default();
        let family = name["family"].as_str().unwrap_or_default();
        texts.extend([format!("{given} {family}"), format!("{family}, {given}")]);
        texts.extend((!is_staff(family)).then(|| family.to_owned()));
        let identifiers = patient["identifier"].as_array().into_iter().flatten();
        texts.extend(identifiers.filter_map(|identifier| identifier["value"].as_str()).map(str::to_owned));
    }
    for document in records.search("DocumentReference?_count=50").await {
        texts.extend(texts_of(&document).into_iter().filter_map(|text| text.lines().max_by_key(|line| line.len()).map(str::to_owned)));
    }
    texts.retain(|text| text.chars().count() >= 6);
    texts.sort();
    texts.dedup();
    texts
}

fn window_titles(desktop: &Desktop) -> String {
    let all = Command::new("xdotool")
        .args(["search", "--name", ".*", "getwindowname", "%@"])
        .env("DISPLAY", desktop.display.name())
        .output()
        .expect("xdotool is installed");
    String::from_utf8_lossy(&all.stdout).into_owned()
}
