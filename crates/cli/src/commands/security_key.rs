//! Security keys of whoever unlocks.
use clap::{Args, Subcommand};
use desk::Passphrase;
use desk::view::SecurityKeyView;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::page::Page;
use crate::terminal::Terminal;

/// See, add and remove the security keys you unlock with. With the first, passphrase and workstation alone no longer unlock.
#[derive(Args)]
pub struct SecurityKey {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The keys you unlock with.
    List,
    /// Make the key that is plugged in one of them; it is touched twice. Keep a second one: whoever loses the only one needs a
    /// colleague to be enrolled anew.
    Add {
        /// What you call it, 40 characters at most.
        name: String,
    },
    /// Take one out, by itself or another of yours. Without the last one, passphrase and workstation unlock again.
    Remove {
        /// Its id, from the list.
        id: String,
    },
}

impl SecurityKey {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        let own = Passphrase::new(passphrase.as_str());
        let keys = match self.what {
            What::List => desk.ask(|host| desk::security_keys(host))?,
            What::Add { name } => desk.ask(|host| desk::enrol_security_key(host, &own, &name))?,
            What::Remove { id } => desk.ask(|host| desk::remove_security_key(host, &own, &id))?,
        };
        terminal.answer(&keys, |keys, page| show(keys, page))
    }
}

fn show(keys: &[SecurityKeyView], page: &mut Page) {
    let rows = keys.iter().map(|key| [key.name.clone(), key.enrolled_at.clone(), key.id.clone()]);
    page.table(["name", "enrolled", "id"], rows, "None: passphrase and workstation unlock.");
}
