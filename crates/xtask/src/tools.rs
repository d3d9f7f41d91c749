//! Tools from crates.io that Debian does not carry.
use xtask::{Failure, paths};

use crate::shell;

const TAURI_DRIVER: &str = "2.1.0";

/// Builds tauri-driver, the WebDriver front for Tauri windows, where it is absent.
pub fn ensure_tauri_driver() -> Result<(), Failure> {
    if paths::tauri_driver().exists() {
        return Ok(());
    }
    println!("Installing tauri-driver {TAURI_DRIVER}");
    let root = paths::target().join("tools");
    let root = root.to_string_lossy();
    let built = paths::target();
    let mut install =
        shell::cargo(&["install", "tauri-driver", "--version", TAURI_DRIVER, "--locked", "--debug", "--quiet", "--root", &root]);
    shell::run(install.env("CARGO_TARGET_DIR", built.join("tools/build")).env("CARGO_PROFILE_DEV_DEBUG", "0"))
}

/// Whether cargo-nextest is installed; without it plain `cargo test` runs the tests.
pub fn has_nextest() -> bool {
    shell::cargo(&["nextest", "--version"]).output().is_ok_and(|said| said.status.success())
}
