//! Replaying what was done, as a flight recorder is read.
use access::{ReadAudit, Target, admit};
use audit::Filter;
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

/// Entries answered at most, the latest.
const MOST: u32 = 10_000;

/// What was done, oldest first: the latest `limit` entries that match. Unreadable ones match always.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain.
pub fn replay_audit(host: &Host, of: &AuditReplay, limit: u32) -> Result<Vec<AuditRow>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let (wanted, detail) = match of {
            AuditReplay::Everything => (Filter::default(), "replay".to_owned()),
            AuditReplay::Patient(patient) => {
                (Filter { patient: Some(patient.clone()), ..Filter::default() }, format!("replay of patient {patient}"))
            }
            AuditReplay::User(user) => (Filter { user: Some(user.clone()), ..Filter::default() }, format!("replay of user {user}")),
        };
        let entries = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadAudit, _>(gate, tx, &user, Target::workstation().detail(detail))?;
            Ok::<_, Problem>(tx.audit_entries(&permit, &wanted, limit.min(MOST))?)
        })?;
        Ok(entries.iter().rev().map(row).collect())
    })
}
