//! The EHR's own small database, beside Helios': audit intake, sign-in grants, what has been loaded.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

/// `practice.db` in the data directory.
pub struct Store(Mutex<Connection>);

impl Store {
    /// Opens the database, creating it at first.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn open(data_dir: &Path) -> rusqlite::Result<Self> {
        let db = Connection::open(data_dir.join("practice.db"))?;
        // FULL: an acknowledged audit event survives kill and power loss alike.
        db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        db.execute_batch(SCHEMA)?;
        Ok(Self(Mutex::new(db)))
    }

    /// The connection; statements are short, so one is enough.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A named number, 0 when never set.
    pub(crate) fn number(&self, name: &str) -> rusqlite::Result<i64> {
        let found = self.lock().query_row("SELECT value FROM number WHERE name = ?1", [name], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or(0))
    }

    /// Adds one to a named number.
    pub(crate) fn increase(&self, name: &str) -> rusqlite::Result<()> {
        self.lock()
            .execute("INSERT INTO number (name, value) VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", params![name])?;
        Ok(())
    }
}

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS audit_event (
    seq      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    recorded TEXT NOT NULL,
    received TEXT NOT NULL,
    body     TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS audit_event_recorded ON audit_event (recorded);
CREATE TRIGGER IF NOT EXISTS audit_event_never_updated BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE (ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS audit_event_never_deleted BEFORE DELETE ON audit_event
    BEGIN SELECT RAISE (ABORT, 'append only'); END;
CREATE TABLE IF NOT EXISTS refresh_grant (
    token_hash BLOB NOT NULL PRIMARY KEY,
    family     TEXT NOT NULL,
    username   TEXT NOT NULL,
    scope      TEXT NOT NULL,
    auth_time  INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    used       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS loaded (
    source TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS number (
    name  TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
