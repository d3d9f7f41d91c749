//! Numbers for emergency access: the EHR issues a few ahead of time, so that each use, offline ones included, can be counted.
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Numbers a workstation holds for each clinician.
pub const STOCK: u32 = 10;

/// A number that ends sooner than this does not count as in stock.
const SOON: TimeDelta = TimeDelta::days(1);
/// An EHR that offers no numbers is asked again after this.
const ASK_AGAIN: TimeDelta = TimeDelta::days(7);
/// Numbers held and remembered at most, whatever the EHR sends.
const MOST_HELD: usize = 50;
const MOST_TAKEN: usize = 500;
/// Bytes of one number's signature.
const MOST_SIGNED: usize = 4096;

/// A number the EHR issued: 1–64 characters of `A-Z a-z 0-9 - .`
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GrantNumber(Box<str>);

/// Not a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a grant number")]
pub struct NotANumber;

impl GrantNumber {
    /// Checks the form.
    ///
    /// # Errors
    /// [`NotANumber`].
    pub fn new(text: impl AsRef<str>) -> Result<Self, NotANumber> {
        let text = text.as_ref();
        let good = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        if good { Ok(Self(text.into())) } else { Err(NotANumber) }
    }

    /// As the EHR wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for GrantNumber {
    type Error = NotANumber;
    fn try_from(text: String) -> Result<Self, NotANumber> {
        Self::new(text)
    }
}

impl From<GrantNumber> for String {
    fn from(number: GrantNumber) -> Self {
        number.0.into()
    }
}

impl std::fmt::Display for GrantNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number in stock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IssuedNumber {
    /// The number.
    pub number: GrantNumber,
    /// Not good from then on.
    pub expires: DateTime<Utc>,
    /// The EHR's statement that it issued this number to this clinician for this workstation: a compact JWS (RFC 7515), handed back
    /// with the report.
    pub signed: Box<str>,
}

/// Why an emergency access has no number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unnumbered {
    /// None left, or none ever came.
    NoneLeft,
    /// This EHR issues none.
    NotOffered,
    /// What was kept here cannot be read.
    Unreadable,
}

impl Unnumbered {
    /// The stable name, as reports carry it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoneLeft => "none-left",
            Self::NotOffered => "not-offered",
            Self::Unreadable => "unreadable",
        }
    }
}

/// One clinician's numbers on one workstation.
///
/// INVARIANT: a number once taken is never handed out again, even if the EHR names it again because the report of its use is still
/// under way.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Stock {
    held: Vec<IssuedNumber>,
    /// Numbers taken, latest last.
    taken: Vec<GrantNumber>,
    #[serde(default)]
    not_offered_until: Option<DateTime<Utc>>,
}

impl Stock {
    /// Takes the number that ends soonest. The caller keeps the stock in the transaction that makes the grant.
    ///
    /// # Errors
    /// [`Unnumbered`], which hinders nothing: emergency access goes on without.
    pub fn take(&mut self, now: DateTime<Utc>) -> Result<IssuedNumber, Unnumbered> {
        let good = self.held.iter().enumerate().filter(|(_, issued)| issued.expires > now);
        let Some((soonest, _)) = good.min_by_key(|(_, issued)| issued.expires) else {
            let not_offered = self.held.is_empty() && self.not_offered_until.is_some();
            return Err(if not_offered { Unnumbered::NotOffered } else { Unnumbered::NoneLeft });
        };
        let issued = self.held.remove(soonest);
        self.taken.push(issued.number.clone());
        let surplus = self.taken.len().saturating_sub(MOST_TAKEN);
        self.taken.drain(..surplus);
        Ok(issued)
    }

    /// How many there shall be, when it is time to ask: fewer than half of them left, and the EHR is not known to offer none.
    #[must_use]
    pub fn wants(&self, now: DateTime<Utc>) -> Option<u32> {
        let lasting = self.held.iter().filter(|issued| issued.expires > now + SOON).count();
        let quiet = self.not_offered_until.is_some_and(|until| now < until);
        (!quiet && lasting < (STOCK / 2) as usize).then_some(STOCK)
    }

    /// Numbers that ended unused, for the EHR to strike off.
    pub fn unused(&self, now: DateTime<Utc>) -> impl Iterator<Item = &GrantNumber> {
        self.held.iter().filter(move |issued| issued.expires <= now).map(|issued| &issued.number)
    }

    /// The EHR answered: those in `struck_off` are forgotten, what is new and good is taken in.
    pub fn arrived(&mut self, now: DateTime<Utc>, issued: impl IntoIterator<Item = IssuedNumber>, struck_off: &[GrantNumber]) {
        self.not_offered_until = None;
        self.held.retain(|held| !struck_off.contains(&held.number));
        for issued in issued {
            let known = self.taken.contains(&issued.number) || self.held.iter().any(|held| held.number == issued.number);
            if !known && issued.expires > now && issued.signed.len() <= MOST_SIGNED && self.held.len() < MOST_HELD {
                self.held.push(issued);
            }
        }
    }

    /// The EHR knows no such operation: it is left alone for a week.
    pub fn not_offered(&mut self, now: DateTime<Utc>) {
        self.not_offered_until = Some(now + ASK_AGAIN);
    }

    /// Good numbers left.
    #[must_use]
    pub fn left(&self, now: DateTime<Utc>) -> usize {
        self.held.iter().filter(|issued| issued.expires > now).count()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + n)
    }

    fn issued(n: u32, expires: i64) -> IssuedNumber {
        IssuedNumber { number: GrantNumber::new(n.to_string()).unwrap(), expires: day(expires), signed: "a.b.c".into() }
    }

    #[test]
    fn the_soonest_to_end_goes_first_and_an_ended_one_never() {
        let mut stock = Stock::default();
        assert_eq!(stock.take(day(0)), Err(Unnumbered::NoneLeft));
        stock.arrived(day(0), [issued(1, 9), issued(2, 5), issued(3, 1)], &[]);
        assert_eq!(stock.take(day(1)).unwrap().number.as_str(), "2");
        assert_eq!(stock.take(day(1)).unwrap().number.as_str(), "1");
        assert_eq!(stock.take(day(1)), Err(Unnumbered::NoneLeft));
        assert_eq!(stock.unused(day(1)).map(GrantNumber::as_str).collect::<Vec<_>>(), ["3"]);
        stock.arrived(day(1), [], &[GrantNumber::new("3").unwrap()]);
        assert_eq!(stock.unused(day(1)).count(), 0);
    }

    #[test]
    fn more_are_wanted_below_half_and_not_from_whom_offers_none() {
        let mut stock = Stock::default();
        assert_eq!(stock.wants(day(0)), Some(STOCK));
        stock.not_offered(day(0));
        assert_eq!((stock.wants(day(6)), stock.wants(day(7))), (None, Some(STOCK)));
        assert_eq!(stock.take(day(0)), Err(Unnumbered::NotOffered));
        stock.arrived(day(7), (0..5).map(|n| issued(n, 20)), &[]);
        assert_eq!(stock.wants(day(7)), None);
        stock.take(day(7)).unwrap();
        assert_eq!(stock.wants(day(7)), Some(STOCK));
        stock.arrived(day(7), [issued(7, 20)], &[]);
        assert_eq!((stock.wants(day(18)), stock.wants(day(19))), (None, Some(STOCK)), "what ends within a day counts no more");
    }

    #[test]
    fn what_the_network_sends_is_bounded() {
        let mut stock = Stock::default();
        stock.arrived(day(0), (0..1000).map(|n| issued(n, 9)), &[]);
        assert_eq!(stock.left(day(0)), MOST_HELD);
        let long = IssuedNumber { signed: "x".repeat(MOST_SIGNED + 1).into(), ..issued(1, 9) };
        let mut stock = Stock::default();
        stock.arrived(day(0), [long, issued(2, 0)], &[]);
        assert_eq!(stock.left(day(0)), 0);
        assert!(GrantNumber::new("").is_err() && GrantNumber::new("a b").is_err() && GrantNumber::new("x".repeat(65)).is_err());
    }

    #[test]
    fn the_kept_form_is_frozen() {
        let kept =
            r#"{"held":[{"number":"42","expires":"2024-10-12T00:00:00Z","signed":"a.b.c"}],"taken":["41"],"not_offered_until":null}"#;
        let mut stock: Stock = serde_json::from_str(kept).unwrap();
        assert_eq!(serde_json::to_string(&stock).unwrap(), kept);
        assert_eq!(stock.take(day(0)).unwrap().number.as_str(), "42");
    }

    proptest! {
        #[test]
        fn no_number_is_taken_twice(steps in proptest::collection::vec((0..3_u8, 0..40_u32, 0..30_i64), 1..300)) {
            let (mut stock, mut seen) = (Stock::default(), HashSet::new());
            for (what, number, at) in steps {
                match what {
                    0 => stock.arrived(day(at), [issued(number, 15), issued(number, 25)], &[]),
                    1 => stock.not_offered(day(at)),
                    _ => if let Ok(taken) = stock.take(day(at)) {
                        prop_assert!(taken.expires > day(at));
                        prop_assert!(seen.insert(taken.number));
                    }
                }
                // It survives a restart at any time.
                stock = serde_json::from_str(&serde_json::to_string(&stock).unwrap()).unwrap();
            }
        }
    }
}
