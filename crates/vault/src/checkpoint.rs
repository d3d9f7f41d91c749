//! The chain's end, kept outside the database so that a database cut short or put back shows.
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use audit::{Action, Checkpoint, Fault, FaultKind, Head, Outcome, Subject, record};
use rusqlite::{OptionalExtension as _, params};

use crate::audit_log;
use crate::error::VaultError;
use crate::tx::{AuditKey, Tx};

/// `audit.head` is two slots, the older overwritten in turn: a torn write spoils one only, and no commit waits for a second sync.
const SLOT: usize = 256;

/// What the file holds.
pub enum Found {
    /// The later of its genuine marks.
    Mark(Checkpoint),
    /// No genuine mark: altered, unreadable or gone.
    Nothing,
}

/// Reads the file.
pub fn read(path: &Path, key: &AuditKey<'_>) -> Found {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(2 * SLOT as u64).read_to_end(&mut bytes));
    let latest = marks(&bytes, key).into_iter().flatten().max_by_key(|mark| mark.sequence);
    match (read, latest) {
        (Ok(_), Some(mark)) => Found::Mark(mark),
        _ => Found::Nothing,
    }
}

/// Writes over the older slot.
pub fn write(path: &Path, head: &Head, key: &AuditKey<'_>) -> Result<(), VaultError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut bytes = Vec::with_capacity(2 * SLOT);
    (&mut file).take(2 * SLOT as u64).read_to_end(&mut bytes)?;
    let [first, second] = marks(&bytes, key).map(|mark| mark.map_or(0, |mark| mark.sequence));
    let slot = if first <= second { 0 } else { SLOT as u64 };

    file.seek(SeekFrom::Start(slot))?;
    file.write_all(&line(head, key)?)?;
    Ok(())
}

/// Writes the file anew, durably: for a new chain, or once it is recorded that the former marks do not fit this one.
pub fn begin(path: &Path, head: &Head, key: &AuditKey<'_>) -> Result<(), VaultError> {
    Ok(keys::replace_file(path, &line(head, key)?)?)
}

fn line(head: &Head, key: &AuditKey<'_>) -> Result<Vec<u8>, VaultError> {
    let mut line = Checkpoint::of(head, key).to_bytes();
    if line.len() >= SLOT {
        return Err(VaultError::Fault);
    }
    line.resize(SLOT - 1, b' ');
    line.push(b'\n');
    Ok(line)
}

fn marks(bytes: &[u8], key: &AuditKey<'_>) -> [Option<Checkpoint>; 2] {
    let mark = |slot: Option<&[u8]>| {
        let mark = Checkpoint::from_bytes(slot?.trim_ascii_end()).ok()?;
        mark.genuine(key).then_some(mark)
    };
    let mut slots = bytes.chunks(SLOT);
    [mark(slots.next()), mark(slots.next())]
}

impl Tx<'_> {
    /// Whether the chain does not reach the checkpoint; that is recorded: in the chain, for whoever reads it, and in the database, for every
    /// later verification. A chain that goes on behind its checkpoint is normal: a crash lies between the two.
    pub(crate) fn is_off_checkpoint(&self, path: &Path) -> Result<bool, VaultError> {
        let Some(fault) = self.checkpoint_fault(path)? else { return Ok(false) };
        let behind = audit::Ledger::head(self)?.sequence;
        let detail = Some(format!("checkpoint {} at {}", fault.kind.as_str(), fault.sequence));
        record(self, Action::VerifyAudit, Outcome::Failed, Subject { detail, ..Subject::default() })?;
        self.sql()
            .prepare_cached("INSERT OR IGNORE INTO audit_fault (found_behind, sequence, kind) VALUES (?1, ?2, ?3)")?
            .execute(params![number(behind)?, number(fault.sequence)?, fault.kind.as_str()])?;
        Ok(true)
    }

    /// The first fault an opening found.
    pub(crate) fn remembered_fault(&self) -> Result<Option<Fault>, VaultError> {
        let query = "SELECT sequence, kind FROM audit_fault ORDER BY found_behind LIMIT 1";
        let found =
            self.sql().prepare_cached(query)?.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).optional()?;
        Ok(found.map(|(sequence, kind)| {
            let kind = FaultKind::ALL.iter().copied().find(|known| known.as_str() == kind).unwrap_or(FaultKind::Checkpoint);
            Fault { sequence: u64::try_from(sequence).unwrap_or(0), kind }
        }))
    }

    fn checkpoint_fault(&self, path: &Path) -> Result<Option<Fault>, VaultError> {
        let end = audit::Ledger::head(self)?.sequence;
        let Found::Mark(mark) = read(path, &AuditKey(self.keys())) else {
            return Ok(Some(Fault { sequence: end, kind: FaultKind::Checkpoint }));
        };
        Ok(match audit_log::digest(self.sql(), number(mark.sequence)?)? {
            Some(digest) if digest == mark.digest => None,
            Some(_) => Some(Fault { sequence: mark.sequence, kind: FaultKind::Changed }),
            None if mark.sequence > end => Some(Fault { sequence: end + 1, kind: FaultKind::Truncated }),
            None => Some(Fault { sequence: mark.sequence, kind: FaultKind::Removed }),
        })
    }
}

fn number(sequence: u64) -> Result<i64, VaultError> {
    i64::try_from(sequence).map_err(|_| VaultError::Fault)
}
