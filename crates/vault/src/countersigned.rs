//! The server's word on this chain, and the quarantine when the two disagree.
use access::{Permit, SendAudit};
use audit::{Action, Checked, Digest, Ledger as _, Outcome, Standing, Subject, record_by};
use rusqlite::{OptionalExtension as _, params};

use crate::audit_log;
use crate::error::VaultError;
use crate::tx::Tx;

impl Tx<'_> {
    /// Enters the server's word into the chain, and decides how the chain stands to it. One that is behind or forked is quarantined
    /// from here on.
    ///
    /// # Errors
    /// [`VaultError::Fault`] if it is of another workstation than the open keys.
    pub fn enter_countersignature(&self, permit: &Permit<'_, SendAudit>, seen: &Checked) -> Result<Standing, VaultError> {
        let seen = seen.countersigned();
        if seen.device != *self.keys().device() {
            return Err(VaultError::Fault);
        }
        let here = i64::try_from(seen.sequence).ok().map(|at| audit_log::digest(self.sql(), at)).transpose()?.flatten();
        let standing = Standing::of(seen, here.as_ref(), &self.head()?);
        let outcome = if standing.is_quarantine() { Outcome::Failed } else { Outcome::Allowed };
        let detail = Some(format!("{} the server's {}", standing.as_str(), seen.sequence));
        let subject = Subject { detail, countersigned: Some(Box::new(seen.clone())), ..Subject::default() };
        let entered = record_by(self, Some(permit.actor().clone()), Action::Countersign, outcome, subject)?.sequence();
        let entered = i64::try_from(entered).map_err(|_| VaultError::Fault)?;
        if standing.is_quarantine() {
            self.sql()
                .prepare_cached("INSERT OR IGNORE INTO audit_quarantine (one, sequence, standing) VALUES (1, ?1, ?2)")?
                .execute(params![entered, standing.as_str()])?;
        } else if self.last_countersigned()?.is_none_or(|(sequence, _)| sequence < seen.sequence) {
            self.sql().prepare_cached("INSERT OR REPLACE INTO audit_countersigned (one, sequence) VALUES (1, ?1)")?.execute([entered])?;
        }
        Ok(standing)
    }

    /// How far the server has vouched for this chain. Positions and digests only, so nothing is recorded.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn last_countersigned(&self) -> Result<Option<(u64, Digest)>, VaultError> {
        let at: Option<i64> =
            self.sql().prepare_cached("SELECT sequence FROM audit_countersigned")?.query_row([], |row| row.get(0)).optional()?;
        let entry = at.map(|at| audit_log::entry(self.sql(), at)).transpose()?.flatten();
        Ok(entry.and_then(|entry| entry.subject.countersigned).map(|seen| (seen.sequence, seen.digest)))
    }

    /// Whether the server's word and this chain ever disagreed.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn quarantined(&self) -> Result<bool, VaultError> {
        Ok(self.sql().prepare_cached("SELECT EXISTS (SELECT 1 FROM audit_quarantine)")?.query_row([], |row| row.get(0))?)
    }
}
