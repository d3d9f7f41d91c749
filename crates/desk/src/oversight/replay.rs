//! Replaying what was done, as a flight recorder is read.
use access::{ReadAudit, Target, admit};
use kernel::{PatientId, UserId};

use super::recent::row;
use crate::host::Host;
use crate::problem::Problem;
use crate::view::AuditRow;

/// Whose hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditReplay {
    /// What was done on this workstation.
    Everything,
    /// What was done in a patient's chart.
    Patient(PatientId),
    /// What a clinician did.
    User(UserId),
}

/// Entries looked through at most, the latest.
const MOST: u32 = 10_000;

/// What was done, oldest first: the latest `limit` entries that match. Unreadable ones match always.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain.
pub fn replay_audit(host: &Host, of: &AuditReplay, limit: u32) -> Result<Vec<AuditRow>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let (patient, detail) = match of {
            AuditReplay::Everything => (None, "replay".to_owned()),
            AuditReplay::Patient(patient) => (Some(patient), format!("replay of patient {patient}")),
            AuditReplay::User(user) => (None, format!("replay of user {user}")),
        };
        let entries = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadAudit, _>(gate, tx, &user, Target::workstation().detail(detail))?;
            Ok::<_, Problem>(tx.audit_entries(&permit, patient, MOST)?)
        })?;
        let matches = |entry: &&vault::AuditEntry| match (of, entry) {
            (AuditReplay::User(user), Some(entry)) => entry.actor.as_ref().is_some_and(|actor| actor.user == *user),
            _ => true,
        };
        let mut rows: Vec<AuditRow> = entries.iter().filter(matches).take(limit as usize).map(row).collect();
        rows.reverse();
        Ok(rows)
    })
}
