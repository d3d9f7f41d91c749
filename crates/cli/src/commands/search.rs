//! Finding a patient.
use clap::Args;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::stdin;
use crate::terminal::Terminal;

/// Longest query, bytes.
const LIMIT: usize = 1024;

/// Find patients by name, birth date or record number, in any order, with typing slips.
#[derive(Args)]
pub struct Search {
    /// What to look for; `-` reads it from standard input after the passphrase, out of sight of other users' process lists.
    query: String,
}

impl Search {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, .. } = terminal.unlock()?;
        let found = match self.query.as_str() {
            "-" => {
                let query = stdin::rest(LIMIT)?;
                desk.ask(|host| desk::search_patients(host, query.trim()))?
            }
            query => desk.ask(|host| desk::search_patients(host, query))?,
        };
        terminal.answer(&found, show::search)
    }
}
