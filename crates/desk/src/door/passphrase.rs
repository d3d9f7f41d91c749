//! A new passphrase for whoever is working. It rewraps one key; nothing in the vault is touched.
use std::sync::Arc;

use access::{ChangePassphrase, Target, admit};
use audit::Action;
use kernel::ErrorCode;
use keys::{ChangeError, Factors, KdfCost, Passphrase, UnlockError, WorkstationSecrets};

use crate::door::enrol::keyring_problem;
use crate::door::key_file;
use crate::door::unlock::reauthenticate;
use crate::host::Host;
use crate::policy::check_new_passphrase;
use crate::problem::Problem;

/// Puts `new` in `old`'s place. The old one is asked for as strictly as at unlock.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::SoftLocked`], [`ErrorCode::WeakPassphrase`], the keyring's, the disk's. The old one
/// holds then.
pub fn change_passphrase(host: &Arc<Host>, old: &Passphrase, new: &Passphrase) -> Result<(), Problem> {
    reauthenticate(host, old)?;
    host.work(|open, gate, origin| {
        let workstation = &WorkstationSecrets::load(&open.key_file, &host.secrets_of(&open.key_file)).map_err(keyring_problem)?;
        let factors = Factors { passphrase: old, workstation, security_key: None };
        check_new_passphrase(host, new, &open.person)?;
        let (user, mut changed) = (open.user.clone(), open.key_file.clone());
        // INVARIANT: the entry is on disk before the new passphrase is in force.
        open.vault.transact(origin, |tx| {
            admit::<ChangePassphrase, _>(gate, tx, &user, Target::workstation())?;
            changed.change_passphrase(&user.user, &factors, new, KdfCost::STANDARD).map_err(refused)
        })?;
        key_file::replace(open, origin, changed, Action::ChangePassphrase)
    })
}

fn refused(error: ChangeError) -> Problem {
    match error {
        ChangeError::Weak(_) => ErrorCode::WeakPassphrase,
        ChangeError::Unlock(UnlockError::WrongPassphrase) => ErrorCode::WrongPassphrase,
        _ => ErrorCode::Internal,
    }
    .into()
}
