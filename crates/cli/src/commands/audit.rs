//! The audit chain.
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use desk::{AuditReplay, EXPORT_PAGE, parse};
use kernel::ErrorCode;
use serde::Serialize;

use crate::failure::Failure;
use crate::opened::{Opened, Unlocked};
use crate::page::Page;
use crate::show;
use crate::terminal::Terminal;

/// Verify, replay or export the audit chain.
#[derive(Args)]
pub struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Check every entry against the chain, its MACs and the checkpoint outside the database.
    Verify,
    /// Read what was done, oldest first: the latest entries, or those of one patient or one clinician.
    Replay(Replay),
    /// Write every link as stored, with digest and MAC, one JSON object a line; the last one records the export.
    Export {
        /// A new file, for its owner alone; standard output without it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Args)]
struct Replay {
    /// What was done in this patient's chart.
    #[arg(long, value_name = "ID")]
    patient: Option<String>,
    /// What this clinician did (--user says who unlocks).
    #[arg(long, value_name = "ID", conflicts_with = "patient")]
    by: Option<String>,
    /// Entries at most, the latest.
    #[arg(long, default_value_t = 1000)]
    limit: u32,
}

/// What an export wrote.
#[derive(Serialize)]
struct Exported {
    entries: u64,
    last: u64,
}

impl Audit {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, .. } = terminal.unlock()?;
        match self.action {
            Action::Verify => verify(terminal, &desk),
            Action::Replay(replay) => replay.run(terminal, &desk),
            Action::Export { out: None } => export(&desk, &mut io::stdout().lock()).map(drop),
            Action::Export { out: Some(path) } => {
                let exported = export_to(&desk, &path)?;
                terminal.answer(&exported, |exported, page: &mut Page| page.line(&format!("{} entries written.", exported.entries)))
            }
        }
    }
}

fn verify(terminal: &Terminal, desk: &Opened) -> Result<(), Failure> {
    let verified = desk.ask(|host| desk::audit_verify(host))?;
    terminal.answer(&verified, show::verified)?;
    if verified.intact { Ok(()) } else { Err(Failure::named(ErrorCode::AuditBroken)) }
}

impl Replay {
    fn run(self, terminal: &Terminal, desk: &Opened) -> Result<(), Failure> {
        let rows = desk.ask(|host| {
            let of = match (&self.patient, &self.by) {
                (Some(patient), _) => AuditReplay::Patient(parse::patient(patient)?),
                (None, Some(user)) => AuditReplay::User(parse::user(user)?),
                (None, None) => AuditReplay::Everything,
            };
            desk::replay_audit(host, &of, self.limit)
        })?;
        terminal.answer(&rows, |rows, page| show::replay(rows, page))
    }
}

/// A file that was there is not overwritten; one that could not be finished does not stay.
fn export_to(desk: &Opened, path: &Path) -> Result<Exported, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|_| Failure::Usage("the file is there already, or cannot be made"))?;
    let mut out = io::BufWriter::new(file);
    let written = export(desk, &mut out).and_then(|exported| {
        out.get_ref().sync_all()?;
        Ok(exported)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written
}

fn export(desk: &Opened, out: &mut impl Write) -> Result<Exported, Failure> {
    let mut exported = Exported { entries: 0, last: 0 };
    loop {
        let page = desk.ask(|host| desk::export_audit(host, exported.last + 1))?;
        for link in &page {
            serde_json::to_writer(&mut *out, link).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
            exported.entries += 1;
            exported.last = link.sequence;
        }
        // Every page adds the entry that records it: the end is a page that is not full, never an empty one.
        if page.len() < EXPORT_PAGE as usize {
            out.flush()?;
            return Ok(exported);
        }
    }
}
