//! Where things stand.
use std::time::Duration;

use clap::Args;
use desk::view::Connection;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

const POLL: Duration = Duration::from_millis(100);

/// Show who is enrolled, whether the EHR answers, how current this workstation is, and what waits to be sent.
#[derive(Args)]
pub struct Status {
    /// Seconds to wait for the EHR's first answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 6)]
    timeout: u64,
}

impl Status {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, mut view, .. } = terminal.unlock_online()?;
        let until = desk.host().now().boot.plus_seconds(self.timeout);
        loop {
            view.sync = desk.ask(|host| desk::sync_status(host))?;
            if view.sync.connection != Connection::Unknown || desk.host().now().boot >= until {
                return terminal.answer(&view, show::desk);
            }
            std::thread::sleep(POLL);
        }
    }
}
