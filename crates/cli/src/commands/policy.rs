//! What is set on this workstation.
use clap::Args;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

/// List every setting of this workstation, its value, and who set it. Changes nothing.
#[derive(Args)]
pub struct Policy;

impl Policy {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        // What was last in force is known to the open vault alone.
        let Unlocked { desk, .. } = terminal.unlock()?;
        terminal.answer(&desk.ask(|host| Ok(desk::settings(host)))?, show::settings)
    }
}
