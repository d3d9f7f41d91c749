//! What an entry's work found and left.
use access::{ReadAudit, Target, admit};
use serde::Serialize;
use ts_rs::TS;
use vault::{AuditState, AuditStates};

use crate::host::Host;
use crate::problem::Problem;

/// Both sides of an entry's work.
#[derive(Serialize, TS)]
#[ts(export)]
pub struct AuditStateView {
    /// The entry.
    #[ts(type = "number")]
    pub sequence: u64,
    /// What was there.
    pub before: StateView,
    /// What came of it.
    pub after: StateView,
}

/// One side. PHI.
#[derive(Serialize, TS)]
#[ts(export)]
pub struct StateView {
    /// `open`; or why there is nothing to show: `absent`, `not_kept` (the chain has its digest alone), `unreadable` (erased, or altered).
    pub standing: &'static str,
    /// Resource type, `draft` or `emergency`.
    pub kind: Option<String>,
    /// Its JSON text.
    pub text: Option<String>,
}

/// The sealed states that the entry at `sequence` names, open. That they were looked at is recorded.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain; not found without a readable entry there.
pub fn audit_state(host: &Host, sequence: u64) -> Result<AuditStateView, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let AuditStates { before, after, .. } = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadAudit, _>(gate, tx, &user, Target::workstation().detail(format!("entry {sequence}")))?;
            Ok::<_, Problem>(tx.audit_states(&permit, sequence)?)
        })?;
        Ok(AuditStateView { sequence, before: view(before), after: view(after) })
    })
}

fn view(state: AuditState) -> StateView {
    let nothing = |standing| StateView { standing, kind: None, text: None };
    match state {
        AuditState::Absent => nothing("absent"),
        AuditState::NotKept => nothing("not_kept"),
        AuditState::Unreadable => nothing("unreadable"),
        AuditState::Open { kind, body } => {
            // EXPOSE: for the reviewer who asked, after the entry that says so is on disk.
            let text = body.expose().as_str().to_owned();
            StateView { standing: "open", kind: Some(kind.into()), text: Some(text) }
        }
    }
}
