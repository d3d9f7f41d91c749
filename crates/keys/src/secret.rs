//! Thirty-two secret bytes.
use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 256-bit key.
///
/// INVARIANT: boxed, so that moving it leaves no copy on the stack; wiped on drop; not `Clone`; no bytes in `Debug`.
pub(crate) struct Key(Kept);

enum Kept {
    /// For as long as a piece of work takes.
    Briefly(Box<[u8; 32]>),
    /// For as long as a desk is open: a memory page of its own, kept from swapping where the operating system allows.
    Lastingly(Box<Page>, Option<region::LockGuard>),
}

#[repr(C, align(4096))]
struct Page([u8; 32], [u8; 4096 - 32]);

impl Key {
    /// Lets `fill` write the bytes in place.
    pub fn filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = Self(Kept::Briefly(Box::new([0; 32])));
        fill(key.bytes_mut())?;
        Ok(key)
    }

    /// Copies 32 bytes out of an opened envelope; `None` if they are not 32.
    pub fn copied(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        let mut key = Self(Kept::Briefly(Box::new([0; 32])));
        key.bytes_mut().copy_from_slice(bytes);
        Some(key)
    }

    /// Moves the key to a page of its own, locked into memory. Where the operating system refuses (its limit of locked memory is
    /// reached) the key is used all the same: [`Key::is_locked`] tells.
    #[must_use]
    pub fn lasting(self) -> Self {
        let mut page = Box::new(Page([0; 32], [0; 4096 - 32]));
        // Locked before the secret is in it.
        let guard = region::lock(std::ptr::from_ref(&*page), size_of::<Page>()).ok();
        page.0.copy_from_slice(self.bytes());
        Self(Kept::Lastingly(page, guard))
    }

    /// Whether the key cannot be swapped out.
    pub const fn is_locked(&self) -> bool {
        matches!(self.0, Kept::Lastingly(_, Some(_)))
    }

    /// The bytes, for this crate alone.
    pub fn bytes(&self) -> &[u8; 32] {
        match &self.0 {
            Kept::Briefly(bytes) => bytes,
            Kept::Lastingly(page, _) => &page.0,
        }
    }

    /// Whether both are the same key, in constant time.
    pub fn same(&self, other: &Self) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }

    fn bytes_mut(&mut self) -> &mut [u8; 32] {
        match &mut self.0 {
            Kept::Briefly(bytes) => bytes,
            Kept::Lastingly(page, _) => &mut page.0,
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.bytes_mut().zeroize();
    }
}

impl ZeroizeOnDrop for Key {}

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

    #[test]
    fn a_lasting_key_is_the_same_key_and_cannot_be_swapped_out() {
        let (Some(brief), Some(lasting)) = (Key::copied(&[7; 32]), Key::copied(&[7; 32]).map(Key::lasting)) else { return };
        assert!(lasting.same(&brief) && !brief.is_locked());
        // Debian's limit of locked memory (8 MiB a process) is far above what one key takes.
        #[cfg(target_os = "linux")]
        assert!(lasting.is_locked());
    }
}
