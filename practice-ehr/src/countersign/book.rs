//! What is remembered of one workstation's chain. Nothing is ever forgotten: a chain that is taken up again begins a new line.

use chrono::{SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use super::chain::{Epoch, Place, Seen};
use crate::smart::bearer::Bearer;

pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS workstation (
    device   TEXT    NOT NULL PRIMARY KEY,
    line     INTEGER NOT NULL,
    standing TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workstation_note (
    seq          INTEGER PRIMARY KEY,
    device       TEXT NOT NULL,
    at           TEXT NOT NULL,
    practitioner TEXT NOT NULL,
    what         TEXT NOT NULL,
    reason       TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS countersigned (
    device       TEXT    NOT NULL,
    line         INTEGER NOT NULL,
    sequence     INTEGER NOT NULL,
    digest       BLOB    NOT NULL CHECK (length(digest) = 32),
    epoch        INTEGER NOT NULL,
    public_key   BLOB    NOT NULL CHECK (length(public_key) = 32),
    practitioner TEXT    NOT NULL,
    word         TEXT    NOT NULL,
    PRIMARY KEY (device, line, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS countersigned_never_updated BEFORE UPDATE ON countersigned
    BEGIN SELECT RAISE (ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS countersigned_never_deleted BEFORE DELETE ON countersigned
    BEGIN SELECT RAISE (ABORT, 'append only'); END;
";

/// How a workstation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Follows,
    Behind,
    Forked,
}

impl Standing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Follows => "follows",
            Self::Behind => "behind",
            Self::Forked => "forked",
        }
    }
}

/// A workstation that is known.
pub struct Workstation {
    /// Which of its chains counts, from 1.
    pub line: i64,
    pub standing: Standing,
}

/// The last countersignature.
pub struct Last {
    pub word: Value,
}

/// The memory of one workstation.
pub struct Book<'a> {
    pub db: &'a Connection,
    pub device: &'a str,
}

impl Book<'_> {
    pub fn workstation(&self) -> rusqlite::Result<Option<Workstation>> {
        let read = |row: &Row<'_>| {
            // What cannot be read counts as marked.
            let standing = match row.get::<_, String>(1)?.as_str() {
                "follows" => Standing::Follows,
                "behind" => Standing::Behind,
                _ => Standing::Forked,
            };
            Ok(Workstation { line: row.get(0)?, standing })
        };
        self.db.query_row("SELECT line, standing FROM workstation WHERE device = ?1", [self.device], read).optional()
    }

    /// The workstation stands so, in this line.
    pub fn begin(&mut self, line: i64, standing: Standing) -> rusqlite::Result<()> {
        let insert = "INSERT INTO workstation (device, line, standing) VALUES (?1, ?2, ?3)
                      ON CONFLICT (device) DO UPDATE SET line = excluded.line, standing = excluded.standing";
        self.db.execute(insert, params![self.device, line, standing.as_str()])?;
        Ok(())
    }

    pub fn note(&self, bearer: &Bearer, what: &str, reason: &str) -> rusqlite::Result<()> {
        let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let insert = "INSERT INTO workstation_note (device, at, practitioner, what, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.db.execute(insert, params![self.device, at, bearer.practitioner, what, reason])?;
        Ok(())
    }

    /// The marks seen in a line, in order.
    pub fn marks(&self, line: i64) -> rusqlite::Result<Vec<Seen>> {
        let query = "SELECT sequence, digest, epoch, public_key FROM countersigned WHERE device = ?1 AND line = ?2 ORDER BY sequence";
        let mut statement = self.db.prepare(query)?;
        let rows = statement.query_map(params![self.device, line], |row| {
            let place = Place { sequence: u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default(), digest: row.get(1)? };
            Ok(Seen { place, epoch: Epoch { number: row.get(2)?, key: row.get(3)? } })
        })?;
        rows.collect()
    }

    pub fn last(&self, line: i64) -> rusqlite::Result<Option<Last>> {
        let query = "SELECT word FROM countersigned WHERE device = ?1 AND line = ?2 ORDER BY sequence DESC LIMIT 1";
        let word: Option<String> = self.db.query_row(query, params![self.device, line], |row| row.get(0)).optional()?;
        Ok(word.and_then(|word| serde_json::from_str(&word).ok()).map(|word| Last { word }))
    }

    pub fn remember(&self, line: i64, seen: &Seen, word: &Value, practitioner: &str) -> rusqlite::Result<()> {
        let insert = "INSERT INTO countersigned (device, line, sequence, digest, epoch, public_key, practitioner, word)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let Seen { place, epoch } = seen;
        let sequence = i64::try_from(place.sequence).unwrap_or(i64::MAX);
        let values = params![self.device, line, sequence, place.digest, epoch.number, epoch.key, practitioner, word.to_string()];
        self.db.execute(insert, values)?;
        Ok(())
    }
}
