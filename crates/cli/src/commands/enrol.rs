//! First run: choose the EHR, sign in, make the vault.
use std::path::PathBuf;

use clap::Args;
use desk::view::Stage;
use desk::{Options, Passphrase};
use kernel::ErrorCode;

use crate::failure::Failure;
use crate::show;
use crate::terminal::Terminal;

/// Make the vault: choose the EHR, sign in with the system browser, set the passphrase.
///
/// The browser is the one of `$BROWSER`, else the system's. It tells how long the passphrase has to be. Where the hospital demands a
/// security key, it is plugged in and touched twice; its PIN follows the passphrase.
#[derive(Args)]
pub struct Enrol {
    /// FHIR base address of the EHR, https only.
    #[arg(long, value_name = "URL", env = "SATCHEL_EHR", hide_env_values = true)]
    ehr: String,
    /// Seconds to finish the sign-in in the browser.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    timeout: u64,
    /// Keep this workstation's secret by a PKCS#11 token in place of the keyring: absolute path of the token's module. Its PIN
    /// follows the passphrase.
    #[arg(long, value_name = "FILE")]
    token_module: Option<PathBuf>,
    /// Which token, by its label, where several are plugged in.
    #[arg(long, value_name = "LABEL", requires = "token_module")]
    token_label: Option<String>,
}

impl Enrol {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Self { token_module, token_label, .. } = &self;
        let options = Options { token_module: token_module.clone(), token_label: token_label.clone(), ..terminal.options().clone() };
        let mut desk = terminal.start_as(options)?;
        let ehr = desk.wait(async |host| desk::choose_ehr(host, &self.ehr).await)?;
        let passphrase = desk.new_passphrase("New passphrase", terminal)?;
        let passphrase = Passphrase::new(passphrase.as_str());
        // Judged again with the name that sign-in brings; but what is weak anyway need not send anybody to the browser.
        passphrase.check("", "").map_err(|_| Failure::named(ErrorCode::WeakPassphrase))?;
        if let Stage::FirstRun { token, .. } = desk.ask(|host| desk::stage(host))? {
            desk.ask_pin(terminal, token.as_ref())?;
        }
        terminal.progress(&ehr, |ehr| format!("Sign in at {} in the browser ...", ehr.name));
        desk.sign_in(self.timeout, async |host| desk::sign_in(host).await)?;
        let view = desk.ask_with_pin(|host| desk::enrol(host, &passphrase))?;
        terminal.answer(&desk.as_opened(view)?, show::desk)
    }
}
