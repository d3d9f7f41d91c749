//! The chain for an auditor, page by page, in the form asked for.
use access::{ExportAudit, Target, admit};
use audit::Form;
use factor::Granted;
use kernel::UserId;
use keys::Passphrase;

use crate::host::Host;
use crate::problem::Problem;
use crate::security_key::{Wording, obtain};

/// A page of an export.
pub struct AuditPage {
    /// Its records, one after the other, line ends included.
    pub records: String,
    /// How many.
    pub links: u32,
    /// Position of the last one.
    pub last: u64,
}

/// Leave to take the chain out, for as long as the command runs that was given it.
pub struct AuditExport {
    user: UserId,
    _granted: Granted,
}

/// Asks for what taking the audit trail out takes: a security key of those who have one, and where the hospital says so a passphrase of
/// the others.
///
/// # Errors
/// [`kernel::ErrorCode::PassphraseNeeded`]; the passphrase's and the security key's.
pub fn begin_audit_export(host: &Host, passphrase: Option<&Passphrase>) -> Result<AuditExport, Problem> {
    let (user, statement) = host.work(|open, _, _| Ok((open.user.user.clone(), Wording::of_nobody(open).audit_export()?)))?;
    Ok(AuditExport { user, _granted: obtain(host, &statement, passphrase)?.granted })
}

/// Links on a full page.
pub const EXPORT_PAGE: u32 = 1000;

/// A page of the chain from `from` on, oldest first, [`EXPORT_PAGE`] at most; the first begins with the form's header.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain.
pub fn export_audit(host: &Host, leave: &AuditExport, form: Form, from: u64) -> Result<AuditPage, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        if user.user != leave.user {
            return Err(Problem::Forbidden);
        }
        let links = open.vault.transact(origin, |tx| {
            let permit = admit::<ExportAudit, _>(gate, tx, &user, Target::workstation().detail(format!("from {from}")))?;
            Ok::<_, Problem>(tx.audit_links(&permit, from, EXPORT_PAGE)?)
        })?;
        let mut records = if from <= 1 { form.header() } else { String::new() };
        records.extend(links.iter().map(|link| form.record(&open.site.device, link)));
        let last = links.last().map_or(from.saturating_sub(1), |link| link.sequence);
        Ok(AuditPage { records, links: u32::try_from(links.len()).unwrap_or(u32::MAX), last })
    })
}
