//! The parts that npm fetches and Vite builds.
use std::fs;
use std::path::{Path, PathBuf};

use xtask::{Failure, paths};

use crate::shell;
use crate::stamp::Stamp;

/// What lies in `ui/` and is no source: what npm and Vite leave there.
const MADE: &[&str] = &["node_modules", "dist", "coverage"];

/// Where the UI lives.
pub fn directory() -> PathBuf {
    paths::root().join("ui")
}

/// Fetches the packages of the UI and of the practice EHR where a lockfile changed.
pub fn install() -> Result<(), Failure> {
    install_in("ui")?;
    install_in("practice-ehr")
}

/// Builds the UI where its sources changed.
pub fn build() -> Result<(), Failure> {
    let ui = directory();
    let stamp = Stamp::of("ui-build", &sources(&ui)?)?;
    if stamp.is_fresh() && ui.join("dist/index.html").exists() {
        return Ok(());
    }
    println!("Building the UI");
    shell::run(&mut shell::npm(&ui, &["run", "build"]))?;
    stamp.keep()
}

fn sources(ui: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(ui).map_err(Failure::at(ui))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(Failure::at(ui))?;
    paths.retain(|path| !MADE.iter().any(|made| path.ends_with(made)));
    Ok(paths)
}

fn install_in(name: &str) -> Result<(), Failure> {
    let directory = paths::root().join(name);
    let stamp = Stamp::of_content(&format!("npm-{name}"), &directory.join("package-lock.json"))?;
    if stamp.is_fresh() && directory.join("node_modules").exists() {
        return Ok(());
    }
    println!("Installing the npm packages of {name}/");
    need_node(&directory)?;
    shell::run(&mut shell::npm(&directory, &["ci", "--ignore-scripts", "--no-progress"]))?;
    stamp.keep()
}

fn need_node(directory: &Path) -> Result<(), Failure> {
    let found = shell::npm(directory, &["--version"]).output().is_ok_and(|said| said.status.success());
    if found { Ok(()) } else { Err(Failure::advice("Node 20 with npm is needed: https://nodejs.org")) }
}
