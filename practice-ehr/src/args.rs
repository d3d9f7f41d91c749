//! The command line.

use std::path::PathBuf;

use chrono::{Local, NaiveDate};
use clap::{Args, Parser, Subcommand};

/// The EHR that Satchel's demo and tests talk to.
#[derive(Debug, Parser)]
#[command(name = "practice-ehr", version)]
pub struct Command {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Run the EHR; prints one JSON line when it is ready.
    Serve(Serve),
    /// Sign in as the system browser would, without one.
    SignIn(SignIn),
}

/// How to run the EHR.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where records, keys and certificates are kept.
    #[arg(long)]
    pub data_dir: PathBuf,
    /// Port on the loopback interface; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Synthetic patients in a fresh data directory.
    #[arg(long, default_value_t = 250)]
    pub patients: u32,
    /// What the synthetic patients are drawn from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Day of the clinic's schedule (YYYY-MM-DD); the local day when absent.
    #[arg(long)]
    pub today: Option<NaiveDate>,
    /// Bundle, NDJSON, archive or directory to load; may be repeated.
    #[arg(long)]
    pub load: Vec<PathBuf>,
    /// Directory with search-parameters-r4.json and compartment-definitions-r4.json.
    #[arg(long)]
    pub definitions: Option<PathBuf>,
    /// Write the ready line here, too.
    #[arg(long)]
    pub ready_file: Option<PathBuf>,
    /// Life of access tokens, seconds.
    #[arg(long, default_value_t = 300)]
    pub token_seconds: u32,
    /// Where filled databases are kept for the next start; beside the data directory when absent.
    #[arg(long)]
    pub cache: Option<PathBuf>,
}

/// Whom to sign in, and where.
#[derive(Debug, Args)]
pub struct SignIn {
    /// User name of a practice clinician.
    #[arg(long)]
    pub user: String,
    /// Password.
    #[arg(long)]
    pub password: String,
    /// The EHR's ca.pem.
    #[arg(long)]
    pub ca: PathBuf,
    /// The authorization request, as an application would open it in the browser.
    pub url: url::Url,
}

impl Serve {
    /// The day of the schedule.
    pub fn today(&self) -> NaiveDate {
        self.today.unwrap_or_else(|| Local::now().date_naive())
    }
}
