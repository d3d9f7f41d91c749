//! Looking after the workstation, as whoever does it would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use kernel::{ErrorCode, PatientId, UserId};
use keys::{Passphrase, SecretName, SecretStore as _};

use super::*;
use crate::problem::Problem;
use crate::state::Desk;
use crate::test_host::{PASSPHRASE, PATIENT, STRANGER, TEAM, TestHost, patient, stranger};
use crate::view::{SaveDraft, Stage};

const COLLEAGUE: &str = "seven grey herons at the weir";

fn code<T>(done: Result<T, Problem>) -> ErrorCode {
    match done {
        Ok(_) => panic!("should have been refused"),
        Err(problem) => problem.code(),
    }
}

/// A physician who looks after the workstation too, and a colleague with a place on it; a chart each may read.
fn ward() -> TestHost {
    let test = TestHost::new();
    test.enrol("physician", &["patient.*", "audit.*"], &["progress_notes", "devices"]);
    test.receive(&[PATIENT, TEAM, STRANGER]);
    test.sign_in("nurse-1", "nurse", &["patient.*"], &["nursing_notes"]);
    crate::join(&test.host, &Passphrase::new(COLLEAGUE)).unwrap();
    test.unlock();
    test
}

fn own() -> Passphrase {
    Passphrase::new(PASSPHRASE)
}

fn nurse() -> UserId {
    UserId::new("nurse-1").unwrap()
}

fn nurse_unlocks(test: &TestHost) -> Result<(), Problem> {
    test.host.lock();
    let unlocked = crate::unlock(&test.host, &nurse(), &Passphrase::new(COLLEAGUE)).map(drop);
    test.host.lock();
    test.unlock();
    unlocked
}

/// Lets the rotation that is under way come to its end.
fn settle(test: &TestHost) {
    for _ in 0..500 {
        test.run_for_a_while();
        // Said once the former secret is deleted.
        if test.heard.0.lock().unwrap().iter().any(|heard| heard == "rotation None") {
            assert_eq!(key_status(&test.host).unwrap().rotation, None);
            return;
        }
    }
    panic!("the rotation does not end");
}

fn note(test: &TestHost, draft: &str) {
    let draft = if draft.is_empty() { crate::start_note(&test.host, &patient(), "11506-3").unwrap().draft } else { draft.to_owned() };
    let request = SaveDraft { patient: "pat-1".into(), draft, text: "half a sentence".into(), caret: 3, revision: 1 };
    crate::save_draft(&test.host, request).unwrap();
}

#[test]
fn a_rotation_that_was_asked_for_ends_and_the_former_secret_is_gone() {
    let test = ward();
    let before = key_status(&test.host).unwrap();
    assert_eq!((before.generation, before.rotation, before.locked_in_memory), (1, None, true));
    rotate_keys(&test.host).unwrap();
    settle(&test);
    let after = key_status(&test.host).unwrap();
    assert_eq!((after.generation, after.rotation), (2, None));
    assert!(test.ring.entry(SecretName::Generation(1)).load().is_err());
    assert!(test.ring.entry(SecretName::Generation(2)).load().is_ok());
    assert!(nurse_unlocks(&test).is_ok());
    assert!(!crate::open_chart(&test.host, &patient()).unwrap().chart.banner.name.is_empty());
    assert!(crate::audit_verify(&test.host).unwrap().intact);
}

#[test]
fn a_rotation_cut_off_by_a_lock_or_an_end_goes_on_with_the_next_unlock() {
    let test = ward();
    rotate_keys(&test.host).unwrap();
    test.host.lock();
    let test = test.restart();
    test.unlock();
    settle(&test);
    assert_eq!(key_status(&test.host).unwrap().generation, 2);
    assert!(nurse_unlocks(&test).is_ok());
}

#[test]
fn a_paused_rotation_stands_still_and_is_resumed() {
    let test = ward();
    rotate_keys(&test.host).unwrap();
    pause_rotation(&test.host).unwrap();
    for _ in 0..20 {
        test.run_for_a_while();
    }
    let standing = key_status(&test.host).unwrap().rotation.unwrap();
    assert!(standing.paused);
    assert!(crate::open_chart(&test.host, &patient()).is_ok());
    rotate_keys(&test.host).unwrap();
    settle(&test);
    assert_eq!(key_status(&test.host).unwrap().generation, 2);
}

#[test]
fn after_a_year_the_next_unlock_begins_a_rotation_by_itself() {
    let test = ward();
    test.host.lock();
    test.clock.pass(366 * 24 * 3600);
    test.unlock();
    for _ in 0..500 {
        test.run_for_a_while();
        if key_status(&test.host).unwrap().generation == 2 {
            return;
        }
    }
    panic!("no rotation began");
}

#[test]
fn someone_disabled_does_not_unlock_until_enabled() {
    let test = ward();
    assert_eq!(code(disable_clinician(&test.host, &Passphrase::new(COLLEAGUE), &nurse())), ErrorCode::WrongPassphrase);
    disable_clinician(&test.host, &own(), &nurse()).unwrap();
    assert_eq!(code(nurse_unlocks(&test)), ErrorCode::ClinicianDisabled);
    test.host.lock();
    let Stage::Locked { users, retry_after_seconds, .. } = crate::stage(&test.host).unwrap() else { panic!() };
    assert_eq!((users[1].disabled, retry_after_seconds), (true, None), "a right passphrase is no guess");
    test.unlock();
    assert!(clinicians(&test.host).unwrap()[1].disabled);
    assert_eq!(code(disable_clinician(&test.host, &own(), &UserId::new("dr-1").unwrap())), ErrorCode::InvalidRequest);
    enable_clinician(&test.host, &own(), &nurse()).unwrap();
    assert!(nurse_unlocks(&test).is_ok());
}

#[test]
fn someone_removed_leaves_no_unsent_work_behind_unless_it_is_left_on_purpose() {
    let test = ward();
    let before = test.copy_of_profile();
    test.host.lock();
    crate::unlock(&test.host, &nurse(), &Passphrase::new(COLLEAGUE)).unwrap();
    test.receive(&[PATIENT, &TEAM.replace("dr-1", "nurse-1").replace("team-1", "team-2")]);
    note(&test, "");
    test.host.lock();
    test.unlock();
    assert_eq!(clinicians(&test.host).unwrap()[1].unsigned, 1);
    assert_eq!(code(remove_clinician(&test.host, &own(), &nurse(), false)), ErrorCode::UnsentWork);
    assert_eq!(clinicians(&test.host).unwrap().len(), 2);
    remove_clinician(&test.host, &own(), &nurse(), true).unwrap();
    settle(&test);
    assert_eq!(clinicians(&test.host).unwrap().len(), 1);
    assert_eq!(code(nurse_unlocks(&test)), ErrorCode::NotEnrolled);
    // The profile put back as it was before the removal, with the keyring as it is now, opens for nobody.
    let old = TestHost::at_copy(before, &test);
    assert_eq!(code(crate::unlock(&old.host, &nurse(), &Passphrase::new(COLLEAGUE))), ErrorCode::KeyringEmptied);
    assert_eq!(code(crate::unlock(&old.host, &UserId::new("dr-1").unwrap(), &own())), ErrorCode::KeyringEmptied);
}

#[test]
fn only_who_looks_after_workstations_changes_who_is_on_them() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    assert_eq!(code(clinicians(&test.host)), ErrorCode::Forbidden);
    assert_eq!(code(remove_clinician(&test.host, &own(), &UserId::new("dr-1").unwrap(), false)), ErrorCode::Forbidden);
    assert_eq!(code(erase_chart(&test.host, &own(), &patient())), ErrorCode::Forbidden);
    assert_eq!(code(erase_workstation(&test.host, &own(), true)), ErrorCode::Forbidden);
    assert_eq!(code(make_recovery_key(&test.host, &own())), ErrorCode::Forbidden);
    assert!(crate::open_chart(&test.host, &patient()).is_ok());
}

#[test]
fn an_erased_chart_is_gone_here_and_from_every_copy() {
    let test = ward();
    note(&test, "");
    assert_eq!(code(erase_chart(&test.host, &own(), &patient())), ErrorCode::UnsentWork);
    let before = test.copy_of_profile();
    erase_chart(&test.host, &own(), &stranger()).unwrap();
    assert_eq!(code(crate::open_chart(&test.host, &stranger())), ErrorCode::NotFound);
    assert!(crate::search_patients(&test.host, "lindqvist").unwrap().rows.is_empty());
    assert_eq!(code(erase_chart(&test.host, &own(), &PatientId::new("pat-2").unwrap())), ErrorCode::NotFound);
    settle(&test);
    assert!(crate::open_chart(&test.host, &patient()).is_ok());
    let old = TestHost::at_copy(before, &test);
    assert_eq!(code(crate::unlock(&old.host, &UserId::new("dr-1").unwrap(), &own())), ErrorCode::KeyringEmptied);
}

#[test]
fn an_erased_workstation_is_as_before_the_first_run_and_its_copies_open_nothing() {
    let test = ward();
    note(&test, "");
    assert_eq!(code(erase_workstation(&test.host, &own(), false)), ErrorCode::UnsentWork);
    let before = test.copy_of_profile();
    erase_workstation(&test.host, &own(), true).unwrap();
    assert!(matches!(&*test.host.desk(), Desk::FirstRun));
    assert!(!test.folder().join("vault").exists());
    let old = TestHost::at_copy(before, &test);
    assert_eq!(code(crate::unlock(&old.host, &UserId::new("dr-1").unwrap(), &own())), ErrorCode::KeyringEmptied);
    // And the workstation can be set up anew.
    test.enrol("physician", &["patient.*"], &["progress_notes"]);
}

#[test]
fn unsent_work_comes_back_after_the_keyring_is_lost_and_a_drill_says_so_before() {
    let test = ward();
    note(&test, "");
    let made = make_recovery_key(&test.host, &own()).unwrap();
    assert!(key_status(&test.host).unwrap().recovery);
    let drill = recovery_drill(&test.host, &made.code).unwrap();
    assert_eq!((drill.of, drill.recovered), (1, 1));
    assert_eq!(code(recovery_drill(&test.host, "not a code")), ErrorCode::RecoveryCode);
    let other = keys::RecoveryKey::generate().unwrap();
    assert_eq!(code(recovery_drill(&test.host, &other.code())), ErrorCode::RecoveryCode);
    assert_eq!(code(recover_unsent(&test.host, &made.code)), ErrorCode::InvalidRequest, "the desk is open");

    for name in [SecretName::Device, SecretName::Generation(1)] {
        test.ring.entry(name).delete().unwrap();
    }
    let test = test.restart();
    assert_eq!(code(crate::unlock(&test.host, &UserId::new("dr-1").unwrap(), &own())), ErrorCode::KeyringEmptied);
    assert_eq!(code(recover_unsent(&test.host, &other.code())), ErrorCode::RecoveryCode);
    let found = recover_unsent(&test.host, &made.code.to_lowercase()).unwrap();
    let lines = found.lines().unwrap();
    assert_eq!((found.work.len(), found.missing), (1, 0));
    assert!(lines.contains("half a sentence") && lines.contains("\"author\":\"dr-1\""), "{}", *lines);
}
