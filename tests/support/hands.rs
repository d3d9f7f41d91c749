//! Satchel in its window as it is delivered: no driver, only a keyboard.
use std::path::Path;
use std::process::{Child, Stdio};

use xtask::{child, paths};

use crate::{Desktop, PracticeEhr};

/// A running Satchel and the hands on its keyboard. Dropping it ends it.
#[derive(Debug)]
pub struct Hands<'a> {
    desktop: &'a Desktop,
    satchel: Child,
}

impl<'a> Hands<'a> {
    /// Opens Satchel on this desktop with this profile, and waits until its window is shown.
    pub fn on(desktop: &'a Desktop, profile: &Path, ehr: &PracticeEhr) -> Self {
        let mut command = child::bound(paths::program("satchel"));
        command.arg("--profile").arg(profile).args(["--ehr", ehr.fhir(), "--ca"]).arg(ehr.ca());
        command.envs(desktop.environment()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let satchel = command.spawn().expect("satchel is built");
        desktop.display.focus("Satchel");
        Self { desktop, satchel }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.satchel.id()
    }

    /// Presses keys one after another, such as `ctrl+k`.
    pub fn press(&self, keys: &[&str]) {
        keys.iter().for_each(|key| self.desktop.display.press(key));
    }

    /// Types where the focus is.
    pub fn write(&self, text: &str) {
        self.desktop.display.write(text);
    }
}

impl Drop for Hands<'_> {
    fn drop(&mut self) {
        let _ = self.satchel.kill();
        let _ = self.satchel.wait();
    }
}
