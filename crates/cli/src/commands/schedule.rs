//! Today.
use std::time::Duration;

use clap::Args;
use desk::view::Connection;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

const POLL: Duration = Duration::from_millis(20);
/// Seconds in which synchronisation has read from the vault how current it is; nothing is waited for on the network.
const PATIENCE: u64 = 2;

/// Show today's appointments.
#[derive(Args)]
pub struct Schedule {}

impl Schedule {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, mut view, .. } = terminal.unlock_online()?;
        // INVARIANT: a list says how old it is. Only synchronisation knows, so it is left running until it has said.
        let until = desk.host().now().boot.plus_seconds(PATIENCE);
        let unsaid = |sync: &desk::view::SyncView| sync.last_success.is_none() && sync.connection == Connection::Unknown;
        while unsaid(&view.sync) && desk.host().now().boot < until {
            std::thread::sleep(POLL);
            view.sync = desk.ask(|host| desk::sync_status(host))?;
        }
        let today = desk.ask(|host| desk::schedule_today(host))?;
        terminal.answer(&today, show::schedule)
    }
}
