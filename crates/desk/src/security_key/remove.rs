//! A security key less. Without the last one, passphrase and workstation unlock again.
use std::sync::Arc;

use access::{ChangeSecurityKeys, DeskMemory, Target, admit};
use audit::Action;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::ErrorCode;
use keys::{Factors, KdfCost, Passphrase, WorkstationSecrets};

use super::enrol::{refused, taken};
use super::{key_operation, list, records};
use crate::door::key_file;
use crate::host::Host;
use crate::problem::Problem;
use crate::token::keyring_problem;
use crate::view::SecurityKeyView;

/// Takes a key out of one's own unlocking. Passphrase and a key are asked for, this one or another: whoever has lost the only one is
/// removed by a colleague and enrolled anew.
///
/// # Errors
/// [`ErrorCode::NotFound`]; as [`crate::enrol_security_key`].
pub fn remove_security_key(host: &Arc<Host>, passphrase: &Passphrase, id: &str) -> Result<Vec<SecurityKeyView>, Problem> {
    let own = list::security_keys(host)?;
    let removed = own.iter().find(|key| key.id == id).ok_or(ErrorCode::NotFound)?;
    let id = URL_SAFE_NO_PAD.decode(id).map_err(|_| ErrorCode::InvalidRequest)?;
    let about = Some(removed.name.as_str()).filter(|name| !name.is_empty());
    let obtained = key_operation(host, Some(passphrase), "Removes a security key from unlocking", about)?;
    let held = obtained.secret.as_ref().and_then(taken);
    let token_work = obtained.token_work(host)?;
    host.work(|open, gate, origin| {
        let find = host.secrets_of(&open.key_file, &token_work);
        let workstation = &WorkstationSecrets::load(&open.key_file, &find).map_err(keyring_problem)?;
        let factors = Factors { passphrase, workstation, security_key: held.as_ref() };
        let (user, mut changed) = (open.user.clone(), open.key_file.clone());
        open.vault.transact(origin, |tx| {
            admit::<ChangeSecurityKeys, _>(gate, tx, &user, Target::workstation().detail("removed"))?;
            changed.remove_security_key(&user.user, &factors, &id, KdfCost::STANDARD).map_err(refused)
        })?;
        key_file::replace(open, origin, changed, Action::ChangeSecurityKeys)?;
        if open.key_file.security_keys(&user.user).next().is_none() {
            open.check = None;
        }
        // The record goes last: a key that still unlocks has one.
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("security keys"))?;
            let mut kept = records::kept(tx, &own)?;
            kept.retain(|record| record.credential.id() != id);
            records::keep(tx, &own, &kept)
        })
    })?;
    list::security_keys(host)
}
