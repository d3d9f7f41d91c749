//! Orders and the work around them: laboratory orders, referrals, tasks, messages.

use crate::chart::{Chart, Filed};
use crate::codes::{LOINC, SNOMED, concept, hl7, reference};
use crate::directory::{self, practitioner};
use crate::labs::Panel;
use crate::people::Cohort;
use crate::when::stamp;
use chrono::{DateTime, Duration, FixedOffset};
use serde_json::{Value, json};

/// Files the order of a laboratory panel.
pub(crate) fn file_lab(chart: &mut Chart<'_>, panel: Panel, encounter: &Filed, at: DateTime<FixedOffset>, status: &str) -> Filed {
    let code = panel.code();
    let mut body = request(chart, encounter, at, status);
    body["category"] = json!([concept(SNOMED, "108252007", "Laboratory procedure")]);
    body["code"] = concept(LOINC, code.0, code.1);
    body["performer"] = json!([reference(directory::LABORATORY.0, directory::LABORATORY.1)]);
    chart.file_labelled("ServiceRequest", body, panel.sensitive())
}

/// Files a referral to a specialty, for a problem on file, with the task to schedule it.
pub(crate) fn file_referral(chart: &mut Chart<'_>, specialty: &str, key: &'static str, encounter: &Filed, at: DateTime<FixedOffset>) {
    let recent = (chart.spec.today - at.date_naive()).num_days() < 45;
    let mut body = request(chart, encounter, at, if recent { "active" } else { "completed" });
    body["category"] = json!([concept(SNOMED, "3457005", "Patient referral")]);
    body["code"] =
        json!({ "coding": [concept(SNOMED, "3457005", "Patient referral")["coding"][0]], "text": format!("Referral to {specialty}") });
    if let Some(reason) = chart.problem_reference(key) {
        body["reasonReference"] = json!([reason]);
    }
    let order = chart.file("ServiceRequest", body);
    let status = if recent { "requested" } else { "completed" };
    file_task(chart, &format!("Schedule referral to {specialty}"), status, "routine", at, Some(&order));
}

/// Tasks and messages around today: results to read, calls to make, questions from the patient.
pub(crate) fn file_open_work(chart: &mut Chart<'_>, last: Option<(Filed, DateTime<FixedOffset>)>) {
    let Some((encounter, last_seen)) = last else { return };
    let chronic = chart.age(chart.to) >= 18 && !chart.active_problems(chart.to).is_empty();
    if chronic && chart.draw.chance(0.3) && chart.person.death.is_none() {
        let order = file_lab(chart, Panel::Metabolic, &encounter, last_seen, "active");
        file_task(chart, "Draw fasting blood before the next visit", "requested", "routine", last_seen, Some(&order));
    }
    let about: &[(&str, &str, &str)] = match chart.person.cohort {
        Cohort::Admitted => &[("Reconcile home medications on admission", "requested", "urgent")],
        _ if chart.age(chart.to) < 18 => &[
            ("Sign school health form", "completed", "routine"),
            ("Call parent: missed appointment", "requested", "routine"),
            ("Send immunization record to school", "in-progress", "routine"),
        ],
        _ => &[
            ("Review laboratory results", "completed", "routine"),
            ("Call patient about results", "completed", "routine"),
            ("Complete prior authorization", "in-progress", "routine"),
            ("Call patient: missed appointment", "requested", "routine"),
        ],
    };
    if chart.draw.chance(0.45) {
        let (what, status, priority) = *chart.draw.pick(about);
        let hours = chart.draw.between(2, 30);
        let at = (last_seen + Duration::hours(hours)).min(chart.zone.shown(chart.spec.now));
        file_task(chart, what, status, priority, at, None);
    }
    let messages = chart.draw.weighted(&[0.55, 0.25, 0.2]);
    for _ in 0..messages {
        let days = chart.draw.between(1, 120);
        let day = (chart.to - Duration::days(days)).max(chart.from);
        let minutes = chart.draw.between(7 * 60, 20 * 60);
        let at = chart.at(day, minutes);
        file_exchange(chart, at);
    }
}

fn request(chart: &Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>, status: &str) -> Value {
    json!({
        "status": status,
        "intent": "order",
        "priority": "routine",
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "authoredOn": stamp(at),
        "requester": practitioner(chart.person.team.physician),
    })
}

fn file_task(chart: &mut Chart<'_>, what: &str, status: &str, priority: &str, at: DateTime<FixedOffset>, focus: Option<&Filed>) {
    let nurse_work = what.starts_with("Call") || what.starts_with("Draw") || what.starts_with("Schedule");
    let owner = if nurse_work { chart.person.team.nurse } else { chart.person.team.physician };
    let mut body = json!({
        "status": status,
        "intent": if focus.is_some() { "order" } else { "plan" },
        "priority": priority,
        "code": { "text": what },
        "description": what,
        "for": chart.subject(),
        "authoredOn": stamp(at),
        "lastModified": stamp(at),
        "requester": practitioner(chart.person.team.physician),
        "owner": practitioner(owner),
    });
    if let Some(focus) = focus {
        body["focus"] = json!({ "reference": focus.reference });
    }
    if status != "completed" {
        let days = chart.draw.between(1, 14);
        body["restriction"] = json!({ "period": { "end": (chart.spec.today + Duration::days(days)).to_string() } });
    }
    chart.file("Task", body);
}

/// A patient's message and the answer to it.
fn file_exchange(chart: &mut Chart<'_>, at: DateTime<FixedOffset>) {
    let (question, answer) = *chart.draw.pick(MESSAGES);
    let asked = message(chart, question, at, true);
    let asked = chart.file("Communication", asked);
    let hours = chart.draw.between(1, 20);
    let later = at + Duration::hours(hours);
    if !chart.is_future(later) {
        let mut reply = message(chart, answer, later, false);
        reply["inResponseTo"] = json!([{ "reference": asked.reference }]);
        chart.file("Communication", reply);
    }
}

fn message(chart: &Chart<'_>, text: &str, at: DateTime<FixedOffset>, from_patient: bool) -> Value {
    let nurse = practitioner(chart.person.team.nurse);
    let (sender, recipient) = if from_patient { (chart.subject(), nurse) } else { (nurse, chart.subject()) };
    json!({
        "status": "completed",
        "category": [concept(&hl7("communication-category"), "notification", "Notification")],
        "medium": [concept(&hl7("v3-ParticipationMode"), "WRITTEN", "written")],
        "subject": chart.subject(),
        "sent": stamp(at),
        "recipient": [recipient],
        "sender": sender,
        "payload": [{ "contentString": text }],
    })
}

const MESSAGES: &[(&str, &str)] = &[
    (
        "Could you send my refill to the new pharmacy on Main Street?",
        "Done. Please bring the old bottles to your next visit so we can check them.",
    ),
    ("My home blood pressure was 128 over 76 this week.", "Thank you, that is a good reading. Please keep writing them down."),
    ("Is it all right to take the flu shot with my medicines?", "Yes, there is no problem with the medicines on your list."),
    ("I need a note for work for last Tuesday.", "The note is ready at the front desk."),
    (
        "The new tablets make me a little dizzy when I stand up.",
        "Please stand up slowly and drink enough. If it is not better in three days, call us.",
    ),
    ("Do I have to come fasting to the next appointment?", "Yes please, nothing to eat for eight hours; water and your tablets are fine."),
];
