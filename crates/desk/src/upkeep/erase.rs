//! Taking a chart, or everything, off this workstation, so that no copy made before opens either.
use std::fs;
use std::sync::Arc;

use access::{EraseChart, EraseWorkstation, Target, admit};
use kernel::{ErrorCode, PatientId};
use keys::{KeyFile, Passphrase, SecretName, StoreError};
use vault::VaultError;

use super::rotation;
use crate::host::Host;
use crate::problem::Problem;
use crate::security_key::key_operation;
use crate::state::Desk;
use crate::token::{TokenWork, keyring_problem};
use crate::view::LockReason;

/// Erases a chart: its records and its key at once, and by the end of the new generation of keys that begins with it whatever an
/// older copy of the vault holds. A chart that is on someone's panel comes again from the EHR.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::Forbidden`], [`ErrorCode::UnsentWork`], [`ErrorCode::NotFound`].
pub fn erase_chart(host: &Arc<Host>, passphrase: &Passphrase, patient: &PatientId) -> Result<(), Problem> {
    let token_work =
        key_operation(host, Some(passphrase), "Erases a chart from this workstation", Some(patient.as_str()))?.token_work(host)?;
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<EraseChart, _>(gate, tx, &user, Target::chart(patient.clone()))?;
            Ok::<_, Problem>(tx.erase_chart(&permit)?)
        })?;
        open.index.remove(patient);
        // While a rotation is under way, the vault knows that another must follow.
        rotation::begin_generation(host, open, gate, origin, "after an erasure", &token_work)
    })?;
    host.notices.chart_changed(patient);
    rotation::carry_on(host);
    Ok(())
}

/// Erases the vault: its secrets in the keyring first, by which every copy becomes unreadable, then its files. The program is then
/// as it was before the first run.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::Forbidden`]; [`ErrorCode::UnsentWork`] while the EHR has not taken everything that was
/// entered here, unless `lose_unsent`; the keyring's, with nothing erased.
pub fn erase_workstation(host: &Arc<Host>, passphrase: &Passphrase, lose_unsent: bool) -> Result<(), Problem> {
    let token_work = key_operation(host, Some(passphrase), "Erases everything from this workstation", None)?.token_work(host)?;
    let file = host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<EraseWorkstation, _>(gate, tx, &user, Target::workstation())?;
            if !lose_unsent && tx.anything_unsent(&permit)? {
                return Err(Problem::from(ErrorCode::UnsentWork));
            }
            Ok(())
        })?;
        Ok(open.key_file.clone())
    })?;
    delete_secrets(host, &file, &token_work)?;
    let mut desk = host.desk();
    let former = std::mem::replace(&mut *desk, Desk::Moving);
    let Desk::Open(open) = former else {
        *desk = former;
        return Err(Problem::Locked);
    };
    // The folder goes while it is still held, so that no other program opens what is left of it.
    let locked = open.close(LockReason::Asked);
    let erased = fs::remove_dir_all(locked.vault.files().folder());
    drop(locked);
    *desk = Desk::found(&host.profile).unwrap_or_else(Desk::Closed);
    drop(desk);
    host.notices.locked(LockReason::Asked);
    Ok(erased.map_err(VaultError::from)?)
}

/// The generations' secrets before the device's: whatever is cut off in between leaves nothing that opens.
fn delete_secrets(host: &Host, file: &KeyFile, token_work: &TokenWork) -> Result<(), Problem> {
    let find = host.secrets_of(file, token_work);
    let generations = [file.generation().checked_sub(1), Some(file.generation()), file.next_generation()];
    // The one before may be in use, and the one to come may have been made by a renewal that was cut off.
    let device = file.device_secret();
    let devices = [device.saturating_sub(1), device, device.saturating_add(1)].into_iter().filter(|number| *number > 0);
    let names = generations.into_iter().flatten().map(SecretName::Generation).chain(devices.map(SecretName::device));
    for name in names {
        match find(name).delete() {
            Ok(()) | Err(StoreError::Emptied) => {}
            Err(error) => return Err(keyring_problem(error)),
        }
    }
    Ok(())
}
