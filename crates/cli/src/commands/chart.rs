//! A chart.
use clap::Args;
use desk::parse;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

/// Open a patient's chart.
#[derive(Args)]
pub struct Chart {
    /// The patient's id, as `search` shows it.
    patient: String,
}

impl Chart {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, .. } = terminal.unlock()?;
        let opened = desk.ask(|host| desk::open_chart(host, &parse::patient(&self.patient)?))?;
        terminal.answer(&opened, show::chart)
    }
}
