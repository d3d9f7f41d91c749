//! What waits to be sent.
use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

/// Show what the EHR has not acknowledged, or send a refused entry once more.
#[derive(Args)]
pub struct Outbox {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Every entry that the EHR has not acknowledged (the default).
    List {
        /// Show the patients' names beside their ids, where the entry is your own.
        #[arg(long)]
        names: bool,
    },
    /// Put a refused entry back in line; `sync` sends it.
    Retry {
        /// The entry's number.
        entry: u32,
    },
}

impl Outbox {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, .. } = terminal.unlock()?;
        let names = match self.action {
            None => false,
            Some(Action::List { names }) => names,
            Some(Action::Retry { entry }) => {
                desk.ask(|host| desk::retry_rejected(host, entry))?;
                false
            }
        };
        let mut rows = desk.ask(|host| desk::outbox(host))?;
        if !names {
            rows.iter_mut().for_each(|row| row.name = None);
        }
        terminal.answer(&rows, |rows, page| show::outbox(rows, page))
    }
}
