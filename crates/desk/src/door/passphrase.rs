//! A new passphrase for whoever is working. It rewraps one key; nothing in the vault is touched.
use std::sync::Arc;

use access::{ChangePassphrase, Target, admit};
use audit::{Action, Outcome, Subject, record};
use kernel::ErrorCode;
use keys::{ChangeError, KdfCost, Passphrase, UnlockError};
use vault::VaultError;

use crate::door::enrol::keyring_problem;
use crate::door::unlock::reauthenticate;
use crate::host::Host;
use crate::problem::Problem;

/// Puts `new` in `old`'s place. The old one is asked for as strictly as at unlock.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::SoftLocked`], [`ErrorCode::WeakPassphrase`], the keyring's, the disk's. The old one
/// holds then.
pub fn change_passphrase(host: &Arc<Host>, old: &Passphrase, new: &Passphrase) -> Result<(), Problem> {
    reauthenticate(host, old)?;
    host.work(|open, gate, origin| {
        let device_secret = (host.keyring)(open.key_file.site(), open.key_file.device()).load().map_err(keyring_problem)?;
        let (user, mut key_file) = (open.user.clone(), open.key_file.clone());
        // INVARIANT: the entry is on disk before the new passphrase is in force.
        open.vault.transact(origin, |tx| {
            admit::<ChangePassphrase, _>(gate, tx, &user, Target::workstation())?;
            key_file.change_passphrase(&user.user, old, new, &device_secret, KdfCost::STANDARD).map_err(refused)
        })?;
        if let Err(error) = key_file.write(&open.vault.files().keys()) {
            open.vault.transact(origin, |tx| {
                let detail = Some("the key file could not be written".to_owned());
                record(tx, Action::ChangePassphrase, Outcome::Failed, Subject { detail, ..Subject::default() })?;
                Ok::<_, VaultError>(())
            })?;
            return Err(VaultError::from(error).into());
        }
        open.key_file = key_file;
        Ok(())
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
