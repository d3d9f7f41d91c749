//! Emergency access through the desk: numbers, ends, and what is to be reported.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use access::{DeskMemory, GrantNumber, Ingest, IssuedNumber, Target, admit};
use kernel::{DeviceId, ErrorCode, Phi, PractitionerId};

use super::Pinned;
use crate::problem::Problem;
use crate::test_host::{PASSPHRASE, PATIENT, STRANGER, TestHost, ehr_keys, patient, stranger};
use crate::view::{AuditQuery, AuditRow, BreakGlassRequest, BreakGlassView, JudgeReview};

fn desk() -> TestHost {
    let test = TestHost::new();
    test.enrol("physician", &["patient.*", "audit.*"], &["progress_notes"]);
    test.receive(&[PATIENT, STRANGER]);
    test
}

fn stocked(numbers: &[&str]) -> TestHost {
    let test = desk();
    let expires = "2026-03-09T08:00:00Z".parse().unwrap();
    let issued = numbers.iter().map(|number| IssuedNumber { number: GrantNumber::new(number).unwrap(), expires, signed: "a.b.c".into() });
    crate::sync_work::stock(&test.host, |stock, now| stock.arrived(now, issued, &[])).unwrap();
    test
}

fn glass(test: &TestHost, of: &kernel::PatientId) -> BreakGlassView {
    let (reason, text) = ("ETREAT".into(), "unconscious in the hall".into());
    crate::break_glass(&test.host, BreakGlassRequest { patient: of.to_string(), passphrase: PASSPHRASE.into(), reason, text }).unwrap()
}

fn entries(test: &TestHost, action: &str) -> Vec<AuditRow> {
    let query = AuditQuery { action: Some(action.into()), limit: 100, ..AuditQuery::default() };
    crate::audit_recent(&test.host, &query).unwrap()
}

fn hour_passes(test: &TestHost) {
    for _ in 0..5 {
        test.clock.pass(12 * 60 + 1);
        test.host.activity();
    }
}

#[test]
fn numbers_go_one_by_one_and_without_any_it_still_opens_and_says_so() {
    let test = stocked(&["41", "42"]);
    let taken = [glass(&test, &stranger()), glass(&test, &patient())].map(|granted| granted.number.unwrap());
    assert_eq!(taken.iter().map(String::as_str).collect::<std::collections::BTreeSet<_>>(), ["41", "42"].into());
    let test = test.restart();
    test.unlock();
    let again = glass(&test, &stranger());
    assert_eq!((again.number, again.reported), (None, false), "over a restart nothing is given twice");
    let opened = crate::open_chart(&test.host, &stranger()).unwrap();
    assert_eq!(opened.break_glass.unwrap().number, None);

    let said: Vec<_> = entries(&test, "break_glass").into_iter().map(|entry| entry.detail.unwrap()).collect();
    assert!(said[0].ends_with(" unnumbered") && said[1].ends_with(&format!(" number {}", taken[1])), "{said:?}");
    let own = crate::own_emergencies(&test.host).unwrap();
    assert_eq!(own.iter().map(|own| own.number.as_deref()).collect::<Vec<_>>(), [None, Some(&*taken[1]), Some(&*taken[0])]);
    assert!(own.iter().all(|own| !own.reported));
    assert!(own[2].ended.is_some() && own[0].ended.is_none(), "a new one of the same chart ends the one before");
}

#[test]
fn what_the_ehr_has_not_signed_is_an_incident_and_no_number_and_holds_up_nobody() {
    let test = desk();
    let frozen: serde_json::Value = serde_json::from_str(include_str!("../../vectors/break_glass_grant.json")).unwrap();
    let number = |signed: &str| IssuedNumber {
        number: GrantNumber::new("42").unwrap(),
        expires: "2026-03-09T08:00:00Z".parse().unwrap(),
        signed: frozen[signed].as_str().unwrap().into(),
    };
    let holder = super::Holder { practitioner: PractitionerId::new("dr-1").unwrap(), device: DeviceId::new("ward-3").unwrap() };
    let take_in = |signed: &[&str], keys: &str| {
        let issued = signed.iter().map(|signed| number(signed)).collect();
        super::take_in(&test.host, issued, &[], Some(&ehr_keys(keys)), &holder).unwrap()
    };
    assert!(!take_in(&["other_clinician", "other_device", "other_type"], "keys") && !take_in(&["good"], "stranger"));
    assert!(!super::take_in(&test.host, vec![number("good")], &[], None, &holder).unwrap(), "no keys, no number");
    let incidents: Vec<_> = entries(&test, "incident").into_iter().map(|entry| (entry.outcome, entry.detail.unwrap())).collect();
    let refused = |detail: &str| ("refused".to_owned(), format!("grant_not_signed alarm numbers {detail}"));
    assert_eq!(incidents, [refused("1 unknown_key"), refused("1 unknown_key"), refused("3 form other_claims")], "one for one answer");
    assert_eq!(glass(&test, &stranger()).number, None, "emergency access goes on without");
    crate::open_chart(&test.host, &stranger()).unwrap();

    assert!(take_in(&["good"], "keys"));
    assert_eq!(entries(&test, "incident").len(), 3);
    assert_eq!(glass(&test, &patient()).number.as_deref(), Some("42"));
}

#[test]
fn the_keys_are_pinned_at_sign_in_and_change_in_turn_alone() {
    let test = desk();
    let pinned = || super::pinned(&test.host).unwrap();
    let Pinned::Keys(keys) = pinned() else { panic!("pinned at enrolment") };
    assert_eq!(keys, ehr_keys("keys"));
    assert!(pinned().yields_to(&ehr_keys("next")) && !pinned().yields_to(&ehr_keys("stranger")));
    super::pin_changed(&test.host, &ehr_keys("next")).unwrap();
    assert!(pinned().yields_to(&ehr_keys("stranger")), "it was announced");
    let unreadable = Phi::new("{}".into());
    test.host
        .work(|open, gate, origin| {
            let user = open.user.clone();
            open.vault.transact(origin, |tx| {
                let site = admit::<Ingest, _>(gate, tx, &user, Target::workstation())?;
                Ok::<_, Problem>(tx.keep_shared(&site, "ehr keys", &unreadable)?)
            })
        })
        .unwrap();
    assert!(matches!(pinned(), Pinned::Unreadable) && !pinned().yields_to(&ehr_keys("keys")));
    test.host.lock();
    test.sign_in("dr-1", "physician", &["patient.*"], &[]);
    test.unlock();
    assert!(matches!(pinned(), Pinned::Keys(_)), "a sign-in pins anew");
}

#[test]
fn a_refused_request_takes_no_number() {
    let test = stocked(&["41"]);
    let ask = |patient: &str, reason: &str| {
        let request = BreakGlassRequest {
            patient: patient.into(),
            passphrase: PASSPHRASE.into(),
            reason: reason.into(),
            text: "unconscious in the hall".into(),
        };
        crate::break_glass(&test.host, request)
    };
    assert!(ask("pat-2", "WHIM").is_err() && ask("nobody-here", "ETREAT").is_err());
    assert!(crate::own_emergencies(&test.host).unwrap().is_empty());
    assert_eq!(glass(&test, &stranger()).number.as_deref(), Some("41"));
}

#[test]
fn a_book_that_cannot_be_read_keeps_nobody_out() {
    let test = stocked(&["41"]);
    test.host
        .work(|open, gate, origin| {
            let user = open.user.clone();
            open.vault.transact(origin, |tx| {
                let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation())?;
                Ok::<_, Problem>(tx.keep_own(&own, "emergency", b"{")?)
            })
        })
        .unwrap();
    assert_eq!(glass(&test, &stranger()).number, None);
    crate::open_chart(&test.host, &stranger()).unwrap();
    assert_eq!(crate::own_emergencies(&test.host).unwrap().len(), 1);
}

#[test]
fn an_access_that_lapses_gets_its_entry_once_and_one_that_is_ended_none_more() {
    let test = desk();
    glass(&test, &stranger());
    crate::end_break_glass(&test.host, &stranger()).unwrap();
    glass(&test, &patient());
    hour_passes(&test);
    for _ in 0..2 {
        super::settle_lapsed(&test.host).unwrap();
    }
    test.host.lock();
    test.unlock();
    let ended: Vec<_> =
        entries(&test, "end_break_glass").into_iter().map(|entry| (entry.patient.unwrap(), entry.outcome, entry.detail)).collect();
    assert_eq!(ended.len(), 2, "{ended:?}");
    assert_eq!((&*ended[0].0, &*ended[0].1), ("pat-1", "allowed"));
    assert!(ended[0].2.as_deref().unwrap().ends_with(" lapsed"));
    let own = crate::own_emergencies(&test.host).unwrap();
    assert_eq!(own[0].ended.as_deref(), Some("2026-03-02T09:00:00Z"), "when its hour was over, not when that was noticed");
}

#[test]
fn what_lapsed_while_locked_is_ended_at_the_next_unlock() {
    let test = desk();
    glass(&test, &stranger());
    test.host.lock();
    test.clock.pass(2 * 3600);
    test.unlock();
    assert_eq!(entries(&test, "end_break_glass").len(), 1);
}

#[test]
fn only_reviewers_are_let_to_the_queue_and_the_attempt_is_taken_down() {
    let test = TestHost::open();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asked = runtime.block_on(sent(crate::review_queue(&test.host, crate::view::ReviewQuery::default())));
    assert_eq!(asked.err(), Some(Problem::Forbidden));
    let test = desk();
    let asked = runtime.block_on(sent(crate::break_glass_statistics(&test.host, 30)));
    assert!(asked.is_err(), "there is no EHR here");
    let judgement = JudgeReview { task: "t-1".into(), version: "1".into(), judgement: "appropriate".into(), note: "on call".into() };
    let unworded = JudgeReview { note: "  ".into(), ..judgement.clone() };
    assert_eq!(runtime.block_on(crate::judge_review(&test.host, unworded)).err(), Some(ErrorCode::InvalidRequest.into()));
    assert!(runtime.block_on(sent(crate::judge_review(&test.host, judgement))).is_err());
    assert!(runtime.block_on(sent(crate::close_review(&test.host, "t-1", "1"))).is_err());
    let said: Vec<_> = entries(&test, "review_break_glass").into_iter().map(|entry| entry.detail.unwrap()).collect();
    assert_eq!(said, ["close t-1", "judge t-1 appropriate", "statistics of 30 days"], "before the EHR is asked");
}

/// The window's commands run on any thread.
const fn sent<F: Future + Send>(future: F) -> F {
    future
}
