//! The EHR's side of a record that has unsent or refused work here: kept beside it until both are settled.
use access::{Permit, ReadChart};
use chrono::DateTime;
use kernel::{PatientId, Phi, RecordId, ResourceType, VersionId};
use keys::RecordContext;
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use sync::Incoming;
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::ingest::{Arrival, Filing};
use crate::tx::Tx;

/// What the EHR holds of a record that was changed here as well.
pub struct EhrSide {
    /// Its text; `None` if the EHR deleted the record.
    pub body: Option<Phi<Zeroizing<String>>>,
    /// The EHR's version, where it keeps versions.
    pub version: Option<VersionId>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    id: RecordId,
    patient: Option<PatientId>,
    filing: Filing,
    body: Zeroizing<String>,
}

struct Held {
    version: String,
    updated: i64,
    deleted: bool,
    body: Vec<u8>,
}

impl Tx<'_> {
    /// The EHR's side of a record in the permitted chart, if it differs from ours.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] and [`VaultError::Seal`] as for [`Self::record`].
    pub fn ehr_side(&self, permit: &Permit<'_, ReadChart>, kind: &ResourceType, id: &RecordId) -> Result<Option<EhrSide>, VaultError> {
        let tag = self.record_tag(kind.as_str(), id.as_str());
        let patient = self.shown(permit, &tag)?.patient();
        let Some(held) = self.held_theirs(&tag)? else { return Ok(None) };
        if held.deleted {
            return Ok(Some(EhrSide { body: None, version: None }));
        }
        let written = self.open_theirs(&tag, patient, &held)?;
        if written.filing.restricted && !permit.emergency() {
            return Err(VaultError::NotFound);
        }
        Ok(Some(EhrSide { body: Some(Phi::new(written.body)), version: version_id(held.version) }))
    }

    /// Keeps what the EHR holds. A version older than the kept one changes nothing: histories come newest first.
    pub(crate) fn keep_theirs(&self, tag: &[u8; 16], patient: i64, theirs: &Incoming, filing: &Filing) -> Result<(), VaultError> {
        let updated = theirs.last_updated.map_or(0, |at| at.timestamp_millis());
        let version = theirs.version.as_ref().map_or("", VersionId::as_str);
        // EXPOSE: packed and sealed at once under the patient's key.
        let body = Zeroizing::new(theirs.body.expose().to_string());
        let written = Written { id: theirs.id.clone(), patient: theirs.patient.clone(), filing: filing.clone(), body };
        let plain = Zeroizing::new(serde_json::to_vec(&written).map_err(|_| VaultError::Fault)?);
        self.keep(tag, patient, version, updated, false, &plain)
    }

    /// Keeps that the EHR deleted it.
    pub(crate) fn keep_theirs_deleted(&self, tag: &[u8; 16], patient: i64, at: i64) -> Result<(), VaultError> {
        self.keep(tag, patient, "", at, true, b"")
    }

    /// Takes out what came in while work here was under way, if it is later than what the EHR acknowledged.
    pub(crate) fn take_later_theirs(
        &self,
        tag: &[u8; 16],
        patient: i64,
        kind: &ResourceType,
        acknowledged: i64,
    ) -> Result<Option<Arrival>, VaultError> {
        let held = self.held_theirs(tag)?;
        self.sql().prepare_cached("DELETE FROM theirs WHERE tag = ?1")?.execute([tag])?;
        let Some(held) = held.filter(|held| !held.deleted && acknowledged != 0 && held.updated > acknowledged) else { return Ok(None) };
        let Written { id, patient, filing, body } = self.open_theirs(tag, patient, &held)?;
        let incoming = Incoming {
            kind: kind.clone(),
            id,
            version: version_id(held.version),
            last_updated: DateTime::from_timestamp_millis(held.updated),
            patient,
            body: Phi::new(body.as_str().into()),
        };
        Ok(Some(Arrival { incoming, filing }))
    }

    fn keep(&self, tag: &[u8; 16], patient: i64, version: &str, updated: i64, deleted: bool, plain: &[u8]) -> Result<(), VaultError> {
        if let Some(held) = self.held_theirs(tag)?
            && (held.updated > updated && updated != 0)
        {
            return Ok(());
        }
        let seal = seal_version(version, updated, deleted);
        let context = RecordContext { patient, kind: "theirs", tag: *tag, version: &seal };
        let body = self.patient_key(patient)?.seal(&context, &self.codec().pack(plain)?)?;
        self.sql()
            .prepare_cached("INSERT OR REPLACE INTO theirs (tag, version, updated, deleted, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![tag, version, updated, deleted, body])?;
        Ok(())
    }

    fn held_theirs(&self, tag: &[u8; 16]) -> Result<Option<Held>, VaultError> {
        let query = "SELECT version, updated, deleted, body FROM theirs WHERE tag = ?1";
        let held =
            |row: &rusqlite::Row<'_>| Ok(Held { version: row.get(0)?, updated: row.get(1)?, deleted: row.get(2)?, body: row.get(3)? });
        Ok(self.sql().prepare_cached(query)?.query_row([tag], held).optional()?)
    }

    fn open_theirs(&self, tag: &[u8; 16], patient: i64, held: &Held) -> Result<Written, VaultError> {
        let seal = seal_version(&held.version, held.updated, held.deleted);
        let context = RecordContext { patient, kind: "theirs", tag: *tag, version: &seal };
        let plain = self.codec().unpack(&self.patient_key(patient)?.unseal(&context, &held.body)?)?;
        serde_json::from_str(&plain).map_err(|_| VaultError::Seal)
    }
}

pub(crate) fn seal_version(version: &str, updated: i64, deleted: bool) -> String {
    format!("{version}@{updated}{}", if deleted { " deleted" } else { "" })
}

fn version_id(text: String) -> Option<VersionId> {
    (!text.is_empty()).then(|| VersionId::new(text))
}
