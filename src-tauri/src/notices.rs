//! What the desk tells the window.
use std::sync::OnceLock;

use desk::Notices;
use desk::view::{LockReason, RotationView, SecurityKeyPrompt, SyncView};
use kernel::{ErrorCode, PatientId};
use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _};

use crate::platform;
use crate::window::MAIN;

/// The window, once it is there.
#[derive(Default)]
pub struct Window(OnceLock<AppHandle>);

#[derive(Serialize, Clone)]
struct IdleWarning {
    seconds_left: u32,
}

#[derive(Serialize, Clone)]
struct ChartChanged {
    patient: String,
}

impl Window {
    /// From here on notices reach the window.
    pub fn attach(&self, app: AppHandle) {
        let _ = self.0.set(app);
    }

    fn emit(&self, event: &str, payload: impl Serialize + Clone) {
        if let Some(app) = self.0.get() {
            let _ = app.emit_to(MAIN, event, payload);
        }
    }
}

impl Notices for Window {
    fn sync(&self, view: &SyncView) {
        self.emit("sync", view.clone());
    }

    fn idle_warning(&self, seconds_left: Option<u32>) {
        self.emit("idle-warning", seconds_left.map(|seconds_left| IdleWarning { seconds_left }));
    }

    fn locked(&self, reason: LockReason) {
        self.emit("locked", reason);
        // The page is destroyed whatever it does about the event.
        if let Some(window) = self.0.get().and_then(|app| app.get_webview_window(MAIN)) {
            platform::renew_page(&window);
        }
    }

    fn rotation(&self, view: Option<RotationView>) {
        self.emit("rotation", view);
    }

    fn security_key(&self, prompt: Option<&SecurityKeyPrompt>) {
        self.emit("security-key", prompt.cloned());
    }

    fn chart_changed(&self, patient: &PatientId) {
        self.emit("chart-changed", ChartChanged { patient: patient.to_string() });
    }

    fn browse(&self, url: &str) -> Result<(), ErrorCode> {
        desk::open_browser(url)
    }
}
