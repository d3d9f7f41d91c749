//! Today.
use clap::Args;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

/// Show today's appointments.
#[derive(Args)]
pub struct Schedule {}

impl Schedule {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, .. } = terminal.unlock()?;
        let today = desk.ask(|host| desk::schedule_today(host))?;
        terminal.answer(&today, show::schedule)
    }
}
