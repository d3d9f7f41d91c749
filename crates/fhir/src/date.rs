//! FHIR `date`, `dateTime` and `instant` (R4 §2.24.0.1), partial precision and offset kept.
use std::cmp::Ordering;
use std::fmt;

use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime};

/// How much of a date was recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Precision {
    /// "1961"
    Year,
    /// "1961-03"
    Month,
    /// "1961-03-12"
    Day,
    /// With a time of day.
    Time,
}

/// A date as recorded: a missing day stays missing, a time keeps the offset it was written with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FhirDate {
    date: NaiveDate,
    precision: Part,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Year,
    Month,
    Day,
    /// Offset in minutes east of UTC; `None` where a server left it out.
    Time(NaiveTime, Option<i16>),
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl FhirDate {
    /// Reads "1961", "1961-03", "1961-03-12", "1961-03-12T14:05:00.123+01:00". Seconds and offset may be missing, as some
    /// servers leave them out; a leap second counts as the 59th. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let year = i32::try_from(digits(parts.next()?, 4)?).ok()?;
        let month = parts.next().map(|part| digits(part, 2));
        let day = parts.next().map(|part| digits(part, 2));
        if parts.next().is_some() || year == 0 {
            return None;
        }
        let (date, precision) = match (month, day) {
            (None, _) => (NaiveDate::from_ymd_opt(year, 1, 1)?, Part::Year),
            (Some(month), None) => (NaiveDate::from_ymd_opt(year, month?, 1)?, Part::Month),
            (Some(month), Some(day)) => (NaiveDate::from_ymd_opt(year, month?, day?)?, Part::Day),
        };
        let precision = match (time, precision) {
            (None, precision) => precision,
            (Some(time), Part::Day) => time_of_day(time)?,
            (Some(_), _) => return None,
        };
        Some(Self { date, precision })
    }

    /// How much was recorded.
    #[must_use]
    pub const fn precision(&self) -> Precision {
        match self.precision {
            Part::Year => Precision::Year,
            Part::Month => Precision::Month,
            Part::Day => Precision::Day,
            Part::Time(..) => Precision::Time,
        }
    }

    /// The day named, on the calendar of whoever wrote it; the first of the month or year where no day was.
    #[must_use]
    pub const fn date(&self) -> NaiveDate {
        self.date
    }

    /// Time of day as written, if any.
    #[must_use]
    pub const fn time(&self) -> Option<NaiveTime> {
        match self.precision {
            Part::Time(time, _) => Some(time),
            _ => None,
        }
    }

    /// Seconds since 1970-01-01 UTC at which the recorded period begins; without an offset, as if in UTC.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.start().and_utc().timestamp()
    }

    /// Milliseconds since 1970-01-01 UTC at which the recorded period begins.
    #[must_use]
    pub fn epoch_millis(&self) -> i64 {
        self.start().and_utc().timestamp_millis()
    }

    /// Seconds since 1970-01-01 UTC at which the recorded period has just ended: a year after for "1961", a day after for
    /// a day, a second after for a time.
    #[must_use]
    pub fn epoch_end(&self) -> i64 {
        let end = match self.precision {
            Part::Year => self.date.checked_add_months(Months::new(12)),
            Part::Month => self.date.checked_add_months(Months::new(1)),
            Part::Day => self.date.checked_add_days(Days::new(1)),
            Part::Time(..) => return self.epoch().saturating_add(1),
        };
        end.map_or(i64::MAX, |date| date.and_time(NaiveTime::MIN).and_utc().timestamp())
    }

    /// Earlier first; of two that begin together, the less precise first.
    #[must_use]
    pub fn chronological(&self, other: &Self) -> Ordering {
        self.epoch_millis().cmp(&other.epoch_millis()).then(self.precision().cmp(&other.precision()))
    }

    /// "12-Mar-2024 14:05", "12-Mar-2024", "Mar-2024", "2024": NHS Common User Interface, "Date Display" and "Time
    /// Display"; the time on the clock of whoever wrote it.
    #[must_use]
    pub fn display(&self) -> String {
        match self.precision {
            Part::Time(time, _) => format!("{} {}", self.display_day(), time.format("%H:%M")),
            _ => self.display_day(),
        }
    }

    /// As [`Self::display`], without the time.
    #[must_use]
    pub fn display_day(&self) -> String {
        use chrono::Datelike;
        let month = MONTHS.get(self.date.month0() as usize).copied().unwrap_or_default();
        let year = self.date.year();
        match self.precision {
            Part::Year => format!("{year:04}"),
            Part::Month => format!("{month}-{year:04}"),
            Part::Day | Part::Time(..) => format!("{:02}-{month}-{year:04}", self.date.day()),
        }
    }

    fn start(&self) -> NaiveDateTime {
        match self.precision {
            Part::Time(time, offset) => {
                let local = self.date.and_time(time);
                let east = chrono::TimeDelta::minutes(i64::from(offset.unwrap_or(0)));
                local.checked_sub_signed(east).unwrap_or(local)
            }
            _ => self.date.and_time(NaiveTime::MIN),
        }
    }
}

/// A birth date is PHI: `Debug` tells only the precision.
impl fmt::Debug for FhirDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FhirDate({:?})", self.precision())
    }
}

fn digits(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn time_of_day(text: &str) -> Option<Part> {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(at) => (text.get(..at)?, Some(offset_minutes(text.get(at..)?)?)),
        None => (text, None),
    };
    let mut parts = clock.splitn(3, ':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let (second, millis) = match parts.next() {
        None => (0, 0),
        Some(part) => {
            let (second, fraction) = part.split_once('.').map_or((part, None), |(s, f)| (s, Some(f)));
            (digits(second, 2)?.min(59), fraction.map_or(Some(0), fraction_millis)?)
        }
    };
    let within = clock.split(':').nth(2).is_none_or(|part| part.get(..2).is_some_and(|s| s <= "60"));
    let time = NaiveTime::from_hms_milli_opt(hour, minute, second, millis).filter(|_| within)?;
    Some(Part::Time(time, offset))
}

fn fraction_millis(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.bytes().chain(*b"00").take(3).fold(0, |sum, b| sum * 10 + u32::from(b - b'0')))
}

fn offset_minutes(text: &str) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    // R4's own pattern: -14:00 to +14:00.
    (hours <= 14 && minutes < 60).then(|| i16::try_from(hours * 60 + minutes).ok())?.map(|m| sign * m)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn at(text: &str) -> FhirDate {
        FhirDate::parse(text).unwrap()
    }

    #[test]
    fn displays_what_was_recorded_and_no_more() {
        for (text, shown) in [
            ("1961", "1961"),
            ("1961-03", "Mar-1961"),
            ("1961-03-12", "12-Mar-1961"),
            ("2024-03-12T14:05:59.999-05:00", "12-Mar-2024 14:05"),
            ("2024-02-29T00:00Z", "29-Feb-2024 00:00"),
            ("2016-12-31T23:59:60Z", "31-Dec-2016 23:59"),
            ("2024-03-12T14:05:00", "12-Mar-2024 14:05"),
        ] {
            assert_eq!(at(text).display(), shown, "{text}");
        }
        assert_eq!(at("2024-03-12T14:05:00Z").display_day(), "12-Mar-2024");
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "0000",
            "61",
            "1961-3",
            "1961-13",
            "1961-02-30",
            "1961-03-12 14:05",
            "1961-03T10:00:00Z",
            "1961-03-12T",
            "1961-03-12T24:00:00Z",
            "1961-03-12T10",
            "1961-03-12T10:00:61Z",
            "1961-03-12T10:00:00.Z",
            "1961-03-12T10:00:00+1",
            "1961-03-12T10:00:00+15:00",
            "1961-03-12T10:00:00+01:60",
            "+961",
            "1961-03-12-01",
            "１９６１",
            "1961-03-12T10:00:é0Z",
        ] {
            assert!(FhirDate::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn epochs_respect_the_offset() {
        assert_eq!(at("1970-01-01T01:00:00+01:00").epoch(), 0);
        assert_eq!(at("1969-12-31T19:00:00.250-05:00").epoch_millis(), 250);
        assert_eq!(at("1970").epoch(), 0);
        assert_eq!(at("1970").epoch_end(), 365 * 86400);
        assert_eq!(at("1970-02").epoch_end(), (31 + 28) * 86400);
        assert_eq!(at("1970-01-01").epoch_end(), 86400);
        assert_eq!(at("1970-01-01T00:00:00Z").epoch_end(), 1);
    }

    #[test]
    fn sorts_coarse_before_fine() {
        let mut dates = ["1970-01-01T00:00:00Z", "1970-01-02", "1970", "1970-01"].map(at);
        dates.sort_by(FhirDate::chronological);
        assert_eq!(dates.map(|d| d.precision()), [Precision::Year, Precision::Month, Precision::Time, Precision::Day]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[0-9TZ:+.\\-é]{0,32}") {
            if let Some(date) = FhirDate::parse(&text) {
                let _ = (date.display(), date.epoch(), date.epoch_end());
            }
        }
    }
}
