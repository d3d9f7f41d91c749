//! Does it open?
use clap::Args;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

/// Prove that the vault opens, and lock it again.
#[derive(Args)]
pub struct Unlock {}

impl Unlock {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { view, .. } = terminal.unlock()?;
        terminal.answer(&view, show::desk)
    }
}
