//! What the watch over a user remembers, and the facts it asks for: under the permit of the act it watches, so without an entry of its own.
use access::{Act, Permit};
use kernel::PatientId;
use rusqlite::{OptionalExtension as _, params};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::tx::Tx;

const PURPOSE: &str = "watch";
/// Following up a patient one has treated is care, not curiosity.
const TIED_DAYS: i64 = 30;

/// One patient as the watch sees them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watched {
    /// Keyed digest of the id.
    pub tag: [u8; 16],
    /// A tie to the permit's holder is recorded, now or within the last 30 days.
    pub related: bool,
    /// Confidentiality R or V.
    pub restricted: bool,
    /// Break-glass of the permit's holder is in force.
    pub emergency: bool,
}

impl Tx<'_> {
    /// The watch over the permit's holder, as it was kept.
    ///
    /// # Errors
    /// [`VaultError::Seal`] if it does not open.
    pub fn watch<A: Act>(&self, permit: &Permit<'_, A>) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.own_of(&permit.actor().user, PURPOSE)
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_watch<A: Act>(&self, permit: &Permit<'_, A>, plain: &[u8]) -> Result<(), VaultError> {
        self.put_own(&permit.actor().user, PURPOSE, &self.keys().seal_own(PURPOSE, plain)?)
    }

    /// What ties the permit's holder to a patient.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] if the patient is not held.
    pub fn watched<A: Act>(&self, permit: &Permit<'_, A>, patient: &PatientId) -> Result<Watched, VaultError> {
        let row = self.patient_row(patient)?.ok_or(VaultError::NotFound)?;
        let practitioner = self.practitioner_tag(permit.actor().practitioner.as_str());
        let now = self.now_ms() / 1000;
        let tied = "SELECT 1 FROM relation WHERE patient = ?1 AND practitioner = ?2 AND begins <= ?3 AND ends >= ?4 LIMIT 1";
        let tied = self.sql().prepare_cached(tied)?.query_row(params![row, practitioner, now, now - TIED_DAYS * 86_400], |_| Ok(()));
        let restricted = "SELECT restricted FROM patient WHERE row = ?1";
        Ok(Watched {
            tag: self.patient_tag(patient),
            related: tied.optional()?.is_some(),
            restricted: self.sql().prepare_cached(restricted)?.query_row([row], |found| found.get(0))?,
            emergency: self.emergency_in_force(row, &permit.actor().user)?.is_some(),
        })
    }

    /// Who bears a tag, if still held: for the audit entry of an incident.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn watched_patient<A: Act>(&self, _: &Permit<'_, A>, tag: &[u8; 16]) -> Result<Option<PatientId>, VaultError> {
        let find = "SELECT row FROM patient WHERE tag = ?1";
        let row = self.sql().prepare_cached(find)?.query_row([tag], |found| found.get(0)).optional()?;
        row.map(|row| self.patient_id(row)).transpose()
    }
}
