//! The command line.
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    Audit, BreakGlass, Chart, Clinicians, Doctor, Document, Enrol, Erase, Join, Keys, Note, Outbox, Passphrase, Policy, Recovery, Schedule,
    Search, SecurityKey, SignIn, Status, Sync, Unlock,
};
use crate::failure::{EXIT_CODES, Failure};
use crate::terminal::Terminal;

/// Satchel from a terminal: the charts of today's patients, encrypted on this workstation.
///
/// Every command but `enrol` and `doctor` unlocks the vault first, works through the same permissions and audit chain as the window,
/// and locks it again. The passphrase is typed at the terminal, or read from the first line of standard input with
/// --passphrase-stdin; it is never taken from the command line or the environment.
#[derive(Parser)]
#[command(name = "satchel-cli", version, after_help = EXIT_CODES)]
pub struct Arguments {
    /// What every command shares.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command shares.
#[derive(Args)]
pub struct Common {
    /// Folder of the profile [default: the user's data folder].
    #[arg(long, global = true, value_name = "DIR", env = "SATCHEL_PROFILE", hide_env_values = true)]
    pub profile: Option<PathBuf>,
    /// Answer as JSON: the answer on stdout, failures and progress on stderr.
    #[arg(long, global = true)]
    pub json: bool,
    /// Read the passphrase from the first line of standard input.
    #[arg(long, global = true)]
    pub passphrase_stdin: bool,
    /// Who unlocks, where several clinicians are enrolled.
    #[arg(long, global = true, value_name = "ID")]
    pub user: Option<String>,
    /// Idle lock after so many seconds; shortens the 15 minutes, never lengthens.
    #[arg(long, global = true, value_name = "SECONDS", env = "SATCHEL_IDLE_SECONDS", hide_env_values = true)]
    pub idle_seconds: Option<u64>,
    /// Further root certificate (PEM) to trust for the EHR.
    #[arg(long, global = true, value_name = "FILE", env = "SATCHEL_CA", hide_env_values = true)]
    pub ca: Option<PathBuf>,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    Enrol(Enrol),
    Join(Join),
    Passphrase(Passphrase),
    SignIn(SignIn),
    Unlock(Unlock),
    Sync(Sync),
    Status(Status),
    Search(Search),
    Schedule(Schedule),
    Chart(Chart),
    Document(Document),
    Note(Note),
    Outbox(Outbox),
    BreakGlass(BreakGlass),
    Audit(Audit),
    Clinicians(Clinicians),
    Keys(Keys),
    SecurityKey(SecurityKey),
    Recovery(Recovery),
    Erase(Erase),
    Policy(Policy),
    Doctor(Doctor),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::Enrol(command) => command.run(terminal),
            Self::Join(command) => command.run(terminal),
            Self::Passphrase(command) => command.run(terminal),
            Self::SignIn(command) => command.run(terminal),
            Self::Unlock(command) => command.run(terminal),
            Self::Sync(command) => command.run(terminal),
            Self::Status(command) => command.run(terminal),
            Self::Search(command) => command.run(terminal),
            Self::Schedule(command) => command.run(terminal),
            Self::Chart(command) => command.run(terminal),
            Self::Document(command) => command.run(terminal),
            Self::Note(command) => command.run(terminal),
            Self::Outbox(command) => command.run(terminal),
            Self::BreakGlass(command) => command.run(terminal),
            Self::Audit(command) => command.run(terminal),
            Self::Clinicians(command) => command.run(terminal),
            Self::Keys(command) => command.run(terminal),
            Self::SecurityKey(command) => command.run(terminal),
            Self::Recovery(command) => command.run(terminal),
            Self::Erase(command) => command.run(terminal),
            Self::Policy(command) => command.run(terminal),
            Self::Doctor(command) => command.run(terminal),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_every_option_explained() {
        let command = Arguments::command();
        command.clone().debug_assert();
        for sub in command.get_subcommands() {
            assert!(sub.get_about().is_some(), "{}", sub.get_name());
            for argument in sub.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", sub.get_name(), argument.get_id());
            }
        }
    }

    #[test]
    fn no_option_takes_a_passphrase() {
        let command = Arguments::command();
        let arguments = command.get_subcommands().chain([&command]).flat_map(clap::Command::get_arguments);
        for argument in arguments.filter(|argument| argument.get_id().as_str().contains("passphrase")) {
            assert!(!argument.get_action().takes_values() && argument.get_env().is_none(), "{}", argument.get_id());
        }
    }
}
