//! Who has a place on this workstation.
use std::sync::Arc;

use access::{ChangeRoster, Gate, Permit, Target, admit};
use audit::{Action, Origin};
use kernel::{ErrorCode, UserId};
use keys::{KeyFile, Passphrase, RosterError, WorkstationSecrets};
use vault::Tx;

use super::rotation;
use crate::door::key_file;
use crate::host::Host;
use crate::problem::Problem;
use crate::security_key::key_operation;
use crate::state::Open;
use crate::token::keyring_problem;
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
    key_operation(host, Some(passphrase), "Keeps a clinician from unlocking", Some(user.as_str()))?;
    host.work(|open, gate, origin| {
        change(open, gate, origin, format!("disabled {user}"), |tx, permit, file| tx.disable_clinician(permit, file, user).map_err(refused))
    })
}

/// Lets someone unlock again, with the passphrase they had.
///
/// # Errors
/// As [`disable_clinician`], and the keyring's.
pub fn enable_clinician(host: &Arc<Host>, passphrase: &Passphrase, user: &UserId) -> Result<(), Problem> {
    let token_work = key_operation(host, Some(passphrase), "Lets a clinician unlock again", Some(user.as_str()))?.token_work(host)?;
    host.work(|open, gate, origin| {
        let find = host.secrets_of(&open.key_file, &token_work);
        let workstation = WorkstationSecrets::load(&open.key_file, &find).map_err(keyring_problem)?;
        change(open, gate, origin, format!("enabled {user}"), |tx, permit, file| {
            tx.enable_clinician(permit, file, user, &workstation).map_err(refused)
        })
    })
}

/// Takes someone's place away and begins a new generation of keys, by whose end no copy of anything opens with their passphrase.
/// What they entered stays; with `leave_work` even what the EHR has not taken, which then waits for whoever has the recovery key.
///
/// # Errors
/// As [`disable_clinician`]; [`ErrorCode::UnsentWork`] while the EHR has not taken everything of theirs, unless `leave_work`.
pub fn remove_clinician(host: &Arc<Host>, passphrase: &Passphrase, user: &UserId, leave_work: bool) -> Result<(), Problem> {
    let token_work =
        key_operation(host, Some(passphrase), "Removes a clinician from this workstation", Some(user.as_str()))?.token_work(host)?;
    host.work(|open, gate, origin| {
        change(open, gate, origin, format!("removed {user}"), |tx, permit, file| {
            tx.remove_clinician(permit, file, user).map_err(refused)?;
            if !leave_work && tx.unsent_of(permit, user)? != (0, 0) {
                return Err(ErrorCode::UnsentWork.into());
            }
            Ok(tx.forget_clinician(permit, user)?)
        })?;
        // A generation in the making was wrapped to them too: the vault knows that another must follow it.
        rotation::begin_generation(host, open, gate, origin, "after a removal", &token_work)
    })?;
    rotation::carry_on(host);
    Ok(())
}

/// Changes the key file. INVARIANT: the decision is on disk before the changed file is.
fn change(
    open: &mut Open,
    gate: &Gate,
    origin: &Origin,
    detail: String,
    change: impl FnOnce(&Tx<'_>, &Permit<'_, ChangeRoster>, &mut KeyFile) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let (user, mut changed) = (open.user.clone(), open.key_file.clone());
    open.vault.transact(origin, |tx| {
        let permit = admit::<ChangeRoster, _>(gate, tx, &user, Target::workstation().detail(detail))?;
        change(tx, &permit, &mut changed)
    })?;
    key_file::replace(open, origin, changed, Action::ChangeRoster)
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
