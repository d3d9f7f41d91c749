//! One more security key for whoever is working. From then on it, or another of theirs, is part of unlocking.
use std::sync::Arc;

use access::{ChangeSecurityKeys, DeskMemory, Target, admit};
use audit::Action;
use factor::{Credential, HmacSecret, RelyingParty, Statement};
use kernel::{ErrorCode, UserId};
use keys::{
    Factors, KdfCost, NewSecurityKey, Passphrase, PassphraseCheck, SecurityKeyError, SecurityKeySecret, UnlockError, WorkstationSecrets,
};

use super::ceremony::{Allowed, ask, problem, register};
use super::records::{self, Record};
use super::{Wording, list, obtain, unlock};
use crate::door::key_file;
use crate::host::Host;
use crate::problem::Problem;
use crate::token::keyring_problem;
use crate::view::SecurityKeyView;

/// Characters of a key's name, at most.
const LONGEST_NAME: usize = 40;

/// Enrols the key that is plugged in under a name; a further one once it is said to be in. Passphrase and, of those who have one, a
/// key they have are asked for first. The new key is touched twice: to make its credential, and to show what it yields.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::SoftLocked`], [`ErrorCode::InvalidRequest`] for a name that is none or too long; the
/// key's, the keyring's, the disk's. Unlocking is as it was then.
pub fn enrol_security_key(host: &Arc<Host>, passphrase: &Passphrase, name: &str) -> Result<Vec<SecurityKeyView>, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(ErrorCode::InvalidRequest.into());
    }
    let statement = host.work(|open, _, _| Wording::of_nobody(open).key_operation("Adds a security key to unlock with", Some(name)))?;
    let mut obtained = obtain(host, &statement, Some(passphrase))?;
    let held = obtained.secret.take();
    let token_work = obtained.token_work(host)?;
    let (user, kept) = host.work(|open, gate, origin| {
        let user = open.user.clone();
        let kept = open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("security keys"))?;
            records::kept(tx, &own)
        })?;
        Ok((user, kept))
    })?;

    let enrolled = records::credentials(&kept);
    let (credential, yielded) = made_and_shown(host, &statement, &user.user, &enrolled, held.is_some())?;
    let held = held.as_ref().and_then(taken);
    let check = PassphraseCheck::new(passphrase, KdfCost::STANDARD).map_err(|_| ErrorCode::Internal)?;

    host.work(|open, gate, origin| {
        if open.user.user != user.user {
            return Err(Problem::Locked);
        }
        let find = host.secrets_of(&open.key_file, &token_work);
        let workstation = &WorkstationSecrets::load(&open.key_file, &find).map_err(keyring_problem)?;
        let factors = Factors { passphrase, workstation, security_key: held.as_ref() };
        let mut changed = open.key_file.clone();
        // INVARIANT: entry and record are on disk before the key takes part: it never opens what has no record to hold it against.
        open.vault.transact(origin, |tx| {
            admit::<ChangeSecurityKeys, _>(gate, tx, &user, Target::workstation().detail("added"))?;
            let salt = credential.salt();
            let new = NewSecurityKey { id: credential.id(), salt: salt.as_bytes(), secret: &yielded };
            changed.add_security_key(&user.user, &factors, new, KdfCost::STANDARD).map_err(refused)?;
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("security keys"))?;
            let mut kept = records::kept(tx, &own)?;
            kept.push(Record::new(name, &origin.at, credential.clone()));
            records::keep(tx, &own, &kept)
        })?;
        key_file::replace(open, origin, changed, Action::ChangeSecurityKeys)?;
        open.check = Some(Arc::new(check));
        Ok(())
    })?;
    list::security_keys(host)
}

/// Has a key make a credential for `user`, and has it show what it yields: two touches. Nothing is written.
///
/// # Errors
/// The key's.
pub(super) fn made_and_shown(
    host: &Host,
    statement: &Statement,
    user: &UserId,
    enrolled: &[Credential],
    swap: bool,
) -> Result<(Credential, SecurityKeySecret), Problem> {
    let credential = register(host, statement, user, enrolled, swap).map_err(problem)?;
    let allowed = Allowed { ids: vec![credential.id().to_vec()], salt: credential.salt() };
    let answered = ask(host, statement, &allowed).map_err(problem)?;
    let mut fresh = [credential];
    let relying_party = RelyingParty::new().map_err(problem)?;
    let (_, yielded) = answered.verify(&relying_party, statement, &mut fresh, &host.now()).map_err(problem)?;
    let [credential] = fresh;
    Ok((credential, yielded.as_ref().and_then(taken).ok_or(ErrorCode::Internal)?))
}

/// For the key hierarchy.
pub(crate) fn taken(secret: &HmacSecret) -> Option<SecurityKeySecret> {
    // EXPOSE: to the key hierarchy, which it is a part of.
    SecurityKeySecret::new(secret.expose())
}

pub(super) fn refused(error: SecurityKeyError) -> Problem {
    match error {
        SecurityKeyError::Unlock(UnlockError::WrongPassphrase) => ErrorCode::WrongPassphrase.into(),
        SecurityKeyError::Unlock(UnlockError::SecurityKeyNeeded) => unlock::needed(),
        SecurityKeyError::Unlock(UnlockError::OtherSecurityKey) => ErrorCode::SecurityKeyOther.into(),
        SecurityKeyError::Unlock(_) => ErrorCode::VaultUnreadable.into(),
        SecurityKeyError::AlreadyThere => ErrorCode::SecurityKeyEnrolled.into(),
        SecurityKeyError::Unknown => ErrorCode::NotFound.into(),
        SecurityKeyError::NoPlace => ErrorCode::InvalidRequest.into(),
        SecurityKeyError::OtherSalt | SecurityKeyError::Seal(_) => ErrorCode::Internal.into(),
    }
}
