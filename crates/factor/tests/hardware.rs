//! The ceremony with a real key in the socket: `SATCHEL_KEY_PIN=… cargo test -p factor --test hardware -- --ignored`. It leaves
//! nothing on the key; touch it whenever it blinks.
#![cfg(all(feature = "usb", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]
use factor::{Act, Authenticator, Cancel, Ceremony, Line, Pin, Prompt, RelyingParty, Statement, UsbKey};
use kernel::{Phi, SystemClock, UserId};

struct FromEnvironment;

impl Prompt for FromEnvironment {
    fn pin(&self, tries_left: u8) -> Option<Pin> {
        assert!(tries_left > 2, "only {tries_left} tries left: not risked by a test");
        std::env::var("SATCHEL_KEY_PIN").ok().map(|pin| Pin::new(pin.into()))
    }

    fn touch(&self) {
        eprintln!("touch the key");
    }
}

#[test]
#[ignore = "wants a security key in the socket, its PIN and a hand"]
fn a_real_key_enrols_signs_and_answers_the_salt() {
    let (relying_party, cancel) = (RelyingParty::new().unwrap(), Cancel::default());
    let ceremony =
        Ceremony { relying_party: &relying_party, authenticator: &UsbKey, prompt: &FromEnvironment, cancel: &cancel, clock: &SystemClock };
    eprintln!("{:?}", UsbKey.info().unwrap());
    let user = UserId::new("hardware-test").unwrap();
    let mut enrolled = [ceremony.enrol(&user, &[]).unwrap()];
    let line = Line { label: "Open".into(), value: Phi::new("Satchel".into()) };
    let statement = Statement::new(Act::Unlock, user, None, vec![line]).unwrap();
    let mut secret = || ceremony.step_up(&statement, &mut enrolled).unwrap().1.unwrap();
    // EXPOSE: compared.
    assert_eq!(secret().expose(), secret().expose());
}
