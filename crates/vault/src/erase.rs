//! Taking things off this workstation for good: a chart, or what was one clinician's alone.
use access::{ChangeRoster, EraseChart, EraseWorkstation, Permit};
use kernel::UserId;
use rusqlite::params;

use crate::error::VaultError;
use crate::keyed;
use crate::tx::Tx;

impl Tx<'_> {
    /// Erases the permitted chart: records, grants, relations, and the patient's key. Freed pages are overwritten (`secure_delete`);
    /// older copies of the file become unreadable with the next generation of keys, which must follow
    /// ([`crate::OpenVault::is_generation_spent`]).
    ///
    /// # Errors
    /// [`VaultError::Unsent`] while something entered here has not reached the EHR: nothing a clinician entered is lost.
    pub fn erase_chart(&self, permit: &Permit<'_, EraseChart>) -> Result<(), VaultError> {
        let row = self.permitted_row(permit.patient())?;
        let unsent = "SELECT EXISTS (SELECT 1 FROM draft WHERE patient = ?1) OR EXISTS (SELECT 1 FROM outbox WHERE patient = ?1)";
        if self.sql().prepare_cached(unsent)?.query_row([row], |found| found.get(0))? {
            return Err(VaultError::Unsent);
        }
        let (first, last) = keyed::chart(row);
        let theirs = "DELETE FROM theirs WHERE tag IN (SELECT tag FROM record WHERE key BETWEEN ?1 AND ?2)";
        self.sql().prepare_cached(theirs)?.execute([first, last])?;
        self.sql().prepare_cached("DELETE FROM record WHERE key BETWEEN ?1 AND ?2")?.execute([first, last])?;
        for table in ["emergency", "relation", "pin", "recent", "standing"] {
            self.sql().prepare_cached(&format!("DELETE FROM {table} WHERE patient = ?1"))?.execute([row])?;
        }
        self.sql().prepare_cached("DELETE FROM patient WHERE row = ?1")?.execute([row])?;
        self.forget_key(row);
        self.spend_generation()
    }

    /// How much of a clinician's work the EHR has not taken: entries of the outbox, and drafts.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn unsent_of(&self, _: &Permit<'_, ChangeRoster>, user: &UserId) -> Result<(u32, u32), VaultError> {
        let query = "SELECT (SELECT count(*) FROM outbox WHERE author = ?1), (SELECT count(*) FROM draft WHERE user = ?1)";
        Ok(self.sql().prepare_cached(query)?.query_row([user.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Whether anything entered here, by whomever, has not reached the EHR.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn anything_unsent(&self, _: &Permit<'_, EraseWorkstation>) -> Result<bool, VaultError> {
        let query = "SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM draft)";
        Ok(self.sql().query_row(query, [], |found| found.get(0))?)
    }

    /// Erases what was one clinician's alone: tabs, tokens, pins. What they entered stays. A new generation of keys must follow.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn forget_clinician(&self, _: &Permit<'_, ChangeRoster>, user: &UserId) -> Result<(), VaultError> {
        for table in ["own", "pin", "recent", "standing"] {
            self.sql().prepare_cached(&format!("DELETE FROM {table} WHERE user = ?1"))?.execute([user.as_str()])?;
        }
        // Names of checkpoints: "checkpoint <user> <grants>".
        let checkpoint = format!("checkpoint {} ", user.as_str());
        let length = i64::try_from(checkpoint.len()).map_err(|_| VaultError::Fault)?;
        self.sql().prepare_cached("DELETE FROM shared WHERE substr(name, 1, ?2) = ?1")?.execute(params![checkpoint, length])?;
        self.spend_generation()
    }
}
