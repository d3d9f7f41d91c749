//! The PIN on its way from whoever typed it to the token.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kernel::{Clock, Moment};
use keys::{Pin, PinPad, PinPrompt};

/// How long a PIN that nothing asked for is kept.
pub const LASTS: Duration = Duration::from_secs(60);

/// Holds one PIN, for one question.
pub struct PinSlot {
    clock: Arc<dyn Clock>,
    held: Mutex<Option<(Pin, Moment)>>,
}

impl PinSlot {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, held: Mutex::new(None) }
    }

    /// Takes a PIN, in the place of one that was not used.
    pub fn put(&self, typed: String) {
        *self.held() = Some((Pin::new(typed), self.clock.now().boot));
    }

    pub fn clear(&self) {
        *self.held() = None;
    }

    /// Forgets a PIN whose time is up, and none that was put since.
    pub fn clear_if_stale(&self) {
        let mut held = self.held();
        if held.as_ref().is_some_and(|(_, since)| self.is_stale(*since)) {
            *held = None;
        }
    }

    fn is_stale(&self, since: Moment) -> bool {
        u128::from(self.clock.now().boot.since(since)) >= LASTS.as_millis()
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<(Pin, Moment)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PinPad for PinSlot {
    fn ask(&self, _: &PinPrompt) -> Option<Pin> {
        let (pin, since) = self.held().take()?;
        (!self.is_stale(since)).then_some(pin)
    }
}

/// Whatever nobody gave a PIN for gets none.
pub struct NoPin;

impl PinPad for NoPin {
    fn ask(&self, _: &PinPrompt) -> Option<Pin> {
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use keys::TokenName;

    use super::*;
    use crate::test_host::HandClock;

    #[test]
    fn a_pin_is_given_once_and_within_a_minute() {
        let clock = Arc::new(HandClock::at_eight());
        let slot = PinSlot::new(clock.clone());
        let token = TokenName { manufacturer: "m".into(), model: "m".into(), serial: "1".into(), label: "ward".into() };
        let prompt = PinPrompt { token, last_try: false };
        let ask = || slot.ask(&prompt).is_some();
        assert!(!ask());
        slot.put("704211".into());
        clock.pass(59);
        slot.clear_if_stale();
        assert!(ask() && !ask(), "once");
        slot.put("704211".into());
        clock.pass(60);
        assert!(!ask() && !ask(), "too late");
        slot.put("1".into());
        clock.pass(60);
        slot.put("2".into());
        slot.clear_if_stale();
        assert!(ask(), "an older one's end is not this one's");
        slot.put("3".into());
        clock.pass(60);
        slot.clear_if_stale();
        assert!(slot.held().is_none());
    }
}
