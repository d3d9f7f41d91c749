//! Does it open?
use clap::Args;

use crate::failure::Failure;
use crate::show;
use crate::terminal::Terminal;

/// Prove that the vault opens, and lock it again.
#[derive(Args)]
pub struct Unlock {}

impl Unlock {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let (_desk, view, _) = terminal.unlock_online()?;
        terminal.answer(&view, show::desk)
    }
}
