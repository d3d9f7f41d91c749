//! Sealed states before and after, kept beside the chain: the very bytes whose digest the entry carries.
use std::collections::BTreeMap;

use access::{Act, Permit, ReadAudit};
use audit::{Action, Digest, Entry, Fault, FaultKind, Ledger as _, Link, Mac as _, Outcome, Side, Subject, keeps_state, record_by};
use chrono::DateTime;
use kernel::Phi;
use keys::{RecordContext, SealError};
use rusqlite::{OptionalExtension as _, Row, params};
use zeroize::Zeroizing;

use crate::audit_log;
use crate::error::VaultError;
use crate::tx::{AuditKey, Tx};

/// A state, as it lies sealed in its own table.
pub struct SealedState {
    pub patient: i64,
    pub kind: Box<str>,
    pub tag: [u8; 16],
    pub version: String,
    pub body: Vec<u8>,
}

impl SealedState {
    pub fn digest(&self) -> Digest {
        Digest::of(&self.body)
    }
}

/// One state of what an entry speaks of.
pub enum AuditState {
    /// The entry names none.
    Absent,
    /// The entry names one; it was not kept.
    NotKept,
    /// It was kept and does not open: the chart was erased, or the bytes were altered.
    Unreadable,
    /// Open.
    Open {
        /// Resource type, `draft` or `emergency`.
        kind: Box<str>,
        /// Its text: JSON.
        body: Phi<Zeroizing<String>>,
    },
}

/// Both states of what an entry speaks of.
pub struct AuditStates {
    /// The entry.
    pub entry: Entry,
    /// What was there.
    pub before: AuditState,
    /// What came of it.
    pub after: AuditState,
}

const DOMAIN: &[u8] = b"satchel audit state 1";
const COLUMNS: &str = "place, patient, kind, tag, version, kept_at, body, mac";

/// A row as stored.
struct Kept {
    place: i64,
    kept_at: i64,
    state: SealedState,
    mac: [u8; 32],
}

impl Kept {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let kind: String = row.get(2)?;
        let state = SealedState { patient: row.get(1)?, kind: kind.into(), tag: row.get(3)?, version: row.get(4)?, body: row.get(6)? };
        Ok(Self { place: row.get(0)?, kept_at: row.get(5)?, state, mac: row.get(7)? })
    }

    /// What the MAC is over: all but the body, which the entry's digest is over.
    fn bytes(place: i64, kept_at: i64, state: &SealedState) -> Vec<u8> {
        let mut bytes = DOMAIN.to_vec();
        for number in [place, state.patient, kept_at] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&state.tag);
        for text in [&*state.kind, &state.version] {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

impl Tx<'_> {
    /// As [`Tx::changed`], of states that are sealed under a patient's key; they are kept as [`keeps_state`] says.
    pub(crate) fn changed_states<A: Act>(
        &self,
        permit: &Permit<'_, A>,
        before: Option<&SealedState>,
        after: Option<&SealedState>,
    ) -> Result<(), VaultError> {
        let thing = after.or(before).ok_or(VaultError::Fault)?;
        let joined = self.noted(permit.audit_sequence()).is_some_and(|entry| entry.subject.kept);
        let keep = joined || keeps_state(A::ACTION, after.is_none(), self.last_kept(&thing.tag)?, self.origin().at.wall);
        let entry = self.amend(permit, before.map(SealedState::digest), after.map(SealedState::digest), keep)?;
        if entry.subject.kept {
            for (side, state) in [(Side::Before, before), (Side::After, after)] {
                if let Some(state) = state {
                    self.keep_state(entry.sequence, side, state)?;
                }
            }
        }
        Ok(())
    }

    /// The states of what the entry at `sequence` speaks of. That they were read is an entry of its own, in the patient's name, besides
    /// the permit's.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] without a readable entry there.
    pub fn audit_states(&self, permit: &Permit<'_, ReadAudit>, sequence: u64) -> Result<AuditStates, VaultError> {
        let entry = i64::try_from(sequence).ok().map(|at| audit_log::entry(self.sql(), at)).transpose()?.flatten();
        let entry = entry.ok_or(VaultError::NotFound)?;
        if entry.subject.kept {
            let (patient, record) = (entry.subject.patient.clone(), entry.subject.record.clone());
            let subject = Subject { patient, record, detail: Some(format!("states of entry {sequence}")), ..Subject::default() };
            record_by(self, Some(permit.actor().clone()), Action::ReadAudit, Outcome::Allowed, subject)?;
        }
        let before = self.open_state(&entry, Side::Before, entry.subject.before)?;
        let after = self.open_state(&entry, Side::After, entry.subject.after)?;
        Ok(AuditStates { entry, before, after })
    }

    /// The first kept state that does not fit its entry, given what the whole chain says is kept.
    pub(crate) fn state_fault(&self, named: NamedStates) -> Result<Option<Fault>, VaultError> {
        let mut wanted = named.0;
        let mut faults = Vec::new();
        let key = AuditKey(self.keys());
        let mut statement = self.sql().prepare(&format!("SELECT {COLUMNS} FROM audit_state ORDER BY place"))?;
        for kept in statement.query_map([], Kept::read)? {
            let Kept { place, kept_at, state, mac } = kept?;
            let genuine = key.mac(&Kept::bytes(place, kept_at, &state)) == Digest(mac);
            if wanted.remove(&place) != Some(state.digest()) || !genuine {
                faults.push(place);
            }
        }
        let first = faults.first().copied().into_iter().chain(wanted.keys().next().copied()).min();
        Ok(first.map(|place| Fault { sequence: u64::try_from(place >> 1).unwrap_or(0), kind: FaultKind::State }))
    }

    fn keep_state(&self, sequence: u64, side: Side, state: &SealedState) -> Result<(), VaultError> {
        let (place, kept_at) = (place(sequence, side)?, self.now_ms());
        let mac = AuditKey(self.keys()).mac(&Kept::bytes(place, kept_at, state));
        let SealedState { patient, kind, tag, version, body } = state;
        self.sql()
            .prepare_cached(&format!("INSERT OR REPLACE INTO audit_state ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"))?
            .execute(params![place, patient, kind, tag, version, kept_at, body, mac.0])?;
        Ok(())
    }

    fn last_kept(&self, tag: &[u8; 16]) -> Result<Option<DateTime<chrono::Utc>>, VaultError> {
        let query = "SELECT max(kept_at) FROM audit_state WHERE tag = ?1";
        let last: Option<i64> = self.sql().prepare_cached(query)?.query_row([tag], |row| row.get(0))?;
        Ok(last.and_then(DateTime::from_timestamp_millis))
    }

    fn open_state(&self, entry: &Entry, side: Side, named: Option<Digest>) -> Result<AuditState, VaultError> {
        let Some(digest) = named else { return Ok(AuditState::Absent) };
        if !entry.subject.kept {
            return Ok(AuditState::NotKept);
        }
        let query = format!("SELECT {COLUMNS} FROM audit_state WHERE place = ?1");
        let kept = self.sql().prepare_cached(&query)?.query_row([place(entry.sequence, side)?], Kept::read).optional()?;
        let Some(Kept { state, .. }) = kept.filter(|kept| kept.state.digest() == digest) else { return Ok(AuditState::Unreadable) };
        match self.unseal_state(&state) {
            Ok(body) => Ok(AuditState::Open { kind: state.kind, body: Phi::new(body) }),
            Err(VaultError::Seal | VaultError::NotFound) => Ok(AuditState::Unreadable),
            Err(error) => Err(error),
        }
    }

    fn unseal_state(&self, state: &SealedState) -> Result<Zeroizing<String>, VaultError> {
        let SealedState { patient, kind, tag, version, body } = state;
        let context = RecordContext { patient: *patient, kind, tag: *tag, version };
        let key = self.patient_key(*patient)?;
        let plain = match key.unseal(&context, body) {
            // Sealed before the keys were renewed.
            Err(SealError::OtherGeneration { found }) => {
                let query = "SELECT body FROM former_key WHERE patient = ?1 AND generation = ?2";
                let former: Vec<u8> = self.sql().prepare_cached(query)?.query_row(params![patient, found], |row| row.get(0))?;
                key.open_former(found, &former)?.unseal(&context, body)?
            }
            opened => opened?,
        };
        // What is the vault's own is sealed as it is; records are packed first.
        if matches!(&**kind, "draft" | "emergency") {
            let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Seal)?;
            return Ok(Zeroizing::new(text.to_owned()));
        }
        self.codec().unpack(&plain)
    }
}

fn place(sequence: u64, side: Side) -> Result<i64, VaultError> {
    let sequence = i64::try_from(sequence).ok().filter(|sequence| *sequence <= i64::MAX >> 1).ok_or(VaultError::Fault)?;
    Ok(sequence << 1 | i64::from(side == Side::After))
}

/// What entries say is kept beside them, by place.
#[derive(Default)]
pub struct NamedStates(BTreeMap<i64, Digest>);

impl NamedStates {
    /// Takes note of what this link says. Few say it, so that only those are parsed.
    pub fn note(&mut self, link: &Link) {
        const KEPT: &[u8] = b"\"kept\":true";
        if !link.body.windows(KEPT.len()).any(|window| window == KEPT) {
            return;
        }
        let Ok(Entry { subject: Subject { kept: true, before, after, .. }, .. }) = serde_json::from_slice(&link.body) else { return };
        for (side, digest) in [(Side::Before, before), (Side::After, after)] {
            if let (Some(digest), Ok(place)) = (digest, place(link.sequence, side)) {
                self.0.insert(place, digest);
            }
        }
    }
}
