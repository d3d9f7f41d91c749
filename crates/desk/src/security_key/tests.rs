//! The real ceremony, the real vault, the real key file; a key in software.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::sync::Arc;

use audit::{Action, Outcome};
use factor::testing::SoftKey;
use factor::{Act, Asserted, Authenticator, AuthenticatorError, Cancel, GetAssertion, Info, Line, Made, MakeCredential, Prompt, Statement};
use kernel::{ErrorCode, Phi, UserId};
use keys::Passphrase;
use zeroize::Zeroizing;

use super::obtain;
use crate::problem::Problem;
use crate::test_host::{PASSPHRASE, PATIENT, STRANGER, TEAM, TestHost, patient, stranger};
use crate::tests_of_decisions::entries;
use crate::view::{BreakGlassRequest, BreakGlassView, SaveDraft, SecurityKeyStep, Stage};

const OTHER: &str = "seven grey herons at the weir";

fn code<T>(done: Result<T, Problem>) -> ErrorCode {
    match done {
        Ok(_) => panic!("should have been refused"),
        Err(problem) => problem.code(),
    }
}

fn pass(phrase: &str) -> Passphrase {
    Passphrase::new(phrase)
}

fn me() -> UserId {
    UserId::new("dr-1").unwrap()
}

fn unlock(test: &TestHost, phrase: &str) -> Result<(), Problem> {
    crate::unlock(&test.host, &me(), &pass(phrase)).map(drop)
}

fn enrol(test: &TestHost, name: &str) -> Result<Vec<crate::view::SecurityKeyView>, Problem> {
    crate::enrol_security_key(&test.host, &pass(PASSPHRASE), name)
}

/// An open desk whose physician unlocks with this key.
fn with_key() -> (TestHost, Arc<SoftKey>) {
    let (test, key) = (TestHost::open(), Arc::new(SoftKey::new(1)));
    test.receive(&[PATIENT, TEAM, STRANGER]);
    test.hands.plug(&key);
    enrol(&test, "blue").unwrap();
    test.hands.shown();
    (test, key)
}

/// A second one in the same hands.
fn with_two() -> (TestHost, [Arc<SoftKey>; 2]) {
    let (test, blue) = with_key();
    let red = Arc::new(SoftKey::new(2));
    test.hands.set(|hands| hands.next = Some(red.clone()));
    assert_eq!(enrol(&test, "red").unwrap().iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["blue", "red"]);
    (test, [blue, red])
}

fn details(test: &TestHost, action: Action, outcome: Outcome) -> Vec<String> {
    let of = entries(test, action).into_iter().filter(|entry| entry.outcome == outcome);
    of.filter_map(|entry| entry.subject.detail).collect()
}

fn draft(test: &TestHost, text: &str) -> (kernel::DraftId, u32) {
    let draft = crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    let request = SaveDraft { patient: "pat-1".into(), draft: draft.draft.clone(), text: text.into(), caret: 0, revision: draft.revision };
    (kernel::DraftId::parse(&draft.draft).unwrap(), crate::save_draft(&test.host, request).unwrap().revision)
}

fn glass(test: &TestHost, phrase: &str) -> Result<BreakGlassView, Problem> {
    let (reason, text) = ("ETREAT".into(), "unconscious in the hall".into());
    crate::break_glass(&test.host, BreakGlassRequest { patient: "pat-2".into(), passphrase: phrase.into(), reason, text })
}

#[test]
fn once_enrolled_the_key_is_part_of_unlocking() {
    let (test, key) = with_key();
    test.host.lock();
    let Stage::Locked { users, .. } = crate::stage(&test.host).unwrap() else { panic!("locked") };
    assert!(users[0].security_key, "the lock screen knows");
    assert!(crate::unlock(&test.host, &me(), &pass(PASSPHRASE)).unwrap().user.security_key);
    assert_eq!(test.hands.shown().iter().map(|prompt| prompt.act.as_str()).collect::<Vec<_>>(), ["unlock"]);

    // Right passphrase and keyring: nothing without the key.
    test.host.lock();
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyAbsent);
    test.hands.plug(&Arc::new(SoftKey::new(9)));
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyOther);
    // Nor with the key and another passphrase.
    test.hands.plug(&key);
    assert_eq!(code(unlock(&test, OTHER)), ErrorCode::WrongPassphrase);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { .. }));
    unlock(&test, PASSPHRASE).unwrap();
    let noted: Vec<_> = entries(&test, Action::UnlockFailed).into_iter().filter_map(|entry| entry.subject.detail).collect();
    assert!(noted.iter().any(|why| why.contains("not_this_key")) && noted.iter().any(|why| why.contains("wrong_passphrase")), "{noted:?}");

    let test = test.restart();
    unlock(&test, PASSPHRASE).unwrap();
    assert!(crate::audit_verify(&test.host).unwrap().intact);
    assert!(details(&test, Action::StepUp, Outcome::Allowed).contains(&"security_key unlock".to_owned()));
}

#[test]
fn of_two_keys_either_unlocks_and_a_removed_one_does_not() {
    let (test, [blue, red]) = with_two();
    for key in [&blue, &red] {
        test.host.lock();
        test.hands.plug(key);
        unlock(&test, PASSPHRASE).unwrap();
    }
    let keys = crate::security_keys(&test.host).unwrap();
    assert_eq!(code(crate::remove_security_key(&test.host, &pass(OTHER), &keys[0].id)), ErrorCode::WrongPassphrase);
    assert_eq!(code(crate::remove_security_key(&test.host, &pass(PASSPHRASE), "AAAA")), ErrorCode::NotFound);
    // By the other one: the first may be lost.
    let left = crate::remove_security_key(&test.host, &pass(PASSPHRASE), &keys[0].id).unwrap();
    assert_eq!(left.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["red"]);
    test.host.lock();
    test.hands.plug(&blue);
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyOther);
    test.hands.plug(&red);
    unlock(&test, PASSPHRASE).unwrap();
    // The last one takes itself out, and the passphrase is enough again.
    assert!(crate::remove_security_key(&test.host, &pass(PASSPHRASE), &left[0].id).unwrap().is_empty());
    test.host.lock();
    test.hands.set(|hands| hands.port = None);
    unlock(&test, PASSPHRASE).unwrap();
    let changes = details(&test, Action::ChangeSecurityKeys, Outcome::Allowed);
    assert_eq!(changes, ["removed", "removed", "added", "added"]);
}

#[test]
fn a_new_passphrase_takes_one_key_and_leaves_both() {
    let (test, [blue, red]) = with_two();
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(crate::change_passphrase(&test.host, &pass(PASSPHRASE), &pass(OTHER))), ErrorCode::SecurityKeyAbsent);
    test.hands.plug(&red);
    crate::change_passphrase(&test.host, &pass(PASSPHRASE), &pass(OTHER)).unwrap();
    // At the open desk too it is the new one that proves who works.
    assert_eq!(code(crate::step_up(&test.host, &pass(PASSPHRASE))), ErrorCode::WrongPassphrase);
    crate::step_up(&test.host, &pass(OTHER)).unwrap();
    for key in [blue, red] {
        test.host.lock();
        test.hands.plug(&key);
        assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::WrongPassphrase);
        test.clock.pass(60);
        unlock(&test, OTHER).unwrap();
    }
}

#[test]
fn a_cloned_key_is_refused_locked_out_and_an_incident() {
    let (test, key) = with_key();
    let clone = Arc::new(key.cloned());
    test.host.lock();
    unlock(&test, PASSPHRASE).unwrap();
    // At unlock: the vault that it opened is closed again.
    test.host.lock();
    test.hands.plug(&clone);
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyCloned);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { .. }));
    // The first has moved on meanwhile, and still opens.
    test.hands.plug(&key);
    unlock(&test, PASSPHRASE).unwrap();
    // At an open desk: it locks.
    let (draft, revision) = draft(&test, "Stable.");
    let clone = Arc::new(key.cloned());
    clone.set(|state| state.counter -= 2);
    test.hands.plug(&clone);
    assert_eq!(code(crate::sign_note(&test.host, &patient(), draft, revision, None)), ErrorCode::SecurityKeyCloned);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { .. }));
    test.hands.plug(&key);
    unlock(&test, PASSPHRASE).unwrap();
    assert_eq!(details(&test, Action::Incident, Outcome::Allowed), ["security_key_cloned alarm", "security_key_cloned alarm"]);
    assert_eq!(details(&test, Action::StepUp, Outcome::Refused), ["security_key sign cloned", "security_key unlock cloned"]);
    assert_eq!(crate::open_chart(&test.host, &patient()).unwrap().drafts.len(), 1, "nothing was signed");
}

#[test]
fn a_wrong_pin_is_asked_again_with_the_tries_left_and_never_tried_twice() {
    let (test, key) = with_key();
    test.host.lock();
    test.hands.set(|hands| hands.pins.extend(["0000", "1111"]));
    unlock(&test, PASSPHRASE).unwrap();
    let asked: Vec<_> = test.hands.shown().iter().map(|prompt| prompt.step).collect();
    let pin = |tries_left, wrong| SecurityKeyStep::Pin { tries_left, wrong };
    assert_eq!(asked, [pin(8, false), pin(7, true), pin(6, true)]);
    // Whoever stops after a wrong one is told what is left.
    test.host.lock();
    key.set(|state| state.tries_left = 3);
    test.hands.set(|hands| hands.pins.push_back("0000"));
    test.hands.set(|hands| hands.gives_up_after_wrong = true);
    assert_eq!(unlock(&test, PASSPHRASE), Err(Problem::SecurityKeyPin { tries_left: 2 }));
    test.hands.set(|hands| hands.gives_up_after_wrong = false);
    key.set(|state| state.tries_left = 1);
    test.hands.set(|hands| hands.pins.push_back("0000"));
    assert_eq!(unlock(&test, PASSPHRASE), Err(Problem::SecurityKeyPin { tries_left: 0 }));
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyPinLocked);
}

#[test]
fn who_is_asked_may_give_up() {
    let (test, _) = with_key();
    test.host.lock();
    test.hands.set(|hands| hands.away = true);
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyCancelled);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { .. }));
    assert_eq!(code(crate::answer_security_key(&test.host, None)), ErrorCode::InvalidRequest, "nothing waits any more");
}

/// As the window answers: through another command, while the ceremony waits.
#[test]
fn the_pin_comes_from_another_command_and_so_does_giving_up() {
    let (test, _) = with_key();
    test.host.lock();
    test.hands.set(|hands| hands.later = true);
    let wait = |heard: &str| {
        let said = || test.heard.0.lock().unwrap().iter().filter(|said| said.contains(heard)).count();
        for _ in 0..200 {
            if said() > 0 {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("never heard {heard}");
    };
    std::thread::scope(|scope| {
        let unlocking = scope.spawn(|| unlock(&test, PASSPHRASE));
        wait("Pin { tries_left: 8, wrong: false }");
        // The desk is not held meanwhile.
        assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { .. }));
        crate::answer_security_key(&test.host, Some(Zeroizing::new("1234".into()))).unwrap();
        assert_eq!(unlocking.join().unwrap(), Ok(()));
    });
    wait("security key None");
    test.host.lock();
    test.heard.0.lock().unwrap().clear();
    std::thread::scope(|scope| {
        let unlocking = scope.spawn(|| unlock(&test, PASSPHRASE));
        wait("Pin");
        crate::cancel_security_key(&test.host);
        assert_eq!(code(unlocking.join().unwrap()), ErrorCode::SecurityKeyCancelled);
    });
}

/// A lock ends what is asked at the open desk.
#[test]
fn a_lock_gives_the_ceremony_up() {
    let (test, _) = with_key();
    let (draft, revision) = draft(&test, "Stable.");
    test.hands.set(|hands| hands.later = true);
    std::thread::scope(|scope| {
        let signing = scope.spawn(|| crate::sign_note(&test.host, &patient(), draft, revision, None).map(drop));
        while !test.heard.0.lock().unwrap().iter().any(|said| said.contains("Pin")) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        test.host.lock();
        assert_eq!(code(signing.join().unwrap()), ErrorCode::Locked);
    });
    test.hands.set(|hands| hands.later = false);
    unlock(&test, PASSPHRASE).unwrap();
    assert_eq!(crate::open_chart(&test.host, &patient()).unwrap().drafts.len(), 1);
}

#[test]
fn what_is_signed_is_what_is_shown() {
    let (test, _) = with_key();
    let (id, revision) = draft(&test, "Cough for three days.\u{202e}");
    crate::sign_note(&test.host, &patient(), id, revision, None).unwrap();
    let shown = test.hands.shown();
    let lines: Vec<_> = shown[0].lines.iter().map(|line| (line.label.as_str(), line.value.as_str())).collect();
    assert_eq!(shown.len(), 1);
    assert_eq!(lines[0].0, "Patient");
    assert!(lines[0].1.contains("Adaeze"), "{lines:?}");
    assert!(lines.contains(&("Note", "Progress note")) && lines.contains(&("Text", "Cough for three days.\\u{202e}")), "{lines:?}");
    assert!(details(&test, Action::StepUp, Outcome::Allowed).contains(&"security_key sign".to_owned()));
    // Without the key nothing is signed, and the draft stays.
    let (id, revision) = draft(&test, "Better.");
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(crate::sign_note(&test.host, &patient(), id, revision, Some(&pass(PASSPHRASE)))), ErrorCode::SecurityKeyAbsent);
    assert_eq!(crate::open_chart(&test.host, &patient()).unwrap().drafts.len(), 1);
}

/// A draft that changes while the key is asked is not signed.
#[test]
fn a_draft_that_moved_on_is_not_signed() {
    let (test, _) = with_key();
    let (id, revision) = draft(&test, "Cough.");
    test.hands.set(|hands| hands.later = true);
    std::thread::scope(|scope| {
        let signing = scope.spawn(|| crate::sign_note(&test.host, &patient(), id, revision, None).map(drop));
        while !test.heard.0.lock().unwrap().iter().any(|said| said.contains("Pin")) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let request = SaveDraft { patient: "pat-1".into(), draft: id.to_string(), text: "Cough!".into(), caret: 0, revision };
        crate::save_draft(&test.host, request).unwrap();
        crate::answer_security_key(&test.host, Some(Zeroizing::new("1234".into()))).unwrap();
        assert_eq!(code(signing.join().unwrap()), ErrorCode::DraftConflict);
    });
}

#[test]
fn break_glass_is_asked_for_the_key_and_never_stopped_for_want_of_it() {
    let (test, key) = with_key();
    assert_eq!(code(glass(&test, OTHER)), ErrorCode::WrongPassphrase);
    let with = glass(&test, PASSPHRASE).unwrap();
    assert_eq!(with.seconds_left, 3600);
    crate::end_break_glass(&test.host, &stranger()).unwrap();
    assert!(details(&test, Action::Incident, Outcome::Allowed).is_empty());

    let without: [fn(&mut crate::test_host::InHand); 3] =
        [|hands| hands.port = None, |hands| hands.port = Some(Arc::new(SoftKey::new(9))), |hands| hands.away = true];
    for (number, take) in (1..).zip(without) {
        test.hands.set(take);
        let view = glass(&test, PASSPHRASE).unwrap();
        assert_eq!(view.seconds_left, 900, "shorter");
        crate::open_chart(&test.host, &stranger()).unwrap();
        crate::end_break_glass(&test.host, &stranger()).unwrap();
        assert_eq!(details(&test, Action::Incident, Outcome::Allowed).len(), number, "and louder");
    }
    assert!(details(&test, Action::BreakGlass, Outcome::Allowed)[0].contains(" without_security_key "));
    // A cloned key is no reason either; it is an incident of its own.
    let stale = key.cloned();
    stale.set(|state| state.counter = 0);
    test.hands.set(|hands| (hands.away, hands.port) = (false, Some(Arc::new(stale))));
    assert_eq!(glass(&test, PASSPHRASE).unwrap().seconds_left, 900);
    assert!(details(&test, Action::Incident, Outcome::Allowed).contains(&"security_key_cloned alarm".to_owned()));
}

#[test]
fn key_operations_and_exports_take_the_key_of_those_who_have_one() {
    let (test, _) = with_key();
    crate::rotate_keys(&test.host, None).unwrap();
    drop(crate::begin_audit_export(&test.host, None).unwrap());
    let acts: Vec<_> = test.hands.shown().into_iter().map(|prompt| prompt.act).collect();
    assert_eq!(acts, ["key_operation", "export"]);
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(crate::begin_audit_export(&test.host, Some(&pass(PASSPHRASE)))), ErrorCode::SecurityKeyAbsent);
    assert_eq!(code(crate::make_recovery_key(&test.host, &pass(PASSPHRASE))), ErrorCode::SecurityKeyAbsent);
    assert_eq!(code(crate::erase_chart(&test.host, &pass(PASSPHRASE), &patient())), ErrorCode::SecurityKeyAbsent);
    assert_eq!(code(crate::disable_clinician(&test.host, &pass(PASSPHRASE), &me())), ErrorCode::SecurityKeyAbsent);
    assert_eq!(code(enrol(&test, "red")), ErrorCode::SecurityKeyAbsent, "nor is another one added");
}

#[test]
fn who_has_no_key_is_asked_what_the_hospital_asks() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    let (id, revision) = draft(&test, "Cough.");
    crate::sign_note(&test.host, &patient(), id, revision, None).unwrap();
    drop(crate::begin_audit_export(&test.host, None).unwrap());

    let test = test.restart_under(r#"{"step_up": ["sign", "export", "key_operations"]}"#);
    test.unlock();
    let (id, revision) = draft(&test, "Better.");
    assert_eq!(code(crate::sign_note(&test.host, &patient(), id, revision, None)), ErrorCode::PassphraseNeeded);
    assert_eq!(code(crate::sign_note(&test.host, &patient(), id, revision, Some(&pass(OTHER)))), ErrorCode::WrongPassphrase);
    crate::sign_note(&test.host, &patient(), id, revision, Some(&pass(PASSPHRASE))).unwrap();
    assert_eq!(code(crate::begin_audit_export(&test.host, None).map(drop)), ErrorCode::PassphraseNeeded);
    assert_eq!(code(crate::rotate_keys(&test.host, None)), ErrorCode::PassphraseNeeded);
    crate::rotate_keys(&test.host, Some(&pass(PASSPHRASE))).unwrap();
    assert!(test.hands.shown().is_empty());
}

/// 21 CFR 1311.115(a): two of three. No prescribing is in the product yet; this is the decision it will ask for.
#[test]
fn a_controlled_substance_takes_two_factors_over_what_is_shown() {
    let prescription = |dose: &str| {
        let lines = vec![Line { label: "Drug".into(), value: Phi::new(dose.into()) }];
        Statement::new(Act::SignControlledSubstance, me(), Some([7; 16]), lines).unwrap()
    };
    let shown = prescription("Oxycodone 5 mg, 10 tablets");
    let without = TestHost::open();
    assert_eq!(code(obtain(&without.host, &shown, Some(&pass(PASSPHRASE)))), ErrorCode::SecurityKeyNeeded, "who has none cannot");

    let (test, key) = with_key();
    assert_eq!(code(obtain(&test.host, &shown, None)), ErrorCode::PassphraseNeeded, "the key's own PIN does not count");
    let granted = obtain(&test.host, &shown, Some(&pass(PASSPHRASE))).unwrap().granted;
    assert_eq!((granted.act(), granted.factors().knowledge, granted.factors().possession), (Act::SignControlledSubstance, true, true));
    assert_eq!(granted.statement_digest(), &shown.digest());
    assert_ne!(granted.statement_digest(), &prescription("Oxycodone 50 mg, 10 tablets").digest());
    assert_eq!(test.hands.shown()[0].lines[0].value, "Oxycodone 5 mg, 10 tablets");
    // A key that is a part of the computer is no second factor (1311.115(a)(3)).
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(obtain(&test.host, &shown, Some(&pass(PASSPHRASE)))), ErrorCode::SecurityKeyAbsent);
    test.hands.plug(&key);
    assert!(obtain(&test.host, &shown, Some(&pass(PASSPHRASE))).is_ok());
}

/// A key whose answers pass through someone's hands.
struct LedAstray {
    key: Arc<SoftKey>,
    request: fn(&mut GetAssertion),
    old: std::sync::Mutex<Option<Asserted>>,
    replays: bool,
}

impl Authenticator for LedAstray {
    fn info(&self) -> Result<Info, AuthenticatorError> {
        self.key.info()
    }
    fn make_credential(&self, request: &MakeCredential, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Made, AuthenticatorError> {
        self.key.make_credential(request, prompt, cancel)
    }
    fn get_assertion(&self, request: &GetAssertion, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Asserted, AuthenticatorError> {
        let mut asked = request.clone();
        (self.request)(&mut asked);
        let mut answer = self.key.get_assertion(&asked, prompt, cancel)?;
        let secret = answer.secret.take();
        let copy = Asserted {
            credential: answer.credential.clone(),
            client_data: answer.client_data.clone(),
            auth_data: answer.auth_data.clone(),
            signature: answer.signature.clone(),
            secret: None,
            verification: answer.verification,
        };
        let old = self.old.lock().unwrap().replace(copy);
        let given = if self.replays { old.unwrap_or(answer) } else { answer };
        Ok(Asserted { secret, ..given })
    }
}

/// Each is refused at unlock, though the secret that opens came with it: what it opened is closed again.
#[test]
fn another_origin_a_replay_and_a_missing_verification_open_nothing() {
    let (test, key) = with_key();
    test.host.lock();
    let elsewhere: fn(&mut GetAssertion) = |request| {
        let text = String::from_utf8(request.client_data.clone()).unwrap();
        request.client_data = text.replace("https://satchel.localhost", "https://satchel.localhost:8443").into_bytes();
    };
    let astray = |request, replays| Arc::new(LedAstray { key: key.clone(), request, old: Default::default(), replays });
    let refused = |why: &str| {
        assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { .. }));
        test.hands.set(|hands| hands.astray = None);
        unlock(&test, PASSPHRASE).unwrap();
        assert_eq!(details(&test, Action::StepUp, Outcome::Refused)[0], format!("security_key unlock {why}"));
        test.host.lock();
    };

    test.hands.set(|hands| hands.astray = Some(astray(elsewhere, false)));
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyFailed);
    refused("wrong_origin");

    test.hands.set(|hands| hands.astray = Some(astray(|_| {}, true)));
    unlock(&test, PASSPHRASE).unwrap();
    test.host.lock();
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyFailed, "the former answer once more");
    refused("other_challenge");

    key.set(|state| state.forget_verification = true);
    assert_eq!(code(unlock(&test, PASSPHRASE)), ErrorCode::SecurityKeyFailed);
    key.set(|state| state.forget_verification = false);
    refused("not_verified");
}
