//! Rotation: chart by chart, everything sealed is put under the newest generation of the vault's keys.
use std::rc::Rc;

use access::{Permit, RotateKeys};
use keys::{Group, PatientKey, PatientSlot, RecordContext, WrappedPatientKey};
use rusqlite::{OptionalExtension as _, params};

use crate::error::VaultError;
use crate::theirs;
use crate::tx::Tx;

/// How far a rotation has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resealed {
    /// Charts under the newest generation.
    pub done: u64,
    /// Charts in all.
    pub of: u64,
}

impl Resealed {
    /// Whether no chart is left.
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.done >= self.of
    }
}

/// One row to put under another key: where it stands, and what its seal is bound to.
struct Held {
    id: Id,
    kind: String,
    tag: [u8; 16],
    version: String,
    body: Vec<u8>,
}

enum Id {
    Number(i64),
    Bytes(Vec<u8>),
}

impl Tx<'_> {
    /// How far the rotation has come.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn resealed(&self, _: &Permit<'_, RotateKeys>) -> Result<Resealed, VaultError> {
        let query = "SELECT count(*), coalesce(sum(substr(key, 5, 4) = ?1), 0) FROM patient";
        let (of, done): (i64, i64) = self.sql().prepare_cached(query)?.query_row([self.newest()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Resealed { done: u64::try_from(done).unwrap_or(0), of: u64::try_from(of).unwrap_or(0) })
    }

    /// Puts the next chart under a fresh key of the newest generation: the patient's key and everything under it, or nothing of it.
    /// `false` once there is none left; then what belongs to the workstation follows.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn reseal_next(&self, _: &Permit<'_, RotateKeys>) -> Result<bool, VaultError> {
        let query = "SELECT row, tag, key FROM patient WHERE substr(key, 5, 4) <> ?1 ORDER BY row LIMIT 1";
        let next = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let next: Option<(i64, [u8; 16], Vec<u8>)> = self.sql().prepare_cached(query)?.query_row([self.newest()], next).optional()?;
        let Some((row, tag, wrapped)) = next else {
            self.reseal_shared()?;
            return Ok(false);
        };
        self.reseal_patient(row, tag, WrappedPatientKey::from_bytes(wrapped)?.group()?)?;
        Ok(true)
    }

    /// Puts what is the permit's holder's own under their renewed key. What does not open stays as it is: it was unreadable before.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn reseal_own(&self, permit: &Permit<'_, RotateKeys>) -> Result<(), VaultError> {
        let user = &permit.actor().user;
        let mut statement = self.sql().prepare_cached("SELECT purpose, body FROM own WHERE user = ?1")?;
        let all = statement.query_map([user.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (purpose, body) in all.collect::<Result<Vec<(String, Vec<u8>)>, _>>()? {
            let Ok(plain) = self.keys().unseal_own(&purpose, &body) else { continue };
            let body = self.keys().seal_own(&purpose, &plain)?;
            if self.keys().unseal_own(&purpose, &body)? != plain {
                return Err(VaultError::Seal);
            }
            self.put_own(user, &purpose, &body)?;
        }
        Ok(())
    }

    /// The newest generation must be replaced by another: copies made under it would still open what is taken away here. It is on disk
    /// in one commit with the taking away, and holds until another generation is the newest.
    pub(crate) fn spend_generation(&self) -> Result<(), VaultError> {
        let name = spent(self.keys().generation());
        let body = self.keys().seal_group(Group::Directory, "shared", &name, &[])?;
        self.sql().prepare_cached("DELETE FROM shared WHERE substr(name, 1, 6) = 'spent '")?.execute([])?;
        self.sql().prepare_cached("INSERT INTO shared (name, body) VALUES (?1, ?2)")?.execute(params![name, body])?;
        Ok(())
    }

    fn reseal_patient(&self, row: i64, tag: [u8; 16], group: Group) -> Result<(), VaultError> {
        let slot = PatientSlot { patient: row, tag };
        let former = self.patient_key(row)?;
        let (wrapped, key) = self.keys().new_patient_key(group, &slot)?;
        for table in TABLES {
            for held in self.held_in(table, row)? {
                let context = RecordContext { patient: row, kind: &held.kind, tag: held.tag, version: &held.version };
                let Some(body) = moved(&former, &key, &context, &held.body)? else { continue };
                let mut update = self.sql().prepare_cached(table.update)?;
                match &held.id {
                    Id::Number(id) => update.execute(params![id, body])?,
                    Id::Bytes(id) => update.execute(params![id, body])?,
                };
            }
        }
        self.keep_former(row, &former, &key)?;
        let card: Vec<u8> = self.sql().prepare_cached("SELECT card FROM patient WHERE row = ?1")?.query_row([row], |r| r.get(0))?;
        let card = self.reseal_group("card", &row.to_string(), card)?;
        self.sql().prepare_cached("UPDATE patient SET key = ?2, card = ?3 WHERE row = ?1")?.execute(params![
            row,
            wrapped.as_bytes(),
            card
        ])?;
        self.remember_key(row, Rc::new(key));
        Ok(())
    }

    /// Kept states stay as they were sealed, for the chain has their digest: the former keys that open them go under the new one.
    fn keep_former(&self, row: i64, former: &PatientKey, key: &PatientKey) -> Result<(), VaultError> {
        let query = "SELECT generation, body FROM former_key WHERE patient = ?1";
        let mut statement = self.sql().prepare_cached(query)?;
        let older: Vec<(u32, Vec<u8>)> = statement.query_map([row], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<_, _>>()?;
        let insert = "INSERT OR REPLACE INTO former_key (patient, generation, body) VALUES (?1, ?2, ?3)";
        let keep = |generation: u32, body: Vec<u8>| self.sql().prepare_cached(insert)?.execute(params![row, generation, body]);
        for (generation, body) in older {
            // One that does not open opened nothing before either.
            let Ok(opened) = former.open_former(generation, &body) else { continue };
            keep(generation, key.seal_former(&opened)?)?;
        }
        let has_states = "SELECT EXISTS (SELECT 1 FROM audit_state WHERE patient = ?1)";
        if self.sql().prepare_cached(has_states)?.query_row([row], |r| r.get(0))? {
            keep(former.generation(), key.seal_former(former)?)?;
        }
        Ok(())
    }

    fn held_in(&self, table: &Table, row: i64) -> Result<Vec<Held>, VaultError> {
        let mut statement = self.sql().prepare_cached(table.select)?;
        let held = statement.query_map([row], table.read)?.collect::<Result<_, _>>()?;
        Ok(held)
    }

    fn reseal_shared(&self) -> Result<(), VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT name, body FROM shared")?;
        let all: Vec<(String, Vec<u8>)> = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        for (name, body) in all.into_iter().filter(|(_, body)| !self.keys().is_newest(body)) {
            let body = self.reseal_group("shared", &name, body)?;
            self.sql().prepare_cached("UPDATE shared SET body = ?2 WHERE name = ?1")?.execute(params![name, body])?;
        }
        self.reseal_epoch()
    }

    /// What does not open stays as it is: it was unreadable before, and is shown as such.
    fn reseal_group(&self, kind: &str, version: &str, sealed: Vec<u8>) -> Result<Vec<u8>, VaultError> {
        let keys = self.keys();
        let Ok(plain) = keys.unseal_group(Group::Directory, kind, version, &sealed) else { return Ok(sealed) };
        Ok(keys.seal_group(Group::Directory, kind, version, &plain)?)
    }

    /// The newest generation, as an envelope's header has it.
    fn newest(&self) -> [u8; 4] {
        self.keys().generation().to_be_bytes()
    }
}

/// The name of the row that says so. The row itself is the mark, so that there is nothing in it to be unreadable.
pub(crate) fn spent(generation: u32) -> String {
    format!("spent {generation}")
}

/// Sealed under the other key, and opened again to see that it is the same; `None` for what does not open, which stays as it is.
fn moved(former: &PatientKey, key: &PatientKey, context: &RecordContext<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
    let Ok(plain) = former.unseal(context, sealed) else { return Ok(None) };
    let body = key.seal(context, &plain)?;
    if key.unseal(context, &body)? == plain { Ok(Some(body)) } else { Err(VaultError::Seal) }
}

/// A table whose bodies are sealed under patients' keys.
struct Table {
    select: &'static str,
    update: &'static str,
    read: fn(&rusqlite::Row<'_>) -> rusqlite::Result<Held>,
}

/// INVARIANT: every table with something sealed under a patient's key stands here.
const TABLES: &[Table] = &[
    Table {
        select: "SELECT r.key, k.name, r.tag, r.seal, r.body FROM record r JOIN kind k ON k.id = r.kind
                 WHERE r.key BETWEEN ?1 << 39 AND ?1 << 39 | 549755813887",
        update: "UPDATE record SET body = ?2 WHERE key = ?1",
        read: |row| {
            let (id, kind, tag, version, body) = (Id::Number(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok(Held { id, kind, tag, version, body })
        },
    },
    Table {
        select: "SELECT entry, tag, body FROM outbox WHERE patient = ?1",
        update: "UPDATE outbox SET body = ?2 WHERE entry = ?1",
        read: |row| {
            let entry: i64 = row.get(0)?;
            Ok(Held { id: Id::Number(entry), kind: "outbox".into(), tag: row.get(1)?, version: entry.to_string(), body: row.get(2)? })
        },
    },
    Table {
        select: "SELECT draft, revision, body FROM draft WHERE patient = ?1",
        update: "UPDATE draft SET body = ?2 WHERE draft = ?1",
        read: |row| {
            let (tag, revision): ([u8; 16], u32) = (row.get(0)?, row.get(1)?);
            Ok(Held { id: Id::Bytes(tag.into()), kind: "draft".into(), tag, version: revision.to_string(), body: row.get(2)? })
        },
    },
    Table {
        select: "SELECT tag, version, updated, deleted, body FROM theirs
                 WHERE tag IN (SELECT tag FROM record WHERE key BETWEEN ?1 << 39 AND ?1 << 39 | 549755813887
                               UNION SELECT tag FROM outbox WHERE patient = ?1)",
        update: "UPDATE theirs SET body = ?2 WHERE tag = ?1",
        read: |row| {
            let tag: [u8; 16] = row.get(0)?;
            let version = theirs::seal_version(&row.get::<_, String>(1)?, row.get(2)?, row.get(3)?);
            Ok(Held { id: Id::Bytes(tag.into()), kind: "theirs".into(), tag, version, body: row.get(4)? })
        },
    },
    Table {
        select: "SELECT grant_id, body FROM emergency WHERE patient = ?1",
        update: "UPDATE emergency SET body = ?2 WHERE grant_id = ?1",
        read: |row| {
            let tag: [u8; 16] = row.get(0)?;
            Ok(Held { id: Id::Bytes(tag.into()), kind: "emergency".into(), tag, version: "1".into(), body: row.get(1)? })
        },
    },
];
