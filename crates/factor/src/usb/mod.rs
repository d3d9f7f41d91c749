//! A security key on USB, through `ctap-hid-fido2`.
mod key;
mod status;
mod worker;

use std::time::Duration;

use crate::authenticator::{
    Asserted, Authenticator, AuthenticatorError, BuiltIn, Cancel, GetAssertion, Info, Made, MakeCredential, Pin, Prompt, Verification,
};
use key::{Key, Means, Seen};
use worker::Worker;

/// For what needs nobody's hand: opening the key, asking what it can do.
const BRISK: Duration = Duration::from_secs(5);
/// For what waits for a touch. Keys give up by themselves after 30 s or so (CTAP 2.1 §6: "user action timeout").
const TOUCH: Duration = Duration::from_secs(60);

/// The one security key that is plugged in.
///
/// Every call to the device runs on a thread of its own, with a timeout. A key that is given up on may hold that thread until it
/// gives up itself; until then it answers [`AuthenticatorError::Busy`].
#[derive(Debug, Clone, Copy, Default)]
pub struct UsbKey;

impl UsbKey {
    /// Opens the key, sees what it can do and how it is to verify its user, and asks for the PIN if that is how.
    fn ready(prompt: &dyn Prompt, cancel: &Cancel) -> Result<(Worker<Key>, Seen, Means), AuthenticatorError> {
        let worker = Worker::start(Key::open, BRISK, cancel)?;
        let seen = worker.run(BRISK, cancel, |key| key.look())?;
        let means = match (seen.info.built_in, seen.info.pin_set) {
            (BuiltIn::Biometric, _) => Means::BuiltIn(Verification::Biometric),
            (BuiltIn::Unspecified, _) => Means::BuiltIn(Verification::BuiltIn),
            (BuiltIn::Absent, true) => Means::Pin(ask(prompt, seen.pin_tries)?),
            (BuiltIn::Absent, false) => return Err(AuthenticatorError::NoVerification),
        };
        prompt.touch();
        Ok((worker, seen, means))
    }

    /// Runs `work`; where the key has locked its own verification, once more with the PIN.
    fn verified<T: Send + 'static>(
        prompt: &dyn Prompt,
        cancel: &Cancel,
        work: impl Fn(&Key, &Seen, &Means) -> Result<T, AuthenticatorError> + Clone + Send + 'static,
    ) -> Result<T, AuthenticatorError> {
        let (worker, seen, means) = Self::ready(prompt, cancel)?;
        let own = matches!(means, Means::BuiltIn(_));
        let first = work.clone();
        match worker.run(TOUCH, cancel, move |key| first(key, &seen, &means)) {
            Err(AuthenticatorError::NotRecognised) if own && seen.info.pin_set => {
                let seen = worker.run(BRISK, cancel, |key| key.look())?;
                let means = Means::Pin(ask(prompt, seen.pin_tries)?);
                prompt.touch();
                worker.run(TOUCH, cancel, move |key| work(key, &seen, &means))
            }
            other => other,
        }
    }
}

impl Authenticator for UsbKey {
    fn info(&self) -> Result<Info, AuthenticatorError> {
        let cancel = Cancel::default();
        Ok(Worker::start(Key::open, BRISK, &cancel)?.run(BRISK, &cancel, |key| key.look())?.info)
    }

    fn make_credential(&self, request: &MakeCredential, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Made, AuthenticatorError> {
        let request = request.clone();
        Self::verified(prompt, cancel, move |key, seen, means| key.make_credential(&request, seen, means))
    }

    fn get_assertion(&self, request: &GetAssertion, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Asserted, AuthenticatorError> {
        let request = request.clone();
        Self::verified(prompt, cancel, move |key, _, means| key.get_assertion(&request, means))
    }
}

fn ask(prompt: &dyn Prompt, tries_left: u8) -> Result<Pin, AuthenticatorError> {
    if tries_left == 0 {
        return Err(AuthenticatorError::PinBlocked);
    }
    prompt.pin(tries_left).ok_or(AuthenticatorError::Cancelled)
}
