//! Who is held here: sealed cards, from which the search index is built.
use access::{ChartFacts, Facts, OpenIndex, Permit, User};
use keys::{Group, OpenKeys};
use kernel::{PatientId, Phi};
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use crate::error::VaultError;
use crate::ingest::Filing;
use crate::tx::Tx;

/// A patient's card.
pub struct Card {
    /// Logical id.
    pub patient: PatientId,
    /// The search entry as the chart room wrote it; `None` until the Patient resource is here.
    pub entry: Option<Phi<Vec<u8>>>,
    /// Confidentiality R or V.
    pub restricted: bool,
}

#[derive(Serialize, Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    entry: Option<std::borrow::Cow<'a, [u8]>>,
}

impl Tx<'_> {
    /// Every card, for building the index. A card that does not open is counted, not left out silently.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn cards(&self, _: &Permit<'_, OpenIndex>) -> Result<(Vec<Card>, u32), VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT row, card, restricted FROM patient WHERE row > 0 AND arrived = 1")?;
        let mut rows = statement.query([])?;
        let (mut cards, mut unreadable) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            match open_card(self.keys(), row.get(0)?, &row.get::<_, Vec<u8>>(1)?) {
                Ok((patient, entry)) => cards.push(Card { patient, entry, restricted: row.get(2)? }),
                Err(_) => unreadable += 1,
            }
        }
        Ok((cards, unreadable))
    }

    /// The id behind a row; inside the vault only.
    pub(crate) fn patient_id(&self, row: i64) -> Result<PatientId, VaultError> {
        let card: Vec<u8> = self.sql().prepare_cached("SELECT card FROM patient WHERE row = ?1")?.query_row([row], |r| r.get(0))?;
        open_card(self.keys(), row, &card).map(|(id, _)| id)
    }

    pub(crate) fn keep_card(&self, row: i64, id: &str, filing: &Filing) -> Result<(), VaultError> {
        let card = seal_card(self.keys(), row, id, filing.card.as_deref())?;
        self.sql()
            .prepare_cached("UPDATE patient SET card = ?2, arrived = 1, restricted = ?3 WHERE row = ?1")?
            .execute(params![row, card, filing.restricted])?;
        Ok(())
    }
}

impl Facts for Tx<'_> {
    fn chart_facts(&self, patient: &PatientId, user: &User) -> Result<ChartFacts, VaultError> {
        let Some(row) = self.patient_row(patient)? else { return Ok(ChartFacts::default()) };
        let (known, restricted) = self
            .sql()
            .prepare_cached("SELECT arrived, restricted FROM patient WHERE row = ?1")?
            .query_row([row], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let now = self.now_ms() / 1000;
        let practitioner = self.practitioner_tag(user.practitioner.as_str());
        let related = self
            .sql()
            .prepare_cached("SELECT 1 FROM relation WHERE patient = ?1 AND practitioner = ?2 AND begins <= ?3 AND ends >= ?3 LIMIT 1")?
            .query_row(params![row, practitioner, now], |_| Ok(()))
            .optional()?
            .is_some();
        let emergency = self.emergency_in_force(row, user)?;
        Ok(ChartFacts { known, related, restricted, emergency })
    }
}

/// A card before the Patient resource came.
pub fn bare_card(keys: &OpenKeys, row: i64, id: Option<&PatientId>) -> Result<Vec<u8>, VaultError> {
    seal_card(keys, row, id.map_or("", PatientId::as_str), None)
}

fn seal_card(keys: &OpenKeys, row: i64, id: &str, entry: Option<&[u8]>) -> Result<Vec<u8>, VaultError> {
    let written = Written { id: id.into(), entry: entry.map(Into::into) };
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(&written).map_err(|_| VaultError::Fault)?);
    Ok(keys.seal_group(Group::Directory, "card", &row.to_string(), &plain)?)
}

/// Whose card it is, and the search entry if there is one.
type OpenedCard = (PatientId, Option<Phi<Vec<u8>>>);

fn open_card(keys: &OpenKeys, row: i64, sealed: &[u8]) -> Result<OpenedCard, VaultError> {
    let plain = keys.unseal_group(Group::Directory, "card", &row.to_string(), sealed)?;
    let written: Written<'_> = serde_json::from_slice(&plain).map_err(|_| VaultError::Seal)?;
    let id = PatientId::new(&*written.id).map_err(|_| VaultError::Seal)?;
    Ok((id, written.entry.map(|entry| Phi::new(entry.into_owned()))))
}
