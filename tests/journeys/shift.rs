//! What a shift brings: the desk locks by itself and comes back to the caret; a restricted chart opens only by break-glass.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use journeys::{App, Clinician, Desktop, PracticeEhr};
use serde_json::{Value, json};
use thirtyfour::Key;

const PASSPHRASE: &str = "four quiet owls over the barn";
const TEXT: &str = "Seen for review. Slept well, no new complaints.";
const REASON: &str = "Found unresponsive on the ward, allergies unknown.";
/// The warning comes a quarter of it before the lock.
const IDLE_SECONDS: &str = "40";

#[tokio::test]
async fn the_idle_desk_locks_and_comes_back_to_the_caret_and_a_restricted_chart_opens_by_break_glass() {
    let desktop = Desktop::start().await;
    let ehr = PracticeEhr::start(40);
    let profile = desktop.keyring.home().join("satchel");
    let app = App::launch(&desktop, &profile, &ehr).await;
    app.window.enrol(&desktop, &ehr, &Clinician::PHYSICIAN, PASSPHRASE).await;
    app.window.synced().await;
    app.close().await;

    let app = App::launch_with(&desktop, &profile, &ehr, &["--idle-seconds", IDLE_SECONDS]).await;
    app.window.unlock(PASSPHRASE).await;

    let patient = app.window.scheduled().await.into_iter().next().expect("someone scheduled");
    app.window.press(&format!("schedule-row-{patient}")).await;
    app.window.see(&format!("chart-{patient}")).await;
    let caret = write_and_step_back(&app).await;
    left_alone_it_warns_and_a_key_keeps_it_open(&app, &desktop).await;
    left_alone_longer_it_locks(&app).await;
    app.window.unlock(PASSPHRASE).await;
    back_at_the_caret(&app, &patient, caret).await;
    nothing_says_it_is_sent(&app).await;

    let (restricted, family) = someone_restricted(&ehr).await;
    break_glass(&app, &restricted, &family).await;
    the_ehr_hears_of_it(&desktop, &ehr).await;
    app.window.command("audit").await;
    app.window.press("audit-verify").await;
    app.window.reaches("audit-verified", "data-intact", "true").await;
    other_looks(&app).await;
}

/// Types a note and goes back a few letters. Answers where the caret then stands.
async fn write_and_step_back(app: &App) -> Value {
    app.window.start_note().await;
    app.window.type_into("note-editor", TEXT).await;
    for _ in 0..11 {
        app.window.keys(Key::Left + "").await;
    }
    app.window.note_is_kept().await;
    caret(app).await
}

async fn caret(app: &App) -> Value {
    app.window.script("const at = document.activeElement; return [at.dataset.testid, at.selectionStart, at.selectionEnd];").await
}

async fn left_alone_it_warns_and_a_key_keeps_it_open(app: &App, desktop: &Desktop) {
    app.window.see("idle-warning").await;
    app.window.picture("11-idle-warning").await;
    desktop.display.press("shift");
    app.window.gone("idle-warning").await;
    app.window.see("note-editor").await;
}

async fn left_alone_longer_it_locks(app: &App) {
    let left = Instant::now();
    app.window.see("locked").await;
    assert!(left.elapsed() > Duration::from_secs(35), "the key began the time anew");
    app.window.picture("12-locked-by-idling").await;
    let page = app.window.script("return document.documentElement.outerHTML;").await;
    let page = page.as_str().expect("text");
    assert!(!page.contains("Slept well") && !page.contains("banner-name"), "nothing of the chart is left in the page");
}

async fn back_at_the_caret(app: &App, patient: &str, before: Value) {
    app.window.see(&format!("chart-{patient}")).await;
    app.window.see("note-editor").await;
    assert_eq!(app.window.value("note-editor").await, TEXT);
    assert_eq!(caret(app).await, before);
    assert_eq!(before, json!(["note-editor", TEXT.len() - 11, TEXT.len() - 11]));
    // The hands go on where they were.
    app.window.keys("really ").await;
    app.window.note_is_kept().await;
    assert_eq!(app.window.value("note-editor").await, "Seen for review. Slept well, no new really complaints.");
}

/// A note without signature is on its way nowhere, and the desk says so.
async fn nothing_says_it_is_sent(app: &App) {
    app.window.says("sync-count", |words| words == "1 unsigned note").await;
    app.window.press("sync-count").await;
    app.window.see_first("unsigned-row-").await;
    app.window.picture("13-outbox").await;
}

/// A patient whose chart is labelled restricted.
async fn someone_restricted(ehr: &PracticeEhr) -> (String, String) {
    let records = ehr.records_as(&Clinician::PHYSICIAN).await;
    let everyone = records.search("Patient?_count=50").await;
    let labelled =
        |patient: &&Value| patient["meta"]["security"].as_array().is_some_and(|labels| labels.iter().any(|label| label["code"] == "R"));
    let patient = everyone.iter().find(labelled).expect("a restricted chart");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&patient["id"]), text(&patient["name"][0]["family"]))
}

async fn break_glass(app: &App, patient: &str, family: &str) {
    let window = &app.window;
    window.fill("search", family).await;
    window.press(&format!("search-row-{patient}")).await;
    window.see("break-glass").await;
    assert!(!window.shows("banner-name").await, "nothing of the chart shows before");
    let reason = window.ids("bg-reason-").await.into_iter().next().expect("a reason");
    window.press(&format!("bg-reason-{reason}")).await;
    window.fill("bg-text", REASON).await;
    window.fill("bg-passphrase", "not this one").await;
    window.press("bg-open").await;
    window.see("break-glass").await;
    wrong_passphrase(app).await;
    window.picture("14-break-glass").await;
    window.fill("bg-passphrase", PASSPHRASE).await;
    window.press("bg-open").await;
    window.see("bg-banner").await;
    window.see(&format!("chart-{patient}")).await;
    window.picture("15-opened-by-break-glass").await;
    window.press("bg-end").await;
    window.gone(&format!("chart-{patient}")).await;
}

async fn wrong_passphrase(app: &App) {
    let code = journeys::until(async || app.window.error_code().await).await;
    assert_eq!(code.as_deref(), Some("wrong_passphrase"));
}

/// The privacy officer need not come to this workstation: the chain's entries are in the EHR's audit repository.
async fn the_ehr_hears_of_it(desktop: &Desktop, ehr: &PracticeEhr) {
    let officer = ehr.records_as(&Clinician::PRIVACY_OFFICER).await;
    let began = Instant::now();
    loop {
        let found = officer.search("AuditEvent?_count=1000").await;
        let of = |code: &str| found.iter().filter(|event| event["subtype"][0]["code"] == code).count();
        if (of("110127"), of("110138")) == (1, 1) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(150), "emergency access, begun and ended, is known to the EHR");
        // Someone is at the desk meanwhile, or it would lock.
        desktop.display.press("shift");
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// Pictures for the eye: dark, large, the palette.
async fn other_looks(app: &App) {
    let window = &app.window;
    let patient = window.scheduled().await.into_iter().next().expect("someone scheduled");
    window.press(&format!("schedule-row-{patient}")).await;
    window.see(&format!("chart-{patient}")).await;
    window.keys(Key::Control + "k").await;
    window.see("palette-input").await;
    window.picture("16-palette").await;
    window.keys(Key::Escape + "").await;
    window.press("theme-toggle").await;
    window.press("theme-toggle").await;
    window.picture("17-dark").await;
}
