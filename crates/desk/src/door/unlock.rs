//! Opening the desk with a passphrase and this workstation's secret; no network needed.
use std::sync::{Arc, PoisonError};

use access::{DeskMemory, Ingest, OpenIndex, ReadSchedule, Target, admit};
use audit::Action;
use chrono::SecondsFormat;
use kernel::{ErrorCode, UserId};
use keys::{Factors, KdfCost, KeyFile, OpenKeys, Passphrase, PassphraseCheck, SecurityKeySecret, UnlockError, WorkstationSecrets};
use session::{Event, IdleLock, Lease, LeaseState};
use tokio_util::sync::CancellationToken;
use vault::{DoorEvent, DoorLog, Files, Tx, VaultError};

use crate::door::stage::desk_view;
use crate::host::Host;
use crate::index;
use crate::person::{Person, SignedInPerson};
use crate::problem::Problem;
use crate::security_key::{Answer, answer_to_unlock, verify_unlock};
use crate::state::{Desk, Locked, Open, softlock};
use crate::token::{TokenWork, keyring_problem};
use crate::upkeep::{Renewal, prepare_renewal, renew};
use crate::view::DeskView;

/// Unlocks.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::SoftLocked`], the keyring's, the vault's; the desk stays locked.
pub fn unlock(host: &Arc<Host>, user: &UserId, passphrase: &Passphrase) -> Result<DeskView, Problem> {
    wait_is_over(host, user)?;
    let answer = answer_to_unlock(host, user, |key_file, files, why| note_at_the_door(host, key_file, files, user, why))?;
    let locked = {
        let mut desk = host.desk();
        match std::mem::replace(&mut *desk, Desk::Moving) {
            Desk::Locked(locked) => *locked,
            other => {
                let problem = if matches!(other, Desk::FirstRun) { ErrorCode::NotEnrolled } else { ErrorCode::InvalidRequest };
                *desk = other;
                return Err(problem.into());
            }
        }
    };
    match try_keys(host, &locked, user, passphrase, answer) {
        Ok((keys, proofs)) => open_desk(host, locked, keys, user, proofs),
        Err(problem) => {
            *host.desk() = Desk::Locked(Box::new(locked));
            Err(problem)
        }
    }
}

/// The keys, or why not; what of them was renewed while the factors are at hand, and for whoever unlocks with a security key, what
/// tells their passphrase at the open desk.
fn try_keys(
    host: &Host,
    locked: &Locked,
    user: &UserId,
    passphrase: &Passphrase,
    answer: Option<Answer>,
) -> Result<(OpenKeys, Proofs), Problem> {
    let security_key = answer.as_ref().and_then(Answer::secret);
    let (keys, token_work) = prove(host, &locked.key_file, locked.vault.files(), user, passphrase, security_key.as_ref())?;
    let renewal = prepare_renewal(host, &locked.key_file, &keys, passphrase, security_key.as_ref(), &token_work);
    let check = answer.is_some().then(|| PassphraseCheck::new(passphrase, KdfCost::STANDARD));
    let check = check.transpose().map_err(|_| ErrorCode::Internal)?;
    Ok((keys, Proofs { token_work, renewal, answer, check }))
}

/// Nobody is asked for a security key who has to wait anyway.
fn wait_is_over(host: &Host, user: &UserId) -> Result<(), Problem> {
    let Desk::Locked(locked) = &*host.desk() else { return Ok(()) };
    if !locked.key_file.users().iter().any(|enrolled| enrolled.user() == user && enrolled.needs_security_key()) {
        return Ok(());
    }
    let now = host.now();
    match softlock(locked.vault.files(), &now, host.boot_id()).seconds_left(user, &now, host.boot_id()) {
        0 => Ok(()),
        seconds => Err(Problem::SoftLocked { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) }),
    }
}

/// Asks for the passphrase of whoever is working, as strictly as the first time; the desk stays open. With the answer the token
/// serves what follows.
///
/// # Errors
/// As [`unlock`].
pub(crate) fn reauthenticate(host: &Host, passphrase: &Passphrase) -> Result<Option<TokenWork>, Problem> {
    let (key_file, files, user, check) =
        host.work(|open, _, _| Ok((open.key_file.clone(), open.vault.files().clone(), open.user.user.clone(), open.check.clone())))?;
    match check {
        None => prove(host, &key_file, &files, &user, passphrase, None).map(|(_, token_work)| Some(token_work)),
        Some(check) => {
            let right = || if check.is(passphrase) { Ok(()) } else { Err(UnlockError::WrongPassphrase) };
            attempt(host, &key_file, &files, &user, right).map(|()| None)
        }
    }
}

/// Tries a passphrase together with this workstation's secret, and with what a security key yields.
fn prove(
    host: &Host,
    key_file: &KeyFile,
    files: &Files,
    user: &UserId,
    passphrase: &Passphrase,
    security_key: Option<&SecurityKeySecret>,
) -> Result<(OpenKeys, TokenWork), Problem> {
    let token_work = TokenWork::claimed_by(user);
    // First the keyring or token: its troubles are nobody's wrong passphrase.
    let workstation = &WorkstationSecrets::load(key_file, &host.secrets_of(key_file, &token_work)).map_err(keyring_problem)?;
    let keys = attempt(host, key_file, files, user, || key_file.unlock(user, &Factors { passphrase, workstation, security_key }))?;
    Ok((keys, token_work))
}

/// Lets a try through, unless it has to wait. It counts as wrong on disk before it is made.
fn attempt<T>(
    host: &Host,
    key_file: &KeyFile,
    files: &Files,
    user: &UserId,
    unlock: impl FnOnce() -> Result<T, UnlockError>,
) -> Result<T, Problem> {
    let now = host.now();
    let mut softlock = softlock(files, &now, host.boot_id());
    let at_the_door = |why| note_at_the_door(host, key_file, files, user, why);
    if let Err(wait) = softlock.attempt(user, &now, host.boot_id()) {
        at_the_door("soft_locked")?;
        return Err(Problem::SoftLocked { seconds: u32::try_from(wait.seconds_left).unwrap_or(u32::MAX) });
    }
    keys::replace_file(&files.softlock(), &softlock.to_bytes()).map_err(VaultError::from)?;
    match unlock() {
        Ok(keys) => {
            softlock.succeeded(user);
            keys::replace_file(&files.softlock(), &softlock.to_bytes()).map_err(VaultError::from)?;
            Ok(keys)
        }
        Err(error) => {
            if error == UnlockError::Disabled {
                // The passphrase was right: nothing was guessed.
                softlock.succeeded(user);
                keys::replace_file(&files.softlock(), &softlock.to_bytes()).map_err(VaultError::from)?;
            }
            let (why, code) = match error {
                UnlockError::Disabled => ("disabled", ErrorCode::ClinicianDisabled),
                UnlockError::SecurityKeyNeeded => ("security_key_needed", ErrorCode::SecurityKeyNeeded),
                UnlockError::OtherSecurityKey => ("other_security_key", ErrorCode::SecurityKeyOther),
                UnlockError::WrongPassphrase => ("wrong_passphrase", ErrorCode::WrongPassphrase),
                UnlockError::UnknownUser => ("unknown_user", ErrorCode::NotEnrolled),
                UnlockError::Damaged => ("key_file_damaged", ErrorCode::VaultUnreadable),
            };
            at_the_door(why)?;
            Err(code.into())
        }
    }
}

fn note_at_the_door(host: &Host, key_file: &KeyFile, files: &Files, user: &UserId, why: &str) -> Result<(), Problem> {
    let now = host.now();
    let event = DoorEvent {
        action: Action::UnlockFailed,
        at: now.wall.to_rfc3339_opts(SecondsFormat::Millis, true),
        boot_id: host.boot_id().to_owned(),
        boot_ms: now.boot.0,
        claimed: Some(user.clone()),
        why: why.to_owned(),
    };
    Ok(DoorLog::new(files.door(), key_file.door()).append(&event)?)
}

/// What whoever opens proved, beside the keys it gave.
pub(crate) struct Proofs {
    /// What is kept up after the opening shares this login.
    pub token_work: TokenWork,
    /// Keys renewed while the factors were at hand.
    pub renewal: Option<Renewal>,
    /// A security key's answer, which nobody has verified yet.
    pub answer: Option<Answer>,
    /// Of whoever unlocks with a security key, what tells the passphrase later.
    pub check: Option<PassphraseCheck>,
}

/// Opens the vault with its keys, holds a security key's answer against its record, reads who this is, builds the index, and puts
/// renewed keys in force. The desk was [`Desk::Moving`] until now.
pub(crate) fn open_desk(
    host: &Arc<Host>,
    locked: Locked,
    keys: OpenKeys,
    user: &UserId,
    Proofs { token_work, renewal, answer, check }: Proofs,
) -> Result<DeskView, Problem> {
    let Locked { vault, key_file, site, reason } = locked;
    let fresh = host.signed_in.lock().unwrap_or_else(PoisonError::into_inner).take_if(|signed_in| signed_in.person.user == *user);
    let enrolled = key_file.users().iter().find(|enrolled| enrolled.user() == user);
    let Some(enrolled) = enrolled.cloned() else {
        *host.desk() = Desk::Locked(Box::new(Locked { vault, key_file, site, reason }));
        return Err(ErrorCode::NotEnrolled.into());
    };
    let actor = audit::Actor { user: user.clone(), practitioner: enrolled.practitioner().clone(), role: enrolled.role().to_owned() };
    let origin = host.origin(Some(actor), &site);
    let mut vault = match vault.open(keys, &origin) {
        Ok(vault) => vault,
        Err((vault, error)) => {
            *host.desk() = Desk::Locked(Box::new(Locked { vault, key_file, site, reason }));
            return Err(error.into());
        }
    };
    if let Some(answer) = answer {
        let nobody = nobody(&enrolled).policy_user(true);
        // INVARIANT: what was opened with a key that does not verify is closed again before anything is read.
        if let Err(problem) = verify_unlock(host, &mut vault, &host.gate, &origin, &nobody, answer) {
            *host.desk() = Desk::Locked(Box::new(Locked { vault: vault.lock(), key_file, site, reason }));
            return Err(problem);
        }
    }
    let opened = vault.transact(&origin, |tx| {
        let (person, lease) = identify(host, tx, &enrolled, fresh.as_ref())?;
        let user = person.policy_user(lease.is_none());
        let quarantine = crate::witness::at_unlock(host, &host.gate, tx, &user)?;
        let user = user.quarantined(quarantine.is_some());
        let index = match admit::<OpenIndex, _>(&host.gate, tx, &user, Target::workstation()) {
            Ok(permit) => index::build(tx, &permit)?,
            // A role without patients has an empty index, and searching is refused anyway.
            Err(access::Refusal::Forbidden) => chart::PatientIndex::new(),
            Err(refusal) => return Err(refusal.into()),
        };
        let directory = match admit::<ReadSchedule, _>(&host.gate, tx, &user, Target::workstation().detail("directory")) {
            Ok(permit) => index::directory(tx, &permit)?,
            Err(access::Refusal::Forbidden) => chart::Directory::new(),
            Err(refusal) => return Err(refusal.into()),
        };
        Ok::<_, Problem>((person, user, index, directory, lease, quarantine))
    });
    let (person, user, index, directory, lease, quarantine) = match opened {
        Ok(parts) => parts,
        Err(problem) => {
            *host.desk() = Desk::Locked(Box::new(Locked { vault: vault.lock(), key_file, site, reason }));
            return Err(problem);
        }
    };
    let mut idle = IdleLock::new(host.idle_policy());
    idle.on(Event::Unlocked { now: host.now().boot });
    let ends = CancellationToken::new();
    let watch = crate::watch::Standing {
        policy: crate::policy::watch(&host.policy()),
        ties: watchful::Ties::Behind,
        mark: vault.files().unwatched(),
    };
    let mut open = Open {
        vault,
        key_file,
        site,
        person,
        user,
        index,
        directory,
        idle,
        ends,
        sync: None,
        rotation: None,
        lease,
        check: check.map(Arc::new),
        quarantine,
        glass: Default::default(),
        watch,
    };
    // What was not renewed is due at the next unlock again; it keeps nobody out.
    if let Err(problem) = renew(&mut open, &host.gate, &origin, renewal) {
        tracing::warn!(code = problem.code().as_str(), "keys were not renewed");
    }
    let view = desk_view(host, &mut open);
    match view {
        Ok(view) => {
            *host.desk() = Desk::Open(Box::new(open));
            // What lapsed meanwhile gets its entry; that it could not be taken down keeps nobody out.
            if let Err(problem) = crate::emergency::settle_lapsed(host) {
                tracing::error!(code = problem.code().as_str(), "emergency accesses were not settled");
            }
            // Nor does a watch that cannot be kept.
            if let Err(problem) = crate::watch::begin(host) {
                tracing::error!(code = problem.code().as_str(), "the watch was not told of the unlock");
            }
            crate::sync_work::begin(host);
            crate::upkeep::keep_up(host, token_work);
            crate::token::watch(host);
            // Only now can it be told whether a sign-in is needed.
            let sync = crate::sync_work::sync_status(host)?;
            Ok(DeskView { sync, ..view })
        }
        Err(problem) => {
            *host.desk() = Desk::Locked(Box::new(open.close(reason)));
            Err(problem)
        }
    }
}

/// Whoever was enrolled, with nothing granted yet: keeping one's own things needs no grant.
fn nobody(enrolled: &keys::EnrolledUser) -> Person {
    Person {
        user: enrolled.user().clone(),
        practitioner: enrolled.practitioner().clone(),
        name: enrolled.display_name().to_owned(),
        role: enrolled.role().to_owned(),
        permissions: access::Permissions::default(),
    }
}

/// Who this is: from a sign-in just made, or as the last one left it. Also the offline lease, unless it has run out.
fn identify(
    host: &Host,
    tx: &Tx<'_>,
    enrolled: &keys::EnrolledUser,
    fresh: Option<&SignedInPerson>,
) -> Result<(Person, Option<Lease>), Problem> {
    let nobody = nobody(enrolled);
    let permit = admit::<DeskMemory, _>(&host.gate, tx, &nobody.policy_user(true), Target::workstation().detail("identity"))?;
    // Before anything that the policy bounds: the lease, and then the idle lock.
    crate::policy::recall(host, tx, &permit)?;
    let now = host.now();
    let (person, mut lease) = match fresh {
        Some(signed_in) => {
            tx.keep_own(&permit, "person", &json(&signed_in.person)?)?;
            crate::tokens::keep(tx, &permit, &signed_in.tokens)?;
            let site = admit::<Ingest, _>(&host.gate, tx, &nobody.policy_user(true), Target::workstation().detail("keys of the EHR"))?;
            crate::emergency::pin(tx, &site, &signed_in.keys)?;
            (signed_in.person.clone(), signed_in.person.lease(host.lease_policy(), &now, host.boot_id()))
        }
        None => {
            let person = read(tx.own(&permit, "person")?)?.unwrap_or(nobody);
            let Some(lease) = read(tx.own(&permit, "lease")?)? else { return Ok((person, None)) };
            (person, lease)
        }
    };
    let state = lease.check(&now, host.boot_id());
    tx.keep_own(&permit, "lease", &json(&lease)?)?;
    Ok((person, Some(lease).filter(|_| state != LeaseState::Expired)))
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|_| ErrorCode::Internal.into())
}

fn read<T: serde::de::DeserializeOwned>(bytes: Option<zeroize::Zeroizing<Vec<u8>>>) -> Result<Option<T>, Problem> {
    bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(|_| ErrorCode::VaultUnreadable.into())).transpose()
}
