//! Satchel, opened in its real window.
use std::path::{Path, PathBuf};
use std::time::Duration;

use xtask::paths;

use crate::driven::Driven;
use crate::process::{self, descendants_running};
use crate::wait::until_within;
use crate::{Desktop, PracticeEhr, Window, until};

/// A debug build on a loaded machine.
const OPENS_WITHIN: Duration = Duration::from_secs(120);

/// A running Satchel. Dropping it ends it and everything it started.
pub struct App {
    /// Its window.
    pub window: Window,
    pid: u32,
    profile: PathBuf,
    _driven: Driven,
}

impl App {
    /// Opens Satchel on this desktop with this profile, and waits until its window can be driven.
    pub async fn launch(desktop: &Desktop, profile: &Path, ehr: &PracticeEhr) -> Self {
        Self::launch_with(desktop, profile, ehr, &[]).await
    }

    /// As [`App::launch`], with further arguments.
    pub async fn launch_with(desktop: &Desktop, profile: &Path, ehr: &PracticeEhr, further: &[&str]) -> Self {
        let satchel = paths::program("satchel");
        let mut arguments = ["--profile", text(profile), "--ehr", ehr.fhir(), "--ca", text(ehr.ca())].map(str::to_owned).to_vec();
        arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
        let driven = Driven::start(desktop, &satchel, &arguments).await;
        let running = async || descendants_running(driven.front.0.id(), &satchel).first().copied();
        let pid = until_within(OPENS_WITHIN, running).await.expect("Satchel runs");
        Self { window: Window::new(driven.driver.clone()), pid, profile: profile.to_owned(), _driven: driven }
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
        process::kill_9(self.pid);
    }

    /// Closes its window as a user would and waits for it to end.
    pub async fn close(self) {
        self.window.close().await;
        let ended = async || (!process::is_running(self.pid)).then_some(());
        until(ended).await.expect("Satchel ends when its window closes");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}
