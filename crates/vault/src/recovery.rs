//! Copies of what the EHR has not taken, for whoever holds the recovery key; and reading them once the keyring is lost.
use access::{Permit, Recovery};
use chrono::{DateTime, Utc};
use kernel::{DraftId, PatientId, Phi, RecordId, ResourceType, UserId};
use keys::{KeyFile, RecoveryKey};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::open::{LockedVault, OpenVault};
use crate::schema;
use crate::tx::Tx;

/// A piece of unsent work, as its copy says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Unsent {
    /// A signed record that the EHR has not acknowledged.
    Record {
        /// The chart.
        patient: PatientId,
        /// Resource type.
        kind: ResourceType,
        /// Id chosen here.
        id: RecordId,
        /// Who signed it.
        author: UserId,
        /// When.
        entered_at: DateTime<Utc>,
        /// Its exact text.
        body: Zeroizing<String>,
    },
    /// A note that nobody has signed.
    Draft {
        /// The chart.
        patient: PatientId,
        /// Its id.
        draft: DraftId,
        /// Who was writing.
        author: UserId,
        /// LOINC code of the note's type.
        note_type: String,
        /// When last saved.
        saved_at: DateTime<Utc>,
        /// Its text.
        text: Zeroizing<String>,
    },
}

/// What a recovery key opens, and how much of it.
#[derive(Debug)]
pub struct Recovered {
    /// What opened, oldest first.
    pub work: Vec<Phi<Unsent>>,
    /// Entries and drafts that have no copy, or one that does not open.
    pub missing: u32,
}

/// What a drill found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drill {
    /// Entries and drafts there are.
    pub of: u32,
    /// Those whose copy opens and says what the original says.
    pub recovered: u32,
}

impl LockedVault {
    /// Reads what was not sent, with the recovery key alone: no passphrase, no keyring, no chart.
    ///
    /// The caller has recorded the attempt at the door before: the chain itself is closed to a recovery key.
    ///
    /// # Errors
    /// [`VaultError::Seal`] for another vault's recovery key.
    pub fn recover(&self, file: &KeyFile, key: &RecoveryKey) -> Result<Recovered, VaultError> {
        let keys = key.database_keys(file)?;
        let db = schema::open_to_read(&self.files().database(), keys.database_keys())?;
        let copies = copies(&db)?;
        let of = copies.len();
        let work: Vec<_> = copies.into_iter().filter_map(|copy| opened(file, key, &copy)).map(Phi::new).collect();
        let missing = u32::try_from(of - work.len()).unwrap_or(u32::MAX);
        Ok(Recovered { work, missing })
    }
}

impl OpenVault {
    /// Tries a recovery key on this very vault: opens every copy and compares it with its original. Nothing is shown.
    ///
    /// # Errors
    /// [`VaultError::Seal`] for another vault's recovery key.
    pub fn drill(&mut self, origin: &audit::Origin, file: &KeyFile, key: &RecoveryKey, originals: &[Unsent]) -> Result<Drill, VaultError> {
        // That the key opens the database is half of what is tried.
        let held: Vec<String> = self.keys().database_keys().map(|key| key.lend(str::to_owned)).collect();
        let held = Zeroizing::new(held);
        let keys = key.database_keys(file)?;
        if !keys.database_keys().any(|key| key.lend(|hex| held.first().is_some_and(|held| held == hex))) {
            return Err(VaultError::Seal);
        }
        self.transact(origin, |tx| {
            let copies: Vec<Unsent> = copies(tx.sql())?.iter().filter_map(|copy| opened(file, key, copy)).collect();
            let recovered = originals.iter().filter(|original| copies.contains(original)).count();
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            Ok(Drill { of: count(originals.len()), recovered: count(recovered) })
        })
    }
}

impl Tx<'_> {
    /// Everything unsent, of everyone on this workstation, as it would be recovered: for a new recovery key, and for the drill.
    ///
    /// # Errors
    /// [`VaultError::Seal`] if something of it does not open.
    pub fn unsent_work(&self, _: &Permit<'_, Recovery>) -> Result<Vec<Unsent>, VaultError> {
        let records = self.unsent_records()?.into_iter().map(|(_, work)| work);
        Ok(records.chain(self.unsent_drafts()?.into_iter().map(|(_, work)| work)).collect())
    }

    /// Makes the copies of everything unsent anew, for a recovery key that was just taken up.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn copy_unsent(&self, _: &Permit<'_, Recovery>) -> Result<(), VaultError> {
        self.sql().execute_batch("DELETE FROM recovery_outbox; DELETE FROM recovery_draft;")?;
        for (entry, work) in self.unsent_records()? {
            self.keep_copy_of_entry(entry, &work)?;
        }
        for (draft, work) in self.unsent_drafts()? {
            self.keep_copy_of_draft(draft, &work)?;
        }
        Ok(())
    }

    /// Keeps a copy of an entry of the outbox, where a recovery key was made.
    pub(crate) fn keep_copy_of_entry(&self, entry: i64, work: &Unsent) -> Result<(), VaultError> {
        let Some(body) = self.copy(b"outbox", &entry.to_be_bytes(), work)? else { return Ok(()) };
        self.sql().prepare_cached("INSERT OR REPLACE INTO recovery_outbox (entry, body) VALUES (?1, ?2)")?.execute(params![entry, body])?;
        Ok(())
    }

    /// Keeps a copy of a draft, where a recovery key was made.
    pub(crate) fn keep_copy_of_draft(&self, draft: [u8; 16], work: &Unsent) -> Result<(), VaultError> {
        let Some(body) = self.copy(b"draft", &draft, work)? else { return Ok(()) };
        self.sql().prepare_cached("INSERT OR REPLACE INTO recovery_draft (draft, body) VALUES (?1, ?2)")?.execute(params![draft, body])?;
        Ok(())
    }

    fn copy(&self, what: &[u8], id: &[u8], work: &Unsent) -> Result<Option<Vec<u8>>, VaultError> {
        let Some(seal) = self.keys().recovery() else { return Ok(None) };
        // EXPOSE: sealed at once to the recovery key.
        let plain = Zeroizing::new(serde_json::to_vec(work).map_err(|_| VaultError::Fault)?);
        Ok(Some(seal.seal(&[what, id], &plain)?))
    }
}

/// A copy in its place; without a body where there is none.
struct Copy {
    what: &'static [u8],
    id: Vec<u8>,
    body: Option<Vec<u8>>,
}

fn copies(db: &Connection) -> Result<Vec<Copy>, VaultError> {
    let of_entry = |row: &Row<'_>| {
        let id = row.get::<_, i64>(0)?.to_be_bytes().to_vec();
        Ok(Copy { what: b"outbox", id, body: row.get(1)? })
    };
    let of_draft = |row: &Row<'_>| Ok(Copy { what: b"draft", id: row.get(0)?, body: row.get(1)? });
    let entries = "SELECT o.entry, c.body FROM outbox o LEFT JOIN recovery_outbox c ON c.entry = o.entry ORDER BY o.entry";
    let drafts = "SELECT d.draft, c.body FROM draft d LEFT JOIN recovery_draft c ON c.draft = d.draft ORDER BY d.saved_at";
    let mut all: Vec<Copy> = db.prepare(entries)?.query_map([], of_entry)?.collect::<Result<_, _>>()?;
    all.extend(db.prepare(drafts)?.query_map([], of_draft)?.collect::<Result<Vec<_>, _>>()?);
    Ok(all)
}

fn opened(file: &KeyFile, key: &RecoveryKey, copy: &Copy) -> Option<Unsent> {
    let plain = key.unseal(file, &[copy.what, &copy.id], copy.body.as_deref()?).ok()?;
    serde_json::from_slice(&plain).ok()
}
