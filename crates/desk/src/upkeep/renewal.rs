//! What renews at a clinician's own unlock, for only then are the factors at hand: the master key and key pair of whoever unlocks, and
//! their part in the device's secret.
use access::{Gate, RotateKeys, Target, admit};
use audit::{Action, Origin};
use kernel::ErrorCode;
use keys::{Due, Factors, FindSecret, KeyFile, OpenKeys, Passphrase, RenewedKeys, SecurityKeySecret, StoreError, WorkstationSecrets};

use super::rotation::{delete, is_due};
use crate::door::key_file;
use crate::host::Host;
use crate::problem::Problem;
use crate::state::Open;
use crate::token::TokenWork;

/// Keys that were renewed, and the key file that wraps them, before either is in force.
pub(crate) struct Renewal {
    file: KeyFile,
    keys: RenewedKeys,
    detail: &'static str,
}

/// Renews what is due of whoever just unlocked with these factors; nothing is in force yet. Takes two further stretches of the
/// passphrase, when something is due. What cannot be renewed now is due again at the next unlock, and keeps nobody out.
pub(crate) fn prepare(
    host: &Host,
    file: &KeyFile,
    keys: &OpenKeys,
    passphrase: &Passphrase,
    security_key: Option<&SecurityKeySecret>,
    token_work: &TokenWork,
) -> Option<Renewal> {
    let now = host.now().wall;
    let enrolled = file.users().iter().find(|enrolled| enrolled.user() == keys.user())?;
    let own_keys_old = is_due(enrolled.own_keys_made_at(), host.own_keys_days(), now);
    let device_secret_old = is_due(file.device_secret_made_at(), host.device_secret_days(), now);
    let due = file.due(keys.user(), own_keys_old, device_secret_old);
    let detail = match due {
        Due { own_keys: false, device_secret: None } => return None,
        Due { own_keys: true, device_secret: None } => "own keys renewed",
        Due { own_keys: false, device_secret: Some(_) } => "moved to the renewed device secret",
        Due { own_keys: true, device_secret: Some(_) } => "own keys renewed, moved to the renewed device secret",
    };
    let workstation = match secrets(&host.secrets_of(file, token_work), file, due) {
        Ok(workstation) => workstation,
        Err(error) => {
            tracing::warn!(%error, "no device secret to move to");
            return None;
        }
    };
    let factors = Factors { passphrase, workstation: &workstation, security_key };
    match keys.renew(file, &factors, due, now.timestamp()) {
        Ok((file, keys)) => Some(Renewal { file, keys, detail }),
        Err(error) => {
            tracing::warn!(%error, "keys could not be renewed");
            None
        }
    }
}

/// INVARIANT: the device's secret is in the keyring before the key file names it, and another than these two is not.
fn secrets(find: FindSecret<'_>, file: &KeyFile, due: Due) -> Result<WorkstationSecrets, StoreError> {
    let workstation = WorkstationSecrets::load(file, find)?;
    match due.device_secret {
        Some(number) if number != file.device_secret() => {
            delete_spent(find, file)?;
            workstation.with_device(number, find)
        }
        _ => Ok(workstation),
    }
}

/// Deletes the former device's secret, once nobody's unlock key has it.
pub(super) fn delete_spent(find: FindSecret<'_>, file: &KeyFile) -> Result<(), StoreError> {
    file.spent_device_secret().map_or(Ok(()), |name| delete(find, name))
}

/// Puts renewed keys in force and what is the clinician's own under them; or goes on where a former renewal was cut off.
///
/// # Errors
/// The disk's. Whatever stands on disk then opens, and the next unlock goes on.
pub(crate) fn renew(open: &mut Open, gate: &Gate, origin: &Origin, renewal: Option<Renewal>) -> Result<(), Problem> {
    let user = open.user.clone();
    if let Some(Renewal { file, keys, detail }) = renewal {
        open.vault.transact(origin, |tx| {
            admit::<RotateKeys, _>(gate, tx, &user, Target::workstation().detail(detail))?;
            Ok::<_, Problem>(())
        })?;
        key_file::replace(open, origin, file, Action::RotateKeys)?;
        open.vault.take_up_renewed(keys);
    }
    if !open.vault.keys().has_former_own_key() {
        return Ok(());
    }
    open.vault.transact(origin, |tx| {
        let permit = admit::<RotateKeys, _>(gate, tx, &user, Target::workstation().detail("own things resealed"))?;
        Ok::<_, Problem>(tx.reseal_own(&permit)?)
    })?;
    let file = open.vault.keys().end_renewal(&open.key_file).map_err(|_| ErrorCode::Internal)?;
    key_file::replace(open, origin, file, Action::RotateKeys)?;
    open.vault.forget_former_own_key();
    Ok(())
}
