//! Taking in what the EHR sent, one page one commit.
use access::{Ingest, Permit};
use audit::Digest;
use kernel::{PatientId, PractitionerId, VersionId};
use keys::RecordContext;
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
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
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A record as it is held.
pub(crate) struct Held {
    pub key: i64,
    pub version: String,
    pub updated: i64,
    pub state: State,
}

/// Whose word a record's row is.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    /// The EHR's: settled.
    Theirs,
    /// Ours, of this entry of the outbox.
    Ours(i64),
}

/// What became of an arrival; the sealed body's digest where one was written.
enum Filed {
    Added(Digest),
    Replaced(Digest),
    /// Held already, buried, or kept beside local work.
    Unchanged,
}

impl Tx<'_> {
    /// Files records. Idempotent; a record with unsent work here keeps it, and the EHR's side is kept beside it.
    ///
    /// A record without a version always replaces the held one, unless that is later; one without a time cannot come back from a
    /// tombstone, since nothing says that it is not the deleted version.
    ///
    /// # Errors
    /// [`VaultError`]; then nothing of the page is kept.
    pub fn file(&self, permit: &Permit<'_, Ingest>, arrivals: &[Arrival]) -> Result<Ingested, VaultError> {
        let mut done = Ingested::default();
        let mut states = Vec::new();
        for arrival in arrivals {
            let written = match self.file_one(arrival)? {
                Filed::Added(digest) => {
                    done.added += 1;
                    digest
                }
                Filed::Replaced(digest) => {
                    done.replaced += 1;
                    digest
                }
                Filed::Unchanged => {
                    done.unchanged += 1;
                    continue;
                }
            };
            states.extend_from_slice(&written.0);
        }
        if !states.is_empty() {
            self.changed(permit, None, Some(Digest::of(&states)))?;
        }
        Ok(done)
    }

    /// Hides what the EHR deleted and remembers it. Where the EHR does not say when, everything until now counts as deleted.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn bury(&self, permit: &Permit<'_, Ingest>, tombstones: &[Tombstone]) -> Result<u32, VaultError> {
        let _ = permit;
        let mut buried = 0;
        for stone in tombstones {
            let tag = self.record_tag(stone.kind.as_str(), stone.id.as_str());
            let held = self.held(&tag)?;
            let latest = held.as_ref().map_or(0, |held| held.updated);
            let at = stone.deleted_at.map_or_else(|| self.now_ms().max(latest), |at| at.timestamp_millis());
            self.sql()
                .prepare_cached(
                    "INSERT INTO tombstone (tag, deleted_at) VALUES (?1, ?2)
                     ON CONFLICT (tag) DO UPDATE SET deleted_at = max(deleted_at, excluded.deleted_at)",
                )?
                .execute(params![tag, at])?;
            let Some(held) = held.filter(|held| held.updated <= at) else { continue };
            if held.state == State::Synced {
                self.remove(&tag, held.key, stone.kind.as_str())?;
                buried += 1;
            } else {
                self.keep_theirs_deleted(&tag, keyed::patient_of(held.key), at)?;
            }
        }
        Ok(buried)
    }

    /// Panel rows of the permit's holder.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_members(&self, permit: &Permit<'_, Ingest>, members: &[Member]) -> Result<(), VaultError> {
        let user = permit.actor().user.as_str();
        for member in members {
            let row = self.patient_row_or_new(&member.patient)?;
            let as_of = if member.complete { self.now_ms() } else { 0 };
            self.sql()
                .prepare_cached(
                    "INSERT INTO standing (user, patient, tier, complete, as_of) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT DO UPDATE SET tier = excluded.tier, complete = excluded.complete, as_of = max(as_of, excluded.as_of)",
                )?
                .execute(params![user, row, crate::panel::tier_number(member.tier), member.complete, as_of])?;
        }
        Ok(())
    }

    fn file_one(&self, arrival: &Arrival) -> Result<Filed, VaultError> {
        let Arrival { incoming, filing } = arrival;
        let tag = self.record_tag(incoming.kind.as_str(), incoming.id.as_str());
        let updated = updated(incoming);
        if self.is_buried(&tag, updated)? {
            return Ok(Filed::Unchanged);
        }
        let held = self.held(&tag)?;
        if let Some(held) = &held {
            let version = incoming.version.as_ref().map_or("", VersionId::as_str);
            let known = !version.is_empty() && held.version == version;
            if known || (updated != 0 && held.updated > updated) {
                return Ok(Filed::Unchanged);
            }
            if held.state != State::Synced {
                self.keep_theirs(&tag, keyed::patient_of(held.key), incoming, filing)?;
                return Ok(Filed::Unchanged);
            }
        }
        let digest = self.put(&tag, held.as_ref(), incoming, filing, Word::Theirs)?;
        Ok(if held.is_some() { Filed::Replaced(digest) } else { Filed::Added(digest) })
    }

    /// Writes a record's row, and what hangs on it; the digest of the sealed body.
    pub(crate) fn put(
        &self,
        tag: &[u8; 16],
        held: Option<&Held>,
        incoming: &Incoming,
        filing: &Filing,
        word: Word,
    ) -> Result<Digest, VaultError> {
        let kind_name = incoming.kind.as_str();
        // A Patient resource is its own chart's, whatever chart it came with.
        let own = (kind_name == "Patient").then(|| PatientId::new(incoming.id.as_str())).transpose().map_err(|_| VaultError::Fault)?;
        let patient = match own.as_ref().or(incoming.patient.as_ref()) {
            Some(patient) => self.patient_row_or_new(patient)?,
            None => 0,
        };
        let kind = self.kind_id(kind_name)?;
        // A record that moved to another chart or code gets a new place; otherwise it keeps its own.
        let key = self.key_for(patient, kind, filing.code.as_deref(), held.map(|held| held.key))?;
        if let Some(old) = held.map(|held| held.key).filter(|old| *old != key) {
            self.sql().prepare_cached("DELETE FROM record WHERE key = ?1")?.execute([old])?;
        }
        // INVARIANT: our own word never changes which of the EHR's versions it stands on.
        let (version, updated, state, seal) = match (word, held) {
            (Word::Theirs, _) => {
                let (version, updated) = (incoming.version.as_ref().map_or("", VersionId::as_str), updated(incoming));
                (version, updated, State::Synced, format!("{version}@{updated}"))
            }
            (Word::Ours(entry), Some(held)) => (held.version.as_str(), held.updated, State::LocalOnly, format!("local/{entry}")),
            (Word::Ours(entry), None) => ("", 0, State::LocalOnly, format!("local/{entry}")),
        };
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
        if let Some(patient_id) = own {
            self.keep_card(patient, &patient_id, filing)?;
        }
        Ok(Digest::of(&body))
    }

    /// Takes a record out, and what hangs on it.
    pub(crate) fn remove(&self, tag: &[u8; 16], key: i64, kind: &str) -> Result<(), VaultError> {
        self.sql().prepare_cached("DELETE FROM record WHERE tag = ?1")?.execute([tag])?;
        self.sql().prepare_cached("DELETE FROM relation WHERE source = ?1")?.execute([tag])?;
        if kind == "Patient" {
            self.withdraw_card(keyed::patient_of(key))?;
        }
        Ok(())
    }

    /// Whether a version of this time is deleted; one that came after the deletion ends it.
    pub(crate) fn is_buried(&self, tag: &[u8; 16], updated: i64) -> Result<bool, VaultError> {
        let at: Option<i64> =
            self.sql().prepare_cached("SELECT deleted_at FROM tombstone WHERE tag = ?1")?.query_row([tag], |row| row.get(0)).optional()?;
        match at {
            Some(at) if updated > at => {
                self.sql().prepare_cached("DELETE FROM tombstone WHERE tag = ?1")?.execute([tag])?;
                Ok(false)
            }
            at => Ok(at.is_some()),
        }
    }

    pub(crate) fn held(&self, tag: &[u8; 16]) -> Result<Option<Held>, VaultError> {
        let found = self
            .sql()
            .prepare_cached("SELECT key, version, updated, state FROM record WHERE tag = ?1")?
            .query_row([tag], |row| {
                Ok(Held { key: row.get(0)?, version: row.get(1)?, updated: row.get(2)?, state: State::from_number(row.get(3)?) })
            })
            .optional()?;
        Ok(found)
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
}

/// When the EHR changed it last, ms since 1970; 0 where it does not say.
pub(crate) fn updated(incoming: &Incoming) -> i64 {
    incoming.last_updated.map_or(0, |at| at.timestamp_millis())
}
