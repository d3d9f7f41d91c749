//! The clinician's browser: whatever opens an address on this desktop signs in at the practice EHR.
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use xtask::paths;

use crate::{Clinician, PracticeEhr};

/// Installed as `xdg-open` and `$BROWSER` of one desktop.
#[derive(Debug)]
pub struct Browser {
    directory: PathBuf,
}

impl Browser {
    pub(crate) fn install(home: &Path) -> Self {
        let directory = home.join("browser");
        fs::create_dir(&directory).expect("a directory for the browser");
        let browser = Self { directory };
        browser.write_script("echo \"nobody is at the browser: $1\" >&2; exit 1");
        browser
    }

    /// From now on this clinician sits at the browser and signs in whenever a page asks.
    pub fn sign_in_as(&self, clinician: &Clinician, ehr: &PracticeEhr) {
        self.write_script(&format!(
            "exec {program} sign-in --user {user} --password {password} --ca {ca} \"$1\"",
            program = quoted(&paths::practice_ehr().display().to_string()),
            user = quoted(clinician.user),
            password = quoted(clinician.password),
            ca = quoted(&ehr.ca().display().to_string()),
        ));
    }

    /// What the browser printed so far: why a sign-in did not finish.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    /// The program.
    pub fn program(&self) -> PathBuf {
        self.directory.join("xdg-open")
    }

    /// `PATH` with the browser first.
    pub(crate) fn path(&self) -> String {
        format!("{}:{}", self.directory.display(), std::env::var("PATH").unwrap_or_default())
    }

    fn write_script(&self, body: &str) {
        let log = self.directory.join("log");
        let script = format!("#!/bin/sh\nexec >>{log} 2>&1\n{body}\n", log = quoted(&log.display().to_string()));
        // Replaced in one piece: a browser may be starting this very moment.
        let new = self.directory.join("new");
        fs::write(&new, script).expect("the browser's script");
        fs::set_permissions(&new, Permissions::from_mode(0o700)).expect("an executable script");
        fs::rename(&new, self.program()).expect("the browser's script in place");
    }
}

/// As one word of a shell's line.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
