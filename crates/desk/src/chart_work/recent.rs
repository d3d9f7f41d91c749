//! Who was opened lately.
use access::{DeskMemory, Search, Target, admit};
use chart::view::PatientRow;

use crate::host::Host;
use crate::problem::Problem;

/// The clinician's own latest charts, latest first.
///
/// # Errors
/// [`Problem::Forbidden`] for roles that see no patients.
pub fn patients_recent(host: &Host) -> Result<Vec<PatientRow>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let recent = open.vault.transact(origin, |tx| {
            admit::<Search, _>(gate, tx, &user, Target::workstation().detail("recent"))?;
            let permit = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("recent"))?;
            Ok::<_, Problem>(tx.recent(&permit)?)
        })?;
        let today = origin.at.wall.with_timezone(&chrono::Local).fixed_offset();
        Ok(recent.iter().filter_map(|patient| open.index.row(patient, today)).collect())
    })
}
