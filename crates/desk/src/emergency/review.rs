//! A report of emergency access as its reviewer reads, judges and closes it.
use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kernel::PractitionerId;
use serde_json::{Value, json};
use watchful::Verdict;

use super::task::{OUTPUT_SYSTEM, REVIEW_CODE, TASK_SYSTEM, concept, input, is_of};
use crate::view::{EmergencyUse, ReviewRow, ReviewState};

const WORTH_SYSTEM: &str = "urn:satchel:break-glass-number";

/// What a reviewer finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// As it should be.
    Appropriate,
    /// There was no right to it.
    Inappropriate,
    /// To be looked into.
    FollowUp,
}

impl Judgement {
    const ALL: [Self; 3] = [Self::Appropriate, Self::Inappropriate, Self::FollowUp];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Appropriate => "appropriate",
            Self::Inappropriate => "inappropriate",
            Self::FollowUp => "follow-up",
        }
    }

    /// The judgement behind a name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|judgement| judgement.code() == code)
    }
}

/// Who judges.
pub struct Reviewer {
    /// The officer.
    pub practitioner: PractitionerId,
    /// Name.
    pub name: String,
}

/// Whether it is a report of emergency access.
pub fn is_review(task: &Value) -> bool {
    task["resourceType"] == "Task" && is_of(&task["code"], TASK_SYSTEM, REVIEW_CODE)
}

/// A report for reading; `None` if it is none. What a report does not say stays empty.
pub fn row(task: &Value, version: &str) -> Option<ReviewRow> {
    if !is_review(task) {
        return None;
    }
    let said = |code: &str, member: &str| input(task, code).and_then(|input| input[member].as_str()).map(str::to_owned);
    let judgement = judgement(task);
    let state = match task["status"].as_str()? {
        "completed" | "cancelled" | "rejected" | "failed" | "entered-in-error" => ReviewState::Closed,
        _ if judgement.is_some() => ReviewState::Judged,
        _ => ReviewState::Waiting,
    };
    let number = said("number", "valueString");
    let worth = coded(&task["businessStatus"], WORTH_SYSTEM);
    let note = task["note"].as_array().and_then(|notes| notes.last());
    Some(ReviewRow {
        task: task["id"].as_str()?.to_owned(),
        version: version.to_owned(),
        state,
        user: task["requester"]["reference"].as_str()?.strip_prefix("Practitioner/")?.to_owned(),
        user_name: task["requester"]["display"].as_str().unwrap_or_default().to_owned(),
        patient: task["for"]["reference"].as_str()?.strip_prefix("Patient/")?.to_owned(),
        patient_name: None,
        reason: input(task, "purpose")
            .and_then(|input| input["valueCodeableConcept"]["coding"][0]["code"].as_str())
            .unwrap_or_default()
            .to_owned(),
        text: said("reason", "valueString").unwrap_or_default(),
        began: said("began", "valueDateTime")?,
        ended: said("ended", "valueDateTime"),
        workstation: said("workstation", "valueString").unwrap_or_default(),
        // Silence never means good: what the EHR has not checked is said to be unchecked.
        worth: worth.unwrap_or_else(|| if number.is_some() { "unchecked" } else { "unnumbered" }.to_owned()),
        number,
        judgement: judgement.map(|judgement| judgement.code().to_owned()),
        note: note.and_then(|note| note["text"].as_str()).map(str::to_owned),
        judged_by: task["owner"]["display"].as_str().map(str::to_owned),
    })
}

/// The Task judged; a judgement may be changed until the review is closed. `None` once it is.
pub fn judged(mut task: Value, judgement: Judgement, note: &str, by: &Reviewer, now: DateTime<Utc>) -> Option<Value> {
    if row(&task, "")?.state == ReviewState::Closed {
        return None;
    }
    let who = json!({ "reference": format!("Practitioner/{}", by.practitioner), "display": by.name });
    task["status"] = "in-progress".into();
    task["owner"] = who.clone();
    task["lastModified"] = text(now).into();
    task["output"] = json!([{
        "type": concept(OUTPUT_SYSTEM, "judgement"),
        "valueCodeableConcept": concept(OUTPUT_SYSTEM, judgement.code()),
    }]);
    let said = json!({ "authorReference": who, "time": text(now), "text": note });
    match task["note"].as_array_mut() {
        Some(notes) => notes.push(said),
        None => task["note"] = json!([said]),
    }
    Some(task)
}

/// The Task closed. `None` unless it was judged and is open.
pub fn closed(mut task: Value, now: DateTime<Utc>) -> Option<Value> {
    if row(&task, "")?.state != ReviewState::Judged {
        return None;
    }
    task["status"] = "completed".into();
    task["lastModified"] = text(now).into();
    Some(task)
}

/// What a closed review found; `None` while it is open, and where it found nothing either way.
pub fn verdict(task: &Value) -> Option<Verdict> {
    if row(task, "")?.state != ReviewState::Closed {
        return None;
    }
    match judgement(task)? {
        Judgement::Appropriate => Some(Verdict::Explained),
        Judgement::Inappropriate => Some(Verdict::Confirmed),
        Judgement::FollowUp => None,
    }
}

/// Uses by clinician in the days before `now`, most first.
pub fn uses<'a>(rows: impl IntoIterator<Item = &'a ReviewRow>, days: u32, now: DateTime<Utc>) -> Vec<EmergencyUse> {
    let since = now - TimeDelta::days(i64::from(days));
    let mut uses = BTreeMap::<&str, EmergencyUse>::new();
    for row in rows {
        // A time that cannot be read counts: too many are better than too few.
        if DateTime::parse_from_rfc3339(&row.began).is_ok_and(|began| began < since) {
            continue;
        }
        let counted = uses.entry(&row.user).or_insert_with(|| EmergencyUse {
            user: row.user.clone(),
            name: row.user_name.clone(),
            uses: 0,
            unnumbered: 0,
            doubtful: 0,
            inappropriate: 0,
            waiting: 0,
        });
        counted.uses += 1;
        counted.unnumbered += u32::from(row.worth == "unnumbered");
        counted.doubtful += u32::from(row.worth != "unnumbered" && row.worth != "good");
        counted.inappropriate += u32::from(row.judgement.as_deref() == Some(Judgement::Inappropriate.code()));
        counted.waiting += u32::from(row.state == ReviewState::Waiting);
    }
    let mut uses: Vec<_> = uses.into_values().collect();
    uses.sort_by(|a, b| b.uses.cmp(&a.uses).then_with(|| a.user.cmp(&b.user)));
    uses
}

fn judgement(task: &Value) -> Option<Judgement> {
    let outputs = task["output"].as_array()?;
    let output = outputs.iter().rev().find(|output| is_of(&output["type"], OUTPUT_SYSTEM, "judgement"))?;
    Judgement::from_code(&coded(&output["valueCodeableConcept"], OUTPUT_SYSTEM)?)
}

fn coded(concept: &Value, system: &str) -> Option<String> {
    let coding = concept["coding"].as_array()?.iter().find(|coding| coding["system"] == system)?;
    coding["code"].as_str().map(str::to_owned)
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn task() -> Value {
        serde_json::from_str(include_str!("../../vectors/break_glass_task.json")).unwrap()
    }

    fn officer() -> Reviewer {
        Reviewer { practitioner: PractitionerId::new("po-1").unwrap(), name: "Officer".into() }
    }

    fn now() -> DateTime<Utc> {
        "2026-03-03T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_was_reported_is_read_back() {
        let row = row(&task(), "1").unwrap();
        assert_eq!((row.state, &*row.user, &*row.patient, &*row.reason), (ReviewState::Waiting, "dr-1", "pat-1", "ETREAT"));
        assert_eq!((&*row.text, row.number.as_deref(), &*row.worth), ("unconscious in the hall", Some("42"), "unchecked"));
        assert!(super::row(&json!({"resourceType": "Task", "status": "requested", "code": {"text": "errand"}}), "1").is_none());
    }

    #[test]
    fn judged_then_closed_and_not_otherwise() {
        assert!(closed(task(), now()).is_none(), "nobody has judged it");
        let first = judged(task(), Judgement::FollowUp, "ask her", &officer(), now()).unwrap();
        let again = judged(first.clone(), Judgement::Appropriate, "she was on call", &officer(), now()).unwrap();
        let row = row(&again, "3").unwrap();
        assert_eq!(
            (row.state, row.judgement.as_deref(), row.note.as_deref()),
            (ReviewState::Judged, Some("appropriate"), Some("she was on call"))
        );
        assert_eq!(again["note"].as_array().unwrap().len(), 2, "what was said before stays");
        assert_eq!(again["input"], task()["input"]);
        assert_eq!(verdict(&again), None, "it may still change");
        let done = closed(again, now()).unwrap();
        assert_eq!(verdict(&done), Some(Verdict::Explained));
        assert_eq!(verdict(&closed(first, now()).unwrap()), None, "to be followed up is no verdict");
        assert_eq!(super::row(&done, "4").unwrap().state, ReviewState::Closed);
        assert!(judged(done.clone(), Judgement::Inappropriate, "after all", &officer(), now()).is_none());
        assert!(closed(done, now()).is_none());
    }

    #[test]
    fn uses_are_counted_by_clinician() {
        let mut rows = vec![row(&task(), "1").unwrap(); 4];
        rows[1].worth = "unnumbered".into();
        rows[2].began = "2026-01-02T08:00:00Z".into();
        rows[3].user = "dr-2".into();
        rows[3].judgement = Some("inappropriate".into());
        rows[3].worth = "good".into();
        let counted: Vec<_> =
            uses(&rows, 30, now()).iter().map(|of| (of.user.clone(), of.uses, of.unnumbered, of.doubtful, of.inappropriate)).collect();
        assert_eq!(counted, [("dr-1".to_owned(), 2, 1, 1, 0), ("dr-2".to_owned(), 1, 0, 0, 1)]);
        assert_eq!(uses(&rows, 90, now())[0].uses, 3);
    }
}
