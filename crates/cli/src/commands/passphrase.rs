//! A new passphrase.
use clap::Args;
use desk::Passphrase as Secret;
use serde_json::json;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::stdin;
use crate::terminal::Terminal;

/// Change the passphrase of whoever unlocks. The new one follows the present one on standard input.
#[derive(Args)]
pub struct Passphrase;

impl Passphrase {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        let new = stdin::passphrase("New passphrase", terminal.passphrase_stdin())?;
        if stdin::is_typed() && *stdin::passphrase("Once more", false)? != *new {
            return Err(Failure::Usage("the two passphrases differ"));
        }
        desk.ask(|host| desk::change_passphrase(host, &Secret::new(passphrase.as_str()), &Secret::new(new.as_str())))?;
        terminal.answer(&json!({ "changed": true }), |_, page| page.line("The new passphrase is in force."))
    }
}
