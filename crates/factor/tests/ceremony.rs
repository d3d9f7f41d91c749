//! The real ceremony, relying party against a key in software: what is right passes, everything else is refused for its own reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::sync::Mutex;

use chrono::DateTime;
use factor::testing::{Declines, FileKey, SoftKey, Types};
use factor::{
    Act, Asserted, Authenticator, AuthenticatorError, BuiltIn, Cancel, Ceremony, Credential, Demand, Enrolled, FactorError, Factors,
    GetAssertion, HmacSecret, Line, Placement, Policy, Presented, Prompt, Refusal, RelyingParty, Salt, Statement, SteppedUp, SteppingUp,
    Verification, decide, required,
};
use kernel::{Clock, Instants, Moment, Phi, UserId};

const TYPES: Types = Types("1234");

/// A clock that stands where it was put.
struct Hands(Mutex<u64>);

impl Clock for Hands {
    fn now(&self) -> Instants {
        at(*self.0.lock().unwrap())
    }
}

fn at(seconds: u64) -> Instants {
    let wall = DateTime::from_timestamp(1_800_000_000 + i64::try_from(seconds).unwrap(), 0).unwrap();
    Instants { wall, boot: Moment(seconds * 1000) }
}

fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

fn statement_of(act: Act, who: &str, dose: &str) -> Statement {
    let line = |label: &str, value: &str| Line { label: label.into(), value: Phi::new(value.into()) };
    let lines = vec![line("Patient", "Rosa Meyer, 1961-04-02"), line("Drug", dose)];
    Statement::new(act, user(who), Some([9; 16]), lines).unwrap()
}

fn statement(act: Act) -> Statement {
    statement_of(act, "ada", "Oxycodone 5 mg, 10 tablets")
}

struct Desk {
    rp: RelyingParty,
    cancel: Cancel,
    clock: Hands,
}

impl Desk {
    fn new() -> Self {
        Self { rp: RelyingParty::new().unwrap(), cancel: Cancel::default(), clock: Hands(Mutex::new(1000)) }
    }

    fn with<'a>(&'a self, key: &'a SoftKey, prompt: &'a dyn Prompt) -> Ceremony<'a> {
        Ceremony { relying_party: &self.rp, authenticator: key, prompt, cancel: &self.cancel, clock: &self.clock }
    }

    fn enrol(&self, key: &SoftKey) -> Credential {
        self.with(key, &TYPES).enrol(&user("ada"), &[]).unwrap()
    }

    fn begin(&self, statement: &Statement, enrolled: &[Credential]) -> SteppingUp {
        self.rp.begin_step_up(statement, enrolled, &at(1000)).unwrap()
    }

    fn answer(&self, key: &SoftKey, pending: &SteppingUp) -> Asserted {
        key.get_assertion(pending.request(), &TYPES, &self.cancel).unwrap()
    }

    /// One step-up whose request and answer pass through `request` and `answer` on their way.
    fn led_astray(
        &self,
        key: &SoftKey,
        request: impl FnOnce(&mut GetAssertion),
        answer: impl FnOnce(&mut Asserted),
    ) -> Result<SteppedUp, FactorError> {
        let mut enrolled = [self.enrol(key)];
        let before = enrolled[0].counter();
        let statement = statement(Act::Sign);
        let pending = self.begin(&statement, &enrolled);
        let mut asked = pending.request().clone();
        request(&mut asked);
        let mut answered = key.get_assertion(&asked, &TYPES, &self.cancel).unwrap();
        answer(&mut answered);
        let result = self.rp.finish_step_up(pending, &statement, &answered, &mut enrolled, &at(1000));
        if result.is_err() {
            assert_eq!(enrolled[0].counter(), before, "what is refused moves no counter");
        }
        result
    }
}

fn replace(data: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(data).unwrap();
    assert!(text.contains(from));
    text.replace(from, to).into_bytes()
}

#[test]
fn a_key_is_enrolled_and_signs() {
    let (desk, key) = (Desk::new(), SoftKey::new(1));
    let mut enrolled = [desk.enrol(&key)];
    assert_eq!((enrolled[0].user(), enrolled[0].placement(), enrolled[0].counter()), (&user("ada"), Placement::Roaming, 1));
    assert_eq!((Enrolled::of(&enrolled), Enrolled::of(&[])), (Enrolled::Roaming, Enrolled::Nothing));
    for (act, counter) in Act::ALL.into_iter().zip(2..) {
        let statement = statement(act);
        let (stepped_up, secret) = desk.with(&key, &TYPES).step_up(&statement, &mut enrolled).unwrap();
        assert_eq!((stepped_up.act(), stepped_up.user()), (act, &user("ada")));
        assert_eq!(*stepped_up.statement_digest(), statement.digest());
        assert_eq!((stepped_up.credential(), stepped_up.verification()), (enrolled[0].id(), Verification::Pin));
        assert_eq!((*stepped_up.at(), enrolled[0].counter()), (at(1000), counter));
        assert_eq!(secret.is_some(), act.takes_secret(), "{act:?}");
    }
}

#[test]
fn a_record_read_back_verifies_and_moves_on() {
    let (desk, key) = (Desk::new(), SoftKey::new(2));
    let mut enrolled = [desk.enrol(&key)];
    for counter in 2..5 {
        enrolled = [Credential::from_bytes(&enrolled[0].to_bytes().unwrap()).unwrap()];
        desk.with(&key, &TYPES).step_up(&statement(Act::Sign), &mut enrolled).unwrap();
        assert_eq!(enrolled[0].counter(), counter);
    }
}

#[test]
fn another_origin_is_refused() {
    let desk = Desk::new();
    let others = ["https://satchel.localhost:8443", "http://satchel.localhost", "https://evil.satchel.localhost", "https://example.org"];
    for (seed, origin) in others.into_iter().enumerate() {
        let ask = |request: &mut GetAssertion| request.client_data = replace(&request.client_data, "https://satchel.localhost", origin);
        let key = SoftKey::new(10 + u8::try_from(seed).unwrap());
        assert_eq!(desk.led_astray(&key, ask, |_| {}).unwrap_err(), FactorError::WrongOrigin, "{origin}");
    }
}

#[test]
fn another_relying_partys_data_is_refused() {
    let desk = Desk::new();
    let other_hash = |answer: &mut Asserted| answer.auth_data[0] ^= 1;
    assert_eq!(desk.led_astray(&SoftKey::new(20), |_| {}, other_hash).unwrap_err(), FactorError::WrongOrigin);
    let asked = desk.led_astray_at_the_key(|request| request.rp_id = "example.org".into());
    assert_eq!(asked, AuthenticatorError::NotThisKey);
}

impl Desk {
    fn led_astray_at_the_key(&self, request: impl FnOnce(&mut GetAssertion)) -> AuthenticatorError {
        let key = SoftKey::new(21);
        let enrolled = [self.enrol(&key)];
        let mut asked = self.begin(&statement(Act::Sign), &enrolled).request().clone();
        request(&mut asked);
        key.get_assertion(&asked, &TYPES, &self.cancel).unwrap_err()
    }
}

#[test]
fn an_answer_given_before_is_refused() {
    let (desk, key) = (Desk::new(), SoftKey::new(30));
    key.set(|state| state.counts = false);
    let mut enrolled = [desk.enrol(&key)];
    let statement = statement(Act::Sign);
    let pending = desk.begin(&statement, &enrolled);
    let answer = desk.answer(&key, &pending);
    desk.rp.finish_step_up(pending, &statement, &answer, &mut enrolled, &at(1000)).unwrap();
    // The pending ceremony is used up (it was moved); the same answer to a new one over the same statement is to another challenge,
    // and that on a key whose counter would not have told.
    let again = desk.begin(&statement, &enrolled);
    let refused = desk.rp.finish_step_up(again, &statement, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::OtherChallenge);
}

#[test]
fn a_missing_flag_is_refused() {
    let desk = Desk::new();
    let key = SoftKey::new(40);
    let enrolled = desk.enrol(&key);
    type Lapse = fn(&SoftKey);
    let lapses: [(Lapse, FactorError); 2] = [
        (|key| key.set(|state| state.forget_verification = true), FactorError::NotVerified),
        (|key| key.set(|state| (state.forget_verification, state.forget_presence) = (false, true)), FactorError::NotPresent),
    ];
    for (lapse, expected) in lapses {
        lapse(&key);
        let refused = desk.with(&key, &TYPES).step_up(&statement(Act::Sign), &mut [enrolled.clone()]);
        assert_eq!(refused.unwrap_err(), expected);
        let refused = desk.with(&key, &TYPES).enrol(&user("bob"), &[]);
        assert_eq!(refused.unwrap_err(), expected);
    }
    // Setting the flag afterwards does not help: it is signed.
    key.set(|state| (state.forget_verification, state.forget_presence) = (true, false));
    let mut enrolled = [enrolled];
    let statement = statement(Act::Sign);
    let pending = desk.begin(&statement, &enrolled);
    let mut answer = desk.answer(&key, &pending);
    answer.auth_data[32] |= 4;
    let refused = desk.rp.finish_step_up(pending, &statement, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::BadSignature);
}

#[test]
fn a_cloned_key_is_told_as_such() {
    let (desk, key) = (Desk::new(), SoftKey::new(50));
    let mut enrolled = [desk.enrol(&key)];
    let clone = key.cloned();
    let ceremony = |key| desk.with(key, &TYPES);
    ceremony(&key).step_up(&statement(Act::Sign), &mut enrolled).unwrap();
    // The copy has the counter that the original has used: equal, then behind.
    assert_eq!(ceremony(&clone).step_up(&statement(Act::Sign), &mut enrolled).unwrap_err(), FactorError::Cloned);
    clone.set(|state| state.counter = 0);
    assert_eq!(ceremony(&clone).step_up(&statement(Act::Sign), &mut enrolled).unwrap_err(), FactorError::Cloned);
    // A key that has counted and now says zero is one too; the original still passes.
    clone.set(|state| (state.counter, state.counts) = (0, false));
    assert_eq!(ceremony(&clone).step_up(&statement(Act::Sign), &mut enrolled).unwrap_err(), FactorError::Cloned);
    ceremony(&key).step_up(&statement(Act::Sign), &mut enrolled).unwrap();
}

#[test]
fn two_ceremonies_at_once_do_not_share_a_count() {
    let (desk, key) = (Desk::new(), SoftKey::new(51));
    let mut enrolled = [desk.enrol(&key)];
    let clone = key.cloned();
    let statement = statement(Act::Sign);
    let (first, second) = (desk.begin(&statement, &enrolled), desk.begin(&statement, &enrolled));
    let (by_key, by_clone) = (desk.answer(&key, &first), desk.answer(&clone, &second));
    desk.rp.finish_step_up(first, &statement, &by_key, &mut enrolled, &at(1000)).unwrap();
    let refused = desk.rp.finish_step_up(second, &statement, &by_clone, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::Cloned);
}

#[test]
fn a_key_that_does_not_count_passes() {
    let (desk, key) = (Desk::new(), SoftKey::new(52));
    key.set(|state| state.counts = false);
    let mut enrolled = [desk.enrol(&key)];
    for _ in 0..3 {
        desk.with(&key, &TYPES).step_up(&statement(Act::Sign), &mut enrolled).unwrap();
        assert_eq!(enrolled[0].counter(), 0);
    }
}

#[test]
fn another_credential_is_refused() {
    let (desk, key, other) = (Desk::new(), SoftKey::new(60), SoftKey::new(61));
    let mut enrolled = [desk.enrol(&key)];
    let foreign = [desk.with(&other, &TYPES).enrol(&user("ada"), &[]).unwrap()];
    let statement = statement(Act::Sign);
    assert_eq!(
        desk.with(&other, &TYPES).step_up(&statement, &mut enrolled).unwrap_err(),
        FactorError::Authenticator(AuthenticatorError::NotThisKey)
    );
    let pending = desk.begin(&statement, &enrolled);
    let mut asked = pending.request().clone();
    asked.allow = vec![foreign[0].id().to_vec()];
    let answer = other.get_assertion(&asked, &TYPES, &desk.cancel).unwrap();
    let refused = desk.rp.finish_step_up(pending, &statement, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::OtherCredential);
    // Under the enrolled credential's name, the other's signature does not verify.
    let pending = desk.begin(&statement, &enrolled);
    let mut asked = pending.request().clone();
    asked.allow = vec![foreign[0].id().to_vec()];
    let mut answer = other.get_assertion(&asked, &TYPES, &desk.cancel).unwrap();
    answer.credential = enrolled[0].id().to_vec();
    let refused = desk.rp.finish_step_up(pending, &statement, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::BadSignature);
}

#[test]
fn another_statement_is_refused() {
    let (desk, key) = (Desk::new(), SoftKey::new(70));
    let mut enrolled = [desk.enrol(&key)];
    let shown = statement_of(Act::SignControlledSubstance, "ada", "Oxycodone 5 mg, 10 tablets");
    let done = statement_of(Act::SignControlledSubstance, "ada", "Oxycodone 5 mg, 100 tablets");
    // What is done differs from what was shown.
    let pending = desk.begin(&shown, &enrolled);
    let answer = desk.answer(&key, &pending);
    let refused = desk.rp.finish_step_up(pending, &done, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::OtherStatement);
    // The key signed one statement, the ceremony is about the other.
    let (small, large) = (desk.begin(&shown, &enrolled), desk.begin(&done, &enrolled));
    let answer = desk.answer(&key, &small);
    let refused = desk.rp.finish_step_up(large, &done, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::OtherChallenge);
    // The same text for another act.
    let other_act = statement_of(Act::Sign, "ada", "Oxycodone 5 mg, 10 tablets");
    let pending = desk.begin(&other_act, &enrolled);
    let answer = desk.answer(&key, &pending);
    let refused = desk.rp.finish_step_up(pending, &shown, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::OtherStatement);
}

#[test]
fn client_data_with_the_right_challenge_written_in_does_not_verify() {
    let (desk, key) = (Desk::new(), SoftKey::new(71));
    let mut enrolled = [desk.enrol(&key)];
    let (shown, done) = (statement_of(Act::Sign, "ada", "5 mg"), statement_of(Act::Sign, "ada", "50 mg"));
    let (small, large) = (desk.begin(&shown, &enrolled), desk.begin(&done, &enrolled));
    let mut answer = desk.answer(&key, &small);
    answer.client_data = large.request().client_data.clone();
    let refused = desk.rp.finish_step_up(large, &done, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::BadSignature);
}

#[test]
fn an_expired_ceremony_is_refused() {
    let (desk, key) = (Desk::new(), SoftKey::new(80));
    let mut enrolled = [desk.enrol(&key)];
    let statement = statement(Act::Sign);
    for (now, expected) in [(1119, None), (1120, Some(FactorError::Expired)), (999, Some(FactorError::Expired))] {
        let pending = desk.begin(&statement, &enrolled);
        let answer = desk.answer(&key, &pending);
        let result = desk.rp.finish_step_up(pending, &statement, &answer, &mut enrolled, &at(now));
        assert_eq!(result.err(), expected, "{now}");
    }
    let pending = desk.rp.begin_registration(&user("bob"), &[], Salt::from_bytes([1; 32]), &at(1000)).unwrap();
    let made = key.make_credential(pending.request(), &TYPES, &desk.cancel).unwrap();
    let refused = desk.rp.finish_registration(pending, &user("bob"), &made, &at(1120));
    assert_eq!(refused.unwrap_err(), FactorError::Expired);
}

/// Every byte of what is signed, and of the signature.
#[test]
fn a_tampered_answer_is_refused() {
    let (desk, key) = (Desk::new(), SoftKey::new(90));
    let enrolled = [desk.enrol(&key)];
    let statement = statement(Act::Unlock);
    let template = desk.begin(&statement, &enrolled);
    let answer = desk.answer(&key, &template);
    let lengths = [answer.auth_data.len(), answer.client_data.len(), answer.signature.len()];
    let mut refused = 0;
    for (part, length) in lengths.into_iter().enumerate() {
        for byte in 0..length {
            let pending = desk.begin(&statement, &enrolled);
            let mut answer = desk.answer(&key, &pending);
            let target = match part {
                0 => &mut answer.auth_data,
                1 => &mut answer.client_data,
                _ => &mut answer.signature,
            };
            // A signature may be a byte shorter than the first.
            let Some(byte) = target.get_mut(byte) else { continue };
            *byte ^= 0x10;
            let result = desk.rp.finish_step_up(pending, &statement, &answer, &mut [enrolled[0].clone()], &at(1000));
            assert!(result.is_err(), "part {part}");
            refused += 1;
        }
    }
    assert!(refused > 250);
    let spoil = |answer: &mut Asserted| *answer.signature.last_mut().unwrap() ^= 1;
    assert_eq!(desk.led_astray(&SoftKey::new(91), |_| {}, spoil).unwrap_err(), FactorError::BadSignature);
    let empty = |answer: &mut Asserted| answer.client_data = b"{}".to_vec();
    assert_eq!(desk.led_astray(&SoftKey::new(92), |_| {}, empty).unwrap_err(), FactorError::Malformed);
    let registration = |request: &mut GetAssertion| request.client_data = replace(&request.client_data, "webauthn.get", "webauthn.create");
    assert_eq!(desk.led_astray(&SoftKey::new(93), registration, |_| {}).unwrap_err(), FactorError::Malformed);
}

#[test]
fn a_ceremony_belongs_to_one_user() {
    let (desk, key) = (Desk::new(), SoftKey::new(100));
    let mut enrolled = [desk.enrol(&key)];
    let pending = desk.begin(&statement(Act::Sign), &enrolled);
    let answer = desk.answer(&key, &pending);
    let bobs = statement_of(Act::Sign, "bob", "Oxycodone 5 mg, 10 tablets");
    let refused = desk.rp.finish_step_up(pending, &bobs, &answer, &mut enrolled, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::OtherUser);
    // Nor does bob begin one with ada's key.
    assert_eq!(desk.rp.begin_step_up(&bobs, &enrolled, &at(1000)).unwrap_err(), FactorError::OtherUser);
    assert_eq!(desk.rp.begin_step_up(&bobs, &[], &at(1000)).unwrap_err(), FactorError::NoCredential);
    let fresh = Salt::from_bytes([1; 32]);
    assert_eq!(desk.rp.begin_registration(&user("bob"), &enrolled, fresh, &at(1000)).unwrap_err(), FactorError::OtherUser);
    let pending = desk.rp.begin_registration(&user("ada"), &[], fresh, &at(1000)).unwrap();
    let made = key.make_credential(pending.request(), &TYPES, &desk.cancel).unwrap();
    let refused = desk.rp.finish_registration(pending, &user("bob"), &made, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::OtherUser);
}

#[test]
fn a_registration_answers_its_own_challenge_only() {
    let (desk, key) = (Desk::new(), SoftKey::new(110));
    let begin = || desk.rp.begin_registration(&user("ada"), &[], Salt::from_bytes([1; 32]), &at(1000)).unwrap();
    let (first, second) = (begin(), begin());
    let made = key.make_credential(first.request(), &TYPES, &desk.cancel).unwrap();
    let refused = desk.rp.finish_registration(second, &user("ada"), &made, &at(1000));
    assert_eq!(refused.unwrap_err(), FactorError::OtherChallenge);
    let mut made = made;
    made.auth_data.truncate(60);
    assert_eq!(desk.rp.finish_registration(first, &user("ada"), &made, &at(1000)).unwrap_err(), FactorError::Malformed);
}

#[test]
fn a_key_that_will_not_do_is_not_enrolled() {
    let desk = Desk::new();
    type Change = fn(&mut factor::testing::State);
    let unfit: [(Change, FactorError); 4] = [
        (|state| state.synced = true, FactorError::Synced),
        (|state| state.hmac_secret = false, AuthenticatorError::NoHmacSecret.into()),
        (|state| state.pin = None, AuthenticatorError::NoVerification.into()),
        (|state| state.absent = true, AuthenticatorError::NoDevice.into()),
    ];
    for (change, expected) in unfit {
        let key = SoftKey::new(120);
        key.set(change);
        assert_eq!(desk.with(&key, &TYPES).enrol(&user("ada"), &[]).unwrap_err(), expected);
    }
    let key = SoftKey::new(121);
    let enrolled = [desk.enrol(&key)];
    let twice = desk.with(&key, &TYPES).enrol(&user("ada"), &enrolled).unwrap_err();
    assert_eq!(twice, AuthenticatorError::AlreadyEnrolled.into());
}

#[test]
fn a_credential_that_became_copyable_is_refused() {
    let (desk, key) = (Desk::new(), SoftKey::new(122));
    let mut enrolled = [desk.enrol(&key)];
    key.set(|state| state.synced = true);
    let refused = desk.with(&key, &TYPES).step_up(&statement(Act::Sign), &mut enrolled);
    assert_eq!(refused.unwrap_err(), FactorError::Synced);
}

#[test]
fn wrong_pins_are_counted_and_told() {
    let (desk, key) = (Desk::new(), SoftKey::new(130));
    let enrolled = [desk.enrol(&key)];
    let with = |prompt: &dyn Prompt| {
        let ceremony = desk.with(&key, prompt);
        ceremony.step_up(&statement(Act::Sign), &mut enrolled.clone()).map(|_| ()).unwrap_err()
    };
    assert_eq!(with(&Declines), AuthenticatorError::Cancelled.into());
    for tries_left in (0..8).rev() {
        assert_eq!(with(&Types("4321")), AuthenticatorError::WrongPin { tries_left }.into());
    }
    assert_eq!(with(&TYPES), AuthenticatorError::PinBlocked.into());
    desk.cancel.cancel();
    assert_eq!(with(&TYPES), AuthenticatorError::Cancelled.into());
}

fn secret(desk: &Desk, key: &SoftKey, enrolled: &mut [Credential], act: Act) -> HmacSecret {
    desk.with(key, &TYPES).step_up(&statement(act), enrolled).unwrap().1.unwrap()
}

#[test]
fn factor_s_depends_on_credential_and_salt_and_nothing_else() {
    let (desk, key, backup) = (Desk::new(), SoftKey::new(140), SoftKey::new(141));
    let mut mine = [desk.enrol(&key)];
    let first = secret(&desk, &key, &mut mine, Act::Unlock);
    // The same again, for another act, after the record was read back, and with a finger instead of the PIN.
    assert_eq!(secret(&desk, &key, &mut mine, Act::Unlock).expose(), first.expose());
    assert_eq!(secret(&desk, &key, &mut mine, Act::KeyOperation).expose(), first.expose());
    mine = [Credential::from_bytes(&mine[0].to_bytes().unwrap()).unwrap()];
    key.set(|state| state.built_in = BuiltIn::Biometric);
    assert_eq!(secret(&desk, &key, &mut mine, Act::Unlock).expose(), first.expose());
    key.set(|state| state.built_in = BuiltIn::Absent);
    // A second key of the same user takes the same salt and gives another secret.
    let second = desk.with(&backup, &TYPES).enrol(&user("ada"), &mine).unwrap();
    assert_eq!(second.salt(), mine[0].salt());
    let mut both = [mine[0].clone(), second];
    let other_key = secret(&desk, &backup, &mut both, Act::Unlock);
    assert_ne!(other_key.expose(), first.expose());
    assert_eq!(secret(&desk, &key, &mut both, Act::Unlock).expose(), first.expose());
    // Another credential on the same key, with another salt.
    let mut another = [desk.with(&key, &TYPES).enrol(&user("ada"), &[]).unwrap()];
    assert_ne!(another[0].salt(), mine[0].salt());
    assert_ne!(secret(&desk, &key, &mut another, Act::Unlock).expose(), first.expose());
    // The same credential, another salt.
    let pending = desk.begin(&statement(Act::Unlock), &mine);
    let mut asked = pending.request().clone();
    asked.salt = Some(Salt::from_bytes([7; 32]));
    let other_salt = key.get_assertion(&asked, &TYPES, &desk.cancel).unwrap().secret.unwrap();
    assert_ne!(other_salt.expose(), first.expose());
}

#[test]
fn factor_s_is_not_given_for_an_answer_that_does_not_verify() {
    let (desk, key) = (Desk::new(), SoftKey::new(150));
    let mut enrolled = [desk.enrol(&key)];
    let clone = key.cloned();
    secret(&desk, &key, &mut enrolled, Act::Unlock);
    let refused = desk.with(&clone, &TYPES).step_up(&statement(Act::Unlock), &mut enrolled);
    assert_eq!(refused.unwrap_err(), FactorError::Cloned);
    key.set(|state| state.hmac_secret = false);
    let refused = desk.with(&key, &TYPES).step_up(&statement(Act::Unlock), &mut enrolled);
    assert_eq!(refused.unwrap_err(), FactorError::NoHmacSecret);
}

fn step_up(desk: &Desk, key: &SoftKey, enrolled: &mut [Credential], statement: &Statement) -> Option<SteppedUp> {
    Some(desk.with(key, &TYPES).step_up(statement, enrolled).unwrap().0)
}

#[test]
fn leave_is_for_the_statement_that_was_signed_and_for_two_minutes() {
    let (desk, key) = (Desk::new(), SoftKey::new(160));
    let enrolled = &mut [desk.enrol(&key)];
    let policy = Policy { export: Demand::Both, ..Policy::default() };
    let shown = statement(Act::Export);
    let requirement = required(Act::Export, &policy, Enrolled::Roaming);
    let mut decided = |done: &Statement, passphrase: bool, now: u64| {
        let key = step_up(&desk, &key, enrolled, &shown);
        decide(requirement, &policy, Presented { passphrase, key }, done, &at(now))
    };
    let granted = decided(&shown, true, 1119).unwrap();
    assert_eq!((granted.act(), *granted.statement_digest(), granted.louder()), (Act::Export, shown.digest(), false));
    assert_eq!(granted.factors(), Factors { knowledge: true, possession: true, biometric: false });
    assert!(granted.credential().is_some());
    assert_eq!(decided(&shown, true, 1120), Err(Refusal::Expired));
    assert_eq!(decided(&shown, true, 999), Err(Refusal::Expired));
    assert_eq!(decided(&shown, false, 1000), Err(Refusal::Passphrase));
    for other in [statement(Act::Sign), statement_of(Act::Export, "bob", "x"), statement_of(Act::Export, "ada", "x")] {
        assert_eq!(decided(&other, true, 1000), Err(Refusal::OtherStatement));
    }
}

#[test]
fn a_finger_on_the_key_is_two_of_three_and_a_pin_is_one() {
    let (desk, key) = (Desk::new(), SoftKey::new(170));
    let enrolled = &mut [desk.enrol(&key)];
    let policy = Policy::default();
    let statement = statement(Act::SignControlledSubstance);
    let requirement = required(statement.act(), &policy, Enrolled::Roaming);
    let mut decided = |passphrase| {
        let key = step_up(&desk, &key, enrolled, &statement);
        decide(requirement, &policy, Presented { passphrase, key }, &statement, &at(1000)).map(|granted| granted.factors())
    };
    assert_eq!(decided(false), Err(Refusal::SecondFactor));
    assert_eq!(decided(true), Ok(Factors { knowledge: true, possession: true, biometric: false }));
    key.set(|state| state.built_in = BuiltIn::Unspecified);
    assert_eq!(decided(false), Err(Refusal::SecondFactor));
    key.set(|state| state.built_in = BuiltIn::Biometric);
    assert_eq!(decided(false), Ok(Factors { knowledge: false, possession: true, biometric: true }));
}

#[test]
fn an_emergency_without_the_key_goes_ahead_louder() {
    let (desk, key) = (Desk::new(), SoftKey::new(180));
    let enrolled = &mut [desk.enrol(&key)];
    let (policy, statement) = (Policy::default(), statement(Act::BreakGlass));
    let requirement = required(Act::BreakGlass, &policy, Enrolled::Roaming);
    let without = decide(requirement, &policy, Presented { passphrase: true, key: None }, &statement, &at(1000)).unwrap();
    assert!(without.louder());
    let key = step_up(&desk, &key, enrolled, &statement);
    let with = decide(requirement, &policy, Presented { passphrase: true, key }, &statement, &at(1000)).unwrap();
    assert!(!with.louder());
}

/// At unlock: asked by id, while the record is still sealed, and verified once it is open.
#[test]
fn what_was_asked_by_id_is_verified_against_the_record_later() {
    let (desk, key) = (Desk::new(), SoftKey::new(1));
    let mut enrolled = [desk.enrol(&key)];
    let (ids, salt) = (vec![enrolled[0].id().to_vec()], enrolled[0].salt());
    let shown = statement(Act::Unlock);
    let ask = || desk.with(&key, &TYPES).ask(&shown, ids.clone(), salt).unwrap();
    let answered = ask();
    let early = *answered.secret().unwrap().expose();
    let (stepped_up, secret) = answered.verify(&desk.rp, &shown, &mut enrolled, &at(1000)).unwrap();
    assert_eq!((stepped_up.act(), enrolled[0].counter()), (Act::Unlock, 2));
    assert_eq!(*secret.unwrap().expose(), early);

    let refused = |answered: factor::Answered, shown: &Statement, enrolled: &mut [Credential]| {
        answered.verify(&desk.rp, shown, enrolled, &at(1000)).map(drop).unwrap_err()
    };
    assert_eq!(refused(ask(), &statement(Act::KeyOperation), &mut enrolled), FactorError::OtherStatement);
    assert_eq!(refused(ask(), &shown, &mut []), FactorError::NoCredential);
    let mut other = [desk.enrol(&SoftKey::new(2))];
    assert_eq!(refused(ask(), &shown, &mut other), FactorError::OtherCredential, "another key's record");
    let clone = key.cloned();
    ask().verify(&desk.rp, &shown, &mut enrolled, &at(1000)).unwrap();
    let copy = desk.with(&clone, &TYPES).ask(&shown, ids.clone(), salt).unwrap();
    assert_eq!(refused(copy, &shown, &mut enrolled), FactorError::Cloned);
    assert_eq!(desk.rp.ask(&shown, Vec::new(), salt, &at(1000)).unwrap_err(), FactorError::NoCredential);
}

#[test]
fn a_key_in_a_file_counts_on_is_pulled_out_and_is_cloned_with_it() {
    let folder = std::env::temp_dir().join(format!("satchel-file-key-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (path, copy) = (folder.join("key"), folder.join("copy"));
    let key = FileKey::at(path.clone());
    assert_eq!(key.info().unwrap_err(), AuthenticatorError::NoDevice);
    FileKey::make(&path, 7).unwrap();
    let desk = Desk::new();
    let ceremony = |prompt| Ceremony { relying_party: &desk.rp, authenticator: &key, prompt, cancel: &desk.cancel, clock: &desk.clock };
    let mut enrolled = [ceremony(&TYPES).enrol(&user("ada"), &[]).unwrap()];
    std::fs::copy(&path, &copy).unwrap();
    let shown = statement(Act::Sign);
    ceremony(&TYPES).step_up(&shown, &mut enrolled).unwrap();
    let wrong = ceremony(&Types("0000")).step_up(&shown, &mut enrolled).unwrap_err();
    assert_eq!(wrong, AuthenticatorError::WrongPin { tries_left: 7 }.into());
    let again = ceremony(&Types("0000")).step_up(&shown, &mut enrolled).unwrap_err();
    assert_eq!(again, AuthenticatorError::WrongPin { tries_left: 6 }.into(), "the tries are kept");
    std::fs::rename(&copy, &path).unwrap();
    assert_eq!(ceremony(&TYPES).step_up(&shown, &mut enrolled).unwrap_err(), FactorError::Cloned);
    std::fs::remove_dir_all(&folder).unwrap();
}
