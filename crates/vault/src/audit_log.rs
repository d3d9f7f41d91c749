//! The chain in the database, and its checkpoint outside.
use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use access::{ExportAudit, Permit, ReadAudit, VerifyAudit};
use audit::{Checkpoint, Digest, Entry, Fault, FaultKind, Head, Link, verify};
use kernel::PatientId;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::error::VaultError;
use crate::tx::{AuditKey, Tx};

/// One entry, with whether it could be read.
pub type AuditEntry = Option<Entry>;

/// What verifying found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Entries in the chain as stored.
    pub entries: u64,
    /// The first fault, if any.
    pub fault: Option<Fault>,
}

const SLOT: usize = 256;

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
    db.prepare_cached("INSERT INTO audit (sequence, body, digest, mac) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![sequence, link.body, link.digest.0, link.mac.0])?;
    Ok(())
}

fn link(row: &Row<'_>) -> rusqlite::Result<Link> {
    let sequence = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
    Ok(Link { sequence, body: row.get(1)?, digest: Digest(row.get(2)?), mac: Digest(row.get(3)?) })
}

impl Tx<'_> {
    /// Checks the whole chain as it stood before this transaction, against the checkpoint outside.
    ///
    /// # Errors
    /// [`VaultError`] if the rows cannot be read at all; a broken chain is a [`Verdict`].
    pub fn verify_audit(&self, permit: &Permit<'_, VerifyAudit>, checkpoint: &Path) -> Result<Verdict, VaultError> {
        let before = i64::try_from(permit.audit_sequence()).map_err(|_| VaultError::Fault)?;
        let entries: i64 = self.sql().query_row("SELECT count(*) FROM audit WHERE sequence < ?1", [before], |row| row.get(0))?;
        let entries = u64::try_from(entries).unwrap_or(0);
        let mark = match read_checkpoint(checkpoint) {
            Ok(mark) => mark,
            Err(()) => return Ok(Verdict { entries, fault: Some(Fault { sequence: entries, kind: FaultKind::Checkpoint }) }),
        };
        let mut statement = self.sql().prepare("SELECT sequence, body, digest, mac FROM audit WHERE sequence < ?1 ORDER BY sequence")?;
        let mut unreadable = None;
        let links = statement.query_map([before], link)?.map_while(|row| row.map_err(|error| unreadable = Some(error)).ok());
        let found = verify(links, &AuditKey(self.keys()), mark.as_ref());
        match unreadable {
            Some(error) => Err(error.into()),
            None => Ok(Verdict { entries, fault: found.err() }),
        }
    }

    /// The latest entries, newest first; of one patient if named.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn audit_entries(&self, _: &Permit<'_, ReadAudit>, patient: Option<&PatientId>, limit: u32) -> Result<Vec<AuditEntry>, VaultError> {
        let mut statement = self.sql().prepare("SELECT sequence, body, digest, mac FROM audit ORDER BY sequence DESC")?;
        let rows = statement.query_map([], link)?;
        let mut found = Vec::new();
        for row in rows {
            if found.len() >= limit as usize {
                break;
            }
            let entry: AuditEntry = serde_json::from_slice(&row?.body).ok();
            let wanted = match (patient, &entry) {
                (None, _) | (_, None) => true,
                (Some(patient), Some(entry)) => entry.subject.patient.as_ref() == Some(patient),
            };
            if wanted {
                found.push(entry);
            }
        }
        Ok(found)
    }

    /// The chain's links from `from` on, oldest first, `limit` at most: for export.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn audit_links(&self, _: &Permit<'_, ExportAudit>, from: u64, limit: u32) -> Result<Vec<Link>, VaultError> {
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let mut statement = self.sql().prepare("SELECT sequence, body, digest, mac FROM audit WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2")?;
        let links = statement.query_map(params![from, limit], link)?.collect::<Result<_, _>>()?;
        Ok(links)
    }
}

/// Keeps the chain's end outside the database: two slots written in turn, each with its own MAC, so that a torn write spoils
/// one only and no commit waits for a second fsync.
pub fn write_checkpoint(path: &Path, head: &Head, key: &AuditKey<'_>) -> Result<(), VaultError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut slot = Checkpoint::of(head, key).to_bytes();
    if slot.len() >= SLOT {
        return Err(VaultError::Fault);
    }
    slot.resize(SLOT - 1, b' ');
    slot.push(b'\n');
    let mut file = options.open(path)?;
    file.seek(SeekFrom::Start((head.sequence % 2) * SLOT as u64))?;
    file.write_all(&slot)?;
    Ok(())
}

/// The later of the two slots that parse; `Ok(None)` never: a vault that has a chain has a checkpoint.
fn read_checkpoint(path: &Path) -> Result<Option<Checkpoint>, ()> {
    let mut bytes = Vec::new();
    let file = OpenOptions::new().read(true).open(path).map_err(|_| ())?;
    file.take(2 * SLOT as u64).read_to_end(&mut bytes).map_err(|_| ())?;
    let slots = bytes.chunks(SLOT).filter_map(|slot| Checkpoint::from_bytes(slot.trim_ascii_end()).ok());
    slots.max_by_key(|mark| mark.sequence).map(Some).ok_or(())
}
