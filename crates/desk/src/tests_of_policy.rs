//! What the hospital sets reaches the locks, the lease and the keys; it never stands between a clinician and a vault that is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Clock as _, ErrorCode};
use keys::Passphrase;
use posture::Found;
use remote::EhrAddress;

use crate::problem::Problem;
use crate::test_host::{PASSPHRASE, PATIENT, TEAM, TestHost, patient};
use crate::view::{BreakGlassRequest, LockReason, Stage};

/// Cut short.
const CORRUPT: &str = r#"{"idle_seconds": 9"#;
/// 26 characters, as strong as it is long.
const COLLEAGUE: &str = "quarry ribbon seven meadow";

fn code<T>(result: Result<T, Problem>) -> ErrorCode {
    result.err().unwrap().code()
}

fn idle_limit(test: &TestHost) -> u64 {
    test.host.idle_policy().limit_seconds()
}

fn under(policy: &str, idle_seconds: Option<u64>) -> TestHost {
    let found = Found::Read { bytes: policy.as_bytes().to_vec(), administrators_alone: true };
    TestHost::new().restart_with(found, idle_seconds)
}

fn lease_left(test: &TestHost, view: &crate::view::DeskView) -> TimeDelta {
    let until: DateTime<Utc> = view.lease_until.as_deref().unwrap().parse().unwrap();
    until - test.clock.now().wall
}

fn join(test: &TestHost, passphrase: &str) -> Result<(), Problem> {
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    crate::join(&test.host, &Passphrase::new(passphrase))
}

#[test]
fn the_strictest_idle_limit_holds_and_nothing_lengthens_it() {
    for (policy, option, holds) in [
        ("{}", None, 900),
        ("{}", Some(5000), 900),
        ("{}", Some(120), 120),
        (r#"{"idle_seconds": 300}"#, None, 300),
        (r#"{"idle_seconds": 300}"#, Some(600), 300),
        (r#"{"idle_seconds": 300}"#, Some(60), 60),
        (r#"{"idle_seconds": 5000}"#, None, 900),
        (CORRUPT, None, 300),
        (CORRUPT, Some(900), 300),
    ] {
        assert_eq!(idle_limit(&under(policy, option)), holds, "{policy} {option:?}");
    }
}

#[test]
fn the_desk_locks_when_the_policy_says() {
    let test = under(r#"{"idle_seconds": 300}"#, None);
    assert_eq!(test.enrol("physician", &["patient.*"], &[]).idle_limit_seconds, 300);
    test.clock.pass(299);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Open { .. }));
    test.clock.pass(1);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { reason: Some(LockReason::Idle), .. }));
}

#[test]
fn the_session_cap_and_the_lease_only_shorten() {
    let shorter = under(r#"{"session_cap_hours": 2, "offline_lease_hours": 6}"#, None);
    assert_eq!(shorter.host.idle_policy(), session::IdlePolicy::default().with_cap_hours(2));
    assert_eq!(shorter.host.lease_policy(), session::LeasePolicy::new(6));
    assert_eq!(lease_left(&shorter, &shorter.enrol("physician", &["patient.*"], &[])), TimeDelta::hours(6));
    let longer = under(r#"{"session_cap_hours": 48, "offline_lease_hours": 72}"#, None);
    assert_eq!(longer.host.idle_policy(), session::IdlePolicy::default());
    assert_eq!(lease_left(&longer, &longer.enrol("physician", &["patient.*"], &[])), TimeDelta::hours(24));
}

#[test]
fn a_new_passphrase_is_as_long_as_the_policy_asks_and_an_old_one_still_opens() {
    let test = under(r#"{"min_passphrase_chars": 32}"#, None);
    test.sign_in("dr-1", "physician", &["patient.*"], &[]);
    assert_eq!(code(crate::enrol(&test.host, &Passphrase::new(PASSPHRASE))), ErrorCode::WeakPassphrase);
    assert!(!test.folder().join("vault").exists());
    let test = TestHost::open().restart_under(r#"{"min_passphrase_chars": 32}"#);
    test.unlock();
    assert_eq!(code(join(&test, COLLEAGUE)), ErrorCode::WeakPassphrase);
    let change = |new: &str| crate::change_passphrase(&test.host, &Passphrase::new(PASSPHRASE), &Passphrase::new(new));
    assert_eq!(code(change(COLLEAGUE)), ErrorCode::WeakPassphrase);
    change("quarry ribbon seven meadow lantern").unwrap();
}

#[test]
fn a_policy_that_cannot_be_believed_enrols_nobody_and_keeps_nobody_out() {
    let fresh = under(CORRUPT, None);
    fresh.sign_in("dr-1", "physician", &["patient.*"], &[]);
    assert_eq!(code(crate::enrol(&fresh.host, &Passphrase::new(PASSPHRASE))), ErrorCode::EnrolmentRefused);
    assert!(!fresh.folder().join("vault").exists());

    let test = TestHost::open();
    test.receive(&[PATIENT]);
    let test = test.restart_under(CORRUPT);
    assert_eq!(test.unlock().idle_limit_seconds, 300);
    let keys = || std::fs::read(test.folder().join("vault/keys.json")).unwrap();
    let before = keys();
    assert_eq!(code(join(&test, COLLEAGUE)), ErrorCode::EnrolmentRefused);
    assert_eq!(keys(), before);
    let (reason, text) = ("ETREAT".into(), "unconscious in the hall".into());
    let glass = BreakGlassRequest { patient: patient().to_string(), passphrase: PASSPHRASE.into(), reason, text };
    crate::break_glass(&test.host, glass).unwrap();
    let test = test.restart();
    test.unlock();
    test.receive(&[TEAM]);
    join(&test, COLLEAGUE).unwrap();
}

#[test]
fn an_unmet_demand_for_a_security_key_refuses_enrolment_alone() {
    let demand = r#"{"factors": "with_security_key"}"#;
    let test = TestHost::open().restart_under(demand);
    test.unlock();
    assert_eq!(code(join(&test, COLLEAGUE)), ErrorCode::EnrolmentRefused);
}

#[test]
fn a_generation_serves_as_long_as_its_shortest_class() {
    for (policy, days) in [
        ("{}", 365),
        (r#"{"rotation_days": {"group": 180, "patient": 90, "door": 120}}"#, 90),
        (r#"{"rotation_days": {"audit": 30}}"#, 365),
        (r#"{"rotation_days": {"database": 4000}}"#, 365),
        (CORRUPT, 365),
    ] {
        assert_eq!(under(policy, None).host.generation_days(), days, "{policy}");
    }
}

#[test]
fn the_hospitals_ehr_is_the_only_one() {
    let test = under(r#"{"ehr": "https://ehr.example.org/fhir"}"#, None);
    assert!(
        matches!(crate::stage(&test.host).unwrap(), Stage::FirstRun { suggested_ehr: Some(ehr) } if ehr == "https://ehr.example.org/fhir")
    );
    assert_eq!(code(test.wait(crate::choose_ehr(&test.host, "https://127.0.0.1:1/fhir"))), ErrorCode::Forbidden);
    let allowed = |test: &TestHost, ehr: &str| crate::policy::allows_ehr(&test.host.policy, &EhrAddress::parse(ehr).unwrap());
    assert!(allowed(&test, "https://ehr.example.org/fhir/") && !allowed(&test, "https://ehr.example.org/fhir2"));
    assert!(allowed(&under("{}", None), "https://127.0.0.1:1/fhir"));
}
