//! First run: choose the EHR, sign in, make the vault.
use clap::Args;
use desk::Passphrase;
use kernel::ErrorCode;

use crate::failure::Failure;
use crate::show;
use crate::terminal::Terminal;

/// Make the vault: choose the EHR, sign in with the system browser, set the passphrase.
///
/// The browser is the one of `$BROWSER`, else the system's. It tells how long the passphrase has to be.
#[derive(Args)]
pub struct Enrol {
    /// FHIR base address of the EHR, https only.
    #[arg(long, value_name = "URL", env = "SATCHEL_EHR", hide_env_values = true)]
    ehr: String,
    /// Seconds to finish the sign-in in the browser.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
}

impl Enrol {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let desk = terminal.start_or_make()?;
        let ehr = desk.wait(async |host| desk::choose_ehr(host, &self.ehr).await)?;
        let passphrase = desk.new_passphrase("New passphrase", terminal)?;
        let passphrase = Passphrase::new(passphrase.as_str());
        // Judged again with the name that sign-in brings; but what is weak anyway need not send anybody to the browser.
        passphrase.check("", "").map_err(|_| Failure::named(ErrorCode::WeakPassphrase))?;
        terminal.progress(&ehr, |ehr| format!("Sign in at {} in the browser ...", ehr.name));
        desk.sign_in(self.timeout, async |host| desk::sign_in(host).await)?;
        let view = desk.ask(|host| desk::enrol(host, &passphrase))?;
        terminal.answer(&desk.as_opened(view)?, show::desk)
    }
}
