//! The addresses asked for, below the EHR's base address (R4 §3.1.1, RESTful search and history).
use chrono::{DateTime, Days, NaiveTime, SecondsFormat, TimeZone, Utc};
use kernel::{PatientId, Phi, PractitionerId, ResourceType};

use crate::capability::PatientParam;
use crate::event::Address;
use crate::settings::Settings;

/// Appointments of `practitioner` on the day `now` falls in. `actor` rather than `practitioner`: the latter is defined through
/// `resolve()`, which some EHRs leave unindexed.
pub(crate) fn schedule(settings: &Settings, practitioner: &PractitionerId, now: DateTime<Utc>, count: u16) -> Address {
    let today = now.with_timezone(&settings.utc_offset).date_naive();
    let bound = |days| {
        let midnight = today.checked_add_days(Days::new(days)).unwrap_or(today).and_time(NaiveTime::MIN);
        settings.utc_offset.from_local_datetime(&midnight).single().map_or(now, |local| local.with_timezone(&Utc))
    };
    let (from, to) = (seconds(bound(0)), seconds(bound(1)));
    query(format!("Appointment?actor=Practitioner/{practitioner}&date=ge{from}&date=lt{to}&_count={count}"))
}

pub(crate) fn care_teams(practitioner: &PractitionerId, count: u16) -> Address {
    query(format!("CareTeam?participant=Practitioner/{practitioner}&_count={count}"))
}

pub(crate) fn everything(patient: &PatientId, count: u16) -> Address {
    query(format!("Patient/{patient}/$everything?_count={count}"))
}

pub(crate) fn of_patient(kind: &ResourceType, param: Option<PatientParam>, patient: &PatientId, count: u16) -> Address {
    match param {
        Some(param) if kind.as_str() != "Patient" => query(format!("{kind}?{}=Patient/{patient}&_count={count}", param.name())),
        _ => query(format!("{kind}?_id={patient}&_count={count}")),
    }
}

pub(crate) fn all(kind: &ResourceType, count: u16) -> Address {
    query(format!("{kind}?_count={count}"))
}

pub(crate) fn how_many(kind: &ResourceType) -> Address {
    query(format!("{kind}?_summary=count"))
}

pub(crate) fn history(since: DateTime<Utc>, count: u16) -> Address {
    query(format!("_history?_since={}&_count={count}", millis(since)))
}

pub(crate) fn history_of(kind: &ResourceType, since: DateTime<Utc>, count: u16) -> Address {
    query(format!("{kind}/_history?_since={}&_count={count}", millis(since)))
}

pub(crate) fn updated(kind: &ResourceType, since: DateTime<Utc>, count: u16) -> Address {
    query(format!("{kind}?_lastUpdated=ge{}&_count={count}", millis(since)))
}

// Ids, type names and UTC times hold nothing that a query would have to escape.
fn query(text: String) -> Address {
    Address::Query(Phi::new(text.into()))
}

fn seconds(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn millis(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use chrono::FixedOffset;

    use super::*;

    #[test]
    fn today_is_the_practices_day() {
        let practitioner = PractitionerId::new("dr").unwrap();
        let settings = Settings::new(None, FixedOffset::west_opt(5 * 3600).unwrap());
        // 02:30 UTC on the 22nd is still the evening of the 21st five hours west.
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 2, 30, 0).unwrap();
        let Address::Query(text) = schedule(&settings, &practitioner, now, 9) else { panic!("not a query") };
        assert_eq!(&**text.expose(), "Appointment?actor=Practitioner/dr&date=ge2026-11-21T05:00:00Z&date=lt2026-11-22T05:00:00Z&_count=9");
    }
}
