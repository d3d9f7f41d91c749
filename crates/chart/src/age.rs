//! Age for display.
use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, TimeDelta};
use fhir::{FhirDate, Precision};

/// The age at `on` in the steps of the NHS Common User Interface ("Patient Banner", age display): under 2 hours minutes, under 2
/// days hours, under 4 weeks days, under a year weeks and days, under 2 years months and days, under 18 years and months,
/// then years. Hours and minutes need a time of birth; a birth date without a day gives "~65y".
///
/// `None` where birth lies after `on`, or a partial date leaves even the years open.
#[must_use]
pub fn age(born: &FhirDate, on: DateTime<FixedOffset>) -> Option<String> {
    let today = on.date_naive();
    match born.precision() {
        Precision::Year | Precision::Month => {
            let years = whole_months(born.date(), today)? / 12;
            Some(format!("~{years}y"))
        }
        Precision::Day => by_days(born.date(), today),
        Precision::Time => {
            let lived = on.timestamp().checked_sub(born.epoch()).filter(|seconds| *seconds >= 0).map(TimeDelta::seconds)?;
            if lived < TimeDelta::hours(2) {
                Some(format!("{}min", lived.num_minutes()))
            } else if lived < TimeDelta::days(2) {
                Some(format!("{}hr", lived.num_hours()))
            } else {
                by_days(born.date(), today)
            }
        }
    }
}

fn by_days(born: NaiveDate, today: NaiveDate) -> Option<String> {
    let days = today.signed_duration_since(born).num_days();
    if days < 0 {
        return None;
    }
    let months = whole_months(born, today)?;
    let shown = if days < 28 {
        format!("{days}d")
    } else if months < 12 {
        two(days / 7, 'w', days % 7, 'd')
    } else if months < 24 {
        let rest = today.signed_duration_since(born.checked_add_months(Months::new(months))?).num_days();
        two(months.into(), 'm', rest, 'd')
    } else if months < 18 * 12 {
        two((months / 12).into(), 'y', (months % 12).into(), 'm')
    } else {
        format!("{}y", months / 12)
    };
    Some(shown)
}

fn two(high: i64, high_unit: char, low: i64, low_unit: char) -> String {
    if low == 0 { format!("{high}{high_unit}") } else { format!("{high}{high_unit} {low}{low_unit}") }
}

/// Completed months; one born on the 31st completes a shorter month on its last day.
fn whole_months(born: NaiveDate, today: NaiveDate) -> Option<u32> {
    let months = (today.year() - born.year()) * 12 + i32::try_from(today.month()).ok()? - i32::try_from(born.month()).ok()?;
    let months = u32::try_from(months).ok()?;
    if born.checked_add_months(Months::new(months))? <= today { Some(months) } else { months.checked_sub(1) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn at(born: &str, on: &str) -> Option<String> {
        age(&FhirDate::parse(born).unwrap(), DateTime::parse_from_rfc3339(on).unwrap())
    }

    #[test]
    fn steps_of_the_nhs_cui() {
        let now = "2024-03-12T12:00:00+00:00";
        for (born, shown) in [
            ("2024-03-12T11:01:00Z", "59min"),
            ("2024-03-12T10:01:00Z", "119min"),
            ("2024-03-12T10:00:00Z", "2hr"),
            ("2024-03-10T12:00:01Z", "47hr"),
            ("2024-03-10T12:00:00Z", "2d"),
            ("2024-03-12", "0d"),
            ("2024-02-14", "27d"),
            ("2024-02-13", "4w"),
            ("2024-02-12", "4w 1d"),
            ("2023-03-13", "52w 1d"),
            ("2023-03-12", "12m"),
            ("2023-02-10", "13m 2d"),
            ("2022-03-13", "23m 28d"),
            ("2022-03-12", "2y"),
            ("2018-01-12", "6y 2m"),
            ("2006-03-13", "17y 11m"),
            ("2006-03-12", "18y"),
            ("1961-03-13", "62y"),
            ("1961-03-12", "63y"),
            ("1961", "~63y"),
            ("1961-04", "~62y"),
        ] {
            assert_eq!(at(born, now).as_deref(), Some(shown), "{born}");
        }
        assert_eq!(at("2024-03-13", now), None);
        assert_eq!(at("2024-03-12T12:00:01Z", now), None);
    }

    #[test]
    fn leaplings_and_month_ends() {
        assert_eq!(at("2004-02-29", "2022-02-28T00:00:00Z").as_deref(), Some("18y"));
        assert_eq!(at("2022-12-31", "2024-02-29T00:00:00Z").as_deref(), Some("14m"));
    }

    #[test]
    fn the_local_calendar_counts() {
        assert_eq!(at("2006-03-13", "2024-03-12T23:30:00-05:00").as_deref(), Some("17y 11m"));
    }
}
