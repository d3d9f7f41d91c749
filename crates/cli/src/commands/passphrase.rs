//! A new passphrase.
use clap::Args;
use desk::Passphrase as Secret;
use serde_json::json;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::terminal::Terminal;

/// Change the passphrase of whoever unlocks. The new one follows the present one on standard input.
#[derive(Args)]
pub struct Passphrase;

impl Passphrase {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        let new = desk.new_passphrase("New passphrase", terminal)?;
        desk.ask_with_pin(|host| desk::change_passphrase(host, &Secret::new(passphrase.as_str()), &Secret::new(new.as_str())))?;
        terminal.answer(&json!({ "changed": true }), |_, page| page.line("The new passphrase is in force."))
    }
}
