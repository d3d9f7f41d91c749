//! Who is held here: sealed cards, from which the search index is built.
use access::{ChartFacts, Facts, OpenIndex, Permit, User};
use kernel::{PatientId, Phi, UserId};
use rusqlite::{OptionalExtension as _, params};

use crate::card;
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
            match card::open(self.keys(), row.get(0)?, &row.get::<_, Vec<u8>>(1)?) {
                Ok((patient, entry)) => cards.push(Card { patient, entry, restricted: row.get(2)? }),
                Err(_) => unreadable += 1,
            }
        }
        Ok((cards, unreadable))
    }

    /// The id behind a row; inside the vault only.
    pub(crate) fn patient_id(&self, row: i64) -> Result<PatientId, VaultError> {
        let card: Vec<u8> = self.sql().prepare_cached("SELECT card FROM patient WHERE row = ?1")?.query_row([row], |r| r.get(0))?;
        card::open(self.keys(), row, &card).map(|(id, _)| id)
    }

    pub(crate) fn keep_card(&self, row: i64, patient: &PatientId, filing: &Filing) -> Result<(), VaultError> {
        let card = card::seal(self.keys(), row, Some(patient), filing.card.as_deref())?;
        self.sql().prepare_cached("UPDATE patient SET card = ?2, arrived = 1, restricted = ?3 WHERE row = ?1")?.execute(params![
            row,
            card,
            filing.restricted
        ])?;
        Ok(())
    }

    /// The EHR deleted the Patient resource: the chart is no longer found, unless something entered here would go with it.
    pub(crate) fn withdraw_card(&self, row: i64) -> Result<(), VaultError> {
        self.sql()
            .prepare_cached(
                "UPDATE patient SET arrived = 0 WHERE row = ?1 AND NOT EXISTS (SELECT 1 FROM draft WHERE patient = ?1)
                 AND NOT EXISTS (SELECT 1 FROM outbox WHERE patient = ?1)",
            )?
            .execute([row])?;
        Ok(())
    }
}

impl Facts for Tx<'_> {
    fn holder(&self) -> &UserId {
        self.keys().user()
    }

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
        let emergency = self.emergency_in_force(row, &user.user)?;
        Ok(ChartFacts { known, related, restricted, emergency })
    }
}
