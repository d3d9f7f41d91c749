//! Where things lie in the repository and what the builds leave behind.
use std::env;
use std::path::{Path, PathBuf};

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_dir.ancestors().nth(2).unwrap_or(crate_dir).to_owned()
}

/// The main workspace's build directory, which also holds everything these commands keep between runs.
#[must_use]
pub fn target() -> PathBuf {
    target_of(&root())
}

/// A program of the main workspace, as the development profile leaves it.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// The practice EHR's program.
#[must_use]
pub fn practice_ehr() -> PathBuf {
    target_of(&root().join("practice-ehr")).join("debug/practice-ehr")
}

/// The WebDriver front for Tauri windows.
#[must_use]
pub fn tauri_driver() -> PathBuf {
    target().join("tools/bin/tauri-driver")
}

/// Notes these commands leave for their next run.
#[must_use]
pub fn notes() -> PathBuf {
    target().join("xtask")
}

fn target_of(workspace: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), |set| workspace.join(set))
}
