//! Signing in at the EHR, in the system's browser.
use std::sync::{Arc, PoisonError};

use access::{DeskMemory, Ingest, Target, admit};
use audit::{Action, Outcome, Subject, record};
use kernel::{ErrorCode, UserId};
use remote::{Command, EhrAddress, EhrKeys, Identity, SignIn, SignedIn, Smart, Tokens};
use tokio_util::sync::CancellationToken;

use super::stage::desk_view;
use super::unlock::json;
use crate::host::Host;
use crate::person::{Person, SignedInPerson};
use crate::problem::Problem;
use crate::state::{Desk, Open};
use crate::sync_work::{begin, http};
use crate::view::{DeskView, EhrView, SignedInView};

/// Asks an address whether it is an EHR one can sign in to, and keeps it for this workstation.
///
/// # Errors
/// [`ErrorCode::EhrUnreachable`], [`ErrorCode::EhrNotTrusted`], [`ErrorCode::EhrNotSupported`]; [`Problem::Forbidden`] if the
/// hospital's policy fixes another; [`ErrorCode::AlreadyEnrolled`]
/// where a vault exists: it belongs to its own EHR.
pub async fn choose_ehr(host: &Arc<Host>, url: &str) -> Result<EhrView, Problem> {
    if !matches!(&*host.desk(), Desk::FirstRun) {
        return Err(ErrorCode::AlreadyEnrolled.into());
    }
    let address = EhrAddress::parse(url).map_err(|_| ErrorCode::InvalidRequest)?;
    if !crate::policy::allows_ehr(&host.policy(), &address) {
        return Err(Problem::Forbidden);
    }
    Smart::discover(http(host)?, address.clone()).await.map_err(|error| error.code())?;
    let url = url::Url::parse(address.as_str()).map_err(|_| ErrorCode::InvalidRequest)?;
    let name = url.host_str().unwrap_or_default().to_owned();
    let site = host.profile.keep_site(url, name, "4.0.1".to_owned())?;
    Ok(EhrView { url: site.ehr.to_string(), name: site.name, fhir_version: site.fhir_version })
}

/// Signs in: at first run, on the lock screen (where it renews the offline lease at the next unlock), or as a colleague who is to
/// have a place on this workstation ([`crate::join`]).
///
/// # Errors
/// [`ErrorCode::SignInCancelled`], [`ErrorCode::SignInFailed`], [`ErrorCode::EhrUnreachable`] and its kin.
pub async fn sign_in(host: &Arc<Host>) -> Result<SignedInView, Problem> {
    let signed_in = through_the_browser(host).await?;
    let Person { user, name, role, .. } = &signed_in.person;
    let view = SignedInView { name: name.clone(), role: role.clone(), enrolled: is_enrolled(&host.desk(), user) };
    *host.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(signed_in);
    Ok(view)
}

/// Signs in afresh while the desk is open: new tokens, new grants, a new lease.
///
/// # Errors
/// As [`sign_in`]; [`ErrorCode::SignInOtherPerson`] if somebody else signed in.
pub async fn sign_in_again(host: &Arc<Host>) -> Result<DeskView, Problem> {
    let SignedInPerson { person, tokens, keys } = through_the_browser(host).await?;
    let again = Arc::clone(host);
    let view = tokio::task::spawn_blocking(move || {
        again.work(|open, gate, origin| {
            if open.person.user != person.user {
                return Err(ErrorCode::SignInOtherPerson.into());
            }
            take_over(&again, open, gate, origin, person, Some((&tokens, &keys)))?;
            if let Some(running) = &open.sync {
                running.session.replace(tokens.clone());
                running.handle.tell(Command::SignedIn);
            }
            desk_view(&again, open)
        })
    });
    let view = view.await.map_err(|_| Problem::Named(ErrorCode::Internal))??;
    begin(host);
    Ok(view)
}

/// Stops waiting for the browser, and forgets a sign-in that was not used.
pub fn cancel_sign_in(host: &Host) {
    *host.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = None;
    if let Some(waiting) = host.sign_in.lock().unwrap_or_else(PoisonError::into_inner).take() {
        waiting.cancel();
    }
}

/// The EHR confirmed the clinician while renewing the tokens: grants and lease follow. Another person's answer is refused.
pub(crate) fn renewed(host: &Arc<Host>, identity: &Identity) {
    let done = host.work(|open, gate, origin| {
        let mut person = person(identity).ok_or(ErrorCode::SignInFailed)?;
        // A renewal that lists no scopes leaves them as they were (RFC 6749 §6).
        if person.permissions.scope.is_none() {
            person.permissions.scope.clone_from(&open.person.permissions.scope);
        }
        if open.person.user != person.user {
            return Err(ErrorCode::SignInOtherPerson.into());
        }
        take_over(host, open, gate, origin, person, None)
    });
    if let Err(problem) = done {
        tracing::warn!(code = problem.code().as_str(), "renewed identity not taken over");
    }
}

fn is_enrolled(desk: &Desk, user: &UserId) -> bool {
    let key_file = match desk {
        Desk::Open(open) => &open.key_file,
        Desk::Locked(locked) => &locked.key_file,
        Desk::FirstRun | Desk::Closed(_) | Desk::Moving => return false,
    };
    key_file.users().iter().any(|enrolled| enrolled.user() == user)
}

async fn through_the_browser(host: &Arc<Host>) -> Result<SignedInPerson, Problem> {
    let site = host.profile.site()?.ok_or(ErrorCode::SignInNeeded)?;
    let address = EhrAddress::parse(site.ehr.as_str()).map_err(|_| ErrorCode::InvalidRequest)?;
    let cancel = CancellationToken::new();
    cancel_sign_in(host);
    *host.sign_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(cancel.clone());
    let smart = Smart::discover(http(host)?, address).await.map_err(|error| error.code())?;
    let keys = EhrKeys::of(&smart);
    let (url, pending) = SignIn::begin(&smart, host.clock()).await.map_err(|error| error.code())?;
    host.notices.browse(url.as_str())?;
    let SignedIn { identity, tokens, .. } = pending.finish(cancel).await.map_err(|error| error.code())?;
    let person = person(&identity).ok_or(ErrorCode::SignInFailed)?;
    Ok(SignedInPerson { person, tokens, keys })
}

fn take_over(
    host: &Host,
    open: &mut Open,
    gate: &access::Gate,
    origin: &audit::Origin,
    person: Person,
    brought: Option<(&Tokens, &EhrKeys)>,
) -> Result<(), Problem> {
    let lease = person.lease(host.lease_policy(), &origin.at, &origin.boot_id);
    let user = person.policy_user(false).quarantined(open.quarantine.is_some());
    open.vault.transact(origin, |tx| {
        record(tx, Action::SignIn, Outcome::Allowed, Subject::default())?;
        let permit = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("identity"))?;
        tx.keep_own(&permit, "person", &json(&person)?)?;
        tx.keep_own(&permit, "lease", &json(&lease)?)?;
        if let Some((tokens, keys)) = brought {
            crate::tokens::keep(tx, &permit, tokens)?;
            let site = admit::<Ingest, _>(gate, tx, &user, Target::workstation().detail("keys of the EHR"))?;
            crate::emergency::pin(tx, &site, keys)?;
        }
        Ok::<_, Problem>(())
    })?;
    open.lease = Some(lease);
    open.person = person;
    open.user = user;
    Ok(())
}

/// The person behind a verified identity; only practitioners work here.
fn person(identity: &Identity) -> Option<Person> {
    let practitioner = identity.practitioner.clone()?;
    Some(Person {
        user: UserId::new(practitioner.as_str()).ok()?,
        name: identity.name.as_deref().or(identity.username.as_deref()).unwrap_or(practitioner.as_str()).to_owned(),
        role: identity.roles.first()?.to_string(),
        permissions: permissions(identity),
        practitioner,
    })
}

fn permissions(identity: &Identity) -> access::Permissions {
    let own = |list: &[Box<str>]| list.iter().map(|name| name.to_string()).collect();
    let scope = identity.scope.as_deref().map(str::to_owned);
    match &identity.permissions {
        Some(remote::Permissions { ehr_read, ehr_write, exp }) => {
            access::Permissions { ehr_read: own(ehr_read), ehr_write: own(ehr_write), scope, by_role: false, until: *exp }
        }
        None => access::Permissions { scope, by_role: true, ..access::Permissions::default() },
    }
}
