//! One more clinician on this workstation.
use clap::Args;
use desk::Passphrase;
use kernel::ErrorCode;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::terminal::Terminal;

/// Give a colleague a place on this workstation: unlock as one who has one, then the colleague signs in with the browser.
///
/// The colleague's new passphrase follows the own one on standard input. Where the hospital demands a security key, the colleague has
/// theirs at hand and touches it twice; whoever has one here confirms with their own first.
#[derive(Args)]
pub struct Join {
    /// Seconds to finish the sign-in in the browser.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

impl Join {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, passphrase: own, .. } = terminal.unlock()?;
        let own = Passphrase::new(own.as_str());
        let passphrase = desk.new_passphrase("The colleague's new passphrase", terminal)?;
        let passphrase = Passphrase::new(passphrase.as_str());
        passphrase.check("", "").map_err(|_| Failure::named(ErrorCode::WeakPassphrase))?;
        let colleague = desk.sign_in(self.timeout, async |host| desk::sign_in(host).await)?;
        desk.ask_with_pin(|host| desk::join(host, &passphrase, Some(&own)))?;
        terminal.answer(&colleague, |colleague, page| {
            page.fields([("added", Some(colleague.name.clone())), ("role", Some(colleague.role.clone()))]);
        })
    }
}
