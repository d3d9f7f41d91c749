//! One more clinician on this workstation: whoever has it open vouches, the EHR's sign-in says who it is.
use std::sync::{Arc, PoisonError};

use access::{Enrol, Target, admit};
use audit::Action;
use kernel::ErrorCode;
use keys::{EnrolAnother, EnrolError, KdfCost, Passphrase, Person as KeyPerson, WorkstationSecrets};

use crate::door::key_file;
use crate::door::unlock::json;
use crate::host::Host;
use crate::person::{Person, SignedInPerson};
use crate::policy::{check_new_passphrase, may_enrol};
use crate::problem::Problem;
use crate::security_key::{FirstKey, first_key, key_operation};
use crate::token::keyring_problem;

/// Enrols whoever has just signed in, beside the one who is working, and locks: the next to unlock may be either of them.
///
/// `own` is the passphrase of the one who is working, who is asked for what a key operation takes; then, where the hospital demands
/// a security key, the colleague for theirs.
///
/// # Errors
/// [`ErrorCode::SignInNeeded`], [`ErrorCode::EnrolmentRefused`], [`ErrorCode::AlreadyEnrolled`], [`ErrorCode::WeakPassphrase`],
/// [`Problem::Forbidden`], what a key operation takes, the security keys', the keyring's, the disk's. Nobody was enrolled then, and
/// the desk stays open.
pub fn join(host: &Arc<Host>, passphrase: &Passphrase, own: Option<&Passphrase>) -> Result<(), Problem> {
    let colleague = host.signed_in.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or(ErrorCode::SignInNeeded)?;
    match enrol(host, &colleague, passphrase, own) {
        Ok(()) => {
            host.lock();
            Ok(())
        }
        Err(problem) => {
            // Another try needs no other sign-in; after a lock it does.
            if problem.code() != ErrorCode::Locked {
                *host.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(colleague);
            }
            Err(problem)
        }
    }
}

fn enrol(host: &Arc<Host>, colleague: &SignedInPerson, passphrase: &Passphrase, own: Option<&Passphrase>) -> Result<(), Problem> {
    let SignedInPerson { person, tokens, .. } = colleague;
    may_enrol(host)?;
    check_new_passphrase(host, passphrase, person)?;
    let working = host.work(|open, _, _| match open.key_file.users().iter().any(|enrolled| *enrolled.user() == person.user) {
        true => Err(ErrorCode::AlreadyEnrolled.into()),
        false => Ok(open.user.user.clone()),
    })?;
    let obtained = key_operation(host, own, "Gives a colleague a place on this workstation", Some(&person.name))?;
    let swap = obtained.secret.is_some();
    let token_work = obtained.token_work(host)?;
    let with_key = first_key(host, person, swap).map_err(|problem| host.user().map_or(Problem::Locked, |_| problem))?;
    host.work(|open, gate, origin| {
        if open.user.user != working {
            return Err(Problem::Locked);
        }
        let find = host.secrets_of(&open.key_file, &token_work);
        let workstation = &WorkstationSecrets::load(&open.key_file, &find).map_err(keyring_problem)?;
        let (user, mut changed) = (open.user.clone(), open.key_file.clone());
        let colleague = person.user.to_string();
        // INVARIANT: the entry is on disk before the file with one more person's keys is.
        open.vault.transact(origin, |tx| {
            let permit = admit::<Enrol, _>(gate, tx, &user, Target::workstation().detail(format!("colleague {colleague}")))?;
            let request = EnrolAnother {
                person: key_person(person),
                passphrase,
                security_key: with_key.as_ref().map(FirstKey::part),
                workstation,
                cost: KdfCost::STANDARD,
                at: origin.at.wall.timestamp(),
            };
            let newcomer = tx.enrol_another(&permit, &mut changed, request).map_err(refused)?;
            // What this sign-in brought waits for the first unlock, which needs no network then.
            let lease = person.lease(host.lease_policy(), &origin.at, &origin.boot_id);
            tx.leave_for(&permit, &newcomer, "person", &json(person)?)?;
            tx.leave_for(&permit, &newcomer, "lease", &json(&lease)?)?;
            // INVARIANT: the record is on disk before the key takes part: it never opens what has no record to hold it against.
            with_key.as_ref().map_or(Ok(()), |key| key.leave(tx, &permit, &newcomer, origin))?;
            crate::tokens::leave(tx, &permit, &newcomer, tokens)
        })?;
        key_file::replace(open, origin, changed, Action::Enrol)
    })
}

/// The person as the key file names them.
pub(super) fn key_person(person: &Person) -> KeyPerson {
    KeyPerson {
        user: person.user.clone(),
        practitioner: person.practitioner.clone(),
        display_name: person.name.clone(),
        role: person.role.clone(),
    }
}

fn refused(error: EnrolError) -> Problem {
    match error {
        EnrolError::Weak(_) => ErrorCode::WeakPassphrase,
        EnrolError::AlreadyEnrolled => ErrorCode::AlreadyEnrolled,
        EnrolError::OtherFile => ErrorCode::VaultUnreadable,
        EnrolError::OtherDevice => ErrorCode::KeyringEmptied,
        EnrolError::NotAKey => ErrorCode::SecurityKeyUnsuitable,
        EnrolError::Seal(_) => ErrorCode::Internal,
    }
    .into()
}
