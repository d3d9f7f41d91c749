//! The vault's keys.
use clap::{Args, Subcommand};
use desk::Passphrase;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

/// See how old the vault's keys are, and renew them.
#[derive(Args)]
pub struct Keys {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Generation, age, and any rotation under way.
    Status,
    /// Make a new generation of keys, or carry on one that was cut off. Older copies of this profile do not open afterwards.
    Rotate,
}

impl Keys {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        if let What::Rotate = self.what {
            desk.ask_with_pin(|host| desk::rotate_keys(host, Some(&Passphrase::new(passphrase.as_str()))))?;
            desk.until_rotated(terminal)?;
        }
        terminal.answer(&desk.ask(|host| desk::key_status(host))?, show::keys)
    }
}
