//! Appointments: those kept and missed, today's, and those to come.

use crate::chart::{Chart, Filed};
use crate::codes::{SNOMED, concept, hl7, reference};
use crate::directory::{self, Clinician, practitioner};
use crate::encounters::Reason;
use crate::people::Cohort;
use crate::visits::{self, Memory};
use crate::when::{stamp, working_day};
use chrono::{DateTime, Duration, FixedOffset};
use serde_json::{Value, json};

/// Starts of a clinic day in minutes after midnight: every 20 minutes from 08:00, with a pause from 12:20 to 13:00.
pub(crate) const SLOTS: [i64; 25] =
    [480, 500, 520, 540, 560, 580, 600, 620, 640, 660, 680, 700, 720, 780, 800, 820, 840, 860, 880, 900, 920, 940, 960, 980, 1000];

/// Files an appointment of the past that was `fulfilled`, missed (`noshow`) or `cancelled`.
pub(crate) fn file_past(chart: &mut Chart<'_>, reason: Reason, at: DateTime<FixedOffset>, status: &str) -> Filed {
    let with = if reason == Reason::NurseVisit { chart.person.team.nurse } else { chart.person.team.physician };
    let mut body = appointment(chart, reason, at, with, status);
    if status == "cancelled" {
        body["cancelationReason"] = concept(&hl7("appointment-cancellation-reason"), "pat", "Patient");
    }
    chart.file("Appointment", body)
}

/// Files today's appointment of who has one; what is over by now has been seen.
pub(crate) fn file_today(chart: &mut Chart<'_>, memory: &mut Memory) {
    if chart.person.cohort != Cohort::Today || chart.person.death.is_some() {
        return;
    }
    // Ten patients lie between two with an appointment; multiplying by a unit of 25 spreads the slots over the day.
    let ordinal = chart.person.index as usize / 10;
    let at = chart.at(chart.spec.today, SLOTS[ordinal * 7 % SLOTS.len()]);
    let nurse = ordinal % 4 == 3;
    let with = if nurse { chart.person.team.nurse } else { chart.person.team.physician };
    let age = chart.age(chart.spec.today);
    let reason = match () {
        () if nurse => Reason::NurseVisit,
        () if age < 18 => Reason::WellChild,
        () if ordinal.is_multiple_of(3) => Reason::Annual,
        () => Reason::FollowUp,
    };
    let over = !chart.is_future(at + Duration::minutes(60));
    let begun = !chart.is_future(at - Duration::minutes(10));
    let status = match (over, begun) {
        (true, _) if ordinal % 9 == 8 => "noshow",
        (true, _) => "fulfilled",
        (false, true) => "checked-in",
        (false, false) => "booked",
    };
    let body = appointment(chart, reason, at, with, status);
    let filed = chart.file("Appointment", body);
    if status == "fulfilled" {
        visits::planned_at(chart, memory, reason, at, Some(&filed));
    }
}

/// Files appointments to come.
pub(crate) fn file_future(chart: &mut Chart<'_>) {
    let follow_up = chart.active_problems(chart.to).iter().filter_map(|dx| crate::conditions::follow_up_months(dx.key)).min();
    let likely = if follow_up.is_some() { 0.55 } else { 0.12 };
    if chart.person.death.is_some() || !chart.draw.chance(likely) {
        return;
    }
    let days = chart.draw.between(3, 30 * i64::from(follow_up.unwrap_or(6)));
    let slot = *chart.draw.pick(&SLOTS);
    let at = chart.at(working_day(chart.spec.today + Duration::days(days)), slot);
    let reason = if chart.age(chart.to) < 18 { Reason::WellChild } else { Reason::FollowUp };
    let with = chart.person.team.physician;
    let status = if chart.draw.chance(0.12) { "pending" } else { "booked" };
    let body = appointment(chart, reason, at, with, status);
    chart.file("Appointment", body);
}

fn appointment(chart: &mut Chart<'_>, reason: Reason, at: DateTime<FixedOffset>, with: &'static Clinician, status: &str) -> Value {
    let (kind, display, text) = match reason {
        Reason::Annual | Reason::WellChild => ("CHECKUP", "A routine check-up, such as an annual physical", "Check-up"),
        Reason::NurseVisit => ("ROUTINE", "Routine appointment - default if not valued", "Nurse visit"),
        _ => ("FOLLOWUP", "A follow up visit from a previous appointment", "Follow-up"),
    };
    let minutes = if reason == Reason::NurseVisit { 10 } else { 20 };
    let place = if chart.person.team.ours { directory::OUTPATIENT } else { directory::EASTSIDE_OFFICE };
    let patient_status = if status == "pending" { "needs-action" } else { "accepted" };
    let booked = (at - Duration::days(chart.draw.between(5, 60))).min(chart.zone.shown(chart.spec.now));
    let mut body = json!({
        "status": status,
        "serviceType": [{ "text": text }],
        "specialty": [concept(SNOMED, "419772000", "Family practice")],
        "appointmentType": concept(&hl7("v2-0276"), kind, display),
        "description": text,
        "start": stamp(at),
        "end": stamp(at + Duration::minutes(minutes)),
        "minutesDuration": minutes,
        "created": stamp(booked.max(chart.at(chart.from, 0)).min(at)),
        "participant": [
            { "actor": chart.subject(), "required": "required", "status": patient_status },
            { "actor": practitioner(with), "required": "required", "status": "accepted" },
            { "actor": reference(place.0, place.1), "required": "information-only", "status": "accepted" },
        ],
    });
    let problems = chart.active_problems(at.date_naive());
    if let Some(dx) = problems.first().filter(|dx| reason == Reason::FollowUp && dx.sensitive.is_none()) {
        body["reasonCode"] = json!([concept(SNOMED, dx.snomed.0, dx.snomed.1)]);
    }
    body
}
