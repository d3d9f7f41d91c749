//! The course of a life in the clinic: which day brings what, in order.

use crate::ClinicSpec;
use crate::chart::Chart;
use crate::conditions;
use crate::encounters::Reason;
use crate::people::{Cohort, Person};
use crate::visits::{self, Memory};
use crate::when::{Zone, months_after, working_day};
use crate::{allergies, immunizations, orders, schedule, stays, team};
use chrono::{Duration, NaiveDate};
use serde_json::Value;

/// Something a day brings. The order is that of the day where two fall together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    WellChild,
    Annual,
    FollowUp,
    NurseVisit,
    Missed,
    Ill,
    Telephone,
    Ward,
    Intensive,
}

/// Every record of patient `index`, references pointing backwards.
pub(crate) fn chart(spec: &ClinicSpec, zone: Zone, index: u32) -> Vec<Value> {
    let person = Person::draw(spec, index);
    let to = person.death.map_or(spec.today - Duration::days(1), |death| death - Duration::days(1));
    let from = first_day(spec, &person, to);
    let mut chart = Chart::open(spec, zone, person, from, to);
    team::file_care_team(&mut chart);
    allergies::file(&mut chart);
    conditions::draw(&mut chart);
    immunizations::file_brought_along(&mut chart);

    let mut memory = Memory::default();
    for (day, event) in calendar(&mut chart) {
        live(&mut chart, &mut memory, day, event);
    }
    if chart.person.cohort == Cohort::Admitted {
        admit_now(&mut chart);
    }
    schedule::file_today(&mut chart, &mut memory);
    schedule::file_future(&mut chart);
    team::file_plan(&mut chart);
    team::file_flags(&mut chart);
    orders::file_open_work(&mut chart, memory.last);
    chart.close()
}

/// The history goes back ten years at most, to birth for children, and for many only to when they joined.
fn first_day(spec: &ClinicSpec, person: &Person, to: NaiveDate) -> NaiveDate {
    let years = match person.cohort {
        Cohort::Heavy => 10.0,
        _ => 4.2 + person.trait_of(spec, "joined") * 2.4,
    };
    let first = to - Duration::days((years.clamp(1.5, 10.0) * 365.0) as i64);
    first.max(person.birth).min(to)
}

/// What happens when, in order.
fn calendar(chart: &mut Chart<'_>) -> Vec<(NaiveDate, Event)> {
    let mut days: Vec<(NaiveDate, Event)> = Vec::new();
    let heavy = chart.person.cohort == Cohort::Heavy;
    well_child(chart, &mut days);
    let adult_from = months_after(chart.person.birth, 18 * 12).max(chart.from);
    check_ups(chart, adult_from, &mut days);
    follow_ups(chart, heavy, &mut days);
    let years = (chart.to - chart.from).num_days() as f64 / 365.0;
    let age = chart.age(chart.to);
    for (event, yearly) in [
        (Event::Ill, if age < 6 { 1.1 } else { 0.42 }),
        (Event::Telephone, if age >= 60 { 0.35 } else { 0.15 }),
        (Event::Missed, 0.12),
        (Event::NurseVisit, if age >= 18 { 0.12 } else { 0.04 }),
        (Event::Ward, if heavy { 0.4 } else { hospital_risk(age) }),
        (
            Event::Intensive,
            if heavy {
                0.0
            } else if age >= 60 {
                0.002
            } else {
                0.0
            },
        ),
    ] {
        scatter(chart, event, yearly * years, &mut days);
    }
    if heavy {
        let days_in = (chart.to - chart.from).num_days() * 3 / 5;
        days.push((chart.from + Duration::days(days_in), Event::Intensive));
    }
    // Who is in hospital now was admitted three days ago at most.
    let last = if chart.person.cohort == Cohort::Admitted { chart.to - Duration::days(3) } else { chart.to };
    days.retain(|(day, _)| *day >= chart.from && *day <= last);
    if !days.iter().any(|(_, event)| matches!(event, Event::Annual | Event::FollowUp | Event::WellChild)) {
        days.push((working_day(chart.from + Duration::days(14)).min(chart.to), if age < 18 { Event::WellChild } else { Event::Annual }));
    }
    days.sort_unstable();
    days.dedup_by_key(|(day, _)| *day);
    days
}

fn live(chart: &mut Chart<'_>, memory: &mut Memory, day: NaiveDate, event: Event) {
    if memory.in_hospital_until.is_some_and(|last| day <= last) {
        return;
    }
    match event {
        Event::WellChild => visits::planned(chart, memory, Reason::WellChild, day),
        Event::Annual => visits::planned(chart, memory, Reason::Annual, day),
        Event::FollowUp => visits::planned(chart, memory, Reason::FollowUp, day),
        Event::NurseVisit => visits::planned(chart, memory, Reason::NurseVisit, day),
        Event::Ill => visits::ill(chart, day),
        Event::Telephone => visits::telephone(chart, day),
        Event::Missed => {
            let slot = *chart.draw.pick(&schedule::SLOTS);
            let at = chart.at(day, slot);
            let status = if chart.draw.chance(0.6) { "noshow" } else { "cancelled" };
            schedule::file_past(chart, Reason::FollowUp, at, status);
        }
        Event::Ward | Event::Intensive => {
            // Room for the whole stay before the history ends.
            let day = day.min(chart.to - Duration::days(9));
            if day >= chart.from
                && let Some(stay) = stays::pick(chart, day, event == Event::Intensive)
            {
                memory.in_hospital_until = Some(stays::run(chart, stay, day, false));
            }
        }
    }
}

/// Who is in hospital now came one to three days ago; every third is in intensive care.
fn admit_now(chart: &mut Chart<'_>) {
    let intensive = chart.person.index / 25 % 3 == 1;
    let days = chart.draw.between(1, 3);
    let day = chart.spec.today - Duration::days(days);
    if let Some(stay) = stays::pick(chart, day, intensive) {
        stays::run(chart, stay, day, true);
    }
}

/// Visits of childhood by the schedule of Bright Futures: ages in months, then every year.
fn well_child(chart: &mut Chart<'_>, days: &mut Vec<(NaiveDate, Event)>) {
    let birth = chart.person.birth;
    days.push((birth + Duration::days(4), Event::WellChild));
    let months = [1, 2, 4, 6, 9, 12, 15, 18, 24, 30].into_iter().chain((36..216).step_by(12));
    for month in months {
        let late = chart.draw.between(0, if month < 36 { 9 } else { 60 });
        let kept = month < 36 || chart.draw.chance(0.85);
        if kept {
            days.push((working_day(months_after(birth, month) + Duration::days(late)), Event::WellChild));
        }
    }
}

fn check_ups(chart: &mut Chart<'_>, from: NaiveDate, days: &mut Vec<(NaiveDate, Event)>) {
    let mut day = from + Duration::days(chart.draw.between(0, 300));
    while day <= chart.to {
        let likely = match chart.age(day) {
            ..40 => 0.3,
            40..65 => 0.45,
            _ => 0.55,
        };
        if chart.draw.chance(likely) {
            days.push((working_day(day), Event::Annual));
        }
        day += Duration::days(chart.draw.between(335, 395));
    }
}

/// Follow-ups at the pace of the most demanding condition known at the time.
fn follow_ups(chart: &mut Chart<'_>, heavy: bool, days: &mut Vec<(NaiveDate, Event)>) {
    let onsets: Vec<(NaiveDate, i32)> =
        chart.problems.iter().filter_map(|p| Some((p.onset, conditions::follow_up_months(p.dx.key)?))).collect();
    let Some(first) = onsets.iter().map(|(onset, _)| *onset).min() else { return };
    let mut day = first.max(chart.from) + Duration::days(chart.draw.between(3, 40));
    while day <= chart.to {
        days.push((working_day(day), Event::FollowUp));
        let months = onsets.iter().filter(|(onset, _)| *onset <= day).map(|(_, months)| *months).min().unwrap_or(12);
        // People come less often than they are asked to.
        let months = if heavy { months + 1 } else { months * 2 };
        let slack = chart.draw.between(-12, 35);
        day += Duration::days((i64::from(months) * 30 + slack).max(21));
    }
}

fn hospital_risk(age: i64) -> f64 {
    match age {
        ..18 => 0.006,
        18..50 => 0.012,
        50..70 => 0.025,
        _ => 0.07,
    }
}

/// Spreads about `expected` events over the history.
fn scatter(chart: &mut Chart<'_>, event: Event, expected: f64, days: &mut Vec<(NaiveDate, Event)>) {
    let span = (chart.to - chart.from).num_days();
    let whole = expected.floor();
    let count = whole as i64 + i64::from(chart.draw.chance(expected - whole));
    for _ in 0..count {
        let day = chart.from + Duration::days(chart.draw.between(0, span));
        let day = if matches!(event, Event::Ill | Event::Ward | Event::Intensive) { day } else { working_day(day) };
        days.push((day, event));
    }
}
