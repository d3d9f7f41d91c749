//! What waits to be sent, and what was refused.
use access::{Push, ReadOutbox, Target, admit};
use chrono::SecondsFormat;
use sync::EntryId;

use crate::chart_work::state;
use crate::host::Host;
use crate::problem::Problem;
use crate::view::OutboxRow;

/// Every entry that the EHR has not acknowledged. Names stand only by the clinician's own entries.
///
/// # Errors
/// [`Problem`].
pub fn outbox(host: &Host) -> Result<Vec<OutboxRow>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let entries = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadOutbox, _>(gate, tx, &user, Target::workstation())?;
            Ok::<_, Problem>(tx.outbox(&permit)?)
        })?;
        let today = origin.at.wall.with_timezone(&chrono::Local).fixed_offset();
        let named = |entry: &vault::OutboxEntry| {
            let own = entry.author == user.user.as_str();
            own.then(|| open.index.row(&entry.patient, today)).flatten().map(|row| row.name)
        };
        Ok(entries
            .iter()
            .map(|entry| OutboxRow {
                entry: u32::try_from(entry.entry).unwrap_or(u32::MAX),
                patient: entry.patient.to_string(),
                name: named(entry),
                kind: entry.kind.clone(),
                id: entry.id.clone(),
                state: state(entry.state),
                reason: entry.reason.map(|reason| reason.as_str().to_owned()),
                attempts: entry.attempts,
                entered_at: entry.entered_at.to_rfc3339_opts(SecondsFormat::Secs, true),
            })
            .collect())
    })
}

/// Puts a refused entry back in line.
///
/// # Errors
/// Not found unless it was refused.
pub fn retry_rejected(host: &Host, entry: u32) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<Push, _>(gate, tx, &user, Target::workstation().detail(format!("retry {entry}")))?;
            Ok(tx.retry(&permit, EntryId(i64::from(entry)))?)
        })
    })?;
    super::outbox_changed(host);
    Ok(())
}
