//! Work on its way to the EHR. An entry is one immutable version; it leaves only when the EHR acknowledged that very version.
use std::collections::BTreeMap;

use access::{Ingest, Permit, Push, ReadOutbox, SignNote};
use chrono::{DateTime, Utc};
use kernel::{PatientId, Phi, RecordId, ResourceType, UserId, VersionId};
use keys::RecordContext;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use sync::{EntryId, EntryState, Incoming, Outgoing, Rejection, Settlement};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::ingest::{Filing, Word, updated};
use crate::keyed;
use crate::records::State;
use crate::recovery::Unsent;
use crate::states::SealedState;
use crate::tx::Tx;

/// A record made here.
pub struct NewRecord {
    /// Resource type.
    pub kind: ResourceType,
    /// Id chosen here, at random; the same again for a later version while the earlier one waits.
    pub id: RecordId,
    /// The chart it belongs to.
    pub patient: PatientId,
    /// Its exact text.
    pub body: Phi<Box<str>>,
    /// How it is filed.
    pub filing: Filing,
}

/// An entry as the outbox list shows it.
pub struct OutboxEntry {
    /// Number.
    pub entry: i64,
    /// Chart.
    pub patient: PatientId,
    /// Resource type.
    pub kind: String,
    /// Logical id.
    pub id: String,
    /// Who entered it.
    pub author: String,
    /// Where it stands.
    pub state: State,
    /// For refused ones.
    pub reason: Option<Rejection>,
    /// Tries.
    pub attempts: u32,
    /// When entered.
    pub entered_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    id: String,
    body: Zeroizing<String>,
}

struct Sealed {
    entry: i64,
    tag: [u8; 16],
    patient: i64,
    kind: String,
    base_version: String,
    author: String,
    state: i64,
    reason: String,
    attempts: u32,
    entered_at: i64,
    body: Vec<u8>,
}

const COLUMNS: &str = "o.entry, o.tag, o.patient, k.name, o.base_version, o.author, o.state, o.reason, o.attempts, o.entered_at, o.body";
const WAITING: i64 = 0;
const ATTEMPTED: i64 = 1;
const STUCK: i64 = 2;
const POSTPONED: i64 = 3;
const CONFLICT: &str = "conflict";

impl Tx<'_> {
    /// Stores a signed record: in the chart as local only, and in the outbox. A later version of a record that still waits is a
    /// further entry; what the EHR has acknowledged is not edited here.
    ///
    /// # Errors
    /// [`VaultError::WrongPatient`] unless record and permit name the same patient.
    pub fn enter(&self, permit: &Permit<'_, SignNote>, new: NewRecord) -> Result<(), VaultError> {
        // INVARIANT: nothing goes into the wrong chart.
        if permit.patient() != Some(&new.patient) {
            return Err(VaultError::WrongPatient);
        }
        let patient = self.permitted_row(permit.patient())?;
        let tag = self.record_tag(new.kind.as_str(), new.id.as_str());
        let held = self.held(&tag)?;
        match &held {
            Some(held) if keyed::patient_of(held.key) != patient => return Err(VaultError::WrongPatient),
            Some(held) if held.state == State::Synced => return Err(VaultError::Fault),
            _ => {}
        }
        let kind = self.kind_id(new.kind.as_str())?;
        self.sql()
            .prepare_cached(
                "INSERT INTO outbox (tag, patient, kind, base_version, author, state, reason, attempts, entered_at, body)
                 VALUES (?1, ?2, ?3, '', ?4, 0, '', 0, ?5, x'')",
            )?
            .execute(params![tag, patient, kind, permit.actor().user.as_str(), self.now_ms()])?;
        let entry = self.sql().last_insert_rowid();
        // EXPOSE: sealed at once under the patient's key.
        let written = Written { id: new.id.as_str().to_owned(), body: Zeroizing::new(new.body.expose().to_string()) };
        let plain = Zeroizing::new(serde_json::to_vec(&written).map_err(|_| VaultError::Fault)?);
        let version = entry.to_string();
        let context = RecordContext { patient, kind: "outbox", tag, version: &version };
        let body = self.patient_key(patient)?.seal(&context, &self.codec().pack(&plain)?)?;
        self.sql().prepare_cached("UPDATE outbox SET body = ?2 WHERE entry = ?1")?.execute(params![entry, body])?;
        // EXPOSE: sealed at once to the recovery key.
        let copy = Unsent::Record {
            patient: new.patient.clone(),
            kind: new.kind.clone(),
            id: new.id.clone(),
            author: permit.actor().user.clone(),
            entered_at: DateTime::from_timestamp_millis(self.now_ms()).unwrap_or_default(),
            body: written.body,
        };
        self.keep_copy_of_entry(entry, &copy)?;
        let incoming =
            Incoming { kind: new.kind, id: new.id, version: None, last_updated: None, patient: Some(new.patient), body: new.body };
        let before = held.is_some().then(|| self.sealed_state(&tag)).transpose()?;
        self.put(&tag, held.as_ref(), &incoming, &new.filing, Word::Ours(entry))?;
        self.rebadge(&tag)?;
        self.changed_states(permit, before.as_ref(), Some(&self.sealed_state(&tag)?))
    }

    /// The entries of the permit's holder in causal order, with their texts, for pushing. What others entered is sent under
    /// their own sign-in, not under this one.
    ///
    /// # Errors
    /// [`VaultError::Seal`] if one does not open.
    pub fn outgoing(&self, permit: &Permit<'_, Push>) -> Result<Vec<Outgoing>, VaultError> {
        let own = |sealed: &Sealed| sealed.author == permit.actor().user.as_str();
        self.sealed_entries()?.into_iter().filter(own).map(|sealed| self.open_outgoing(sealed)).collect()
    }

    /// Marks an entry as handed to the network.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn mark_sending(&self, _: &Permit<'_, Push>, entry: EntryId) -> Result<(), VaultError> {
        let changed = self
            .sql()
            .prepare_cached("UPDATE outbox SET state = ?2, attempts = attempts + 1 WHERE entry = ?1 AND state <> ?3")?
            .execute(params![entry.0, ATTEMPTED, STUCK])?;
        match self.entry_tag(entry)? {
            Some((tag, _)) if changed > 0 => self.rebadge(&tag),
            _ => Ok(()),
        }
    }

    /// Records how an attempt ended; `filing` is of the record that an acknowledgement or a conflict carries. Returns whose chart changed.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn settle(
        &self,
        permit: &Permit<'_, Push>,
        entry: EntryId,
        outcome: &Settlement,
        filing: &Filing,
    ) -> Result<Option<PatientId>, VaultError> {
        let Some((tag, patient)) = self.entry_tag(entry)? else { return Ok(None) };
        match outcome {
            Settlement::Acknowledged { version, record } => self.acknowledged(permit, entry, &tag, version, record, filing)?,
            Settlement::Conflict(theirs) => {
                self.set(entry, STUCK, CONFLICT)?;
                match theirs {
                    Some(theirs) => self.keep_theirs(&tag, patient, theirs, filing)?,
                    None => self.keep_theirs_deleted(&tag, patient, self.now_ms())?,
                }
            }
            Settlement::Rejected(reason) => self.set(entry, STUCK, reason.as_str())?,
            Settlement::Postponed => {
                self.sql()
                    .prepare_cached("UPDATE outbox SET state = ?2 WHERE entry = ?1 AND state = ?3")?
                    .execute(params![entry.0, POSTPONED, ATTEMPTED])?;
            }
        }
        self.rebadge(&tag)?;
        self.patient_id(patient).map(Some)
    }

    /// The outbox as its list shows it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn outbox(&self, _: &Permit<'_, ReadOutbox>) -> Result<Vec<OutboxEntry>, VaultError> {
        self.sealed_entries()?
            .into_iter()
            .map(|sealed| {
                let state = badge(sealed.state, &sealed.reason);
                let (entry, patient, kind, author) =
                    (sealed.entry, self.patient_id(sealed.patient)?, sealed.kind.clone(), sealed.author.clone());
                let (reason, attempts) = (reason_of(&sealed.reason), sealed.attempts);
                let entered_at = DateTime::from_timestamp_millis(sealed.entered_at).unwrap_or_default();
                let id = self.open_entry(&sealed)?.id;
                Ok(OutboxEntry { entry, patient, kind, id, author, state, reason, attempts, entered_at })
            })
            .collect()
    }

    /// Puts a refused entry back in line.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] unless the entry is there, the holder's own, and was refused.
    pub fn retry(&self, permit: &Permit<'_, Push>, entry: EntryId) -> Result<(), VaultError> {
        let changed = self
            .sql()
            .prepare_cached("UPDATE outbox SET state = ?2, reason = '' WHERE entry = ?1 AND state = ?3 AND reason <> ?4 AND author = ?5")?
            .execute(params![entry.0, POSTPONED, STUCK, CONFLICT, permit.actor().user.as_str()])?;
        match self.entry_tag(entry)? {
            Some((tag, _)) if changed > 0 => self.rebadge(&tag),
            _ => Err(VaultError::NotFound),
        }
    }

    /// How many of this user's entries stand where: local only, sending, rejected, conflict. No chart is opened for it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn waiting(&self, user: &UserId) -> Result<[u32; 4], VaultError> {
        let mut counts = [0; 4];
        let mut statement = self.sql().prepare_cached("SELECT state, reason, count(*) FROM outbox WHERE author = ?1 GROUP BY 1, 2")?;
        for row in statement.query_map([user.as_str()], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?, r.get::<_, u32>(2)?)))? {
            let (state, reason, count) = row?;
            counts[match badge(state, &reason) {
                State::LocalOnly | State::Synced => 0,
                State::Sending => 1,
                State::Rejected => 2,
                State::Conflict => 3,
            }] += count;
        }
        Ok(counts)
    }

    /// Records held as the EHR's own, by type: without those it never acknowledged.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn counts(&self, _: &Permit<'_, Ingest>) -> Result<BTreeMap<ResourceType, u64>, VaultError> {
        // An EHR that keeps no versions leaves no version; what is settled is the EHR's all the same.
        let query =
            "SELECT k.name, count(*) FROM record r JOIN kind k ON k.id = r.kind WHERE r.state = 0 OR r.version <> '' GROUP BY k.name";
        let mut statement = self.sql().prepare_cached(query)?;
        let rows = statement.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, u32>(1)?)))?;
        rows.map(|row| {
            let (name, count) = row?;
            Ok((ResourceType::new(name).map_err(|_| VaultError::Unreadable)?, u64::from(count)))
        })
        .collect()
    }

    fn acknowledged(
        &self,
        permit: &Permit<'_, Push>,
        entry: EntryId,
        tag: &[u8; 16],
        version: &VersionId,
        record: &Incoming,
        filing: &Filing,
    ) -> Result<(), VaultError> {
        let held = self.held(tag)?.ok_or(VaultError::Fault)?;
        let before = self.sealed_state(tag)?.digest();
        let patient = keyed::patient_of(held.key);
        self.sql().prepare_cached("DELETE FROM outbox WHERE entry = ?1")?.execute([entry.0])?;
        let next: Option<i64> =
            self.sql().prepare_cached("SELECT min(entry) FROM outbox WHERE tag = ?1")?.query_row([tag], |row| row.get(0))?;
        if let Some(next) = next {
            // Later work on the same record waits: it keeps the screen, and builds on what was just acknowledged.
            self.sql().prepare_cached("UPDATE outbox SET base_version = ?2 WHERE entry = ?1")?.execute(params![next, version.as_str()])?;
            self.sql().prepare_cached("UPDATE record SET version = ?2 WHERE tag = ?1")?.execute(params![tag, version.as_str()])?;
            self.keep_theirs(tag, patient, record, filing)?;
            return self.changed(permit, Some(before), None);
        }
        let later = self.take_later_theirs(tag, patient, &record.kind, updated(record))?;
        let mut after = self.put(tag, Some(&held), record, filing, Word::Theirs)?;
        if let Some(later) = later {
            let held = self.held(tag)?;
            after = self.put(tag, held.as_ref(), &later.incoming, &later.filing, Word::Theirs)?;
        }
        self.changed(permit, Some(before), Some(after))?;
        // The EHR deleted it after it took it; without a time, that it took it is the later word.
        match (updated(record), self.held(tag)?) {
            (0, _) => {
                self.sql().prepare_cached("DELETE FROM tombstone WHERE tag = ?1")?.execute([tag])?;
            }
            (_, Some(held)) if self.is_buried(tag, held.updated)? => self.remove(tag, held.key, record.kind.as_str())?,
            _ => {}
        }
        Ok(())
    }

    fn sealed_state(&self, tag: &[u8; 16]) -> Result<SealedState, VaultError> {
        let query = "SELECT r.key, k.name, r.seal, r.body FROM record r JOIN kind k ON k.id = r.kind WHERE r.tag = ?1";
        let state = self.sql().prepare_cached(query)?.query_row([tag], |row| {
            let kind: String = row.get(1)?;
            let patient = keyed::patient_of(row.get(0)?);
            Ok(SealedState { patient, kind: kind.into(), tag: *tag, version: row.get(2)?, body: row.get(3)? })
        })?;
        Ok(state)
    }

    fn set(&self, entry: EntryId, state: i64, reason: &str) -> Result<(), VaultError> {
        self.sql()
            .prepare_cached("UPDATE outbox SET state = ?2, reason = ?3 WHERE entry = ?1")?
            .execute(params![entry.0, state, reason])?;
        Ok(())
    }

    /// Badges a record by its entries.
    ///
    /// INVARIANT: a record is "synced" only when no entry of it is left; what a person must settle shows first; "sending" is
    /// said of the latest version only.
    fn rebadge(&self, tag: &[u8; 16]) -> Result<(), VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT state, reason FROM outbox WHERE tag = ?1 ORDER BY entry")?;
        let rows = statement.query_map([tag], |row| Ok(badge(row.get(0)?, &row.get::<_, String>(1)?)))?;
        let entries: Vec<State> = rows.collect::<Result<_, _>>()?;
        let urgent = [State::Conflict, State::Rejected].into_iter().find(|state| entries.contains(state));
        let state = urgent.or(entries.last().copied()).unwrap_or(State::Synced);
        self.sql().prepare_cached("UPDATE record SET state = ?2 WHERE tag = ?1")?.execute(params![tag, state.number()])?;
        Ok(())
    }

    fn entry_tag(&self, entry: EntryId) -> Result<Option<([u8; 16], i64)>, VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT tag, patient FROM outbox WHERE entry = ?1")?;
        Ok(statement.query_row([entry.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    fn sealed_entries(&self) -> Result<Vec<Sealed>, VaultError> {
        let query = format!("SELECT {COLUMNS} FROM outbox o JOIN kind k ON k.id = o.kind ORDER BY o.entry");
        let mut statement = self.sql().prepare_cached(&query)?;
        let rows = statement.query_map([], sealed)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Every entry, of every author, as its copy for the recovery key says it.
    pub(crate) fn unsent_records(&self) -> Result<Vec<(i64, Unsent)>, VaultError> {
        let unsent = |sealed: Sealed| {
            let Written { id, body } = self.open_entry(&sealed)?;
            let work = Unsent::Record {
                patient: self.patient_id(sealed.patient)?,
                kind: ResourceType::new(&sealed.kind).map_err(|_| VaultError::Unreadable)?,
                id: RecordId::new(&id).map_err(|_| VaultError::Unreadable)?,
                author: UserId::new(&sealed.author).map_err(|_| VaultError::Unreadable)?,
                entered_at: DateTime::from_timestamp_millis(sealed.entered_at).unwrap_or_default(),
                body,
            };
            Ok((sealed.entry, work))
        };
        self.sealed_entries()?.into_iter().map(unsent).collect()
    }

    fn open_entry(&self, sealed: &Sealed) -> Result<Written, VaultError> {
        let version = sealed.entry.to_string();
        let context = RecordContext { patient: sealed.patient, kind: "outbox", tag: sealed.tag, version: &version };
        let plain = self.codec().unpack(&self.patient_key(sealed.patient)?.unseal(&context, &sealed.body)?)?;
        serde_json::from_str(&plain).map_err(|_| VaultError::Seal)
    }

    fn open_outgoing(&self, sealed: Sealed) -> Result<Outgoing, VaultError> {
        let written = self.open_entry(&sealed)?;
        Ok(Outgoing {
            entry: EntryId(sealed.entry),
            kind: ResourceType::new(&sealed.kind).map_err(|_| VaultError::Unreadable)?,
            id: RecordId::new(&written.id).map_err(|_| VaultError::Unreadable)?,
            base_version: (!sealed.base_version.is_empty()).then(|| VersionId::new(sealed.base_version)),
            patient: Some(self.patient_id(sealed.patient)?),
            body: std::sync::Arc::new(Phi::new(written.body.as_str().into())),
            state: match sealed.state {
                WAITING => EntryState::Waiting,
                ATTEMPTED | POSTPONED => EntryState::Attempted,
                _ => EntryState::Stuck,
            },
        })
    }
}

/// How an entry is shown.
fn badge(state: i64, reason: &str) -> State {
    match (state, reason) {
        (WAITING | POSTPONED, _) => State::LocalOnly,
        (ATTEMPTED, _) => State::Sending,
        (_, CONFLICT) => State::Conflict,
        _ => State::Rejected,
    }
}

fn sealed(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    Ok(Sealed {
        entry: row.get(0)?,
        tag: row.get(1)?,
        patient: row.get(2)?,
        kind: row.get(3)?,
        base_version: row.get(4)?,
        author: row.get(5)?,
        state: row.get(6)?,
        reason: row.get(7)?,
        attempts: row.get(8)?,
        entered_at: row.get(9)?,
        body: row.get(10)?,
    })
}

fn reason_of(name: &str) -> Option<Rejection> {
    [Rejection::Validation, Rejection::Forbidden, Rejection::Gone, Rejection::TooLarge, Rejection::Other]
        .into_iter()
        .find(|reason| reason.as_str() == name)
}
