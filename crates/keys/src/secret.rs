//! Thirty-two secret bytes.
use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 256-bit key.
///
/// INVARIANT: boxed, so that moving it leaves no copy on the stack; wiped on drop; not `Clone`; no bytes in `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key(Box<[u8; 32]>);

impl Key {
    /// Lets `fill` write the bytes in place.
    pub fn filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = Self(Box::new([0; 32]));
        fill(&mut key.0)?;
        Ok(key)
    }

    /// Copies 32 bytes out of an opened envelope; `None` if they are not 32.
    pub fn copied(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        let mut key = Self(Box::new([0; 32]));
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    /// The bytes, for this crate alone.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn debug_shows_nothing_and_drop_wipes() {
        fn wipes_on_drop<T: zeroize::ZeroizeOnDrop>() {}
        wipes_on_drop::<Key>();
        assert_eq!(format!("{:?}", Key::copied(&[7; 32])), "Some(Key(redacted))");
        assert!(Key::copied(&[7; 31]).is_none());
    }
}
