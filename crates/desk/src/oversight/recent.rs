//! Reading the chain.
use access::{ReadAudit, Target, admit};
use audit::{Action, Filter};
use chrono::DateTime;
use kernel::{ErrorCode, PatientId, UserId};
use vault::AuditEntry;

use crate::host::Host;
use crate::problem::Problem;
use crate::view::{AuditQuery, AuditRow};

/// Entries answered at most.
const MOST: u32 = 1000;

/// The latest entries that are asked for, newest first: who did what.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain; [`ErrorCode::InvalidRequest`] for a query that names nothing known.
pub fn audit_recent(host: &Host, query: &AuditQuery) -> Result<Vec<AuditRow>, Problem> {
    let wanted = filter(query).ok_or(ErrorCode::InvalidRequest)?;
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let entries = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadAudit, _>(gate, tx, &user, Target::workstation().detail(said("latest", &wanted)))?;
            Ok::<_, Problem>(tx.audit_entries(&permit, &wanted, query.limit.min(MOST))?)
        })?;
        Ok(entries.iter().map(row).collect())
    })
}

/// `None` if a name in it is none.
pub(super) fn filter(query: &AuditQuery) -> Option<Filter> {
    let AuditQuery { patient, user, action, unsuccessful, from, until, .. } = query;
    let named = |name: &String| Action::ALL.iter().copied().find(|action| action.as_str() == name);
    let time = |text: &String| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    Some(Filter {
        patient: patient.as_ref().map(PatientId::new).transpose().ok()?,
        user: user.as_ref().map(UserId::new).transpose().ok()?,
        actions: action.iter().map(named).collect::<Option<_>>()?,
        unsuccessful: *unsuccessful,
        from: from.as_ref().map(|text| time(text).ok_or(())).transpose().ok()?,
        until: until.as_ref().map(|text| time(text).ok_or(())).transpose().ok()?,
    })
}

/// For the entry that this reading leaves.
pub(super) fn said(what: &str, wanted: &Filter) -> String {
    let mut said = what.to_owned();
    for (name, value) in
        [("patient", wanted.patient.as_ref().map(ToString::to_string)), ("user", wanted.user.as_ref().map(ToString::to_string))]
    {
        if let Some(value) = value {
            said.push_str(&format!(" of {name} {value}"));
        }
    }
    said
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
            kept: false,
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
        kept: entry.subject.kept,
    }
}
