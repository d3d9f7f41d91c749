//! Who has a place on this workstation.
use std::sync::Arc;

use access::{ChangeRoster, Gate, Target, admit};
use audit::{Action, Origin};
use kernel::{ErrorCode, UserId};
use keys::{KeyFile, Passphrase, RosterError, WorkstationSecrets};

use super::rotation;
use crate::door::{key_file, keyring_problem, reauthenticate};
use crate::host::Host;
use crate::problem::Problem;
use crate::state::Open;
use crate::view::ClinicianView;

/// Everyone with a place, in the order of enrolment, and what of theirs the EHR has not taken.
///
/// # Errors
/// [`Problem::Forbidden`] for whoever does not look after workstations.
pub fn clinicians(host: &Host) -> Result<Vec<ClinicianView>, Problem> {
    host.work(|open, gate, origin| {
        let (user, users) = (open.user.clone(), open.key_file.users().to_vec());
        open.vault.transact(origin, |tx| {
            let permit = admit::<ChangeRoster, _>(gate, tx, &user, Target::workstation().detail("list"))?;
            let view = |enrolled: &keys::EnrolledUser| {
                let (unsent, unsigned) = tx.unsent_of(&permit, enrolled.user())?;
                Ok(ClinicianView {
                    user: enrolled.user().to_string(),
                    name: enrolled.display_name().to_owned(),
                    role: enrolled.role().to_owned(),
                    disabled: enrolled.is_disabled(),
                    working: *enrolled.user() == user.user,
                    unsent,
                    unsigned,
                })
            };
            users.iter().map(view).collect()
        })
    })
}

/// Keeps someone from unlocking, until enabled again. Their place, tabs and drafts stay.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`] (of whoever works), [`Problem::Forbidden`], [`ErrorCode::NotEnrolled`],
/// [`ErrorCode::InvalidRequest`] for oneself.
pub fn disable_clinician(host: &Arc<Host>, passphrase: &Passphrase, user: &UserId) -> Result<(), Problem> {
    change(host, passphrase, user, "disabled", |_, open, file| open.vault.keys().disable(file, user).map_err(refused))
}

/// Lets someone unlock again, with the passphrase they had.
///
/// # Errors
/// As [`disable_clinician`], and the keyring's.
pub fn enable_clinician(host: &Arc<Host>, passphrase: &Passphrase, user: &UserId) -> Result<(), Problem> {
    change(host, passphrase, user, "enabled", |host, open, file| {
        let workstation = WorkstationSecrets::load(file, &host.secrets_of(file)).map_err(keyring_problem)?;
        open.vault.keys().enable(file, user, &workstation).map_err(refused)
    })
}

/// Takes someone's place away and begins a new generation of keys, by whose end no copy of anything opens with their passphrase.
/// What they entered stays; with `leave_work` even what the EHR has not taken, which then waits for whoever has the recovery key.
///
/// # Errors
/// As [`disable_clinician`]; [`ErrorCode::UnsentWork`] while the EHR has not taken everything of theirs, unless `leave_work`.
pub fn remove_clinician(host: &Arc<Host>, passphrase: &Passphrase, user: &UserId, leave_work: bool) -> Result<(), Problem> {
    reauthenticate(host, passphrase)?;
    host.work(|open, gate, origin| {
        let mut changed = open.key_file.clone();
        open.vault.keys().remove(&mut changed, user).map_err(refused)?;
        let actor = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<ChangeRoster, _>(gate, tx, &actor, Target::workstation().detail(format!("removed {user}")))?;
            let waits = tx.unsent_of(&permit, user)? != (0, 0);
            if waits && !leave_work {
                return Err(ErrorCode::UnsentWork.into());
            }
            tx.forget_clinician(&permit, user).map_err(Problem::from)
        })?;
        key_file::replace(open, origin, changed, Action::ChangeRoster)?;
        if open.vault.keys().is_rotating() {
            // What is under way was wrapped to them too; the one after it is not.
            return Ok(());
        }
        rotation::begin_generation(host, open, gate, origin, "after a removal")
    })?;
    rotation::carry_on(host);
    Ok(())
}

fn change(
    host: &Arc<Host>,
    passphrase: &Passphrase,
    user: &UserId,
    what: &str,
    change: impl FnOnce(&Host, &Open, &mut KeyFile) -> Result<(), Problem>,
) -> Result<(), Problem> {
    reauthenticate(host, passphrase)?;
    host.work(|open, gate, origin| {
        let mut changed = open.key_file.clone();
        change(host, open, &mut changed)?;
        record(open, gate, origin, format!("{what} {user}"))?;
        key_file::replace(open, origin, changed, Action::ChangeRoster)
    })
}

/// INVARIANT: the entry is on disk before the key file changes.
fn record(open: &mut Open, gate: &Gate, origin: &Origin, detail: String) -> Result<(), Problem> {
    let user = open.user.clone();
    open.vault.transact(origin, |tx| {
        admit::<ChangeRoster, _>(gate, tx, &user, Target::workstation().detail(detail))?;
        Ok(())
    })
}

fn refused(error: RosterError) -> Problem {
    match error {
        RosterError::UnknownUser => ErrorCode::NotEnrolled,
        RosterError::Oneself => ErrorCode::InvalidRequest,
        RosterError::OtherFile => ErrorCode::VaultUnreadable,
        RosterError::Rotation | RosterError::Seal(_) => ErrorCode::Internal,
    }
    .into()
}
