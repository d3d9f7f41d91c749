//! The clinic's wall clock: local times with the offset that was in force, and dates as precise as they are known.

use chrono::{DateTime, Datelike, Duration, FixedOffset, Months, NaiveDate, NaiveTime, Offset, Utc, Weekday};

/// The time zone the clinic's wall clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Zone {
    /// -05:00, and -04:00 from the second Sunday of March to the first Sunday of November (rules of 2007).
    #[default]
    UsEastern,
    /// The same offset all year.
    Fixed(FixedOffset),
}

impl Zone {
    /// `minutes` after local midnight of `date`.
    pub(crate) fn at(self, date: NaiveDate, minutes: i64) -> DateTime<FixedOffset> {
        let local = date.and_time(NaiveTime::MIN) + Duration::minutes(minutes);
        let offset = self.offset_on(local.date());
        DateTime::from_naive_utc_and_offset(local - offset, offset)
    }

    /// The same instant on this wall clock.
    pub(crate) fn shown(self, instant: DateTime<Utc>) -> DateTime<FixedOffset> {
        instant.with_timezone(&self.offset_on(instant.date_naive()))
    }

    fn offset_on(self, date: NaiveDate) -> FixedOffset {
        match self {
            Self::Fixed(offset) => offset,
            Self::UsEastern => {
                let spring = sunday(date.year(), 3, 2);
                let autumn = sunday(date.year(), 11, 1);
                let hours = if spring <= Some(date) && Some(date) < autumn { 4 } else { 5 };
                FixedOffset::west_opt(hours * 3_600).unwrap_or_else(|| Utc.fix())
            }
        }
    }
}

fn sunday(year: i32, month: u32, nth: u8) -> Option<NaiveDate> {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, nth)
}

/// FHIR `dateTime` / `instant` with its offset.
pub(crate) fn stamp(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `date` moved by whole months, the day clamped to the month's last.
pub(crate) fn months_after(date: NaiveDate, months: i32) -> NaiveDate {
    let by = Months::new(months.unsigned_abs());
    let moved = if months < 0 { date.checked_sub_months(by) } else { date.checked_add_months(by) };
    moved.unwrap_or(date)
}

/// Completed years from `birth` to `date`; 0 before birth.
pub(crate) fn age_on(birth: NaiveDate, date: NaiveDate) -> i64 {
    date.years_since(birth).map_or(0, i64::from)
}

/// Completed months from `birth` to `date`; 0 before birth.
pub(crate) fn months_on(birth: NaiveDate, date: NaiveDate) -> i64 {
    let months = i64::from(date.year() - birth.year()) * 12 + i64::from(date.month()) - i64::from(birth.month());
    (months - i64::from(date.day() < birth.day())).max(0)
}

/// A date as people remember it: the longer ago, the coarser (FHIR allows `YYYY` and `YYYY-MM`).
pub(crate) fn remembered(date: NaiveDate, today: NaiveDate) -> String {
    match (today - date).num_days() {
        0..1_500 => date.format("%Y-%m-%d").to_string(),
        1_500..4_000 => date.format("%Y-%m").to_string(),
        _ => date.format("%Y").to_string(),
    }
}

/// `date`, or the next day the office is open: not on weekends, New Year's Day, 4 July or Christmas.
pub(crate) fn working_day(date: NaiveDate) -> NaiveDate {
    let closed = |day: NaiveDate| {
        matches!(day.weekday(), Weekday::Sat | Weekday::Sun) || matches!((day.month(), day.day()), (1, 1) | (7, 4) | (12, 25))
    };
    (0..5).map(|days| date + Duration::days(days)).find(|day| !closed(*day)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn eastern_time_follows_the_rules_of_2007() {
        let shown = |date| stamp(Zone::UsEastern.at(date, 8 * 60 + 5));
        assert_eq!(shown(day(2026, 3, 7)), "2026-03-07T08:05:00-05:00");
        assert_eq!(shown(day(2026, 3, 8)), "2026-03-08T08:05:00-04:00");
        assert_eq!(shown(day(2026, 10, 31)), "2026-10-31T08:05:00-04:00");
        assert_eq!(shown(day(2026, 11, 1)), "2026-11-01T08:05:00-05:00");
    }

    #[test]
    fn a_fixed_zone_shows_its_own_midnight() {
        let zone = Zone::Fixed(FixedOffset::east_opt(5 * 3_600 + 1_800).unwrap());
        assert_eq!(stamp(zone.at(day(2026, 3, 8), 0)), "2026-03-08T00:00:00+05:30");
    }

    #[test]
    fn ages_and_months_count_completed_ones() {
        assert_eq!(age_on(day(2000, 2, 29), day(2023, 2, 28)), 22);
        assert_eq!(age_on(day(2000, 2, 29), day(2023, 3, 1)), 23);
        assert_eq!(months_on(day(2025, 1, 31), day(2025, 2, 28)), 0);
        assert_eq!(months_on(day(2025, 1, 31), day(2025, 3, 31)), 2);
        assert_eq!(months_after(day(2024, 2, 29), 12), day(2025, 2, 28));
    }

    #[test]
    fn the_office_is_closed_on_weekends_and_holidays() {
        assert_eq!(working_day(day(2026, 3, 4)), day(2026, 3, 4));
        assert_eq!(working_day(day(2026, 3, 7)), day(2026, 3, 9));
        assert_eq!(working_day(day(2026, 7, 4)), day(2026, 7, 6));
        assert_eq!(working_day(day(2026, 12, 25)), day(2026, 12, 28));
    }

    #[test]
    fn old_dates_lose_precision() {
        let today = day(2026, 3, 4);
        assert_eq!(remembered(day(2025, 6, 1), today), "2025-06-01");
        assert_eq!(remembered(day(2019, 6, 1), today), "2019-06");
        assert_eq!(remembered(day(1999, 6, 1), today), "1999");
    }
}
