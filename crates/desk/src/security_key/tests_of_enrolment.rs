//! Enrolment where the hospital demands a security key: the real ceremony, the real vault, the real key file; a key in software.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::sync::Arc;

use audit::{Action, Outcome};
use factor::testing::SoftKey;
use factor::{Asserted, Authenticator, AuthenticatorError, Cancel, GetAssertion, Info, Made, MakeCredential, Prompt};
use kernel::{ErrorCode, UserId};
use keys::Passphrase;

use crate::problem::Problem;
use crate::test_host::{Hands, InHand, PASSPHRASE, TestHost};
use crate::tests_of_decisions::entries;
use crate::view::{SecurityKeyStep, Stage};

const DEMAND: &str = r#"{"factors": "with_security_key"}"#;
const COLLEAGUE: &str = "seven grey herons at the weir";

fn code<T>(done: Result<T, Problem>) -> ErrorCode {
    match done {
        Ok(_) => panic!("should have been refused"),
        Err(problem) => problem.code(),
    }
}

fn unlock(test: &TestHost, user: &str, phrase: &str) -> Result<(), Problem> {
    crate::unlock(&test.host, &UserId::new(user).unwrap(), &Passphrase::new(phrase)).map(drop)
}

fn enrol(test: &TestHost) -> Result<crate::view::DeskView, Problem> {
    crate::enrol(&test.host, &Passphrase::new(PASSPHRASE))
}

fn join(test: &TestHost, own: Option<&str>) -> Result<(), Problem> {
    crate::join(&test.host, &Passphrase::new(COLLEAGUE), own.map(Passphrase::new).as_ref())
}

/// A first run under the demand, signed in, with a key plugged in.
fn signed_in() -> (TestHost, Arc<SoftKey>) {
    let (test, key) = (TestHost::new().restart_under(DEMAND), Arc::new(SoftKey::new(1)));
    test.sign_in("dr-1", "physician", &["patient.*"], &["progress_notes"]);
    test.hands.plug(&key);
    (test, key)
}

/// A workstation whose physician was enrolled with a key, and a colleague who has just signed in with another in their hands.
fn about_to_join() -> (TestHost, [Arc<SoftKey>; 2]) {
    let (test, blue) = signed_in();
    enrol(&test).unwrap();
    let red = Arc::new(SoftKey::new(2));
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    test.hands.set(|hands| hands.next = Some(red.clone()));
    test.hands.shown();
    (test, [blue, red])
}

fn acts_and_steps(test: &TestHost) -> Vec<(String, SecurityKeyStep)> {
    test.hands.shown().into_iter().map(|prompt| (prompt.act, prompt.step)).collect()
}

/// Makes credentials, and never shows what they yield.
struct StopsHalfway(Arc<SoftKey>);

impl Authenticator for StopsHalfway {
    fn info(&self) -> Result<Info, AuthenticatorError> {
        self.0.info()
    }
    fn make_credential(&self, request: &MakeCredential, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Made, AuthenticatorError> {
        self.0.make_credential(request, prompt, cancel)
    }
    fn get_assertion(&self, _: &GetAssertion, _: &dyn Prompt, _: &Cancel) -> Result<Asserted, AuthenticatorError> {
        Err(AuthenticatorError::TimedOut)
    }
}

/// What happens to the hands.
type Mishap = Box<dyn FnOnce(&mut InHand)>;

/// What goes wrong between question and answer, and how the screen is told.
fn mishaps(key: &Arc<SoftKey>) -> Vec<(ErrorCode, Mishap)> {
    let halfway = Arc::new(StopsHalfway(key.clone()));
    let plain = Arc::new(SoftKey::new(3));
    plain.set(|state| state.forget_verification = true);
    vec![
        (ErrorCode::SecurityKeyAbsent, Box::new(|hands: &mut InHand| (hands.port, hands.next) = (None, None))),
        (ErrorCode::SecurityKeyCancelled, Box::new(|hands: &mut InHand| hands.away = true)),
        (ErrorCode::SecurityKeyTimedOut, Box::new(move |hands: &mut InHand| hands.astray = Some(halfway))),
        (ErrorCode::SecurityKeyFailed, Box::new(move |hands: &mut InHand| (hands.port, hands.next) = (Some(plain), None))),
    ]
}

fn put_right(hands: &Hands, key: &Arc<SoftKey>) {
    hands.set(|hands| *hands = InHand { port: Some(key.clone()), ..InHand::default() });
}

#[test]
fn whoever_is_enrolled_under_the_demand_opens_with_the_key_and_never_with_less() {
    let (test, key) = signed_in();
    assert!(enrol(&test).unwrap().user.security_key, "the desk knows");
    let shown = test.hands.shown();
    assert_eq!(shown.iter().map(|prompt| prompt.act.as_str()).collect::<Vec<_>>(), ["key_operation", "key_operation"]);
    assert!(shown[0].lines.iter().any(|line| line.value == "Dr Test"));
    // It has its record: a signature is held against it, and the list shows it.
    assert_eq!(crate::security_keys(&test.host).unwrap().len(), 1);
    crate::step_up(&test.host, &Passphrase::new(PASSPHRASE)).unwrap();
    let added: Vec<_> = entries(&test, Action::ChangeSecurityKeys).into_iter().filter_map(|entry| entry.subject.detail).collect();
    assert_eq!(added, ["enrolled with"]);

    // After a restart, and with nothing demanded any more: the envelope takes it all the same.
    let test = test.restart();
    let Stage::Locked { users, .. } = crate::stage(&test.host).unwrap() else { panic!("locked") };
    assert!(users[0].security_key, "the lock screen knows");
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(unlock(&test, "dr-1", PASSPHRASE)), ErrorCode::SecurityKeyAbsent);
    test.hands.plug(&Arc::new(SoftKey::new(9)));
    assert_eq!(code(unlock(&test, "dr-1", PASSPHRASE)), ErrorCode::SecurityKeyOther);
    test.hands.plug(&key);
    assert_eq!(code(unlock(&test, "dr-1", COLLEAGUE)), ErrorCode::WrongPassphrase);
    unlock(&test, "dr-1", PASSPHRASE).unwrap();
    assert!(entries(&test, Action::Incident).is_empty(), "no record was lost");
    // A clone of it is told by the counter that enrolment began.
    let clone = Arc::new(key.cloned());
    test.host.lock();
    unlock(&test, "dr-1", PASSPHRASE).unwrap();
    test.host.lock();
    test.hands.plug(&clone);
    assert_eq!(code(unlock(&test, "dr-1", PASSPHRASE)), ErrorCode::SecurityKeyCloned);
    test.hands.plug(&key);
    unlock(&test, "dr-1", PASSPHRASE).unwrap();
    assert!(crate::audit_verify(&test.host).unwrap().intact);
}

#[test]
fn a_ceremony_that_comes_to_nothing_leaves_nobody_half_enrolled() {
    let (test, key) = signed_in();
    for (expected, mishap) in mishaps(&key) {
        test.hands.set(mishap);
        assert_eq!(code(enrol(&test)), expected);
        assert!(matches!(crate::stage(&test.host).unwrap(), Stage::FirstRun { .. }), "{expected:?}");
        let left: Vec<_> = std::fs::read_dir(test.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("vault")), "{expected:?}: {left:?}");
        put_right(&test.hands, &key);
    }
    // Another try takes no other sign-in, also after a start in between.
    let test = test.restart_under(DEMAND);
    test.sign_in("dr-1", "physician", &["patient.*"], &["progress_notes"]);
    enrol(&test).unwrap();
    test.host.lock();
    unlock(&test, "dr-1", PASSPHRASE).unwrap();
}

/// The first envelope that is ever written takes the key: the desk has not yet answered, and what is on disk opens with no less.
#[test]
fn nothing_is_on_disk_while_the_key_is_asked() {
    let (test, _) = signed_in();
    test.hands.set(|hands| hands.later = true);
    std::thread::scope(|scope| {
        let enrolling = scope.spawn(|| enrol(&test).map(drop));
        while !test.heard.0.lock().unwrap().iter().any(|said| said.contains("Pin")) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let keys = |folder: &std::path::Path| folder.join("keys.json").exists();
        let folders = std::fs::read_dir(test.folder()).unwrap().map(|entry| entry.unwrap().path());
        assert!(!folders.into_iter().any(|folder| keys(&folder)), "the power may go now");
        // The page was left, and somebody else signs in meanwhile: the key that was asked of the first enrols nobody.
        test.sign_in("dr-9", "physician", &["patient.*"], &[]);
        crate::cancel_security_key(&test.host);
        assert_eq!(code(enrolling.join().unwrap()), ErrorCode::SecurityKeyCancelled);
    });
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::FirstRun { .. }));
}

#[test]
fn a_key_asked_of_one_enrols_nobody_else() {
    let (test, key) = signed_in();
    struct SignsInMeanwhile(Arc<SoftKey>, std::sync::Weak<crate::Host>);
    impl Authenticator for SignsInMeanwhile {
        fn info(&self) -> Result<Info, AuthenticatorError> {
            self.0.info()
        }
        fn make_credential(&self, request: &MakeCredential, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Made, AuthenticatorError> {
            crate::cancel_sign_in(&self.1.upgrade().unwrap());
            self.0.make_credential(request, prompt, cancel)
        }
        fn get_assertion(&self, request: &GetAssertion, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Asserted, AuthenticatorError> {
            self.0.get_assertion(request, prompt, cancel)
        }
    }
    let between = Arc::new(SignsInMeanwhile(key, Arc::downgrade(&test.host)));
    test.hands.set(|hands| hands.astray = Some(between));
    assert_eq!(code(enrol(&test)), ErrorCode::SignInNeeded);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::FirstRun { .. }));
}

#[test]
fn a_colleague_joins_with_a_key_of_their_own() {
    let (test, [blue, red]) = about_to_join();
    join(&test, None).unwrap();
    // First the one who is working, then, once it is swapped, the newcomer twice.
    let pin = SecurityKeyStep::Pin { tries_left: 8, wrong: false };
    let asked = acts_and_steps(&test);
    assert_eq!(asked.iter().map(|(_, step)| *step).collect::<Vec<_>>(), [pin, SecurityKeyStep::Insert, pin, pin]);
    assert!(asked.iter().all(|(act, _)| act == "key_operation"));

    let test = test.restart();
    let Stage::Locked { users, .. } = crate::stage(&test.host).unwrap() else { panic!("locked") };
    assert!(users.len() == 2 && users.iter().all(|user| user.security_key));
    test.hands.plug(&blue);
    assert_eq!(code(unlock(&test, "rn-2", COLLEAGUE)), ErrorCode::SecurityKeyOther);
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(unlock(&test, "rn-2", COLLEAGUE)), ErrorCode::SecurityKeyAbsent);
    test.hands.plug(&red);
    assert_eq!(code(unlock(&test, "rn-2", PASSPHRASE)), ErrorCode::WrongPassphrase);
    unlock(&test, "rn-2", COLLEAGUE).unwrap();
    assert_eq!(crate::security_keys(&test.host).unwrap().len(), 1, "its record was left for its owner");
    test.host.lock();
    test.hands.plug(&blue);
    unlock(&test, "dr-1", PASSPHRASE).unwrap();
    assert!(entries(&test, Action::Incident).is_empty(), "no record was lost");
}

#[test]
fn whoever_works_without_a_key_lets_a_colleague_join_with_one() {
    let (test, key) = (TestHost::open().restart_under(DEMAND), Arc::new(SoftKey::new(2)));
    test.unlock();
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    assert_eq!(code(join(&test, None)), ErrorCode::SecurityKeyAbsent);
    test.hands.plug(&key);
    join(&test, None).unwrap();
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(unlock(&test, "rn-2", COLLEAGUE)), ErrorCode::SecurityKeyAbsent);
    test.unlock();
}

#[test]
fn a_joining_that_comes_to_nothing_leaves_the_key_file_and_the_desk_as_they_were() {
    // The one who works has no key, so that every mishap is the newcomer's.
    let (test, red) = (TestHost::open().restart_under(DEMAND), Arc::new(SoftKey::new(2)));
    test.unlock();
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    test.hands.plug(&red);
    let keys = || std::fs::read(test.folder().join("vault/keys.json")).unwrap();
    let before = keys();
    for (expected, mishap) in mishaps(&red) {
        test.hands.set(mishap);
        assert_eq!(code(join(&test, None)), expected);
        assert_eq!(keys(), before, "{expected:?}");
        assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Open { .. }), "{expected:?}");
        put_right(&test.hands, &red);
    }
    // Another try needs no other sign-in.
    join(&test, None).unwrap();
    unlock(&test, "rn-2", COLLEAGUE).unwrap();
}

/// So also where the newcomer's turn is never reached, or given up once the one who works has confirmed.
#[test]
fn a_colleague_who_does_not_bring_the_key_in_is_not_enrolled() {
    let (test, _) = about_to_join();
    test.hands.set(|hands| hands.next = None);
    assert_eq!(code(join(&test, None)), ErrorCode::SecurityKeyAbsent);
    let Stage::Open { .. } = crate::stage(&test.host).unwrap() else { panic!("open") };
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(join(&test, None)), ErrorCode::SecurityKeyAbsent, "the one who works confirms each try");
}

#[test]
fn a_lock_while_the_colleague_is_asked_enrols_nobody() {
    let (test, key) = (TestHost::open().restart_under(DEMAND), Arc::new(SoftKey::new(2)));
    test.unlock();
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    test.hands.plug(&key);
    test.hands.set(|hands| hands.later = true);
    std::thread::scope(|scope| {
        let joining = scope.spawn(|| join(&test, None));
        while !test.heard.0.lock().unwrap().iter().any(|said| said.contains("Pin")) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        test.host.lock();
        assert_eq!(code(joining.join().unwrap()), ErrorCode::Locked);
    });
    let Stage::Locked { users, .. } = crate::stage(&test.host).unwrap() else { panic!("locked") };
    assert_eq!(users.len(), 1);
}

#[test]
fn adding_a_colleague_is_a_key_operation_of_whoever_is_working() {
    let test = TestHost::open().restart_under(r#"{"step_up": ["key_operations"]}"#);
    test.unlock();
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    assert_eq!(code(join(&test, None)), ErrorCode::PassphraseNeeded);
    assert_eq!(code(join(&test, Some(COLLEAGUE))), ErrorCode::WrongPassphrase);
    test.clock.pass(60);
    join(&test, Some(PASSPHRASE)).unwrap();
    unlock(&test, "rn-2", COLLEAGUE).unwrap();

    // Whoever has a key is asked for it anyway, and a refusal is taken down.
    let (test, _) = about_to_join();
    test.hands.set(|hands| hands.port = None);
    assert_eq!(code(join(&test, None)), ErrorCode::SecurityKeyAbsent);
    let refused = entries(&test, Action::StepUp).into_iter().filter(|entry| entry.outcome == Outcome::Refused);
    assert_eq!(refused.filter_map(|entry| entry.subject.detail).collect::<Vec<_>>(), ["security_key key_operation absent"]);
}
