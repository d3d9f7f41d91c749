//! Taking in what the EHR sent, one page one commit.
use access::{Ingest, Permit};
use keys::RecordContext;
use kernel::{PatientId, PractitionerId};
use rusqlite::{OptionalExtension as _, params};
use sync::{Incoming, Ingested, Member, Tombstone};

use crate::error::VaultError;
use crate::keyed;
use crate::records::State;
use crate::tx::Tx;

/// A record as it arrived, with what filing it needs (read from it by the caller, outside the transaction).
pub struct Arrival {
    /// As the EHR sent it.
    pub incoming: Incoming,
    /// How it is filed.
    pub filing: Filing,
}

/// What filing a record needs.
#[derive(Clone, Debug, Default)]
pub struct Filing {
    /// Clinical date, seconds since 1970, 0 for none.
    pub date: i64,
    /// "system|code" it is clustered by.
    pub code: Option<Box<str>>,
    /// Confidentiality R or V.
    pub restricted: bool,
    /// Ordinary reasons for someone to see the patient.
    pub relations: Vec<Relation>,
    /// For a Patient: its search entry, opaque here.
    pub card: Option<Vec<u8>>,
}

/// Why a practitioner may see a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Whose chart.
    pub patient: PatientId,
    /// Who may see it.
    pub practitioner: PractitionerId,
    /// Why: a small number, stable.
    pub kind: u8,
    /// From, seconds since 1970.
    pub begins: i64,
    /// Until, seconds since 1970.
    pub ends: i64,
}

struct Held {
    key: i64,
    version: String,
    updated: i64,
    state: i64,
}

impl Tx<'_> {
    /// Files records. Idempotent; a record with unsent work here keeps it, and the EHR's side is kept beside it.
    ///
    /// # Errors
    /// [`VaultError`]; then nothing of the page is kept.
    pub fn file(&self, permit: &Permit<'_, Ingest>, arrivals: &[Arrival]) -> Result<Ingested, VaultError> {
        let _ = permit;
        let mut done = Ingested::default();
        for arrival in arrivals {
            match self.file_one(arrival)? {
                Filed::Added => done.added += 1,
                Filed::Replaced => done.replaced += 1,
                Filed::Unchanged => done.unchanged += 1,
            }
        }
        Ok(done)
    }

    /// Hides what the EHR deleted and remembers it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn bury(&self, permit: &Permit<'_, Ingest>, tombstones: &[Tombstone]) -> Result<u32, VaultError> {
        let _ = permit;
        let mut buried = 0;
        for stone in tombstones {
            let tag = self.record_tag(stone.kind.as_str(), stone.id.as_str());
            let at = stone.deleted_at.map_or(0, |at| at.timestamp_millis());
            self.sql()
                .prepare_cached(
                    "INSERT INTO tombstone (tag, deleted_at) VALUES (?1, ?2)
                     ON CONFLICT (tag) DO UPDATE SET deleted_at = max(deleted_at, excluded.deleted_at)",
                )?
                .execute(params![tag, at])?;
            let Some(held) = self.held(&tag)? else { continue };
            if at != 0 && held.updated > at {
                continue;
            }
            if held.state != State::Synced.number() {
                self.keep_theirs(&tag, &held, None)?;
                continue;
            }
            self.sql().prepare_cached("DELETE FROM record WHERE tag = ?1")?.execute([tag])?;
            self.sql().prepare_cached("DELETE FROM relation WHERE source = ?1")?.execute([tag])?;
            buried += 1;
        }
        Ok(buried)
    }

    /// Panel rows.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_members(&self, permit: &Permit<'_, Ingest>, members: &[Member]) -> Result<(), VaultError> {
        let _ = permit;
        for member in members {
            let row = self.patient_row_or_new(&member.patient)?;
            let as_of = if member.complete { self.now_ms() } else { 0 };
            self.sql()
                .prepare_cached("UPDATE patient SET tier = ?2, complete = ?3, as_of = max(as_of, ?4) WHERE row = ?1")?
                .execute(params![row, crate::panel::tier_number(member.tier), member.complete, as_of])?;
        }
        Ok(())
    }

    pub(crate) fn file_one(&self, arrival: &Arrival) -> Result<Filed, VaultError> {
        let Arrival { incoming, filing } = arrival;
        let tag = self.record_tag(incoming.kind.as_str(), incoming.id.as_str());
        let updated = incoming.last_updated.map_or(0, |at| at.timestamp_millis());
        let version = incoming.version.as_ref().map_or("", |v| v.as_str());
        if self.is_buried(&tag, updated)? {
            return Ok(Filed::Unchanged);
        }
        let held = self.held(&tag)?;
        if let Some(held) = &held {
            let known = !version.is_empty() && held.version == version;
            if known || (held.updated != 0 && updated != 0 && held.updated > updated) {
                return Ok(Filed::Unchanged);
            }
            if held.state != State::Synced.number() {
                self.keep_theirs(&tag, held, Some(incoming))?;
                return Ok(Filed::Unchanged);
            }
        }
        self.put(&tag, held.as_ref().map(|h| h.key), incoming, filing, State::Synced)?;
        Ok(if held.is_some() { Filed::Replaced } else { Filed::Added })
    }

    /// Writes a record's row, and what hangs on it.
    pub(crate) fn put(&self, tag: &[u8; 16], old: Option<i64>, incoming: &Incoming, filing: &Filing, state: State) -> Result<(), VaultError> {
        let kind_name = incoming.kind.as_str();
        let patient = match (&incoming.patient, kind_name) {
            (Some(patient), _) => self.patient_row_or_new(patient)?,
            (None, "Patient") => self.patient_row_or_new(&PatientId::new(incoming.id.as_str()).map_err(|_| VaultError::Fault)?)?,
            (None, _) => 0,
        };
        let kind = self.kind_id(kind_name)?;
        // A record that moved to another chart or code gets a new place; otherwise it keeps its own.
        let key = match old {
            Some(key) if keyed::patient_of(key) == patient => key,
            _ => self.free_key(patient, kind, filing.code.as_deref())?,
        };
        if let Some(old) = old.filter(|old| *old != key) {
            self.sql().prepare_cached("DELETE FROM record WHERE key = ?1")?.execute([old])?;
        }
        let version = incoming.version.as_ref().map_or("", |v| v.as_str());
        let updated = incoming.last_updated.map_or(0, |at| at.timestamp_millis());
        let seal = format!("{version}@{updated}");
        // EXPOSE: packed and sealed at once under the patient's key.
        let packed = self.codec().pack(incoming.body.expose().as_bytes())?;
        let body = self.patient_key(patient)?.seal(&RecordContext { patient, kind: kind_name, tag: *tag, version: &seal }, &packed)?;
        self.sql()
            .prepare_cached(
                "INSERT INTO record (key, tag, kind, date, version, seal, updated, state, restricted, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (key) DO UPDATE SET date = excluded.date, version = excluded.version, seal = excluded.seal,
                   updated = excluded.updated, state = excluded.state, restricted = excluded.restricted, body = excluded.body",
            )?
            .execute(params![key, tag, kind, filing.date, version, seal, updated, state.number(), filing.restricted, body])?;
        self.relate(tag, filing)?;
        if kind_name == "Patient" {
            self.keep_card(patient, incoming.id.as_str(), filing)?;
        }
        Ok(())
    }

    fn relate(&self, source: &[u8; 16], filing: &Filing) -> Result<(), VaultError> {
        self.sql().prepare_cached("DELETE FROM relation WHERE source = ?1")?.execute([source])?;
        for relation in &filing.relations {
            let patient = self.patient_row_or_new(&relation.patient)?;
            let practitioner = self.practitioner_tag(relation.practitioner.as_str());
            self.sql()
                .prepare_cached(
                    "INSERT OR REPLACE INTO relation (source, patient, practitioner, kind, begins, ends) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![source, patient, practitioner, relation.kind, relation.begins, relation.ends])?;
        }
        Ok(())
    }

    /// Keeps the EHR's side beside unsent work; `None` when the EHR deleted it.
    fn keep_theirs(&self, tag: &[u8; 16], held: &Held, incoming: Option<&Incoming>) -> Result<(), VaultError> {
        let patient = keyed::patient_of(held.key);
        let version = incoming.and_then(|i| i.version.as_ref()).map_or("", |v| v.as_str());
        let updated = incoming.and_then(|i| i.last_updated).map_or(0, |at| at.timestamp_millis());
        // EXPOSE: packed and sealed at once under the patient's key.
        let text = incoming.map_or("", |i| i.body.expose());
        let packed = self.codec().pack(text.as_bytes())?;
        let body = self.patient_key(patient)?.seal(&RecordContext { patient, kind: "theirs", tag: *tag, version }, &packed)?;
        self.sql()
            .prepare_cached("INSERT OR REPLACE INTO theirs (tag, version, updated, deleted, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![tag, version, updated, incoming.is_none(), body])?;
        Ok(())
    }

    pub(crate) fn keep_theirs_of(&self, tag: &[u8; 16], incoming: Option<&Incoming>) -> Result<(), VaultError> {
        match self.held(tag)? {
            Some(held) => self.keep_theirs(tag, &held, incoming),
            None => Ok(()),
        }
    }

    fn is_buried(&self, tag: &[u8; 16], updated: i64) -> Result<bool, VaultError> {
        let at: Option<i64> =
            self.sql().prepare_cached("SELECT deleted_at FROM tombstone WHERE tag = ?1")?.query_row([tag], |row| row.get(0)).optional()?;
        let Some(at) = at else { return Ok(false) };
        if updated > at && at != 0 {
            self.sql().prepare_cached("DELETE FROM tombstone WHERE tag = ?1")?.execute([tag])?;
            return Ok(false);
        }
        Ok(true)
    }

    fn held(&self, tag: &[u8; 16]) -> Result<Option<Held>, VaultError> {
        let found = self
            .sql()
            .prepare_cached("SELECT key, version, updated, state FROM record WHERE tag = ?1")?
            .query_row([tag], |row| Ok(Held { key: row.get(0)?, version: row.get(1)?, updated: row.get(2)?, state: row.get(3)? }))
            .optional()?;
        Ok(found)
    }
}

/// What became of an arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Filed {
    /// New.
    Added,
    /// Newer than the held one.
    Replaced,
    /// Held already, buried, or kept beside local work.
    Unchanged,
}
