//! `cargo xtask run`: Satchel, opened against the EHR that this command starts, or against another.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use xtask::practice::{Options, Practice};
use xtask::{Failure, paths};

use crate::{apt, desktop, shell, tools, ui};

/// Fixed, so that a profile enrolled at the practice EHR finds it again the next time.
const PRACTICE_PORT: u16 = 7443;

/// How to open Satchel.
#[derive(clap::Args)]
pub struct Arguments {
    /// Use the EHR with this FHIR base URL instead of the practice EHR.
    #[arg(long, value_name = "URL", conflicts_with_all = ["data", "patients", "headless_screenshot"])]
    ehr: Option<String>,
    /// Trust this certificate authority (PEM) for the EHR.
    #[arg(long, value_name = "FILE", requires = "ehr")]
    ca: Option<PathBuf>,
    /// Load these FHIR records (bundles or NDJSON, also .zst) into the practice EHR; repeatable.
    #[arg(long, value_name = "DIR|FILE")]
    data: Vec<PathBuf>,
    /// How many synthetic patients the practice EHR makes (250; none where --data is given).
    #[arg(long, value_name = "N")]
    patients: Option<u32>,
    /// Begin again: a new practice EHR and a new, not yet enrolled profile.
    #[arg(long)]
    fresh: bool,
    /// The practice EHR's port.
    #[arg(long, value_name = "PORT", default_value_t = PRACTICE_PORT)]
    port: u16,
    /// Needs no display: sign in, sync, open a chart by itself, and leave a picture of it here.
    #[arg(long, value_name = "FILE")]
    headless_screenshot: Option<PathBuf>,
}

/// Sets up, builds, opens.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let headless = arguments.headless_screenshot.is_some();
    apt::ensure(if headless { apt::Purpose::Drive } else { apt::Purpose::Show })?;
    if !headless {
        desktop::check()?;
    }
    ui::install()?;
    ui::build()?;
    build(arguments.ehr.is_none())?;
    match (&arguments.headless_screenshot, &arguments.ehr) {
        (Some(picture), _) => picture_of_a_chart(arguments, picture),
        (None, Some(ehr)) => open(ehr, arguments.ca.as_deref(), &home_of_this_ehr(arguments)?.join("profile")),
        (None, None) => open_against_practice(arguments),
    }
}

fn build(with_practice_ehr: bool) -> Result<(), Failure> {
    if with_practice_ehr {
        shell::run(&mut shell::practice_cargo(&["build"]))?;
    }
    shell::run(&mut shell::cargo(&["build", "--workspace", "--bins"]))
}

fn open_against_practice(arguments: &Arguments) -> Result<(), Failure> {
    let home = home_of_this_ehr(arguments)?;
    let load = absolute(&arguments.data)?;
    let options = Options { data_dir: home.join("ehr"), port: arguments.port, patients: patients(arguments), load, ..Options::default() };
    println!("Starting the practice EHR");
    let practice = Practice::start(&options, progress())?;
    println!("The practice EHR answers at {}", practice.ready.fhir);
    println!("Its clinicians are invented; sign in as amara.okafor (physician) or lena.fischer (nurse), password \"practice\".");
    println!("Your browser does not know its certificate ({}): import it or accept it once.", practice.ready.ca.display());
    open(&practice.ready.fhir, Some(&practice.ready.ca), &home.join("profile"))
}

fn open(ehr: &str, ca: Option<&Path>, profile: &Path) -> Result<(), Failure> {
    println!("Opening Satchel (profile {})", profile.display());
    let mut satchel = Command::new(paths::program("satchel"));
    satchel.args(["--ehr", ehr]).arg("--profile").arg(profile);
    if let Some(ca) = ca {
        satchel.arg("--ca").arg(ca);
    }
    shell::run(&mut satchel)
}

fn picture_of_a_chart(arguments: &Arguments, picture: &Path) -> Result<(), Failure> {
    tools::ensure_tauri_driver()?;
    let mut demonstrate = Command::new(paths::program("picture-of-a-chart"));
    demonstrate.arg(std::path::absolute(picture).map_err(Failure::at(picture))?);
    if let Some(patients) = patients(arguments) {
        demonstrate.arg("--patients").arg(patients.to_string());
    }
    for path in absolute(&arguments.data)? {
        demonstrate.arg("--load").arg(path);
    }
    shell::run(&mut demonstrate)
}

fn patients(arguments: &Arguments) -> Option<u32> {
    arguments.patients.or((!arguments.data.is_empty()).then_some(0))
}

/// Where the EHR with this content, and the profile enrolled at it, are kept: what was written is still there the next time.
fn home_of_this_ehr(arguments: &Arguments) -> Result<PathBuf, Failure> {
    let home = paths::target().join("practice").join(name_of_content(arguments));
    if arguments.fresh && home.exists() {
        fs::remove_dir_all(&home).map_err(Failure::at(&home))?;
    }
    fs::create_dir_all(&home).map_err(Failure::at(&home))?;
    Ok(home)
}

fn name_of_content(arguments: &Arguments) -> String {
    let parts = match &arguments.ehr {
        Some(url) => vec![url.clone()],
        None => {
            let patients = patients(arguments).map_or_else(|| "clinic".to_owned(), |patients| format!("clinic-{patients}"));
            let loaded = arguments.data.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
            std::iter::once(patients).chain(loaded).collect()
        }
    };
    parts.join("-").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

fn absolute(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    paths.iter().map(|path| fs::canonicalize(path).map_err(Failure::at(path))).collect()
}

/// A word every ten seconds.
fn progress() -> impl FnMut(Duration) {
    let mut said = 0;
    move |waited| {
        if waited.as_secs() >= said + 10 {
            said = waited.as_secs();
            println!("  still filling it ({said} s)");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn name(line: &str) -> String {
        name_of_content(&Line::try_parse_from(line.split(' ')).unwrap().arguments)
    }

    #[test]
    fn each_content_has_a_home_of_its_own() {
        assert_eq!(name("run"), "clinic");
        assert_eq!(name("run --patients 20"), "clinic-20");
        assert_eq!(name("run --data a/b.tar.zst --data c"), "clinic-0-b-tar-zst-c");
        assert_eq!(name("run --ehr https://ehr.example/r4"), "https---ehr-example-r4");
    }

    #[test]
    fn the_practice_options_make_no_sense_with_another_ehr() {
        assert!(Line::try_parse_from("run --ehr https://ehr.example --data d".split(' ')).is_err());
        assert!(Line::try_parse_from("run --ca ca.pem".split(' ')).is_err());
    }
}
