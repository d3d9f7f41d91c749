//! A clinician's own book: the numbers in stock, and the emergency accesses until the EHR has heard of them. Sealed in the
//! clinician's corner of the vault.
use access::{DeskMemory, EmergencyGrant, GrantNumber, IssuedNumber, Permit, Stock, Unnumbered};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::PatientId;
use serde::{Deserialize, Serialize};
use vault::{Tx, VaultError};
use watchful::Verdict;
use zeroize::Zeroizing;

use crate::problem::Problem;

const PURPOSE: &str = "emergency";
/// An access that the EHR knows of from beginning to end is shown this much longer.
const SHOWN: TimeDelta = TimeDelta::days(30);

/// The book.
#[derive(Serialize, Deserialize, Default)]
pub struct Book {
    /// Numbers.
    pub stock: Stock,
    /// Accesses, oldest first.
    #[serde(default)]
    pub accesses: Vec<Access>,
    /// An earlier book could not be read.
    #[serde(default)]
    pub unreadable: bool,
}

/// One emergency access.
#[derive(Serialize, Deserialize, Clone)]
pub struct Access {
    /// The grant; its id is its Task's.
    pub grant: EmergencyGrant,
    /// Why, in words; emptied once the EHR has everything.
    pub reason: Zeroizing<String>,
    /// Its number.
    pub numbering: Numbering,
    /// Position of its beginning in the audit chain.
    pub sequence: u64,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// What the EHR has acknowledged.
    pub told: Told,
    /// What the privacy officer found, once the review is closed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict: Option<Verdict>,
}

/// The number of an access.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// With the EHR's signature.
    Number {
        /// The number.
        number: GrantNumber,
        /// Compact JWS.
        signed: Box<str>,
    },
    /// None, and why.
    Unnumbered(Unnumbered),
}

/// What the EHR has acknowledged of an access.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Nothing.
    Nothing,
    /// That it began.
    Begun,
    /// That it ended as well.
    Ended,
}

impl Numbering {
    /// The number, if there is one.
    pub const fn number(&self) -> Option<&GrantNumber> {
        match self {
            Self::Number { number, .. } => Some(number),
            Self::Unnumbered(_) => None,
        }
    }
}

impl Access {
    /// Whether the EHR has yet to hear something of it.
    pub fn waits(&self) -> bool {
        self.told == Told::Nothing || (self.told == Told::Begun && self.ended.is_some())
    }

    /// The EHR acknowledged it as it stood when it was sent.
    pub fn acknowledged(&mut self, with_end: bool) {
        self.told = if with_end { Told::Ended } else { Told::Begun };
        if with_end {
            self.reason = Zeroizing::default();
        }
    }
}

impl Book {
    /// Takes a number, or says why there is none: that hinders nothing.
    pub fn number(&mut self, now: DateTime<Utc>) -> Numbering {
        match self.stock.take(now) {
            Ok(IssuedNumber { number, signed, .. }) => Numbering::Number { number, signed },
            Err(_) if self.unreadable => Numbering::Unnumbered(Unnumbered::Unreadable),
            Err(why) => Numbering::Unnumbered(why),
        }
    }

    /// An access begins; one of the same chart that is not over ends with it.
    pub fn begin(&mut self, access: Access) {
        let began = access.grant.began;
        self.end(&access.grant.patient, began);
        self.accesses.retain(|known| known.told != Told::Ended || began - known.grant.began < SHOWN);
        self.accesses.push(access);
    }

    /// The access to a chart ends, unless it had lapsed before: then it ended when it lapsed.
    pub fn end(&mut self, patient: &PatientId, now: DateTime<Utc>) {
        for access in self.accesses.iter_mut().filter(|access| access.grant.patient == *patient && access.ended.is_none()) {
            // A clock that was set back ends nothing before it began.
            access.ended = Some(now.min(access.grant.until).max(access.grant.began));
        }
    }
}

/// The book as it was kept.
///
/// # Errors
/// The vault's, when it cannot be read at all.
pub fn kept(tx: &Tx<'_>, permit: &Permit<'_, DeskMemory>) -> Result<Option<Book>, Problem> {
    let Some(plain) = tx.own(permit, PURPOSE)? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&plain).map_err(|_| VaultError::Seal)?))
}

/// The book, or a new one. INVARIANT: a book that cannot be read keeps nobody from emergency access; the new one says so.
///
/// # Errors
/// The database's.
pub fn kept_or_new(tx: &Tx<'_>, permit: &Permit<'_, DeskMemory>) -> Result<Book, Problem> {
    match kept(tx, permit) {
        Ok(book) => Ok(book.unwrap_or_default()),
        Err(Problem::Vault(VaultError::Seal)) => {
            tracing::error!("the book of emergency accesses cannot be read");
            Ok(Book { unreadable: true, ..Book::default() })
        }
        Err(problem) => Err(problem),
    }
}

/// Keeps it.
///
/// # Errors
/// The vault's.
pub fn keep(tx: &Tx<'_>, permit: &Permit<'_, DeskMemory>, book: &Book) -> Result<(), Problem> {
    let plain = Zeroizing::new(crate::door::json(book)?);
    Ok(tx.keep_own(permit, PURPOSE, &plain)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const KEPT: &str = include_str!("../../vectors/break_glass_book.json");

    #[test]
    fn the_kept_form_is_frozen() {
        let book: Book = serde_json::from_str(KEPT).unwrap();
        assert_eq!(serde_json::to_string(&book).unwrap(), KEPT.trim_end());
        assert_eq!(book.accesses.iter().map(Access::waits).collect::<Vec<_>>(), [false, false]);
    }

    #[test]
    fn an_access_ends_once_and_never_after_its_hour() {
        let mut book: Book = serde_json::from_str(KEPT).unwrap();
        let patient = PatientId::new("pat-1").unwrap();
        book.end(&patient, "2026-03-02T12:00:00Z".parse().unwrap());
        assert_eq!(book.accesses[0].ended, Some(book.accesses[0].grant.until));
        assert!(book.accesses[0].waits(), "the EHR knows only of its beginning");
        book.end(&patient, "2026-03-02T08:30:00Z".parse().unwrap());
        assert_eq!(book.accesses[0].ended, Some(book.accesses[0].grant.until));
        book.accesses[0].acknowledged(true);
        assert!(!book.accesses[0].waits() && book.accesses[0].reason.is_empty());
    }

    #[test]
    fn what_the_ehr_has_not_heard_of_is_never_forgotten() {
        let mut book: Book = serde_json::from_str(KEPT).unwrap();
        let mut late = book.accesses[1].clone();
        late.grant.began = "2027-03-02T08:00:00Z".parse().unwrap();
        late.grant.patient = PatientId::new("pat-3").unwrap();
        book.begin(late);
        let left: Vec<_> = book.accesses.iter().map(|access| access.grant.patient.as_str()).collect();
        assert_eq!(left, ["pat-1", "pat-3"]);
    }
}
