//! Break-glass grants.
use access::{BreakGlass, EmergencyGrant, EndBreakGlass, Permit, ReadChart, User};
use kernel::{Phi, UserId};
use keys::RecordContext;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::states::SealedState;
use crate::tx::Tx;

/// A grant in force, for the banner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyInForce {
    /// The grant.
    pub grant: EmergencyGrant,
    /// Seconds left.
    pub seconds_left: u32,
}

#[derive(Serialize, Deserialize)]
struct Written {
    grant: EmergencyGrant,
    text: Zeroizing<String>,
}

impl Tx<'_> {
    /// Puts a grant in force; one of the same user and chart replaces the former.
    ///
    /// # Errors
    /// [`VaultError::WrongPatient`] unless grant and permit name the same patient and user.
    pub fn begin_emergency(&self, permit: &Permit<'_, BreakGlass>, grant: &EmergencyGrant, text: &Phi<String>) -> Result<(), VaultError> {
        if permit.patient() != Some(&grant.patient) || permit.actor().user != grant.user {
            return Err(VaultError::WrongPatient);
        }
        let row = self.permitted_row(permit.patient())?;
        self.end_all(row, grant.user.as_str())?;
        let id = *grant.grant.as_bytes();
        // EXPOSE: sealed at once under the patient's key.
        let written = Written { grant: grant.clone(), text: Zeroizing::new(text.expose().clone()) };
        let plain = Zeroizing::new(serde_json::to_vec(&written).map_err(|_| VaultError::Fault)?);
        let body = self.patient_key(row)?.seal(&context(row, id), &plain)?;
        self.sql()
            .prepare_cached("INSERT INTO emergency (grant_id, user, patient, ended, body) VALUES (?1, ?2, ?3, 0, ?4)")?
            .execute(params![id, grant.user.as_str(), row, body])?;
        let RecordContext { patient, kind, tag, version } = context(row, id);
        self.changed_states(permit, None, Some(&SealedState { patient, kind: kind.into(), tag, version: version.to_owned(), body }))
    }

    /// Ends the user's emergency access to the chart.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] if none is in force.
    pub fn end_emergency(&self, permit: &Permit<'_, EndBreakGlass>) -> Result<(), VaultError> {
        let row = self.permitted_row(permit.patient())?;
        if self.end_all(row, permit.actor().user.as_str())? == 0 { Err(VaultError::NotFound) } else { Ok(()) }
    }

    /// The grant this chart is read under, for the banner; the permit's holder's own only.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn emergency(&self, permit: &Permit<'_, ReadChart>, user: &User) -> Result<Option<EmergencyInForce>, VaultError> {
        let row = self.permitted_row(permit.patient())?;
        if permit.actor().user != user.user {
            return Ok(None);
        }
        Ok(self.emergency_in_force(row, &user.user)?.map(|grant| {
            let seconds_left = self.left(&grant);
            EmergencyInForce { grant, seconds_left }
        }))
    }

    pub(crate) fn emergency_in_force(&self, row: i64, user: &UserId) -> Result<Option<EmergencyGrant>, VaultError> {
        let query = "SELECT grant_id, body FROM emergency WHERE patient = ?1 AND user = ?2 AND ended = 0";
        let mut statement = self.sql().prepare_cached(query)?;
        let mut rows = statement.query(params![row, user.as_str()])?;
        while let Some(found) = rows.next()? {
            let (id, body): ([u8; 16], Vec<u8>) = (found.get(0)?, found.get(1)?);
            // A grant that does not open grants nothing.
            let Ok(plain) = self.patient_key(row)?.unseal(&context(row, id), &body) else { continue };
            let Ok(Written { grant, .. }) = serde_json::from_slice(&plain) else { continue };
            if grant.user == *user && self.left(&grant) > 0 {
                return Ok(Some(grant));
            }
        }
        Ok(None)
    }

    fn left(&self, grant: &EmergencyGrant) -> u32 {
        use audit::Ledger as _;
        let origin = self.origin();
        grant.seconds_left(&origin.at, &origin.boot_id)
    }

    fn end_all(&self, row: i64, user: &str) -> Result<usize, VaultError> {
        let mut statement = self.sql().prepare_cached("UPDATE emergency SET ended = ?3 WHERE patient = ?1 AND user = ?2 AND ended = 0")?;
        Ok(statement.execute(params![row, user, self.now_ms()])?)
    }
}

const fn context(row: i64, id: [u8; 16]) -> RecordContext<'static> {
    RecordContext { patient: row, kind: "emergency", tag: id, version: "1" }
}
