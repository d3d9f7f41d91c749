//! The screens, as what a clinician does on each. Everything is known by `data-testid` and `data-state`, nothing by its words.
use thirtyfour::prelude::*;

use crate::{Clinician, Desktop, PracticeEhr, Window};

/// What sync says of itself.
const SYNC: &str = "sync-status";

impl Window {
    /// First run, from choosing the EHR to the open desk.
    pub async fn enrol(&self, desktop: &Desktop, ehr: &PracticeEhr, clinician: &Clinician, passphrase: &str) {
        self.choose_ehr(ehr).await;
        self.sign_in(desktop, ehr, clinician).await;
        self.set_passphrase(passphrase).await;
        self.see("desk").await;
    }

    /// First run's first step: the EHR's address, until the EHR has said who it is.
    pub async fn choose_ehr(&self, ehr: &PracticeEhr) {
        self.see("first-run").await;
        if self.value("ehr-url").await != ehr.fhir() {
            self.fill("ehr-url", ehr.fhir()).await;
        }
        self.press("ehr-continue").await;
        self.see("ehr-card").await;
    }

    /// First run's second step: the sign-in page, in the browser.
    pub async fn sign_in(&self, desktop: &Desktop, ehr: &PracticeEhr, clinician: &Clinician) {
        desktop.browser.sign_in_as(clinician, ehr);
        self.press("sign-in").await;
        self.see("passphrase").await;
    }

    /// First run's last step: the passphrase that opens this workstation.
    pub async fn set_passphrase(&self, passphrase: &str) {
        self.fill("passphrase", passphrase).await;
        self.fill("passphrase-again", passphrase).await;
        self.press("enrol").await;
    }

    /// Opens the locked desk of the workstation's only clinician.
    pub async fn unlock(&self, passphrase: &str) {
        self.try_passphrase(passphrase).await;
        self.see("desk").await;
    }

    /// Opens the locked desk as one of several.
    pub async fn unlock_as(&self, clinician: &Clinician, passphrase: &str) {
        self.see("locked").await;
        self.press(&format!("unlock-user-{}", clinician.user.replace('.', "-"))).await;
        self.unlock(passphrase).await;
    }

    /// A colleague gets a place beside whoever is working; the desk is locked then.
    pub async fn join(&self, desktop: &Desktop, ehr: &PracticeEhr, colleague: &Clinician, passphrase: &str) {
        self.command("add a clinician").await;
        self.see("join").await;
        self.sign_in(desktop, ehr, colleague).await;
        self.set_passphrase(passphrase).await;
        self.see("locked").await;
    }

    /// Types a passphrase on the lock screen and presses the button, whatever comes of it.
    pub async fn try_passphrase(&self, passphrase: &str) {
        self.see("locked").await;
        self.fill("unlock-passphrase", passphrase).await;
        self.press("unlock").await;
    }

    /// Waits until a round of sync is over and the EHR was reached.
    pub async fn synced(&self) {
        self.reaches(SYNC, "data-running", "false").await;
        self.reaches(SYNC, "data-connection", "online").await;
        self.reaches("sync-count", "data-waiting", "0").await;
    }

    /// Waits until the desk knows that the EHR does not answer.
    pub async fn knows_it_is_offline(&self) {
        self.see("offline").await;
    }

    /// Asks for a round of sync now.
    pub async fn sync_now(&self) {
        self.press("sync-now").await;
    }

    /// Searches as a clinician types and opens the patient's chart from what is found.
    pub async fn open_by_search(&self, query: &str, patient: &str) {
        self.fill("search", query).await;
        self.press(&format!("search-row-{patient}")).await;
        self.see(&format!("chart-{patient}")).await;
    }

    /// The patients on today's schedule, as far as they may be opened.
    pub async fn scheduled(&self) -> Vec<String> {
        self.see_first("schedule-row-").await;
        self.ids("schedule-row-").await
    }

    /// Starts a progress note in the chart in front.
    pub async fn start_note(&self) {
        self.press("note-new").await;
        self.see("note-editor").await;
    }

    /// Waits until what stands in the editor is acknowledged as kept on this device.
    pub async fn note_is_kept(&self) {
        self.reaches("note-saved-state", "data-state", "saved").await;
    }

    /// Signs the note in the editor. Answers the id of the document it became.
    pub async fn sign_note(&self) -> String {
        let before = self.notes().await;
        self.press("note-sign").await;
        self.press("note-sign-confirm").await;
        self.gone("note-editor").await;
        let signed = crate::until(async || self.notes().await.into_iter().find(|id| !before.contains(id)));
        signed.await.expect("the signed note is in the chart")
    }

    /// Waits until the note stands so, such as `local_only` or `synced`.
    pub async fn note_stands(&self, id: &str, state: &str) {
        self.reaches(&format!("note-state-{id}"), "data-state", state).await;
    }

    /// The documents of the chart in front.
    async fn notes(&self) -> Vec<String> {
        self.ids("note-state-").await
    }

    /// Opens the command palette, types, and takes the first thing found.
    pub async fn command(&self, words: &str) {
        self.keys(Key::Control + "k").await;
        self.fill("palette-input", words).await;
        self.keys(Key::Enter).await;
    }
}
