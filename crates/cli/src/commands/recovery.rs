//! The recovery key.
use std::path::PathBuf;

use clap::{Args, Subcommand};
use desk::Passphrase;
use serde_json::json;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::stdin;
use crate::terminal::Terminal;

/// Make a recovery key, try it, or read unsent work with it once nobody can unlock any more.
#[derive(Args)]
pub struct Recovery {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a recovery key, in the place of any former one. Its code is printed this once.
    Make,
    /// Try a code on this vault without showing anything. The code follows the passphrase on standard input.
    Drill,
    /// Read what has not reached the EHR, with the code alone. The code is the first line of standard input.
    Read {
        /// File to write, one JSON object a line; it holds patient data, and only you can read it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

impl Recovery {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        match self.what {
            What::Make => {
                let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
                let made = desk.ask_with_pin(|host| desk::make_recovery_key(host, &Passphrase::new(passphrase.as_str())))?;
                terminal.answer(&made, |made, page| {
                    page.line(&made.code);
                    page.line("Write it down or print it, and keep it in the organisation's safe. It is kept nowhere else.");
                })
            }
            What::Drill => {
                let Unlocked { desk, .. } = terminal.unlock()?;
                let code = stdin::passphrase("Recovery code", terminal.passphrase_stdin())?;
                let drill = desk.ask(|host| desk::recovery_drill(host, &code))?;
                terminal.answer(&drill, |drill, page| {
                    page.line(&format!("{} of {} pieces of unsent work would come back.", drill.recovered, drill.of));
                })
            }
            What::Read { out } => {
                let desk = terminal.start()?;
                let code = stdin::passphrase("Recovery code", terminal.passphrase_stdin())?;
                let found = desk.ask(|host| desk::recover_unsent(host, &code))?;
                desk.ask(|_| found.write(&out))?;
                let count = found.work.len();
                terminal.answer(&json!({ "recovered": count, "missing": found.missing }), |_, page| {
                    page.line(&format!("{count} recovered, {} could not be.", found.missing));
                })
            }
        }
    }
}
