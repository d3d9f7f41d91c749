//! Two clinicians on one workstation: the second gets a place, the network goes, and each comes back to their own desk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use journeys::{App, Clinician, Desktop, PracticeEhr};

const PHYSICIANS: &str = "seven grey herons at the weir";
const NURSES: &str = "four quiet owls over the barn";
const TEXT: &str = "Night was calm. To be seen by the day team.";

#[tokio::test]
async fn the_next_one_of_a_shift_unlocks_without_a_network_and_finds_their_own_desk() {
    let desktop = Desktop::start().await;
    let ehr = PracticeEhr::start(40);
    let profile = desktop.keyring.home().join("satchel");
    let app = App::launch(&desktop, &profile, &ehr).await;
    app.window.enrol(&desktop, &ehr, &Clinician::PHYSICIAN, PHYSICIANS).await;
    app.window.synced().await;
    let patient = app.window.scheduled().await.into_iter().next().expect("someone scheduled");
    app.window.press(&format!("schedule-row-{patient}")).await;
    app.window.see(&format!("chart-{patient}")).await;
    app.window.start_note().await;
    app.window.type_into("note-editor", TEXT).await;

    app.window.join(&desktop, &ehr, &Clinician::NURSE, NURSES).await;
    app.window.picture("18-two-on-the-lock-screen").await;
    app.window.unlock_as(&Clinician::NURSE, NURSES).await;
    an_empty_desk(&app, &patient).await;
    app.window.synced().await;
    app.window.press("lock").await;

    ehr.go_offline().await;
    app.window.unlock_as(&Clinician::PHYSICIAN, PHYSICIANS).await;
    app.window.see("note-editor").await;
    assert_eq!(app.window.value("note-editor").await, TEXT);
    app.kill_9();

    // A power cut, no network: the second one of the shift still gets in.
    let app = App::launch(&desktop, &profile, &ehr).await;
    app.window.unlock_as(&Clinician::NURSE, NURSES).await;
    an_empty_desk(&app, &patient).await;
    app.window.knows_it_is_offline().await;
    app.window.see_first("schedule-").await;
    app.window.picture("19-the-nurse-offline").await;
    app.window.press("lock").await;
    app.window.see("locked").await;
    app.window.press("unlock-user-lena-fischer").await;
    app.window.try_passphrase(PHYSICIANS).await;
    let code = journeys::until(async || app.window.error_code().await).await;
    assert_eq!(code.as_deref(), Some("wrong_passphrase"), "one's passphrase does not open another's desk");
    assert_eq!(desktop.keyring.count().await, 2, "the same secrets for all");
}

/// Nothing of the physician's: no tab, no note, no count of theirs.
async fn an_empty_desk(app: &App, patient: &str) {
    app.window.see("desk").await;
    assert!(!app.window.shows(&format!("chart-{patient}")).await);
    assert!(!app.window.shows("note-editor").await);
    assert!(!app.window.text("sync-count").await.contains("unsigned"));
}
