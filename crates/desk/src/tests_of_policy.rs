//! What the hospital sets reaches the locks, the lease and the keys; it never stands between a clinician and a vault that is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::os::unix::fs::PermissionsExt as _;

use access::{DeskMemory, Target, admit};
use audit::Action;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Clock as _, ErrorCode};
use keys::Passphrase;
use posture::{Choice, Effective, Found, LastKnown, Posture, State};
use remote::EhrAddress;

use crate::problem::Problem;
use crate::test_host::{PASSPHRASE, PATIENT, TEAM, TestHost, patient};
use crate::tests_of_decisions::entries;
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
    crate::join(&test.host, &Passphrase::new(passphrase), None)
}

#[test]
fn the_hospital_tightens_the_watch_and_its_bounds_are_the_watchs_own() {
    use posture::WatchLimit;
    use watchful::WatchPolicy;
    let under = |watch: serde_json::Value| {
        let bytes = serde_json::json!({ "watch": watch }).to_string().into_bytes();
        let found = posture::Found::Read { bytes, administrators_alone: true };
        crate::policy::watch(&posture::Effective::resolve(&found, posture::LastKnown::Nothing, &posture::Choice::default()))
    };
    let all = |number: fn(WatchLimit) -> u64| {
        let all: serde_json::Map<_, _> = WatchLimit::ALL.iter().map(|limit| (limit.as_str().to_owned(), number(*limit).into())).collect();
        under(all.into())
    };
    assert_eq!(under(serde_json::json!({})), WatchPolicy::default());
    assert_eq!(all(|limit| limit.range().default), WatchPolicy::default(), "the same defaults in both rooms");
    let loose = |limit: WatchLimit| if limit == WatchLimit::SuspensionMinutes { 0 } else { 1_000_000 };
    assert_eq!(all(loose), WatchPolicy::default());
    // The extremes are the watch's own: what lies beyond changes nothing.
    let beyond = |limit: WatchLimit| if limit == WatchLimit::SuspensionMinutes { 1_000_000 } else { 0 };
    assert_eq!(all(beyond), all(|limit| limit.range().extreme));
    let wish = watchful::Thresholds {
        suspension_minutes: u32::MAX,
        rate_factor: 0,
        rate_floor: 0,
        rate_ceiling: 0,
        stranger_floor: 0,
        stranger_ceiling: 0,
        unfollowed_floor: 0,
        grace_minutes: 0,
        repeated_shifts: 0,
        ..watchful::Thresholds::default()
    };
    assert_eq!(all(beyond), WatchPolicy::tightened(&wish));
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
fn the_session_cap_locks_a_desk_that_is_never_idle() {
    let test = under(r#"{"session_cap_hours": 1}"#, None);
    test.enrol("physician", &["patient.*"], &[]);
    for _ in 0..59 {
        test.clock.pass(60);
        test.host.activity();
        assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Open { .. }));
    }
    test.clock.pass(60);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { reason: Some(LockReason::Cap), .. }));
}

#[test]
fn what_the_hospital_demands_of_disk_and_swap_is_asked_of_this_workstation() {
    for name in ["require_disk_encryption", "require_secure_swap"] {
        let test = under(&format!(r#"{{"{name}": "refuse_enrolment"}}"#), None);
        test.sign_in("dr-1", "physician", &["patient.*"], &[]);
        let posture = Posture::look(&test.folder());
        let met = if name == "require_disk_encryption" { posture.disk.state } else { posture.swap.state } == State::Good;
        let enrolled = crate::enrol(&test.host, &Passphrase::new(PASSPHRASE));
        assert_eq!(enrolled.err().map(Problem::code), (!met).then_some(ErrorCode::EnrolmentRefused), "{name}");
    }
}

#[test]
fn the_hospitals_root_has_to_be_the_administrators() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("root.pem");
    let key = rcgen::KeyPair::generate().unwrap();
    let root = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    std::fs::write(&path, root.pem()).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let hospitals = under(&format!(r#"{{"further_root": "{}"}}"#, path.display()), None);
    assert_eq!(crate::policy::http(&hospitals.host.policy()).err(), Some(ErrorCode::EhrNotTrusted));
    let choice = Choice { further_root: Some(path), ..Choice::default() };
    let own = Effective::resolve(&Found::Absent, LastKnown::Nothing, &choice);
    assert!(crate::policy::http(&own).is_ok(), "whoever starts the program may name one, where the hospital names none");
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
fn a_demand_for_a_token_is_met_or_refuses_enrolment_and_keeps_nobody_out() {
    let demand = r#"{"token_module": "/nonexistent/module.so"}"#;
    for (administrators_alone, refusal) in [(true, ErrorCode::TokenModule), (false, ErrorCode::EnrolmentRefused)] {
        let found = || Found::Read { bytes: demand.into(), administrators_alone };
        let fresh = TestHost::new().restart_with(found(), None);
        fresh.sign_in("dr-1", "physician", &["patient.*"], &[]);
        assert_eq!(code(crate::enrol(&fresh.host, &Passphrase::new(PASSPHRASE))), refusal);
        assert!(!fresh.folder().join("vault").exists(), "a keyring is less than was asked for");
        let test = TestHost::open().restart_with(found(), None);
        assert_eq!(test.unlock().token, None, "who is enrolled with a keyring stays with it");
    }
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
        matches!(crate::stage(&test.host).unwrap(), Stage::FirstRun { suggested_ehr: Some(ehr), .. } if ehr == "https://ehr.example.org/fhir")
    );
    assert_eq!(code(test.wait(crate::choose_ehr(&test.host, "https://127.0.0.1:1/fhir"))), ErrorCode::Forbidden);
    let allowed = |test: &TestHost, ehr: &str| crate::policy::allows_ehr(&test.host.policy(), &EhrAddress::parse(ehr).unwrap());
    assert!(allowed(&test, "https://ehr.example.org/fhir/") && !allowed(&test, "https://ehr.example.org/fhir2"));
    assert!(allowed(&under("{}", None), "https://127.0.0.1:1/fhir"));
}

/// What the chain says of the policy since the vault was made, in order.
fn said(test: &TestHost) -> Vec<String> {
    entries(test, Action::ChangePolicy).into_iter().rev().filter_map(|entry| entry.subject.detail).collect()
}

const KNOWN: &str = r#"{"serial": 3, "idle_seconds": 300, "offline_lease_hours": 6, "allow_tls_1_2": true}"#;

/// A workstation that was open under [`KNOWN`], and whose administrator then left this.
fn after_known(found: Found) -> TestHost {
    let test = under(KNOWN, None);
    test.enrol("physician", &["patient.*"], &[]);
    let test = test.restart_with(found, None);
    test.unlock();
    test
}

fn file(text: &str) -> Found {
    Found::Read { bytes: text.as_bytes().to_vec(), administrators_alone: true }
}

fn idle_lease_tls(test: &TestHost) -> (u64, u64, bool) {
    let policy = test.host.policy();
    (idle_limit(test), policy.offline_lease_hours().value, policy.allow_tls_1_2().value)
}

#[test]
fn no_policy_file_that_is_lost_damaged_older_or_looser_loosens_what_was_in_force() {
    let by_others = Found::Read { bytes: br#"{"serial": 9}"#.to_vec(), administrators_alone: false };
    for (found, holds, last) in [
        (Found::Absent, (300, 6, false), "last_known_holds"),
        (Found::Unreadable, (300, 6, false), "last_known_holds"),
        (file(CORRUPT), (300, 6, false), "last_known_holds"),
        (by_others, (300, 6, false), "last_known_holds"),
        (file(r#"{"serial": 2, "allow_tls_1_2": true}"#), (300, 6, true), "tls_1_2_allowed"),
        (file(r#"{"serial": 3, "idle_seconds": 900}"#), (300, 6, false), "still_holds offline_lease_hours"),
        (file("{}"), (300, 6, false), "still_holds offline_lease_hours"),
        (file(r#"{"serial": 3, "idle_seconds": 120}"#), (120, 6, false), "still_holds offline_lease_hours"),
        (file(r#"{"serial": 4, "idle_seconds": 600}"#), (600, 24, false), "taken serial idle_seconds"),
    ] {
        let test = after_known(found.clone());
        assert_eq!(idle_lease_tls(&test), holds, "{found:?}");
        let said = said(&test);
        assert_eq!(said[..2], ["taken serial idle_seconds offline_lease_hours allow_tls_1_2", "tls_1_2_allowed"], "{found:?}");
        assert_eq!(said.last().unwrap(), last, "{found:?}");
    }
}

#[test]
fn what_was_in_force_holds_from_the_unlock_and_for_as_long_as_it_takes() {
    let mut test = after_known(Found::Absent);
    for _ in 0..2 {
        test = test.restart();
        assert_eq!(idle_limit(&test), 900, "nothing is known before the vault is open, and nothing can be done there");
        assert_eq!(test.unlock().idle_limit_seconds, 300);
        assert_eq!(test.host.lease_policy(), session::LeasePolicy::new(6));
        test.clock.pass(300);
        assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { reason: Some(LockReason::Idle), .. }));
    }
    // Put back as it was, it is in force as it was.
    let test = test.restart_under(KNOWN);
    test.unlock();
    assert_eq!(idle_lease_tls(&test), (300, 6, true));
    // Retired: first a policy that asks nothing, then none.
    let test = test.restart_under(r#"{"serial": 4}"#);
    test.unlock();
    let test = test.restart();
    test.unlock();
    assert_eq!(idle_lease_tls(&test), (900, 24, false));
}

#[test]
fn the_next_colleague_is_held_to_what_the_former_one_knew() {
    let test = under(r#"{"min_passphrase_chars": 20, "idle_seconds": 300}"#, None);
    test.enrol("physician", &["patient.*"], &[]);
    join(&test, COLLEAGUE).unwrap();
    let test = test.restart();
    let view = crate::unlock(&test.host, &kernel::UserId::new("rn-2").unwrap(), &Passphrase::new(COLLEAGUE)).unwrap();
    assert_eq!(view.idle_limit_seconds, 300);
}

#[test]
fn a_memory_that_does_not_read_is_strict_until_the_file_has_replaced_it() {
    let test = under(KNOWN, None);
    test.enrol("physician", &["patient.*"], &[]);
    let spoilt = test.host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation())?;
            Ok::<_, Problem>(tx.keep_policy(&permit, b"{")?)
        })
    });
    spoilt.unwrap();
    let test = test.restart_under(r#"{"serial": 3, "idle_seconds": 900, "allow_tls_1_2": true}"#);
    test.unlock();
    assert_eq!(idle_lease_tls(&test), (300, 8, false));
    assert_eq!(said(&test).last().unwrap(), "last_known_damaged");
    let test = test.restart_under(r#"{"serial": 3, "idle_seconds": 900, "allow_tls_1_2": true}"#);
    test.unlock();
    assert_eq!(idle_lease_tls(&test), (900, 24, true));
}

#[test]
fn tls_1_2_is_allowed_by_the_hospital_alone_and_every_unlock_says_so() {
    let test = under(r#"{"allow_tls_1_2": true}"#, None);
    test.enrol("physician", &["patient.*"], &[]);
    let test = test.restart_under(r#"{"allow_tls_1_2": true}"#);
    test.unlock();
    assert_eq!(said(&test), ["taken allow_tls_1_2", "tls_1_2_allowed", "tls_1_2_allowed"]);
    let by_others = Found::Read { bytes: br#"{"allow_tls_1_2": true}"#.to_vec(), administrators_alone: false };
    let test = TestHost::new().restart_with(by_others, None);
    test.enrol("physician", &["patient.*"], &[]);
    assert!(!test.host.policy().allow_tls_1_2().value && said(&test).is_empty());
}
