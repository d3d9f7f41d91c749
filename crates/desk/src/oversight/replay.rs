//! Replaying what was done, as a flight recorder is read.
use access::{ReadAudit, Target, admit};
use audit::Filter;
use chrono::{DateTime, Utc};
use kernel::{ErrorCode, PatientId, UserId};

use super::recent::{filter, row, said};
use crate::host::Host;
use crate::problem::Problem;
use crate::view::{AuditQuery, AuditRow};

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
    match of {
        ReplayOf::Everything => {}
        ReplayOf::Patient(patient) => wanted.patient = Some(patient.clone()),
        ReplayOf::User(user) => wanted.user = Some(user.clone()),
    }
    replayed(host, &wanted, said("replay", &wanted), *limit)
}

/// As [`replay_audit`], of what the viewer narrows to.
///
/// # Errors
/// As [`replay_audit`]; [`ErrorCode::InvalidRequest`] for a query that names nothing known.
pub fn audit_replay(host: &Host, query: &AuditQuery) -> Result<Vec<AuditRow>, Problem> {
    let wanted = filter(query).ok_or(ErrorCode::InvalidRequest)?;
    replayed(host, &wanted, said("replay", &wanted), query.limit)
}

fn replayed(host: &Host, wanted: &Filter, detail: String, limit: u32) -> Result<Vec<AuditRow>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let entries = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadAudit, _>(gate, tx, &user, Target::workstation().detail(detail))?;
            Ok::<_, Problem>(tx.audit_entries(&permit, wanted, limit.min(MOST))?)
        })?;
        Ok(entries.iter().rev().map(row).collect())
    })
}
