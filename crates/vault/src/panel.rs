//! Whose charts are kept here, and how far each has come.
use access::{DeskMemory, Ingest, Permit, Pin, ReadChart};
use chrono::{DateTime, Utc};
use kernel::{PatientId, UserId};
use rusqlite::{OptionalExtension as _, params};
use sync::{Member, Tier};

use crate::error::VaultError;
use crate::tx::Tx;

/// How far a chart has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartStanding {
    /// Every page of it is here.
    pub complete: bool,
    /// When the EHR last answered for it.
    pub as_of: Option<DateTime<Utc>>,
    /// Pinned by the asking user.
    pub pinned: bool,
}

const RECENT: u32 = 50;

pub const fn tier_number(tier: Tier) -> i64 {
    match tier {
        Tier::Today => 1,
        Tier::CareTeam => 2,
        Tier::Pinned => 3,
        Tier::Recent => 4,
        Tier::Practice => 5,
    }
}

const fn tier(number: i64) -> Tier {
    match number {
        1 => Tier::Today,
        2 => Tier::CareTeam,
        3 => Tier::Pinned,
        4 => Tier::Recent,
        _ => Tier::Practice,
    }
}

impl Tx<'_> {
    /// Every panel row of the permit's holder.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn members(&self, permit: &Permit<'_, Ingest>) -> Result<Vec<Member>, VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT patient, tier, complete FROM standing WHERE user = ?1 AND tier > 0")?;
        let row = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?));
        let rows: Vec<(i64, i64, bool)> = statement.query_map([permit.actor().user.as_str()], row)?.collect::<Result<_, _>>()?;
        rows.into_iter()
            .map(|(row, number, complete)| Ok(Member { patient: self.patient_id(row)?, tier: tier(number), complete }))
            .collect()
    }

    /// Pinned and lately opened by any user here, for planning the panel.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn panel_hints(&self, _: &Permit<'_, Ingest>) -> Result<(Vec<PatientId>, Vec<PatientId>), VaultError> {
        let pinned = self.rows_of("SELECT patient FROM pin GROUP BY patient ORDER BY max(at) DESC LIMIT 500")?;
        let recent = self.rows_of("SELECT patient FROM recent GROUP BY patient ORDER BY max(at) DESC LIMIT 50")?;
        Ok((pinned, recent))
    }

    /// Lately opened by one user, latest first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn recent(&self, permit: &Permit<'_, DeskMemory>) -> Result<Vec<PatientId>, VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT patient FROM recent WHERE user = ?1 ORDER BY at DESC LIMIT ?2")?;
        let rows: Vec<i64> = statement.query_map(params![permit.actor().user.as_str(), RECENT], |r| r.get(0))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|row| self.patient_id(row)).collect()
    }

    /// How far the permitted chart has come; notes that the user opened it.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] if not held.
    pub fn note_opened(&self, permit: &Permit<'_, ReadChart>) -> Result<ChartStanding, VaultError> {
        let row = self.permitted_row(permit.patient())?;
        let user = permit.actor().user.as_str();
        self.sql().prepare_cached("INSERT OR REPLACE INTO recent (user, patient, at) VALUES (?1, ?2, ?3)")?.execute(params![
            user,
            row,
            self.now_ms()
        ])?;
        self.sql()
            .prepare_cached("DELETE FROM recent WHERE user = ?1 AND patient NOT IN (SELECT patient FROM recent WHERE user = ?1 ORDER BY at DESC LIMIT ?2)")?
            .execute(params![user, RECENT])?;
        let known: Option<(bool, i64)> = self
            .sql()
            .prepare_cached("SELECT complete, as_of FROM standing WHERE user = ?1 AND patient = ?2")?
            .query_row(params![user, row], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let (complete, as_of) = known.unwrap_or_default();
        let pinned = self.is_pinned(row, &permit.actor().user)?;
        Ok(ChartStanding { complete, as_of: DateTime::from_timestamp_millis(as_of).filter(|_| as_of != 0), pinned })
    }

    /// Pins or unpins.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] if not held.
    pub fn pin(&self, permit: &Permit<'_, Pin>, pinned: bool) -> Result<(), VaultError> {
        let row = self.permitted_row(permit.patient())?;
        let user = permit.actor().user.as_str();
        if pinned {
            let insert = "INSERT OR REPLACE INTO pin (user, patient, at) VALUES (?1, ?2, ?3)";
            self.sql().prepare_cached(insert)?.execute(params![user, row, self.now_ms()])?;
        } else {
            self.sql().prepare_cached("DELETE FROM pin WHERE user = ?1 AND patient = ?2")?.execute(params![user, row])?;
        }
        Ok(())
    }

    /// Records that every chart the permit's holder has whole was current at `as_of`: when the look began that brought all there was.
    /// None becomes older by it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn all_current(&self, permit: &Permit<'_, Ingest>, as_of: DateTime<Utc>) -> Result<(), VaultError> {
        let update = "UPDATE standing SET as_of = ?1 WHERE user = ?2 AND complete = 1 AND as_of < ?1";
        self.sql().prepare_cached(update)?.execute(params![as_of.timestamp_millis(), permit.actor().user.as_str()])?;
        Ok(())
    }

    /// Since when at least every chart here is known to be as the EHR has it for this user; `None` while one is not whole.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn current_as_of(&self, user: &UserId) -> Result<Option<DateTime<Utc>>, VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT min(complete), min(as_of) FROM standing WHERE user = ?1")?;
        let (whole, as_of): (Option<bool>, Option<i64>) = statement.query_row([user.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(as_of.filter(|as_of| whole == Some(true) && *as_of != 0).and_then(DateTime::from_timestamp_millis))
    }

    fn is_pinned(&self, row: i64, user: &UserId) -> Result<bool, VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT count(*) FROM pin WHERE user = ?1 AND patient = ?2")?;
        Ok(statement.query_row(params![user.as_str(), row], |r| r.get::<_, i64>(0))? > 0)
    }

    fn rows_of(&self, query: &str) -> Result<Vec<PatientId>, VaultError> {
        let mut statement = self.sql().prepare_cached(query)?;
        let rows: Vec<i64> = statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|row| self.patient_id(row)).collect()
    }
}
