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
    crate::join(&test.host, &Passphrase::new(COLLEAGUE), None).unwrap();
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

/// A telephone note, which physician and nurse alike may write.
fn note(test: &TestHost, draft: &str) {
    let draft = if draft.is_empty() { crate::start_note(&test.host, &patient(), "34748-4").unwrap().draft } else { draft.to_owned() };
    let request = SaveDraft { patient: "pat-1".into(), draft, text: "half a sentence".into(), caret: 3, revision: 1 };
    crate::save_draft(&test.host, request).unwrap();
}

#[test]
fn a_rotation_that_was_asked_for_ends_and_the_former_secret_is_gone() {
    let test = ward();
    let before = key_status(&test.host).unwrap();
    assert_eq!((before.generation, before.rotation, before.locked_in_memory), (1, None, true));
    rotate_keys(&test.host, None).unwrap();
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
    rotate_keys(&test.host, None).unwrap();
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
    rotate_keys(&test.host, None).unwrap();
    pause_rotation(&test.host).unwrap();
    for _ in 0..20 {
        test.run_for_a_while();
    }
    let standing = key_status(&test.host).unwrap().rotation.unwrap();
    assert!(standing.paused);
    assert!(crate::open_chart(&test.host, &patient()).is_ok());
    rotate_keys(&test.host, None).unwrap();
    settle(&test);
    assert_eq!(key_status(&test.host).unwrap().generation, 2);
}

/// Amid a rotation that stands still: what `taken` takes away then must be behind another rotation, though the program is killed at
/// once and again before the first ends.
fn another_rotation_follows(taken: impl FnOnce(&TestHost)) {
    let test = ward();
    rotate_keys(&test.host, None).unwrap();
    pause_rotation(&test.host).unwrap();
    let amid = test.copy_of_profile();
    taken(&test);
    let test = test.restart();
    test.unlock();
    pause_rotation(&test.host).unwrap();
    let test = test.restart();
    test.unlock();
    settle(&test);
    assert_eq!(key_status(&test.host).unwrap().generation, 3);
    for generation in [1, 2] {
        assert!(test.ring.entry(SecretName::Generation(generation)).load().is_err(), "{generation}");
    }
    assert!(crate::open_chart(&test.host, &patient()).is_ok());
    assert!(crate::audit_verify(&test.host).unwrap().intact);
    let old = TestHost::at_copy(amid, &test);
    assert_eq!(code(crate::unlock(&old.host, &nurse(), &Passphrase::new(COLLEAGUE))), ErrorCode::KeyringEmptied);

    // And it was one rotation, not one at every opening.
    let test = test.restart();
    test.unlock();
    for _ in 0..10 {
        test.run_for_a_while();
    }
    let status = key_status(&test.host).unwrap();
    assert_eq!((status.generation, status.rotation), (3, None));
}

#[test]
fn after_a_removal_amid_a_rotation_another_follows_whatever_is_cut_off() {
    another_rotation_follows(|test| remove_clinician(&test.host, &own(), &nurse(), false).unwrap());
}

#[test]
fn after_an_erasure_amid_a_rotation_another_follows_whatever_is_cut_off() {
    another_rotation_follows(|test| erase_chart(&test.host, &own(), &stranger()).unwrap());
}

#[test]
fn a_removal_whose_rotation_could_not_begin_has_it_at_the_next_opening() {
    let test = ward();
    let before = test.copy_of_profile();
    test.ring.entry(SecretName::Generation(2)).fail(Some(keys::StoreError::Failed));
    // The passphrase is asked for with the secrets of the first generation, which are there.
    assert!(remove_clinician(&test.host, &own(), &nurse(), false).is_err());
    assert_eq!(clinicians(&test.host).unwrap().len(), 1, "the removal stands");
    assert_eq!(key_status(&test.host).unwrap().rotation, None);
    let test = test.restart();
    test.ring.entry(SecretName::Generation(2)).fail(None);
    test.unlock();
    settle(&test);
    assert_eq!(key_status(&test.host).unwrap().generation, 2);
    let old = TestHost::at_copy(before, &test);
    assert_eq!(code(crate::unlock(&old.host, &nurse(), &Passphrase::new(COLLEAGUE))), ErrorCode::KeyringEmptied);
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

const YEAR: u64 = 366 * 24 * 3600;

fn keeps(test: &TestHost, name: SecretName) -> bool {
    test.ring.entry(name).load().is_ok()
}

/// Unlocks as either; what the window remembers of them.
fn remembers(test: &TestHost, user: &UserId, phrase: &str) -> Option<String> {
    test.host.lock();
    crate::unlock(&test.host, user, &Passphrase::new(phrase)).unwrap().memory
}

#[test]
fn after_a_year_each_has_renewed_keys_from_the_own_next_unlock_on() {
    let (first, second) = (SecretName::Device, SecretName::LaterDevice(2));
    let test = ward();
    let doctor = UserId::new("dr-1").unwrap();
    remembers(&test, &nurse(), COLLEAGUE);
    crate::keep_memory(&test.host, "the nurse's tabs").unwrap();
    remembers(&test, &doctor, PASSPHRASE);
    crate::keep_memory(&test.host, "the doctor's tabs").unwrap();
    let made = key_status(&test.host).unwrap();
    assert_eq!((made.own_due_at.as_deref(), made.awaited), (Some("2027-03-02T08:00:00Z"), 0));
    assert_eq!(made.own_due_at, made.device_due_at);
    assert!(!keeps(&test, second), "nothing is due");

    test.clock.pass(YEAR);
    // A folder stands where the changed key file would be written first: nothing is renewed, and nobody kept out.
    let in_the_way = test.folder().join("vault").join("keys.json.new");
    std::fs::create_dir(&in_the_way).unwrap();
    assert_eq!(remembers(&test, &doctor, PASSPHRASE).as_deref(), Some("the doctor's tabs"));
    assert_eq!(key_status(&test.host).unwrap().own_due_at, made.own_due_at);
    std::fs::remove_dir(&in_the_way).unwrap();

    assert_eq!(remembers(&test, &doctor, PASSPHRASE).as_deref(), Some("the doctor's tabs"));
    let renewed = key_status(&test.host).unwrap();
    assert_eq!((renewed.own_due_at.as_deref(), renewed.awaited), (Some("2028-03-02T08:00:00Z"), 1));
    assert_eq!(renewed.own_due_at, renewed.device_due_at);
    settle(&test);
    assert!(keeps(&test, first) && keeps(&test, second), "the colleague's unlock key has the first yet");
    // Someone disabled is waited for: enabled again, the passphrase they had unlocks.
    disable_clinician(&test.host, &own(), &nurse()).unwrap();
    assert_eq!(key_status(&test.host).unwrap().awaited, 1);
    test.host.lock();
    let test = test.restart();
    test.unlock();
    test.run_for_a_while();
    assert!(keeps(&test, first));
    enable_clinician(&test.host, &own(), &nurse()).unwrap();

    assert_eq!(remembers(&test, &nurse(), COLLEAGUE).as_deref(), Some("the nurse's tabs"));
    for _ in 0..200 {
        test.run_for_a_while();
        if !keeps(&test, first) {
            break;
        }
    }
    assert!(!keeps(&test, first), "nobody is left on it");
    assert_eq!(remembers(&test, &doctor, PASSPHRASE).as_deref(), Some("the doctor's tabs"));
    assert_eq!(key_status(&test.host).unwrap().awaited, 0);
    assert!(crate::audit_verify(&test.host).unwrap().intact);
    assert_eq!(remembers(&test, &nurse(), COLLEAGUE).as_deref(), Some("the nurse's tabs"));
}

#[test]
fn someone_removed_is_waited_for_no_more() {
    let test = ward();
    test.clock.pass(YEAR);
    test.host.lock();
    test.unlock();
    settle(&test);
    remove_clinician(&test.host, &own(), &nurse(), true).unwrap();
    assert_eq!(key_status(&test.host).unwrap().awaited, 0);
    let test = test.restart();
    test.unlock();
    settle(&test);
    let test = test.restart();
    test.unlock();
    for _ in 0..20 {
        test.run_for_a_while();
    }
    assert!(!keeps(&test, SecretName::Device) && keeps(&test, SecretName::LaterDevice(2)));
    // Erasing takes every secret along.
    erase_workstation(&test.host, &own(), true).unwrap();
    assert!(!keeps(&test, SecretName::LaterDevice(2)));
}

#[test]
fn each_class_is_renewed_when_the_policy_says() {
    let test = ward();
    test.host.lock();
    let test = test.restart_under(r#"{"rotation_days": {"user": 60, "device": 90}}"#);
    for (day, own_due, device_due) in [(59, "2026-05-01", "2026-05-31"), (60, "2026-06-30", "2026-05-31"), (90, "2026-06-30", "2026-08-29")]
    {
        test.clock.pass(day * 24 * 3600 - u64::try_from((test.host.now().wall - at_start()).num_seconds()).unwrap());
        test.unlock();
        let status = key_status(&test.host).unwrap();
        let on = |at: &Option<String>| at.as_deref().unwrap()[..10].to_owned();
        assert_eq!((on(&status.own_due_at), on(&status.device_due_at)), (own_due.to_owned(), device_due.to_owned()), "day {day}");
        assert_eq!(status.generation, 1);
        test.host.lock();
    }
}

fn at_start() -> chrono::DateTime<chrono::Utc> {
    "2026-03-02T08:00:00Z".parse().unwrap()
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
fn a_recovery_key_whose_file_could_not_be_written_takes_nothing_from_the_former_one() {
    let test = ward();
    note(&test, "");
    let kept = make_recovery_key(&test.host, &own()).unwrap();
    // A folder stands where the changed key file would be written first.
    let in_the_way = test.folder().join("vault").join("keys.json.new");
    std::fs::create_dir(&in_the_way).unwrap();
    assert_eq!(code(make_recovery_key(&test.host, &own())), ErrorCode::Internal);
    note(&test, "");
    let drill = recovery_drill(&test.host, &kept.code).unwrap();
    assert_eq!((drill.of, drill.recovered), (2, 2), "what was entered after the failure is for the former key too");
    std::fs::remove_dir(&in_the_way).unwrap();
    let made = make_recovery_key(&test.host, &own()).unwrap();
    assert_eq!(recovery_drill(&test.host, &made.code).unwrap().recovered, 2);
    assert_eq!(code(recovery_drill(&test.host, &kept.code)), ErrorCode::RecoveryCode);
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
