//! Is everything here as it should be?
use clap::Args;
use desk::SecurityKeys;

use crate::failure::Failure;
use crate::show;
use crate::terminal::Terminal;

/// Check what Satchel stands on: profile, keyring or token, vault, disk, logs, clock, EHR. Unlocks nothing, changes nothing.
#[derive(Args)]
pub struct Doctor {
    /// EHR to try before there is a vault, by its FHIR base address.
    #[arg(long, value_name = "URL", env = "SATCHEL_EHR", hide_env_values = true)]
    ehr: Option<String>,
}

impl Doctor {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let mut options = terminal.options().clone();
        options.suggested_ehr = self.ehr;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let findings =
            runtime.block_on(desk::examine(&options, &desk::Host::os_keyring(), &SecurityKeys::of_this_machine(), &kernel::SystemClock));
        terminal.answer(&findings, |findings, page| show::findings(findings, page))?;
        let failed = findings.iter().find_map(|finding| finding.failed());
        failed.map_or(Ok(()), |code| Err(Failure::named(code)))
    }
}
