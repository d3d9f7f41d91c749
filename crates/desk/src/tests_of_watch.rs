//! The watch as a shift meets it: what asks for a step-up, what never does, and what stands in the chain afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use access::{DeskMemory, Target, admit};
use audit::{Action, Outcome};
use kernel::{ErrorCode, PatientId, UserId};
use keys::Passphrase;
use watchful::{Response, Thresholds, Verdict};

use crate::problem::Problem;
use crate::test_host::{PASSPHRASE, PATIENT, TEAM, TestHost, patient};
use crate::tests_of_decisions::entries;
use crate::view::{BreakGlassRequest, SaveDraft};

fn id(of: &str, number: u32) -> PatientId {
    PatientId::new(format!("{of}-{number}")).unwrap()
}

fn body(id: &PatientId, family: &str, given: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{family}","given":["{given}"]}}],"birthDate":"1980-01-02"}}"#)
}

fn team(id: &PatientId) -> String {
    TEAM.replace("team-1", &format!("team-{id}")).replace("pat-1", id.as_str())
}

/// A desk with one patient of the physician's, and strangers.
fn desk(strangers: u32) -> TestHost {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    let bodies: Vec<String> = (0..strangers).map(|n| body(&id("stranger", n), &format!("Family{n}"), "Given")).collect();
    test.receive(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
    test
}

fn open(test: &TestHost, patient: &PatientId) -> Result<(), ErrorCode> {
    crate::open_chart(&test.host, patient).map(drop).map_err(Problem::code)
}

fn refused(test: &TestHost, numbers: std::ops::Range<u32>) {
    for n in numbers {
        assert_eq!(open(test, &id("stranger", n)), Err(ErrorCode::BreakGlassRequired));
    }
}

fn break_glass(test: &TestHost, patient: &PatientId) {
    let (reason, text) = ("ETREAT".into(), "unconscious in the hall".into());
    crate::break_glass(&test.host, BreakGlassRequest { patient: patient.to_string(), passphrase: PASSPHRASE.into(), reason, text })
        .unwrap();
}

fn floor() -> u32 {
    Thresholds::default().stranger_floor
}

#[test]
fn a_burst_at_strangers_charts_asks_for_the_passphrase_and_shows_nothing_until_then() {
    let test = desk(floor());
    refused(&test, 0..floor() - 1);
    assert_eq!(open(&test, &patient()), Ok(()));
    assert!(entries(&test, Action::Incident).is_empty());
    refused(&test, floor() - 1..floor());
    let incidents = entries(&test, Action::Incident);
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].subject.detail.as_deref(), Some("stranger_rate warning number 1 charts 12 usual 3 limit 12"));
    assert_eq!(incidents[0].actor.as_ref().unwrap().user.as_str(), "dr-1");

    let seen = || crate::patients_recent(&test.host).unwrap().len();
    let before = seen();
    assert_eq!(open(&test, &patient()), Err(ErrorCode::StepUpRequired));
    assert_eq!(crate::chart_records(&test.host, &patient()).map(drop).map_err(Problem::code), Err(ErrorCode::StepUpRequired));
    let document = crate::open_document(&test.host, &patient(), "DocumentReference", "none");
    assert_eq!(document.map(drop).map_err(Problem::code), Err(ErrorCode::StepUpRequired));
    assert_eq!(seen(), before);
    let withheld = &entries(&test, Action::ReadChart)[0];
    assert_eq!((withheld.outcome, withheld.subject.patient.as_ref()), (Outcome::Refused, Some(&patient())));
    assert_eq!(withheld.subject.detail.as_deref(), Some("step_up_required stranger_rate"));

    let wrong = crate::step_up(&test.host, &Passphrase::new("not the passphrase at all"));
    assert_eq!(wrong.map_err(Problem::code), Err(ErrorCode::WrongPassphrase));
    assert_eq!(open(&test, &patient()), Err(ErrorCode::StepUpRequired));
    crate::step_up(&test.host, &Passphrase::new(PASSPHRASE)).unwrap();
    assert_eq!(entries(&test, Action::StepUp).len(), 1);
    assert_eq!(open(&test, &patient()), Ok(()));
    assert_eq!(entries(&test, Action::Incident).len(), 1, "one pattern, one incident");
    assert!(crate::audit_verify(&test.host).unwrap().intact);
}

#[test]
fn unlocking_proves_it_too() {
    let test = desk(floor());
    refused(&test, 0..floor());
    assert_eq!(open(&test, &patient()), Err(ErrorCode::StepUpRequired));
    test.host.lock();
    test.unlock();
    assert_eq!(open(&test, &patient()), Ok(()));
}

#[test]
fn emergency_access_and_writing_are_never_held_up() {
    let test = desk(2 * floor());
    let draft = crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    let id_of_draft = crate::parse::draft(&draft.draft).unwrap();
    let (text, revision) = ("Seen.".into(), draft.revision);
    let request = SaveDraft { patient: "pat-1".into(), draft: draft.draft, text, caret: 0, revision };
    let revision = crate::save_draft(&test.host, request).unwrap().revision;
    refused(&test, 0..2 * floor());
    let last = entries(&test, Action::Incident)[0].subject.detail.clone().unwrap();
    assert!(last.starts_with("stranger_rate alarm"), "{last}");
    for n in [0, 1] {
        break_glass(&test, &id("stranger", n));
        assert_eq!(open(&test, &id("stranger", n)), Ok(()));
    }
    crate::sign_note(&test.host, &patient(), id_of_draft, revision, None).unwrap();
    assert_eq!(open(&test, &patient()), Err(ErrorCode::StepUpRequired), "what is not urgent still waits");
}

#[test]
fn the_watch_goes_on_after_a_restart() {
    let test = desk(floor());
    refused(&test, 0..floor() - 1);
    let test = test.restart();
    test.unlock();
    refused(&test, floor() - 1..floor());
    assert_eq!(open(&test, &patient()), Err(ErrorCode::StepUpRequired));
}

#[test]
fn a_watch_that_cannot_be_read_is_an_incident_and_no_obstacle_in_an_emergency() {
    let test = desk(1);
    test.host
        .work(|open, gate, origin| {
            let user = open.user.clone();
            open.vault.transact(origin, |tx| {
                let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation())?;
                Ok(tx.keep_own(&own, "watch", b"{}")?)
            })
        })
        .unwrap();
    break_glass(&test, &id("stranger", 0));
    assert_eq!(open(&test, &id("stranger", 0)), Ok(()));
    assert_eq!(entries(&test, Action::Incident)[0].subject.detail.as_deref(), Some("memory_lost warning number 1"));
    assert_eq!(open(&test, &patient()), Err(ErrorCode::StepUpRequired));
}

#[test]
fn a_busy_hour_with_ones_own_patients_asks_nothing_and_a_harvest_of_them_does() {
    let test = desk(0);
    let own: Vec<PatientId> = (0..60).map(|n| id("own", n)).collect();
    let bodies: Vec<String> = own.iter().flat_map(|patient| [body(patient, "Family", "Given"), team(patient)]).collect();
    test.receive(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
    for patient in own.iter().take(30) {
        test.clock.pass(90);
        test.host.activity();
        assert_eq!(open(&test, patient), Ok(()));
    }
    assert!(entries(&test, Action::Incident).is_empty());
    assert!(entries(&test, Action::StepUp).is_empty());
    // A newcomer is taken for someone with 16 charts in a busy hour, and asked from three times that.
    let asked = own.iter().position(|patient| open(&test, patient) == Err(ErrorCode::StepUpRequired));
    assert_eq!(asked, Some(47));
    let incident = &entries(&test, Action::Incident)[0];
    assert_eq!(incident.subject.detail.as_deref(), Some("chart_rate warning number 1 charts 48 usual 16 limit 48"));
    crate::step_up(&test.host, &Passphrase::new(PASSPHRASE)).unwrap();
    assert!(own.iter().all(|patient| open(&test, patient) == Ok(())), "one's own patients are asked about once");
}

#[test]
fn a_namesakes_chart_is_told_at_once() {
    let test = desk(0);
    let namesake = id("namesake", 1);
    // The physician is called Dr Test.
    test.receive(&[&body(&namesake, "Test", "Dr"), &team(&namesake)]);
    assert_eq!(open(&test, &namesake), Err(ErrorCode::StepUpRequired));
    let incident = &entries(&test, Action::Incident)[0];
    assert_eq!(incident.subject.detail.as_deref(), Some("own_record warning number 1"));
    assert_eq!(incident.subject.patient.as_ref(), Some(&namesake));
    crate::step_up(&test.host, &Passphrase::new(PASSPHRASE)).unwrap();
    assert_eq!(open(&test, &namesake), Ok(()), "it may be somebody else of that name");
}

const RESTRICTED: &str = r#"{"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"#;

/// A desk where a stranger's restricted chart was looked at under broken glass, so many hours ago, and nothing came of it.
fn looked(hours: u64) -> TestHost {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    test.receive(&[&body(&id("stranger", 0), "Lindqvist", "Asa").replacen('{', RESTRICTED, 1)]);
    break_glass(&test, &id("stranger", 0));
    assert_eq!(open(&test, &id("stranger", 0)), Ok(()));
    assert!(entries(&test, Action::Incident).is_empty());
    test.host.lock();
    test.clock.pass(hours * 3600);
    test.sign_in("dr-1", "physician", &["patient.*"], &["progress_notes", "break_glass_reviews", "audit.*"]);
    test.unlock();
    test
}

fn told(test: &TestHost) -> Vec<String> {
    entries(test, Action::Incident).into_iter().map(|entry| entry.subject.detail.unwrap()).collect()
}

#[test]
fn looks_that_nothing_came_of_are_judged_once_the_ties_are_known() {
    let test = looked(25);
    assert_eq!(open(&test, &patient()), Ok(()));
    assert!(told(&test).is_empty(), "neither the unlock nor an opening judges by ties of yesterday");
    crate::watch::ties_current(&test.host).unwrap();
    crate::watch::ties_current(&test.host).unwrap();
    assert_eq!(told(&test), ["restricted warning number 1"]);
    assert_eq!(entries(&test, Action::Incident)[0].subject.patient.as_ref(), Some(&id("stranger", 0)));
}

#[test]
fn whoever_never_reaches_the_ehr_is_judged_at_twice_the_time() {
    assert_eq!(told(&looked(49)), ["restricted warning number 1"]);
}

#[test]
fn a_tie_that_arrives_makes_it_no_look_though_the_chart_stays_closed() {
    let test = looked(25);
    test.receive(&[&team(&id("stranger", 0))]);
    crate::watch::ties_current(&test.host).unwrap();
    assert!(told(&test).is_empty());
}

#[test]
fn a_namesake_born_on_another_day_is_somebody_else() {
    let test = desk(0);
    let (namesake, self_) = (id("namesake", 1), id("namesake", 2));
    let own = r#"{"resourceType":"Practitioner","id":"dr-1","name":[{"family":"Test","given":["Dr"]}],"birthDate":"1975-06-07"}"#;
    let mine = body(&self_, "Test", "Dr").replace("1980-01-02", "1975-06-07");
    test.receive(&[own, &body(&namesake, "Test", "Dr"), &team(&namesake), &mine, &team(&self_)]);
    assert_eq!(open(&test, &namesake), Ok(()), "a patient of the panel, and no more");
    assert!(told(&test).is_empty());
    assert_eq!(open(&test, &self_), Err(ErrorCode::StepUpRequired));
    assert_eq!(told(&test), ["own_record warning number 1"]);
}

#[test]
fn who_lives_at_the_users_address_is_told() {
    const HOME: &str = r#""address":[{"use":"home","line":["12 Ferry Road"],"city":"Saltmarsh","postalCode":"01997"}]"#;
    let test = TestHost::open();
    let own = format!(r#"{{"resourceType":"Practitioner","id":"dr-1","name":[{{"family":"Test","given":["Dr"]}}],{HOME}}}"#);
    let lives_there = body(&id("stranger", 0), "Lindqvist", "Asa").replacen('{', &format!("{{{HOME},"), 1);
    test.receive(&[&own, &lives_there, &body(&id("stranger", 1), "Nguyen", "Bao")]);
    for n in [0, 1] {
        break_glass(&test, &id("stranger", n));
        assert_eq!(open(&test, &id("stranger", n)), Ok(()), "an emergency is an emergency at home too");
    }
    crate::watch::ties_current(&test.host).unwrap();
    test.host.lock();
    test.clock.pass(49 * 3600);
    test.unlock();
    assert_eq!(told(&test), ["same_address warning number 1"]);
}

/// What comes of a chart's opening when the watch answers so.
fn judged(test: &TestHost, patient: &PatientId, response: Result<Response, Problem>) -> Result<(), ErrorCode> {
    let opened = test.host.work(|open, gate, origin| {
        let target = Target::chart(patient.clone());
        crate::watch::read_chart_judged(
            open,
            gate,
            origin,
            patient,
            target,
            |_, _, _| response,
            |tx, permit| Ok(tx.chart(permit).map(drop)?),
        )
    });
    opened.map_err(Problem::code)
}

#[test]
fn a_suspension_closes_elective_charts_and_never_an_emergency() {
    let test = desk(1);
    let suspended = || Ok(Response::SuspendElective { until: test.host.now().wall, why: watchful::Kind::StrangerRate });
    assert_eq!(judged(&test, &patient(), suspended()), Err(ErrorCode::AccessSuspended));
    let withheld = &entries(&test, Action::ReadChart)[0];
    assert_eq!((withheld.outcome, withheld.subject.detail.as_deref()), (Outcome::Refused, Some("access_suspended stranger_rate")));
    break_glass(&test, &id("stranger", 0));
    assert_eq!(judged(&test, &id("stranger", 0), suspended()), Ok(()));
    let asked = Ok(Response::StepUp { why: watchful::Kind::StrangerRate });
    assert_eq!(judged(&test, &id("stranger", 0), asked), Ok(()));
}

#[test]
fn a_watch_that_fails_lets_the_chart_open_and_is_loud() {
    let test = desk(1);
    let failed = || Err(Problem::Named(ErrorCode::Internal));
    let mark = test.folder().join("vault").join("unwatched");
    assert!(!mark.exists());
    assert_eq!(judged(&test, &patient(), failed()), Ok(()));
    assert_eq!(told(&test), ["watch_failed alarm internal"]);
    let entry = &entries(&test, Action::Incident)[0];
    assert_eq!((entry.outcome, entry.subject.patient.as_ref()), (Outcome::Failed, Some(&patient())));
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "2026-03-02T08:00:00Z", "where doctor looks");
    break_glass(&test, &id("stranger", 0));
    assert_eq!(judged(&test, &id("stranger", 0), failed()), Ok(()));
    assert_eq!(judged(&test, &id("stranger", 0), Err(Problem::Locked)), Ok(()));
    assert_eq!(told(&test).len(), 3);
}

#[test]
fn a_review_of_an_emergency_access_settles_what_the_watch_has_of_it() {
    let test = looked(25);
    let access = test.host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation())?;
            Ok(crate::emergency::kept_or_new(tx, &own)?.accesses[0].clone())
        })
    });
    crate::sync_work::reviewed(&test.host, &access.unwrap(), Verdict::Explained).unwrap();
    crate::watch::ties_current(&test.host).unwrap();
    assert!(told(&test).is_empty(), "care, says the officer");
}

#[test]
fn an_incident_is_settled_by_its_number_and_what_followed_is_lifted() {
    let test = desk(floor());
    refused(&test, 0..floor());
    assert_eq!(open(&test, &patient()), Err(ErrorCode::StepUpRequired));
    let dr = UserId::new("dr-1").unwrap();
    let settle = |user: &UserId, number| crate::settle_incident(&test.host, user, number, Verdict::Explained).map_err(Problem::code);
    assert_eq!(settle(&dr, 1), Err(ErrorCode::Forbidden), "not by the clinician");
    test.host.lock();
    test.sign_in("dr-1", "privacy_officer", &["audit.*", "patient.*"], &["break_glass_reviews"]);
    test.unlock();
    assert_eq!(settle(&UserId::new("nobody").unwrap(), 1), Err(ErrorCode::NotEnrolled));
    settle(&dr, 1).unwrap();
    settle(&dr, 77).unwrap();
    let said = entries(&test, Action::ReviewBreakGlass);
    assert!(said.iter().any(|entry| entry.subject.detail.as_deref() == Some("incident 1 of dr-1 explained")), "{said:?}");
    test.host.lock();
    test.sign_in("dr-1", "physician", &["patient.*"], &["progress_notes"]);
    test.unlock();
    refused(&test, 0..floor());
    assert_eq!(told(&test).len(), 1, "such an hour is usual from now on");
    assert_eq!(open(&test, &patient()), Ok(()));
}
