//! The audit chain, and what the doctor found.
use desk::view::{AuditRow, AuditStatusView, AuditVerified};
use desk::{AuditStateView, Finding};

use super::or_blank;
use crate::page::Page;

/// Whether the chain is whole.
pub fn verified(view: &AuditVerified, page: &mut Page) {
    match &view.fault {
        None => page.line(&format!("{} entries, whole and unaltered", view.entries)),
        Some(fault) => page.line(&format!("BROKEN at entry {}: {} ({} entries checked)", fault.sequence, fault.kind, view.entries)),
    }
}

/// How far the EHR vouches for the chain.
pub fn audit_status(view: &AuditStatusView, page: &mut Page) {
    if let Some(quarantine) = &view.quarantine {
        page.line(&super::quarantined(quarantine));
    }
    match &view.countersigned {
        Some(seen) => page.line(&format!("countersigned up to entry {} at {}", seen.sequence, seen.at)),
        None => page.line("not countersigned yet"),
    }
    if let Some(trouble) = &view.trouble {
        page.line(&format!("the EHR does not countersign at present: {trouble}"));
    }
}

/// What was done.
pub fn replay(rows: &[AuditRow], page: &mut Page) {
    let rows = rows.iter().map(|row| {
        let [purpose, detail] = [&row.purpose, &row.detail].map(or_blank);
        let detail = [purpose, detail].join(" ").trim().to_owned();
        let (sequence, patient) = (row.sequence.to_string(), or_blank(&row.patient));
        [sequence, row.at.clone(), row.who.clone(), row.role.clone(), row.action.clone(), row.outcome.clone(), patient, detail]
    });
    page.table(["entry", "at", "who", "role", "action", "outcome", "patient", "detail"], rows, "No entries.");
}

/// What an entry's work found and left.
pub fn states(view: &AuditStateView, page: &mut Page) {
    for (side, state) in [("before", &view.before), ("after", &view.after)] {
        let kind = state.kind.as_deref().unwrap_or(state.standing);
        page.line(&format!("{side}: {kind}"));
        if let Some(text) = &state.text {
            page.line(text);
        }
    }
}

/// What the doctor found.
pub fn findings(findings: &[Finding], page: &mut Page) {
    let rows = findings.iter().map(|finding| [finding.check.to_owned(), finding.state.as_str().to_owned(), finding.detail.clone()]);
    page.table(["check", "state", "detail"], rows, "");
}
