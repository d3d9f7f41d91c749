//! Replaying what was done, as a flight recorder is read.
use access::{ReadAudit, Target, admit};
use audit::Filter;
use chrono::{DateTime, Utc};
use kernel::{PatientId, UserId};

use super::recent::row;
use crate::host::Host;
use crate::problem::Problem;
use crate::view::AuditRow;

/// Whose hours.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum ReplayOf {
    /// What was done on this workstation.
    #[default]
    Everything,
    /// What was done in a patient's chart.
    Patient(PatientId),
    /// What a clinician did.
    User(UserId),
}

/// What is replayed.
#[derive(Clone, Debug, Default)]
pub struct AuditReplay {
    /// Whose.
    pub of: ReplayOf,
    /// At this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
    /// Entries answered at most, the latest; never more than 10,000.
    pub limit: u32,
}

const MOST: u32 = 10_000;

/// What was done, in the order it was done: the latest entries that match. Unreadable ones match always. What an entry's work
/// changed is for [`crate::audit_state`] to show.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain.
pub fn replay_audit(host: &Host, replay: &AuditReplay) -> Result<Vec<AuditRow>, Problem> {
    let AuditReplay { of, from, until, limit } = replay;
    let mut wanted = Filter { from: *from, until: *until, ..Filter::default() };
    let detail = match of {
        ReplayOf::Everything => "replay".to_owned(),
        ReplayOf::Patient(patient) => {
            wanted.patient = Some(patient.clone());
            format!("replay of patient {patient}")
        }
        ReplayOf::User(user) => {
            wanted.user = Some(user.clone());
            format!("replay of user {user}")
        }
    };
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let entries = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadAudit, _>(gate, tx, &user, Target::workstation().detail(detail))?;
            Ok::<_, Problem>(tx.audit_entries(&permit, &wanted, (*limit).min(MOST))?)
        })?;
        Ok(entries.iter().rev().map(row).collect())
    })
}
