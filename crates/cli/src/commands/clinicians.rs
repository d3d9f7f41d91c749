//! Who has a place on this workstation.
use clap::{Args, Subcommand};
use desk::{Passphrase, parse};
use serde_json::json;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::terminal::Terminal;

/// See who has a place on this workstation, and disable, enable or remove them.
#[derive(Args)]
pub struct Clinicians {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Everyone with a place, and what of theirs the EHR has not taken.
    List,
    /// Keep someone from unlocking; their place and drafts stay.
    Disable {
        /// The clinician's id.
        clinician: String,
    },
    /// Let someone unlock again.
    Enable {
        /// The clinician's id.
        clinician: String,
    },
    /// Take someone's place away. New keys are made, by which no older copy of this profile opens any more.
    Remove {
        /// The clinician's id.
        clinician: String,
        /// Even if something of theirs has not reached the EHR: it stays, and the recovery key reads it.
        #[arg(long)]
        leave_work: bool,
    },
}

impl Clinicians {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        let own = Passphrase::new(passphrase.as_str());
        let (clinician, done) = match self.what {
            What::List => {
                let all = desk.ask(|host| desk::clinicians(host))?;
                return terminal.answer(&all, |all, page| {
                    let rows = all.iter().map(|one| {
                        let state = if one.disabled { "disabled" } else { "" };
                        [&one.user, &one.name, &one.role, state, &one.unsent.to_string(), &one.unsigned.to_string()].map(str::to_owned)
                    });
                    page.table(["id", "name", "role", "state", "unsent", "unsigned"], rows, "nobody");
                });
            }
            What::Disable { clinician } => {
                desk.ask_with_pin(|host| desk::disable_clinician(host, &own, &parse::user(&clinician)?))?;
                (clinician, "disabled")
            }
            What::Enable { clinician } => {
                desk.ask_with_pin(|host| desk::enable_clinician(host, &own, &parse::user(&clinician)?))?;
                (clinician, "enabled")
            }
            What::Remove { clinician, leave_work } => {
                desk.ask_with_pin(|host| desk::remove_clinician(host, &own, &parse::user(&clinician)?, leave_work))?;
                desk.until_rotated(terminal)?;
                (clinician, "removed")
            }
        };
        terminal.answer(&json!({ "clinician": clinician, "done": done }), |_, page| page.line(&format!("{clinician} {done}.")))
    }
}
