//! The token's PIN, and whoever asks a person for it.
use std::fmt;

use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use super::TokenName;

/// What someone typed to open a token. Wiped on drop; taken as typed, for the token compares bytes.
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Takes what was typed.
    pub fn new(typed: impl Into<String>) -> Self {
        Self(Zeroizing::new(typed.into()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For the token library, which wipes it on drop; exactly as long, so that nothing is left of a moved buffer.
    pub(super) fn for_login(&self) -> AuthPin {
        AuthPin::new(Box::from(self.0.as_str()))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(redacted)")
    }
}

/// What the person who is asked should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PinPrompt {
    /// Which token.
    pub token: TokenName,
    /// The token says that one more wrong PIN locks it.
    pub last_try: bool,
}

/// Asks a person for the PIN.
pub trait PinPad: Send + Sync {
    /// The PIN, or `None` if nobody gave one. Asked once for every use of the token, on the thread that called
    /// [`SecretStore`](crate::SecretStore), for as long as it takes; a PIN is tried once and kept nowhere.
    fn ask(&self, prompt: &PinPrompt) -> Option<Pin>;
}

#[cfg(test)]
mod tests {
    use super::Pin;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Pin::new("123456")), "Pin(redacted)");
    }
}
