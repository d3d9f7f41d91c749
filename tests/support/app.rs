//! Satchel, opened in its real window and driven through WebDriver.
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};
use tokio::net::TcpStream;
use xtask::{child, paths};

use crate::process::{Group, descendants_running, free_port, kill_9};
use crate::wait::until_within;
use crate::{Desktop, PracticeEhr, Window, practice, until};

/// A debug build on a loaded machine.
const OPENS_WITHIN: Duration = Duration::from_secs(120);

/// A running Satchel. Dropping it ends it and everything it started.
pub struct App {
    /// Its window.
    pub window: Window,
    pid: u32,
    profile: PathBuf,
    _front: Group,
}

impl App {
    /// Opens Satchel on this desktop with this profile, and waits until its window can be driven.
    pub async fn launch(desktop: &Desktop, profile: &Path, ehr: &PracticeEhr) -> Self {
        practice::install_crypto();
        let (port, native_port) = (free_port(), free_port());
        let front = child::bound(paths::tauri_driver())
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
            .envs(desktop.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .process_group(0)
            .spawn()
            .map(Group)
            .expect("tauri-driver is installed (cargo xtask setup)");
        let answers = async |port| TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop);
        until(async || answers(port).await).await.expect("tauri-driver answers");
        until(async || answers(native_port).await).await.expect("WebKitWebDriver answers");

        let satchel = paths::program("satchel");
        let arguments = ["--profile", &text(profile), "--ehr", ehr.fhir(), "--ca", &text(ehr.ca())].map(str::to_owned);
        let mut capabilities = Capabilities::new();
        capabilities.set("tauri:options", json!({ "application": satchel, "args": arguments })).expect("JSON");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.expect("Satchel opens its window");

        let found = async || descendants_running(front.0.id(), &satchel).first().copied();
        let pid = until_within(OPENS_WITHIN, found).await.expect("Satchel runs");
        Self { window: Window::new(driver), pid, profile: profile.to_owned(), _front: front }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Its profile directory.
    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// Ends it as a power cut would.
    pub fn kill_9(self) {
        kill_9(self.pid);
    }

    /// Closes its window as a user would and waits for it to end.
    pub async fn close(self) {
        self.window.close().await;
        until(async || (!std::path::Path::new(&format!("/proc/{}", self.pid)).exists()).then_some(())).await.expect("Satchel ends");
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path that is text").to_owned()
}
