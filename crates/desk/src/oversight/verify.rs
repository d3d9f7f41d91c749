//! Is the chain whole?
use access::{Target, VerifyAudit, admit};

use crate::host::Host;
use crate::problem::Problem;
use crate::view::{AuditFault, AuditVerified};

/// Checks every entry against the chain, its MACs and the checkpoint outside the database. Anyone enrolled may ask.
///
/// # Errors
/// [`Problem`] if the chain cannot be read at all; a broken chain is an answer.
pub fn audit_verify(host: &Host) -> Result<AuditVerified, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let checkpoint = open.vault.files().audit_head();
        let verdict = open.vault.transact(origin, |tx| {
            let permit = admit::<VerifyAudit, _>(gate, tx, &user, Target::workstation())?;
            Ok::<_, Problem>(tx.verify_audit(&permit, &checkpoint)?)
        })?;
        Ok(AuditVerified {
            entries: u32::try_from(verdict.entries).unwrap_or(u32::MAX),
            intact: verdict.fault.is_none(),
            fault: verdict.fault.map(|fault| AuditFault {
                sequence: u32::try_from(fault.sequence).unwrap_or(u32::MAX),
                kind: fault.kind.as_str().to_owned(),
            }),
        })
    })
}
