//! A new passphrase for whoever is working. It rewraps one key; nothing in the vault is touched.
use std::sync::Arc;

use access::{ChangePassphrase, Target, admit};
use audit::Action;
use kernel::ErrorCode;
use keys::{ChangeError, Factors, KdfCost, Passphrase, PassphraseCheck, UnlockError, WorkstationSecrets};

use crate::door::key_file;
use crate::host::Host;
use crate::policy::check_new_passphrase;
use crate::problem::Problem;
use crate::security_key::{key_operation, taken};
use crate::token::keyring_problem;

/// Puts `new` in `old`'s place. The old one is asked for as strictly as at unlock, and of those who have one a security key.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::SoftLocked`], [`ErrorCode::WeakPassphrase`], the security key's, the keyring's, the disk's. The old one
/// holds then.
pub fn change_passphrase(host: &Arc<Host>, old: &Passphrase, new: &Passphrase) -> Result<(), Problem> {
    // Whoever has security keys needs one of them, and the others go on to unlock.
    let obtained = key_operation(host, Some(old), "Changes your passphrase", None)?;
    let security_key = obtained.secret.as_ref().and_then(taken);
    let token_work = obtained.token_work(host)?;
    host.work(|open, gate, origin| {
        let find = host.secrets_of(&open.key_file, &token_work);
        let workstation = &WorkstationSecrets::load(&open.key_file, &find).map_err(keyring_problem)?;
        let factors = Factors { passphrase: old, workstation, security_key: security_key.as_ref() };
        check_new_passphrase(host, new, &open.person)?;
        let (user, mut changed) = (open.user.clone(), open.key_file.clone());
        // INVARIANT: the entry is on disk before the new passphrase is in force.
        open.vault.transact(origin, |tx| {
            admit::<ChangePassphrase, _>(gate, tx, &user, Target::workstation())?;
            changed.change_passphrase(&user.user, &factors, new, KdfCost::STANDARD).map_err(refused)
        })?;
        key_file::replace(open, origin, changed, Action::ChangePassphrase)?;
        if open.check.is_some() {
            let check = PassphraseCheck::new(new, KdfCost::STANDARD).map_err(|_| ErrorCode::Internal)?;
            open.check = Some(Arc::new(check));
        }
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
