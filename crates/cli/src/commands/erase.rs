//! Taking things off this workstation.
use clap::{Args, Subcommand};
use desk::{Passphrase, parse};
use serde_json::json;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::terminal::Terminal;

/// Erase a chart, or everything, from this workstation. What the EHR holds is not touched.
#[derive(Args)]
pub struct Erase {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// One patient's chart, here and in every older copy of this profile.
    Chart {
        /// The patient's id.
        patient: String,
    },
    /// The vault and its secrets in the keyring.
    Workstation {
        /// Even if something entered here has not reached the EHR. It is lost.
        #[arg(long)]
        lose_unsent: bool,
    },
}

impl Erase {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        let own = Passphrase::new(passphrase.as_str());
        match self.what {
            What::Chart { patient } => {
                desk.ask_with_pin(|host| desk::erase_chart(host, &own, &parse::patient(&patient)?))?;
                desk.until_rotated(terminal)?;
                terminal.answer(&json!({ "patient": patient, "erased": true }), |_, page| page.line("Erased here."))
            }
            What::Workstation { lose_unsent } => {
                desk.ask_with_pin(|host| desk::erase_workstation(host, &own, lose_unsent))?;
                terminal.answer(&json!({ "erased": true }), |_, page| page.line("This workstation holds nothing any more."))
            }
        }
    }
}
