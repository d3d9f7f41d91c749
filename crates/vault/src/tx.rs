//! One piece of work: what it does to charts and what it says of itself in the audit chain, committed together.
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use access::{Act, Permit};
use audit::{Action, Digest, Entry, Head, Ledger, Link, Mac, Occasion, Origin, Subject, record_by};
use kernel::{LogId, PatientId};
use keys::{Group, OpenKeys, PatientKey, PatientSlot, WrappedPatientKey};
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::audit_log;
use crate::card;
use crate::codec::Codec;
use crate::error::VaultError;

/// An open transaction. Made by [`crate::OpenVault::transact`]; permits are bound to it.
pub struct Tx<'v> {
    sql: Transaction<'v>,
    keys: &'v OpenKeys,
    audit_key: AuditKey<'v>,
    codec: &'v Codec,
    origin: &'v Origin,
    head: Cell<Head>,
    /// The end before the latest entry.
    behind: Cell<Head>,
    /// What was taken down here, for taking it down again should the work fail.
    noted: RefCell<Vec<Entry>>,
    patient_keys: RefCell<HashMap<i64, Rc<PatientKey>>>,
    /// Whether an epoch of the chain ended here.
    turned: Cell<bool>,
}

/// The chain's MAC key, lent by the open keys.
pub struct AuditKey<'v>(pub(crate) &'v OpenKeys);

impl Mac for AuditKey<'_> {
    fn mac(&self, bytes: &[u8]) -> Digest {
        Digest(self.0.mac(bytes))
    }
}

impl<'v> Tx<'v> {
    pub(crate) fn new(sql: Transaction<'v>, keys: &'v OpenKeys, codec: &'v Codec, origin: &'v Origin) -> Result<Self, VaultError> {
        let head = audit_log::head(&sql)?;
        let (noted, patient_keys) = Default::default();
        let (head, behind) = (Cell::new(head), Cell::new(head));
        Ok(Self { sql, keys, audit_key: AuditKey(keys), codec, origin, head, behind, noted, patient_keys, turned: Cell::new(false) })
    }

    /// Ends the chain's epoch, if what was done here ends it. Nothing taken down, nothing to end.
    pub(crate) fn turn_epoch_if_over(&self) -> Result<(), VaultError> {
        let occasion = match self.noted.borrow().last() {
            None => return Ok(()),
            Some(entry) if entry.action == Action::Lock => Occasion::Lock,
            Some(_) => Occasion::Work,
        };
        self.turn_epoch(occasion)
    }

    /// Commits; the chain's new end, and whether an epoch of it ended. On failure, what had been taken down.
    pub(crate) fn commit(self) -> Result<(Head, bool), (VaultError, Vec<Entry>)> {
        let committed = (self.head.get(), self.turned.get());
        match self.sql.commit() {
            Ok(()) => Ok(committed),
            Err(error) => Err((error.into(), self.noted.into_inner())),
        }
    }

    /// Undoes; what had been taken down.
    pub(crate) fn undo(self) -> Result<Vec<Entry>, VaultError> {
        // SQLite has undone everything itself where the disk was full.
        if !self.sql.is_autocommit() {
            self.sql.rollback()?;
        }
        Ok(self.noted.into_inner())
    }

    /// Writes digests of the sealed states before and after into the entry behind the permit: into that very entry while it is
    /// the latest, otherwise into one more of its kind.
    pub(crate) fn changed<A: Act>(&self, permit: &Permit<'_, A>, before: Option<Digest>, after: Option<Digest>) -> Result<(), VaultError> {
        self.amend(permit, before, after, false).map(drop)
    }

    /// As [`Self::changed`]; if the states are `kept`, the entry says so. The entry that names them.
    pub(crate) fn amend<A: Act>(
        &self,
        permit: &Permit<'_, A>,
        before: Option<Digest>,
        after: Option<Digest>,
        kept: bool,
    ) -> Result<Entry, VaultError> {
        let sequence = permit.audit_sequence();
        let mut entry = self.noted(sequence).ok_or(VaultError::Fault)?;
        let named = entry.subject.before.is_some() || entry.subject.after.is_some();
        // INVARIANT: an entry that says its states are kept names none that is not.
        let whole = !kept || entry.subject.kept || !named;
        let with = |subject: Subject| Subject {
            before: before.or(subject.before),
            after: after.or(subject.after),
            kept: kept || subject.kept,
            ..subject
        };
        if sequence != self.head.get().sequence || !whole {
            let subject = with(entry.subject.untouched());
            let recorded = record_by(self, entry.actor, entry.action, entry.outcome, subject)?;
            return self.noted(recorded.sequence()).ok_or(VaultError::Fault);
        }
        entry.subject = with(entry.subject);
        let link = audit::link(&self.behind.get(), &entry, &self.audit_key).ok_or(VaultError::Fault)?;
        audit_log::replace_latest(&self.sql, &link)?;
        self.head.set(Head { sequence, digest: link.digest });
        if let Some(noted) = self.noted.borrow_mut().last_mut() {
            *noted = entry.clone();
        }
        Ok(entry)
    }

    /// What was taken down here at this place.
    pub(crate) fn noted(&self, sequence: u64) -> Option<Entry> {
        self.noted.borrow().iter().find(|entry| entry.sequence == sequence).cloned()
    }

    pub(crate) fn epoch_turned(&self) {
        self.turned.set(true);
    }

    pub(crate) const fn sql(&self) -> &Transaction<'v> {
        &self.sql
    }

    pub(crate) const fn keys(&self) -> &OpenKeys {
        self.keys
    }

    pub(crate) const fn codec(&self) -> &Codec {
        self.codec
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.origin.at.wall.timestamp_millis()
    }

    pub(crate) fn patient_tag(&self, patient: &PatientId) -> [u8; 16] {
        self.keys.tag("patient", patient.as_str())
    }

    pub(crate) fn record_tag(&self, kind: &str, id: &str) -> [u8; 16] {
        self.keys.tag("record", &format!("{kind}/{id}"))
    }

    pub(crate) fn practitioner_tag(&self, id: &str) -> [u8; 16] {
        self.keys.tag("practitioner", id)
    }

    /// The row of a patient, if held.
    pub(crate) fn patient_row(&self, patient: &PatientId) -> Result<Option<i64>, VaultError> {
        let tag = self.patient_tag(patient);
        let row = self.sql.prepare_cached("SELECT row FROM patient WHERE tag = ?1")?.query_row([tag], |row| row.get(0)).optional()?;
        Ok(row)
    }

    /// The row of a patient; a new one gets a row and a key.
    pub(crate) fn patient_row_or_new(&self, patient: &PatientId) -> Result<i64, VaultError> {
        if let Some(row) = self.patient_row(patient)? {
            return Ok(row);
        }
        let tag = self.patient_tag(patient);
        let row: i64 = self.sql.prepare_cached("SELECT max(row) + 1 FROM patient")?.query_row([], |row| row.get(0))?;
        self.new_patient(row, tag, Group::Care, Some(patient))?;
        Ok(row)
    }

    pub(crate) fn new_patient(&self, row: i64, tag: [u8; 16], group: Group, id: Option<&PatientId>) -> Result<(), VaultError> {
        let (wrapped, key) = self.keys.new_patient_key(group, &PatientSlot { patient: row, tag })?;
        let card = card::seal(self.keys, row, id, None)?;
        self.sql
            .prepare_cached("INSERT INTO patient (row, tag, key, card, arrived, restricted) VALUES (?1, ?2, ?3, ?4, 0, 0)")?
            .execute(params![row, tag, wrapped.as_bytes(), card])?;
        self.patient_keys.borrow_mut().insert(row, Rc::new(key));
        Ok(())
    }

    /// A patient's key. Every caller holds a permit, so the audit entry stands before the key is released; only a decision
    /// that must know of an emergency grant opens it within the transaction that then records the decision.
    pub(crate) fn patient_key(&self, row: i64) -> Result<Rc<PatientKey>, VaultError> {
        if let Some(key) = self.patient_keys.borrow().get(&row) {
            return Ok(Rc::clone(key));
        }
        let (tag, wrapped): ([u8; 16], Vec<u8>) =
            self.sql.prepare_cached("SELECT tag, key FROM patient WHERE row = ?1")?.query_row([row], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let wrapped = WrappedPatientKey::from_bytes(wrapped)?;
        let key = Rc::new(self.keys.open_patient_key(&wrapped, &PatientSlot { patient: row, tag })?);
        self.patient_keys.borrow_mut().insert(row, Rc::clone(&key));
        Ok(key)
    }
}

impl Tx<'_> {
    /// A patient's key was made anew within this transaction.
    pub(crate) fn remember_key(&self, row: i64, key: Rc<PatientKey>) {
        self.patient_keys.borrow_mut().insert(row, key);
    }

    /// A patient's key is gone.
    pub(crate) fn forget_key(&self, row: i64) {
        self.patient_keys.borrow_mut().remove(&row);
    }
}

impl<'v> Ledger for Tx<'v> {
    type Error = VaultError;
    type Key = AuditKey<'v>;

    fn head(&self) -> Result<Head, VaultError> {
        Ok(self.head.get())
    }

    fn push(&self, link: Option<Link>, entry: &Entry) -> Result<(), VaultError> {
        let head = self.head.get();
        let link = link.filter(|link| link.sequence == head.sequence.saturating_add(1)).ok_or(VaultError::Fault)?;
        audit_log::store(&self.sql, &link)?;
        self.behind.set(head);
        self.head.set(Head { sequence: link.sequence, digest: link.digest });
        self.noted.borrow_mut().push(entry.clone());
        Ok(())
    }

    fn key(&self) -> &AuditKey<'v> {
        &self.audit_key
    }

    fn origin(&self) -> &Origin {
        self.origin
    }

    fn log_id(&self) -> Option<LogId> {
        Some(LogId::random())
    }
}
