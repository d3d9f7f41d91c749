//! The chain in the database.
use std::path::Path;

use access::{ExportAudit, Permit, ReadAudit, SendAudit, VerifyAudit};
use audit::{Action, Digest, Entry, Fault, FaultKind, Filter, Head, Link, verify};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::checkpoint::{self, Found};
use crate::error::VaultError;
use crate::states::NamedStates;
use crate::tx::{AuditKey, Tx};

/// One entry, with whether it could be read.
pub type AuditEntry = Option<Entry>;

/// What verifying found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Entries in the chain as stored.
    pub entries: u64,
    /// The first fault, if any; without one in the chain itself, what an opening found between chain and checkpoint.
    pub fault: Option<Fault>,
}

/// No reading of the chain takes more at once.
const MOST: u32 = 10_000;

pub fn head(db: &Connection) -> Result<Head, VaultError> {
    let newest = "SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1";
    let found = db.prepare_cached(newest)?.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?))).optional()?;
    Ok(match found {
        Some((sequence, digest)) => Head { sequence: u64::try_from(sequence).map_err(|_| VaultError::Unreadable)?, digest: Digest(digest) },
        None => Head::EMPTY,
    })
}

pub fn store(db: &Connection, link: &Link) -> Result<(), VaultError> {
    let sequence = i64::try_from(link.sequence).map_err(|_| VaultError::Fault)?;
    db.prepare_cached("INSERT INTO audit (sequence, body, digest, mac) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        sequence,
        link.body,
        link.digest.0,
        link.mac.0
    ])?;
    Ok(())
}

/// The entry at a place, if it is there, can be read, and claims that place.
pub fn entry(db: &Connection, sequence: i64) -> Result<AuditEntry, VaultError> {
    let query = "SELECT body FROM audit WHERE sequence = ?1";
    let body: Option<Vec<u8>> = db.prepare_cached(query)?.query_row([sequence], |row| row.get(0)).optional()?;
    let entry: AuditEntry = body.and_then(|body| serde_json::from_slice(&body).ok());
    Ok(entry.filter(|entry| i64::try_from(entry.sequence) == Ok(sequence)))
}

/// What the entries behind a place are of; `None` for one that cannot be read.
pub fn actions_behind(db: &Connection, sequence: u64) -> Result<Vec<Option<Action>>, VaultError> {
    let sequence = i64::try_from(sequence).map_err(|_| VaultError::Fault)?;
    let mut statement = db.prepare_cached("SELECT body FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT 1000")?;
    let bodies = statement.query_map([sequence], |row| row.get::<_, Vec<u8>>(0))?;
    bodies.map(|body| Ok(serde_json::from_slice::<Entry>(&body?).ok().map(|entry| entry.action))).collect()
}

/// The digest of the link at a place.
pub fn digest(db: &Connection, sequence: i64) -> Result<Option<Digest>, VaultError> {
    let query = "SELECT digest FROM audit WHERE sequence = ?1";
    Ok(db.prepare_cached(query)?.query_row([sequence], |row| Ok(Digest(row.get(0)?))).optional()?)
}

/// Writes the latest link anew, before anyone but its own transaction has seen it.
pub fn replace_latest(db: &Connection, link: &Link) -> Result<(), VaultError> {
    let sequence = i64::try_from(link.sequence).map_err(|_| VaultError::Fault)?;
    let changed = db.prepare_cached("UPDATE audit SET body = ?2, digest = ?3, mac = ?4 WHERE sequence = ?1")?.execute(params![
        sequence,
        link.body,
        link.digest.0,
        link.mac.0
    ])?;
    if changed == 1 { Ok(()) } else { Err(VaultError::Fault) }
}

fn link(row: &Row<'_>) -> rusqlite::Result<Link> {
    let sequence = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
    Ok(Link { sequence, body: row.get(1)?, digest: Digest(row.get(2)?), mac: Digest(row.get(3)?) })
}

impl Tx<'_> {
    /// Checks the whole chain as it stood before this transaction: against the checkpoint outside, the signatures of its epochs, and
    /// the states kept beside it.
    ///
    /// # Errors
    /// [`VaultError`] if the rows cannot be read at all; a broken chain is a [`Verdict`].
    pub fn verify_audit(&self, permit: &Permit<'_, VerifyAudit>, checkpoint: &Path) -> Result<Verdict, VaultError> {
        let before = i64::try_from(permit.audit_sequence()).map_err(|_| VaultError::Fault)?;
        let entries: i64 = self.sql().query_row("SELECT count(*) FROM audit WHERE sequence < ?1", [before], |row| row.get(0))?;
        let entries = u64::try_from(entries).unwrap_or(0);
        let key = AuditKey(self.keys());
        let mark = match checkpoint::read(checkpoint, &key) {
            Found::Mark(mark) => Some(mark),
            Found::Nothing => None,
        };
        let mut statement = self.sql().prepare("SELECT sequence, body, digest, mac FROM audit WHERE sequence < ?1 ORDER BY sequence")?;
        let mut unreadable = None;
        let links = statement.query_map([before], link)?.map_while(|row| row.map_err(|error| unreadable = Some(error)).ok());
        let mut named = NamedStates::default();
        let found = verify(links.inspect(|link| named.note(link)), &key, mark.as_ref());
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        let beside = match found {
            Ok(verified) => self.epoch_fault(entries, &verified.epochs)?.or(self.state_fault(named)?),
            Err(fault) => Some(fault),
        };
        let unmarked = mark.is_none().then_some(Fault { sequence: entries, kind: FaultKind::Checkpoint });
        Ok(Verdict { entries, fault: beside.or(unmarked).or(self.remembered_fault()?) })
    }

    /// The latest entries that the filter takes, newest first, 10,000 at most. The whole chain is looked through; what cannot be
    /// read is taken always.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn audit_entries(&self, _: &Permit<'_, ReadAudit>, wanted: &Filter, limit: u32) -> Result<Vec<AuditEntry>, VaultError> {
        let mut statement = self.sql().prepare("SELECT sequence, body, digest, mac FROM audit ORDER BY sequence DESC")?;
        let rows = statement.query_map([], link)?;
        let mut found = Vec::new();
        for row in rows {
            if found.len() >= limit.min(MOST) as usize {
                break;
            }
            let entry: AuditEntry = serde_json::from_slice(&row?.body).ok();
            if entry.as_ref().is_none_or(|entry| wanted.takes(entry)) {
                found.push(entry);
            }
        }
        Ok(found)
    }

    /// Shows `each` entry that the filter takes, newest first. The whole chain is looked through; what cannot be read is taken always.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn audit_each(&self, _: &Permit<'_, ReadAudit>, wanted: &Filter, mut each: impl FnMut(AuditEntry)) -> Result<(), VaultError> {
        let mut statement = self.sql().prepare("SELECT sequence, body, digest, mac FROM audit ORDER BY sequence DESC")?;
        for row in statement.query_map([], link)? {
            let entry: AuditEntry = serde_json::from_slice(&row?.body).ok();
            if entry.as_ref().is_none_or(|entry| wanted.takes(entry)) {
                each(entry);
            }
        }
        Ok(())
    }

    /// The chain's links from `from` on, oldest first, `limit` and 10,000 at most: for export.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn audit_links(&self, _: &Permit<'_, ExportAudit>, from: u64, limit: u32) -> Result<Vec<Link>, VaultError> {
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let mut statement =
            self.sql().prepare("SELECT sequence, body, digest, mac FROM audit WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2")?;
        let links = statement.query_map(params![from, limit.min(MOST)], link)?.collect::<Result<_, _>>()?;
        Ok(links)
    }

    /// Whether the EHR has yet to take anything but the record of earlier sendings. Nothing is read out, so nothing is recorded.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn audit_waits(&self) -> Result<bool, VaultError> {
        let mut statement =
            self.sql().prepare_cached("SELECT sequence, body, digest, mac FROM audit WHERE sequence > ?1 ORDER BY sequence")?;
        for row in statement.query_map([self.audit_sent()?], link)? {
            let entry: AuditEntry = serde_json::from_slice(&row?.body).ok();
            if entry.is_none_or(|entry| entry.action != Action::SendAudit) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The entries the EHR has not taken yet, with their positions, oldest first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn audit_unsent(&self, _: &Permit<'_, SendAudit>, limit: u32) -> Result<Vec<(u64, AuditEntry)>, VaultError> {
        let query = "SELECT sequence, body, digest, mac FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
        let mut statement = self.sql().prepare_cached(query)?;
        let links = statement.query_map(params![self.audit_sent()?, limit.min(MOST)], link)?;
        links.map(|link| Ok(link.map(|link| (link.sequence, serde_json::from_slice(&link.body).ok()))?)).collect()
    }

    /// The EHR has taken every entry up to this one.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn mark_audit_sent(&self, _: &Permit<'_, SendAudit>, sequence: u64) -> Result<(), VaultError> {
        let sequence = i64::try_from(sequence).map_err(|_| VaultError::Fault)?;
        self.sql().prepare_cached("DELETE FROM audit_sent")?.execute([])?;
        self.sql().prepare_cached("INSERT INTO audit_sent (sequence) VALUES (?1)")?.execute([sequence])?;
        Ok(())
    }

    fn audit_sent(&self) -> Result<i64, VaultError> {
        Ok(self.sql().query_row("SELECT coalesce(max(sequence), 0) FROM audit_sent", [], |row| row.get(0))?)
    }
}
