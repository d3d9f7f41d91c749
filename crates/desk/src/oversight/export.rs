//! The chain for an auditor: every link as stored, with digests and MACs, one JSON object a line.
use access::{ExportAudit, Target, admit};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::host::Host;
use crate::problem::Problem;

/// One link, as exported.
#[derive(Serialize)]
pub struct AuditExport {
    /// Position.
    pub sequence: u64,
    /// The entry's bytes as they were hashed.
    pub entry: Box<RawValue>,
    /// Digest of the link, base64.
    pub digest: String,
    /// MAC, base64.
    pub mac: String,
}

/// Links on a full page.
pub const EXPORT_PAGE: u32 = 1000;

/// A page of the chain from `from` on, oldest first, [`EXPORT_PAGE`] at most.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain.
pub fn export_audit(host: &Host, from: u64) -> Result<Vec<AuditExport>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let links = open.vault.transact(origin, |tx| {
            let permit = admit::<ExportAudit, _>(gate, tx, &user, Target::workstation().detail(format!("from {from}")))?;
            Ok::<_, Problem>(tx.audit_links(&permit, from, EXPORT_PAGE)?)
        })?;
        Ok(links
            .into_iter()
            .map(|link| {
                let text = String::from_utf8_lossy(&link.body).into_owned();
                let entry = RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned());
                AuditExport { sequence: link.sequence, entry, digest: link.digest.into(), mac: link.mac.into() }
            })
            .collect())
    })
}
