//! A fresh sign-in of whoever is enrolled.
use clap::Args;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

/// Sign in at the EHR again, with the system browser: new tokens, new grants, a new offline lease.
#[derive(Args)]
pub struct SignIn {
    /// Seconds to finish the sign-in in the browser.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

impl SignIn {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, .. } = terminal.unlock_online()?;
        let view = desk.sign_in(self.timeout, async |host| desk::sign_in_again(host).await)?;
        terminal.answer(&desk.as_opened(view)?, show::desk)
    }
}
