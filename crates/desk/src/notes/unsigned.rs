//! Which notes this clinician has begun and not signed, in whatever chart.
use access::{ReadOutbox, Target, admit};
use chrono::SecondsFormat;

use crate::host::Host;
use crate::problem::Problem;
use crate::view::UnsignedNote;

/// The newest first. Texts are read only in the chart.
///
/// # Errors
/// [`Problem`].
pub fn unsigned_notes(host: &Host) -> Result<Vec<UnsignedNote>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let unsigned = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadOutbox, _>(gate, tx, &user, Target::workstation().detail("unsigned"))?;
            Ok::<_, Problem>(tx.unsigned(&permit)?)
        })?;
        let today = origin.at.wall.with_timezone(&chrono::Local).fixed_offset();
        let note = |held: vault::UnsignedDraft| UnsignedNote {
            draft: held.draft.to_string(),
            name: open.index.row(&held.patient, today).map(|row| row.name),
            patient: held.patient.to_string(),
            note_type: held.note_type,
            saved_at: held.saved_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        };
        Ok(unsigned.into_iter().map(note).collect())
    })
}
