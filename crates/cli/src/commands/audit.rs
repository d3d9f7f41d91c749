//! The audit chain.
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use desk::view::ClearQuarantineRequest;
use desk::{AuditExport, AuditForm, AuditReplay, ClearReason, EXPORT_PAGE, Passphrase, ReplayOf, Verdict, parse};
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
    /// Say how far the EHR has countersigned the chain, and whether it is quarantined.
    Status,
    /// Take a quarantined chain up again, together with the EHR: for those who look after workstations or privacy.
    ClearQuarantine {
        /// Why; goes into the chain.
        #[arg(long, value_enum)]
        reason: Reason,
        /// What happened, in words; goes to the EHR alone.
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Show the states before and after what an entry says was done. PHI; that it was looked at is recorded.
    State {
        /// The entry's number, as replay shows it.
        entry: u64,
    },
    /// Settle an incident of a clinician on this workstation (privacy officers): it reaches the watch at that clinician's next unlock.
    Settle {
        /// The clinician.
        user: String,
        /// The incident's number, as its entry names it.
        number: u32,
        /// What was found.
        #[arg(long, value_enum)]
        verdict: Found,
    },
    /// Write the whole chain; the last record is of the export itself.
    Export {
        /// How.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
        /// A new file, for its owner alone; standard output without it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// What the privacy officer found of an incident.
#[derive(Clone, Copy, ValueEnum)]
enum Found {
    /// There was a good reason: what followed is lifted.
    Explained,
    /// It was what it looked like.
    Confirmed,
}

/// How the chain is written.
#[derive(Clone, Copy, ValueEnum, Default)]
enum Format {
    /// Every link as stored, with digest and MAC, one JSON object a line.
    #[default]
    Ndjson,
    /// FHIR AuditEvents (IHE BALP), one a line.
    Balp,
    /// A table (RFC 4180), for spreadsheets.
    Csv,
}

impl From<Format> for AuditForm {
    fn from(format: Format) -> Self {
        match format {
            Format::Ndjson => Self::Ndjson,
            Format::Balp => Self::Balp,
            Format::Csv => Self::Csv,
        }
    }
}

/// Why a chain may be taken up again.
#[derive(Clone, Copy, ValueEnum)]
enum Reason {
    /// The workstation was restored from a backup or a snapshot.
    Restored,
    /// Its profile was copied to another machine, and one of the two is given up.
    Copied,
    /// The EHR lost its memory or its key.
    EhrChanged,
    /// It was looked into, and what happened is known.
    Investigated,
}

impl From<Reason> for ClearReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Restored => Self::Restored,
            Reason::Copied => Self::Copied,
            Reason::EhrChanged => Self::EhrChanged,
            Reason::Investigated => Self::Investigated,
        }
    }
}

#[derive(Args)]
struct Replay {
    /// What was done in this patient's chart.
    #[arg(long, value_name = "ID")]
    patient: Option<String>,
    /// What this clinician did (--user says who unlocks).
    #[arg(long, value_name = "ID", conflicts_with = "patient")]
    by: Option<String>,
    /// At this time or later (RFC 3339, with zone).
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<Utc>>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    to: Option<DateTime<Utc>>,
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
        // A quarantine is lifted with the EHR; everything else here needs no network.
        let online = matches!(self.action, Action::ClearQuarantine { .. });
        let Unlocked { desk, passphrase, .. } = if online { terminal.unlock_online() } else { terminal.unlock() }?;
        let leave = || desk.ask(|host| desk::begin_audit_export(host, Some(&Passphrase::new(passphrase.as_str()))));
        match self.action {
            Action::Verify => verify(terminal, &desk),
            Action::Replay(replay) => replay.run(terminal, &desk),
            Action::Status => terminal.answer(&desk.ask(|host| desk::audit_status(host))?, show::audit_status),
            Action::ClearQuarantine { reason, note } => {
                let request = ClearQuarantineRequest { reason: ClearReason::from(reason).as_str().to_owned(), note };
                let status = desk.wait(async |host| desk::clear_quarantine(host, request).await)?;
                terminal.answer(&status, show::audit_status)
            }
            Action::State { entry } => {
                let states = desk.ask(|host| desk::audit_state(host, entry))?;
                terminal.answer(&states, show::states)
            }
            Action::Settle { user, number, verdict } => {
                let verdict = match verdict {
                    Found::Explained => Verdict::Explained,
                    Found::Confirmed => Verdict::Confirmed,
                };
                desk.ask(|host| desk::settle_incident(host, &parse::user(&user)?, number, verdict))?;
                terminal.answer(&(), |(), page: &mut Page| page.line("Settled."))
            }
            Action::Export { format, out: None } => export(&desk, &leave()?, format.into(), &mut terminal.output()).map(drop),
            Action::Export { format, out: Some(path) } => {
                let exported = export_to(&desk, &leave()?, format.into(), &path)?;
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
                (Some(patient), _) => ReplayOf::Patient(parse::patient(patient)?),
                (None, Some(user)) => ReplayOf::User(parse::user(user)?),
                (None, None) => ReplayOf::Everything,
            };
            desk::replay_audit(host, &AuditReplay { of, from: self.from, until: self.to, limit: self.limit })
        })?;
        terminal.answer(&rows, |rows, page| show::replay(rows, page))
    }
}

/// A file that was there is not overwritten; one that could not be finished does not stay.
fn export_to(desk: &Opened, leave: &AuditExport, form: AuditForm, path: &Path) -> Result<Exported, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|_| Failure::Usage("the file is there already, or cannot be made"))?;
    let mut out = io::BufWriter::new(file);
    let written = export(desk, leave, form, &mut out).and_then(|exported| {
        out.get_ref().sync_all()?;
        Ok(exported)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written
}

fn export(desk: &Opened, leave: &AuditExport, form: AuditForm, out: &mut impl Write) -> Result<Exported, Failure> {
    let mut exported = Exported { entries: 0, last: 0 };
    loop {
        let page = desk.ask(|host| desk::export_audit(host, leave, form, exported.last + 1))?;
        out.write_all(page.records.as_bytes())?;
        exported.entries += u64::from(page.links);
        exported.last = page.last;
        // Every page adds the entry that records it: the end is a page that is not full, never an empty one.
        if page.links < EXPORT_PAGE {
            out.flush()?;
            return Ok(exported);
        }
    }
}
