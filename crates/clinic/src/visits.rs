//! Visits: what happens when a patient is seen, from the door to the signed note.

use crate::acute::{self, Acute, Workup};
use crate::chart::{Chart, Filed};
use crate::codes::SNOMED;
use crate::codes::concept;
use crate::conditions;
use crate::directory::practitioner;
use crate::encounters::{self, Reason};
use crate::immunizations;
use crate::labs::{self, Illness, Panel};
use crate::notes::{self, Draft, Kind};
use crate::prescriptions;
use crate::questionnaires;
use crate::schedule;
use crate::vitals::{self, Strain, Vitals};
use chrono::{DateTime, Duration, FixedOffset, NaiveDate};
use serde_json::json;
use std::collections::BTreeMap;

/// What one visit leaves for the next.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The latest planned encounter and when it was.
    pub(crate) last: Option<(Filed, DateTime<FixedOffset>)>,
    /// The last day in hospital: until then nobody is seen in the office.
    pub(crate) in_hospital_until: Option<NaiveDate>,
    previous: Option<NaiveDate>,
    panels: BTreeMap<Panel, NaiveDate>,
    asked: Option<NaiveDate>,
    smoking: Option<NaiveDate>,
    referred: bool,
}

/// A visit on `day`: check-up, follow-up or nurse visit, as `reason` says.
pub(crate) fn planned(chart: &mut Chart<'_>, memory: &mut Memory, reason: Reason, day: NaiveDate) {
    let at = office_time(chart, day);
    planned_at(chart, memory, reason, at, None);
}

/// The same at a time already agreed, answering an appointment.
pub(crate) fn planned_at(
    chart: &mut Chart<'_>,
    memory: &mut Memory,
    reason: Reason,
    at: DateTime<FixedOffset>,
    appointment: Option<&Filed>,
) {
    let day = at.date_naive();
    let length = if reason == Reason::NurseVisit { 10 } else { 20 };
    let kept = match appointment {
        Some(_) => None,
        None => chart.draw.chance(0.22).then(|| schedule::file_past(chart, reason, at, "fulfilled")),
    };
    let encounter = encounters::file(chart, reason, (at, Some(at + Duration::minutes(length))), None, appointment.or(kept.as_ref()));
    diagnose(chart, &encounter, day);
    let first = memory.last.is_none() && reason != Reason::NurseVisit;
    if first {
        prescriptions::take_over(chart, &encounter, at + Duration::minutes(2));
    }
    let age = chart.age(day);

    let measured = matches!(reason, Reason::WellChild | Reason::Annual) || age < 18;
    let taken = Vitals::take(chart, day, Strain::default()).for_visit(false, measured, age);
    let nurse = practitioner(chart.person.team.nurse);
    taken.file(chart, &encounter, at + Duration::minutes(3), &nurse);
    let mut draft = Draft { vitals: taken.line(), ..Draft::default() };
    if reason == Reason::NurseVisit {
        return;
    }

    draft.subjective.push(opening(chart, reason));
    if first && !chart.prescriptions.is_empty() {
        draft.subjective.push("New to the practice. Medications brought along reviewed and continued.".to_owned());
    }
    if reason == Reason::Annual && age >= 18 && memory.smoking.is_none_or(|then| (day - then).num_days() > 700) {
        let status = vitals::file_smoking(chart, &encounter, at + Duration::minutes(4));
        draft.subjective.push(format!("Tobacco: {status}."));
        memory.smoking = Some(day);
    }
    ask_phq9(chart, memory, &encounter, at, &mut draft);
    laboratory(chart, memory, &encounter, at, &mut draft);
    if reason == Reason::WellChild && matches!(crate::when::months_on(chart.person.birth, day), 12 | 24) {
        let resulted = labs::run(chart, Panel::Lead, &encounter, at + Duration::minutes(12), None, Illness::default());
        draft.results.extend(resulted.lines);
    }
    let started = prescriptions::update(chart, &encounter, at + Duration::minutes(9));
    prescriptions::renew(chart, &encounter, at + Duration::minutes(10));
    let previous = memory.previous.unwrap_or(chart.from - Duration::days(1));
    let given = immunizations::give_due(chart, &encounter, previous, at + Duration::minutes(14));
    if !given.is_empty() {
        draft.plan.push(format!("Immunizations today: {}.", given.join("; ")));
    }
    if reason == Reason::Annual {
        screen(chart, &encounter, at, &mut draft);
    }
    let keys: Vec<_> = chart.active_problems(day).iter().map(|dx| dx.key).collect();
    draft.assessment.extend(keys.iter().filter_map(|key| notes::assessment(chart, key, taken.systolic, day)));
    if reason == Reason::WellChild {
        draft.findings.push("Growing along the curve, development on track for age, examination normal.".to_owned());
        draft.assessment.insert(0, "Well child.".to_owned());
        draft.plan.push("Anticipatory guidance: sleep, nutrition, injury prevention.".to_owned());
    } else if keys.is_empty() {
        draft.assessment.push("Healthy adult, preventive care up to date.".to_owned());
    }
    draft.plan.extend(started);
    refer(chart, memory, &encounter, at, &mut draft);
    memory.previous = Some(day);
    memory.last = Some((encounter.clone(), at));
    write_note(chart, Kind::Progress, &draft, &encounter, at + Duration::minutes(length + 12));
}

/// A visit for a short illness, in the office or the emergency department.
pub(crate) fn ill(chart: &mut Chart<'_>, day: NaiveDate) {
    let (age, female) = (chart.age(day), chart.person.female);
    let illness = acute::pick(&mut chart.draw, age, female);
    // COVID-19 before it existed is influenza.
    let too_early = illness.dx.key == "covid-19" && day < NaiveDate::from_ymd_opt(2020, 3, 1).unwrap_or(day);
    if too_early || chart.problems.iter().any(|p| p.dx.key == illness.dx.key && p.resolved.is_some_and(|over| over > day)) {
        return;
    }
    let reason = if illness.emergency { Reason::Emergency } else { Reason::Illness };
    let at = if illness.emergency {
        let minutes = chart.draw.between(7 * 60, 22 * 60);
        chart.at(day, minutes)
    } else {
        office_time(chart, day)
    };
    let complaint = concept(SNOMED, illness.dx.snomed.0, illness.dx.snomed.1);
    let length = if illness.emergency { 160 } else { 20 };
    let encounter = encounters::file(chart, reason, (at, Some(at + Duration::minutes(length))), Some(complaint), None);
    let onset = (day - Duration::days(chart.draw.between(0, 3))).max(chart.person.birth);
    let over = day + Duration::days(illness.lasts);
    let over = (over <= chart.to).then_some(over);
    let taken = Vitals::take(chart, day, illness.strain).for_visit(true, false, age);
    let nurse = practitioner(chart.person.team.nurse);
    taken.file(chart, &encounter, at + Duration::minutes(4), &nurse);
    let condition = conditions::file_acute(chart, &illness.dx, onset, over, &encounter);

    let mut draft = Draft { vitals: taken.line(), ..Draft::default() };
    draft.subjective.push(illness.complaint.to_owned());
    draft.findings.push(illness.findings.to_owned());
    work_up(chart, illness, &encounter, at, &mut draft);
    draft.assessment.push(format!("{}.", illness.dx.text));
    let courses = if age >= 12 { illness.adult_courses } else { illness.child_courses };
    let given = courses.iter().find_map(|(drug, days)| {
        Some((prescriptions::course(chart, &encounter, drug, *days, at + Duration::minutes(15), &condition)?, days))
    });
    if let Some((drug, days)) = given {
        draft.plan.push(format!("{} for {days} days: {}.", drug.short, drug.direction()));
    }
    draft.plan.push(illness.plan.to_owned());
    write_note(chart, Kind::Progress, &draft, &encounter, at + Duration::minutes(length + 10));
}

/// A call answered by the nurse.
pub(crate) fn telephone(chart: &mut Chart<'_>, day: NaiveDate) {
    let at = office_time(chart, day);
    let encounter = encounters::file(chart, Reason::Telephone, (at, Some(at + Duration::minutes(7))), None, None);
    let (question, answer) = *chart.draw.pick(CALLS);
    let draft = Draft { subjective: vec![question.to_owned()], plan: vec![answer.to_owned()], ..Draft::default() };
    let nurse = chart.person.team.nurse;
    notes::file(chart, Kind::Telephone, &draft, &encounter, at + Duration::minutes(9), nurse);
}

/// Puts on the problem list what has begun since, and what the patient brought along at the first visit.
pub(crate) fn diagnose(chart: &mut Chart<'_>, encounter: &Filed, day: NaiveDate) {
    for problem in 0..chart.problems.len() {
        let known = chart.problems[problem].filed.is_some() || chart.problems[problem].onset > day;
        if !known {
            conditions::file(chart, problem, Some((encounter, day)));
        }
    }
}

/// An office hour: in five-minute steps from 08:00 to 16:35.
fn office_time(chart: &mut Chart<'_>, day: NaiveDate) -> DateTime<FixedOffset> {
    let minutes = 8 * 60 + 5 * chart.draw.between(0, 103);
    chart.at(day, minutes)
}

fn opening(chart: &mut Chart<'_>, reason: Reason) -> String {
    match reason {
        Reason::WellChild => "Here with a parent for a well-child visit. No concerns about feeding or sleep.".to_owned(),
        Reason::Annual => "Here for the yearly check-up. No new complaints.".to_owned(),
        _ => (*chart.draw.pick(&[
            "Follow-up of long-term conditions. Taking medications as prescribed.",
            "Feels well, no chest pain or dyspnea. Misses a dose about once a week.",
            "Follow-up. Tired at times, otherwise no new symptoms.",
            "Follow-up. Walks half an hour most days.",
        ]))
        .to_owned(),
    }
}

fn ask_phq9(chart: &mut Chart<'_>, memory: &mut Memory, encounter: &Filed, at: DateTime<FixedOffset>, draft: &mut Draft) {
    let day = at.date_naive();
    let depressed = chart.has("depression", day) || chart.has("anxiety", day) || chart.has("bipolar", day);
    let every = if depressed { 150 } else { 1_000 };
    if chart.age(day) < 12 || !depressed && !chart.draw.chance(0.25) || memory.asked.is_some_and(|then| (day - then).num_days() < every) {
        return;
    }
    memory.asked = Some(day);
    let score = questionnaires::file_phq9(chart, encounter, at + Duration::minutes(5));
    draft.results.push(format!("PHQ-9 total score {score} ({})", questionnaires::severity(score)));
    if chart.has("depression", day) && score < 5 && chart.takes("ssri") && chart.draw.chance(0.35) {
        conditions::resolve(chart, "depression", day, "remission");
        prescriptions::stop_for(chart, "depression", day, "Remission, tapered off");
        draft.plan.push("Depression in remission, antidepressant tapered off.".to_owned());
    }
}

fn laboratory(chart: &mut Chart<'_>, memory: &mut Memory, encounter: &Filed, at: DateTime<FixedOffset>, draft: &mut Draft) {
    let day = at.date_naive();
    for panel in labs::due(chart, day, |panel| memory.panels.get(&panel).copied()) {
        memory.panels.insert(panel, day);
        let order = chart.draw.chance(0.25).then(|| crate::orders::file_lab(chart, panel, encounter, at, "completed"));
        let resulted = labs::run(chart, panel, encounter, at + Duration::minutes(12), order.as_ref(), Illness::default());
        for name in &resulted.critical {
            draft.plan.push(format!("Critical {name} telephoned by the laboratory, read back; repeat within a day."));
        }
        draft.results.extend(resulted.lines);
    }
    if chart.has("iron-deficiency", day) && chart.days_on("iron", day).is_some_and(|days| days > 270) {
        conditions::resolve(chart, "iron-deficiency", day, "resolved");
        prescriptions::stop_for(chart, "iron-deficiency", day, "Iron stores replete");
        draft.plan.push("Iron deficiency corrected, iron stopped.".to_owned());
    }
}

/// Age-related screening procedures.
fn screen(chart: &mut Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>, draft: &mut Draft) {
    let age = chart.age(at.date_naive());
    let mammogram = chart.person.female && (45..75).contains(&age) && age % 2 == 0;
    let colonoscopy = matches!(age, 46 | 56 | 66);
    for (due, code, name) in [
        (mammogram, "24623002", "Screening mammography"),
        (colonoscopy, "73761001", "Colonoscopy"),
        (chart.has("atrial-fibrillation", at.date_naive()) || age >= 65 && age % 4 == 0, "29303009", "Electrocardiographic procedure"),
        (chart.has("copd", at.date_naive()) && age % 3 == 0, "127783003", "Spirometry"),
    ] {
        if due {
            file_procedure(chart, (code, name), encounter, at + Duration::minutes(15), 15);
            draft.results.push(format!("{name} done, no significant abnormality."));
        }
    }
}

/// Files a Procedure that took so many minutes.
pub(crate) fn file_procedure(
    chart: &mut Chart<'_>,
    (code, name): (&str, &str),
    encounter: &Filed,
    at: DateTime<FixedOffset>,
    minutes: i64,
) -> Filed {
    let body = json!({
        "status": "completed",
        "code": concept(SNOMED, code, name),
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "performedPeriod": {
            "start": crate::when::stamp(at),
            "end": crate::when::stamp(at + Duration::minutes(minutes)),
        },
        "performer": [{ "actor": practitioner(chart.person.team.physician) }],
    });
    chart.file("Procedure", body)
}

fn work_up(chart: &mut Chart<'_>, illness: &'static Acute, encounter: &Filed, at: DateTime<FixedOffset>, draft: &mut Draft) {
    match illness.workup {
        Workup::None => {}
        Workup::Rapid(code, name) => {
            let line = labs::run_qualitative(chart, (code, name), true, encounter, at + Duration::minutes(10));
            draft.results.push(line);
        }
        Workup::Image(code, name, conclusion) => {
            labs::imaging(chart, (code, name), conclusion, encounter, at + Duration::minutes(35));
            draft.results.push(format!("{name}: {conclusion}"));
        }
        Workup::Procedure(code, name) => {
            file_procedure(chart, (code, name), encounter, at + Duration::minutes(40), 25);
        }
        Workup::Blood => {
            let illness = Illness { infection: 1.5, ..Illness::default() };
            let resulted = labs::run(chart, Panel::BloodCount, encounter, at + Duration::minutes(15), None, illness);
            draft.results.extend(resulted.lines);
        }
    }
}

/// Sends a patient to a specialist, once.
fn refer(chart: &mut Chart<'_>, memory: &mut Memory, encounter: &Filed, at: DateTime<FixedOffset>, draft: &mut Draft) {
    let day = at.date_naive();
    if memory.referred || !chart.draw.chance(0.12) {
        return;
    }
    let to = [
        ("heart-failure", "Cardiology"),
        ("atrial-fibrillation", "Cardiology"),
        ("type1-diabetes", "Endocrinology"),
        ("ckd", "Nephrology"),
        ("rheumatoid-arthritis", "Rheumatology"),
        ("epilepsy", "Neurology"),
        ("migraine", "Neurology"),
        ("knee-osteoarthritis", "Orthopedics"),
        ("type2-diabetes", "Ophthalmology"),
        ("asthma", "Pulmonology"),
    ];
    let Some((key, specialty)) = to.iter().find(|(key, _)| chart.has(key, day)) else { return };
    memory.referred = true;
    crate::orders::file_referral(chart, specialty, key, encounter, at);
    draft.plan.push(format!("Referred to {specialty}."));
    let letter = Draft {
        subjective: vec![format!("Dear colleague, please see this patient in {specialty} clinic.")],
        vitals: draft.vitals.clone(),
        results: draft.results.clone(),
        ..Draft::default()
    };
    write_note(chart, Kind::Letter, &letter, encounter, at + Duration::minutes(40));
}

fn write_note(chart: &mut Chart<'_>, kind: Kind, draft: &Draft, encounter: &Filed, at: DateTime<FixedOffset>) {
    let author = chart.person.team.physician;
    if !chart.is_future(at) {
        notes::file(chart, kind, draft, encounter, at, author);
    }
}

const CALLS: &[(&str, &str)] = &[
    ("Asks whether to take the morning tablets before fasting blood work.", "Advised: water and tablets yes, breakfast after the draw."),
    ("Refill request, two days of medication left.", "Refill sent to the pharmacy on file."),
    ("Caller reports a mild rash after a new detergent, no fever, no swelling.", "Home care advice given, to call back if spreading."),
    ("Asks for results of the last blood test.", "Results explained as in the chart, copy sent."),
    ("Cold for two days, asks about antibiotics.", "Supportive care; return precautions reviewed."),
];
