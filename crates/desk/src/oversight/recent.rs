//! Reading the chain.
use access::{ReadAudit, Target, admit};
use kernel::PatientId;
use vault::AuditEntry;

use crate::host::Host;
use crate::problem::Problem;
use crate::view::AuditRow;

/// Entries read at most.
const MOST: u32 = 1000;

/// The latest entries, newest first, of one patient if named: a replay of who did what.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain.
pub fn audit_recent(host: &Host, patient: Option<&PatientId>, limit: u32) -> Result<Vec<AuditRow>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let entries = open.vault.transact(origin, |tx| {
            let mut target = Target::workstation().detail(format!("latest {}", limit.min(MOST)));
            if let Some(patient) = patient {
                target = Target::workstation().detail(format!("of patient {patient}"));
            }
            let permit = admit::<ReadAudit, _>(gate, tx, &user, target)?;
            Ok::<_, Problem>(tx.audit_entries(&permit, patient, limit.min(MOST))?)
        })?;
        Ok(entries.iter().map(row).collect())
    })
}

pub(super) fn row(entry: &AuditEntry) -> AuditRow {
    let Some(entry) = entry else {
        let unreadable = || "unreadable".to_owned();
        return AuditRow {
            sequence: 0,
            at: String::new(),
            who: unreadable(),
            role: String::new(),
            action: unreadable(),
            outcome: unreadable(),
            patient: None,
            purpose: None,
            detail: None,
        };
    };
    let outcome = match entry.outcome {
        audit::Outcome::Allowed => "allowed",
        audit::Outcome::Refused => "refused",
        audit::Outcome::Failed => "failed",
    };
    AuditRow {
        sequence: u32::try_from(entry.sequence).unwrap_or(u32::MAX),
        at: entry.at.clone(),
        who: entry.actor.as_ref().map_or_else(String::new, |actor| actor.user.to_string()),
        role: entry.actor.as_ref().map_or_else(String::new, |actor| actor.role.clone()),
        action: entry.action.as_str().to_owned(),
        outcome: outcome.to_owned(),
        patient: entry.subject.patient.as_ref().map(ToString::to_string),
        purpose: entry.subject.purpose.clone(),
        detail: entry.subject.detail.clone(),
    }
}
