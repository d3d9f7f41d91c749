//! The desk's states. Locked and open are different types; only the open one owns keys and a connection.
//!
//! ```text
//! FirstRun ──enrol──> Open ──lock──> Locked ──unlock──> Open
//! ```
use std::sync::Arc;

use access::User;
use audit::{Actor, Origin};
use chart::{Directory, PatientIndex};
use chrono::SecondsFormat;
use keys::{KeyFile, PassphraseCheck};
use session::{IdleLock, Lease, LeaseState, Softlock};
use tokio_util::sync::CancellationToken;
use vault::{Files, LockedVault, OpenVault, VaultError};

use crate::person::Person;
use crate::problem::Problem;
use crate::profile::{Profile, Site};
use crate::sync_work::Running;
use crate::view::{LockReason, QuarantineView};

/// The desk.
pub enum Desk {
    /// No vault on this workstation yet.
    FirstRun,
    /// A vault, locked.
    Locked(Box<Locked>),
    /// In use.
    Open(Box<Open>),
    /// The vault cannot be used, and why; asked for again, it is looked for again.
    Closed(Problem),
    /// Between two states, and after a panic in between: counts as locked.
    Moving,
}

/// A locked desk.
pub struct Locked {
    pub vault: LockedVault,
    pub key_file: KeyFile,
    pub site: Site,
    pub reason: LockReason,
}

/// An open desk. Dropping it wipes everything in it.
pub struct Open {
    pub vault: OpenVault,
    pub key_file: KeyFile,
    pub site: Site,
    pub person: Person,
    pub user: User,
    pub index: PatientIndex,
    pub directory: Directory,
    pub idle: IdleLock,
    /// Cancelled at lock: every task that works for this opening ends.
    pub ends: CancellationToken,
    /// The running sync.
    pub sync: Option<Running>,
    /// The rotation of keys being carried on; cancelled while it is paused.
    pub rotation: Option<CancellationToken>,
    /// The offline lease; `None` once it has run out.
    pub lease: Option<Lease>,
    /// Tells the passphrase from others at this desk, whose owner unlocks with a security key too.
    pub check: Option<Arc<PassphraseCheck>>,
    /// The audit chain is not what the EHR has seen of it.
    pub quarantine: Option<QuarantineView>,
    /// Emergency accesses and reviews, as far as this opening knows.
    pub glass: crate::emergency::Standing,
    /// What the watch goes by.
    pub watch: crate::watch::Standing,
}

impl Desk {
    /// What stands in the profile.
    pub fn found(profile: &Profile) -> Result<Self, Problem> {
        let vault = match LockedVault::find(profile.vault()) {
            Ok(vault) => vault,
            Err(VaultError::Missing) => return Ok(Self::FirstRun),
            Err(error) => return Err(error.into()),
        };
        let key_file = KeyFile::read(&profile.vault().keys()).map_err(|_| VaultError::Unreadable)?;
        let site = profile.site()?.ok_or(VaultError::Unreadable)?;
        Ok(Self::Locked(Box::new(Locked { vault, key_file, site, reason: LockReason::Start })))
    }
}

impl Open {
    /// Who is working, for audit entries.
    pub fn actor(&self) -> Actor {
        Actor { user: self.user.user.clone(), practitioner: self.user.practitioner.clone(), role: self.user.role.clone() }
    }

    /// The lease may run out, or the permissions may end, while the desk is open: from then on ordinary access rests.
    pub fn lapse_if_due(&mut self, origin: &Origin) {
        if self.lease.is_some() && self.lease_until(origin).is_none() {
            self.lease = None;
            self.user = self.user.clone().lapsed(true);
        }
    }

    /// When the lease ends, RFC 3339; `None` once it has.
    pub fn lease_until(&self, origin: &Origin) -> Option<String> {
        match self.lease.clone()?.check(&origin.at, &origin.boot_id) {
            LeaseState::Valid { until } => Some(until.to_rfc3339_opts(SecondsFormat::Secs, true)),
            LeaseState::Expired => None,
        }
    }

    /// Ends every task and closes the vault. The order matters: nothing may use the keys once they are being wiped.
    pub fn close(self, reason: LockReason) -> Locked {
        let Self { vault, key_file, site, index, ends, .. } = self;
        ends.cancel();
        drop(index);
        Locked { vault: vault.lock(), key_file, site, reason }
    }
}

/// The failed unlocks on disk. Whatever is not exactly as written yields the longest delay.
pub fn softlock(files: &Files, now: &kernel::Instants, boot_id: &str) -> Softlock {
    let path = files.softlock();
    let bytes = std::fs::read(&path).unwrap_or_default();
    let (softlock, restored) = Softlock::restore(&bytes, now, boot_id);
    if restored == session::Restored::Distrusted {
        // If this cannot be written the wait begins again at the next start: longer, never shorter.
        let _ = keys::replace_file(&path, &softlock.to_bytes());
    }
    softlock
}
