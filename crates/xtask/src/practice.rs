//! The practice EHR as a process of its own: started, awaited, ended.
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::{Failure, child, paths};

/// A machine under load needs long to seed a clinic; one that is stuck needs to be told.
const READY_WITHIN: Duration = Duration::from_secs(900);
const POLL: Duration = Duration::from_millis(100);

/// How to start it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where it keeps its database, keys and certificates.
    pub data_dir: PathBuf,
    /// The port of its FHIR front; 0 takes any free one.
    pub port: u16,
    /// How many synthetic patients a new database gets; its own default when absent.
    pub patients: Option<u32>,
    /// FHIR files or directories a new database gets.
    pub load: Vec<PathBuf>,
    /// Where its output goes; this command's own output when absent.
    pub log: Option<PathBuf>,
}

/// What it says about itself once it answers.
#[derive(Debug, Clone)]
pub struct Ready {
    /// FHIR base URL.
    pub fhir: String,
    /// Its certificate authority, PEM.
    pub ca: PathBuf,
    /// Base URL of the interface that sets faults.
    pub admin: String,
    /// The token of that interface.
    pub admin_token: String,
}

/// A running practice EHR; dropping it ends it.
#[derive(Debug)]
pub struct Practice {
    /// Where it answers.
    pub ready: Ready,
    child: Child,
}

impl Practice {
    /// Starts it and waits until it answers. `waiting` is called now and then with the time waited so far.
    pub fn start(options: &Options, mut waiting: impl FnMut(Duration)) -> Result<Self, Failure> {
        fs::create_dir_all(&options.data_dir).map_err(Failure::at(&options.data_dir))?;
        let ready_file = options.data_dir.join("ready.json");
        remove_if_there(&ready_file)?;
        let mut child = spawn(options, &ready_file)?;

        let started = Instant::now();
        loop {
            if let Some(ready) = read_ready(&ready_file)? {
                return Ok(Self { ready, child });
            }
            if let Some(status) = child.try_wait().map_err(Failure::at(paths::practice_ehr()))? {
                return Err(Failure::Command { command: said(options), status });
            }
            if started.elapsed() > READY_WITHIN {
                let _ = child.kill();
                return Err(Failure::advice("the practice EHR did not become ready"));
            }
            waiting(started.elapsed());
            sleep(POLL);
        }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(options: &Options, ready_file: &Path) -> Result<Child, Failure> {
    let program = paths::practice_ehr();
    if !program.exists() {
        return Err(Failure::advice("the practice EHR is not built: cargo build --manifest-path practice-ehr/Cargo.toml"));
    }
    let mut command = child::bound(&program);
    command.arg("serve").arg("--data-dir").arg(&options.data_dir);
    command.arg("--port").arg(options.port.to_string());
    command.arg("--ready-file").arg(ready_file);
    command.arg("--cache").arg(paths::target().join("practice/cache"));
    if let Some(patients) = options.patients {
        command.arg("--patients").arg(patients.to_string());
    }
    for path in &options.load {
        command.arg("--load").arg(path);
    }
    if let Some(log) = &options.log {
        let out = File::options().create(true).append(true).open(log).map_err(Failure::at(log))?;
        command.stdout(out.try_clone().map_err(Failure::at(log))?).stderr(out);
    }
    command.stdin(Stdio::null()).spawn().map_err(|source| Failure::Start { program: program.display().to_string(), source })
}

fn remove_if_there(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::at(path)(error)),
        _ => Ok(()),
    }
}

/// `None` while the file is absent or not yet whole.
fn read_ready(path: &Path) -> Result<Option<Ready>, Failure> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(None) };
    let Ok(said) = serde_json::from_str::<serde_json::Value>(&text) else { return Ok(None) };
    let text = |name: &str| {
        let value = said.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        value.ok_or_else(|| Failure::advice(format_args!("the practice EHR's ready file has no \"{name}\"")))
    };
    Ok(Some(Ready { fhir: text("fhir")?, ca: text("ca")?.into(), admin: text("admin")?, admin_token: text("admin_token")? }))
}

fn said(options: &Options) -> String {
    match &options.log {
        Some(log) => format!("practice-ehr serve (its output: {})", log.display()),
        None => "practice-ehr serve".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_ready_file_half_written_is_not_ready_and_one_without_an_address_is_an_error() {
        let file = std::env::temp_dir().join(format!("satchel-ready-{}", std::process::id()));
        let _ = fs::remove_file(&file);
        assert!(read_ready(&file).unwrap().is_none());
        fs::write(&file, r#"{"fhir":"https://127.0.0.1:1/fh"#).unwrap();
        assert!(read_ready(&file).unwrap().is_none());
        fs::write(&file, r#"{"ca":"ca.pem","admin":"a","admin_token":"t"}"#).unwrap();
        assert!(read_ready(&file).is_err());
        fs::write(&file, r#"{"fhir":"f","ca":"ca.pem","admin":"a","admin_token":"t","pid":1}"#).unwrap();
        assert_eq!(read_ready(&file).unwrap().unwrap().fhir, "f");
        fs::remove_file(&file).unwrap();
    }
}
