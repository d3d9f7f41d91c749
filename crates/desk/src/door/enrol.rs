//! The first clinician on a workstation: makes the vault.
use std::fs;

use kernel::ErrorCode;
use keys::{EnrolError, EnrolFirst, Factors, KdfCost, Passphrase, PassphraseCheck, WorkstationSecrets, enrol_first};
use session::Softlock;
use vault::{DoorLog, LockedVault, VaultError};

use crate::door::join::key_person;
use crate::door::unlock::{Proofs, open_desk};
use crate::host::Host;
use crate::person::Person;
use crate::policy::{check_new_passphrase, may_enrol};
use crate::problem::Problem;
use crate::security_key::{FirstKey, first_key};
use crate::state::{Desk, Locked};
use crate::token::{self, TokenWork, keyring_problem};
use crate::view::{DeskView, LockReason};

/// Makes the vault for whoever has just signed in, and opens it.
///
/// The vault is made beside its place and moved there whole: a program killed in between leaves either no vault or a good one.
///
/// Where the hospital demands a security key, the person makes one theirs before anything of the vault is written, and the first
/// envelope takes it. What a ceremony that comes to nothing leaves is the workstation's secret, which opens nothing and is taken up
/// by the next try.
///
/// # Errors
/// [`ErrorCode::AlreadyEnrolled`], [`ErrorCode::SignInNeeded`], [`ErrorCode::EnrolmentRefused`], [`ErrorCode::WeakPassphrase`], the
/// keyring's or token's, the security key's, the disk's.
pub fn enrol(host: &std::sync::Arc<Host>, passphrase: &Passphrase) -> Result<DeskView, Problem> {
    if !matches!(&*host.desk(), Desk::FirstRun) {
        return Err(ErrorCode::AlreadyEnrolled.into());
    }
    let site = host.profile.site()?.ok_or(ErrorCode::SignInNeeded)?;
    let person = {
        let signed_in = host.signed_in.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        signed_in.as_ref().ok_or(ErrorCode::SignInNeeded)?.person.clone()
    };
    may_enrol(host)?;
    check_new_passphrase(host, passphrase, &person)?;
    let site_id = site.id().ok_or(ErrorCode::Internal)?;
    let site = host.profile.keep_token(site, token::chosen(host)?)?;
    let token_work = TokenWork::claimed_by(&person.user);
    let uses = std::sync::Arc::new(host.key_uses(&token_work, None));
    let kept = Ok(site.token.clone());
    let find = host.secrets_by((site_id.clone(), site.device.clone()), kept, &token_work, std::sync::Arc::clone(&uses));
    let workstation = WorkstationSecrets::provision(&find).map_err(keyring_problem)?;
    drop(find);
    let with_key = first_key(host, &person, false)?;
    still_awaited(host, &person)?;
    let (key_file, keys) = enrol_first(EnrolFirst {
        site: site_id.clone(),
        device: site.device.clone(),
        person: key_person(&person),
        passphrase,
        security_key: with_key.as_ref().map(FirstKey::part),
        workstation: &workstation,
        cost: KdfCost::STANDARD,
        at: host.now().wall.timestamp(),
    })
    .map_err(|error| match error {
        EnrolError::Weak(_) => ErrorCode::WeakPassphrase,
        EnrolError::NotAKey => ErrorCode::SecurityKeyUnsuitable,
        _ => ErrorCode::Internal,
    })?;

    let making = host.profile.vault_in_the_making();
    // Left by an enrolment that was cut off: nothing was ever entered there.
    match fs::remove_dir_all(making.folder()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(VaultError::from(error).into()),
        _ => {}
    }
    making.make_folder()?;
    key_file.write(&making.keys()).map_err(VaultError::from)?;
    if site.token.is_some() {
        uses.settle(DoorLog::new(making.door(), key_file.door()))?;
    }
    keys::replace_file(&making.softlock(), &Softlock::fresh().to_bytes()).map_err(VaultError::from)?;
    let actor = audit::Actor { user: person.user.clone(), practitioner: person.practitioner.clone(), role: person.role.clone() };
    let origin = host.origin(Some(actor), &site);
    let mut made = LockedVault::create(making.clone(), keys, &origin)?;
    // INVARIANT: the record is there before the vault is: the key never opens what has no record to hold it against.
    with_key.as_ref().map_or(Ok(()), |key| key.keep(host, &mut made, &origin, &person))?;
    drop(made.lock());
    let place = host.profile.vault();
    fs::rename(making.folder(), place.folder()).map_err(VaultError::from)?;

    // Opened again the ordinary way, from its place, with everything it takes: what was made is what opens.
    let vault = LockedVault::find(place)?;
    let factors = Factors { passphrase, workstation: &workstation, security_key: with_key.as_ref().map(FirstKey::secret) };
    let keys = key_file.unlock(&person.user, &factors).map_err(|_| ErrorCode::Internal)?;
    let check = with_key.map(|_| PassphraseCheck::new(passphrase, KdfCost::STANDARD)).transpose().map_err(|_| ErrorCode::Internal)?;
    let locked = Locked { vault, key_file, site, reason: LockReason::Start };
    *host.desk() = Desk::Moving;
    open_desk(host, locked, keys, &person.user, Proofs { token_work, renewal: None, answer: None, check })
}

/// A ceremony takes its time: meanwhile the page may have been left, and somebody else signed in.
fn still_awaited(host: &Host, person: &Person) -> Result<(), Problem> {
    if !matches!(&*host.desk(), Desk::FirstRun) {
        return Err(ErrorCode::AlreadyEnrolled.into());
    }
    let signed_in = host.signed_in.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let same = signed_in.as_ref().is_some_and(|signed_in| signed_in.person.user == person.user);
    if same { Ok(()) } else { Err(ErrorCode::SignInNeeded.into()) }
}
