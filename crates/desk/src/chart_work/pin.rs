//! Keeping a chart on this workstation.
use access::{Pin, Target, admit};
use kernel::PatientId;

use crate::host::Host;
use crate::problem::Problem;

/// Pins or unpins a chart.
///
/// # Errors
/// [`Problem::Forbidden`], [`Problem::BreakGlassRequired`], not found.
pub fn pin_patient(host: &Host, patient: &PatientId, pinned: bool) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<Pin, _>(gate, tx, &user, Target::chart(patient.clone()).detail(if pinned { "pin" } else { "unpin" }))?;
            Ok::<_, Problem>(tx.pin(&permit, pinned)?)
        })
    })?;
    crate::sync_work::panel_changed(host);
    Ok(())
}
