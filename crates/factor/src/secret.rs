//! Factor S and the salt it is asked with.
use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::FactorError;

/// Factor S: what a security key answers to a salt (CTAP 2.1 §12.5, hmac-secret), always with the user verified.
///
/// INVARIANT: boxed, so that moving it leaves no copy on the stack; wiped on drop; not `Clone`; no bytes in `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct HmacSecret(Box<[u8; 32]>);

impl HmacSecret {
    /// Takes the bytes and wipes where they came from.
    #[must_use]
    pub fn taken(from: &mut [u8; 32]) -> Self {
        let mut secret = Self(Box::new([0; 32]));
        secret.0.copy_from_slice(from);
        from.zeroize();
        secret
    }

    /// The bytes, for the key hierarchy alone; write the reason on the line above, as `// EXPOSE: why`.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for HmacSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacSecret(redacted)")
    }
}

/// 32 random bytes that a user's keys are asked with. No secret: without the key it yields nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Salt([u8; 32]);

impl Salt {
    /// A fresh one from the operating system.
    pub fn random() -> Result<Self, FactorError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| FactorError::NoEntropy)?;
        Ok(Self(bytes))
    }

    /// A salt of known bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<String> for Salt {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        crate::client::from_base64url(&text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or("not 32 bytes of base64url")
    }
}

impl From<Salt> for String {
    fn from(salt: Salt) -> Self {
        crate::client::base64url(&salt.0)
    }
}

#[cfg(test)]
mod tests {
    use super::HmacSecret;

    #[test]
    fn debug_shows_nothing_and_the_source_is_wiped() {
        fn wipes_on_drop<T: zeroize::ZeroizeOnDrop>() {}
        wipes_on_drop::<HmacSecret>();
        let mut source = [7; 32];
        let secret = HmacSecret::taken(&mut source);
        assert_eq!((source, secret.expose()), ([0; 32], &[7; 32]));
        assert_eq!(format!("{secret:?}"), "HmacSecret(redacted)");
    }
}
