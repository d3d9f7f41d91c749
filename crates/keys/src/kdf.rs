//! Keys from passphrases (Argon2id, RFC 9106) and from keys (HKDF-SHA-256, RFC 5869).
use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::envelope::SealError;
use crate::secret::Key;

/// What one guess of a passphrase costs. Stored beside each user's keys, so that it can be raised later.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KdfCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl KdfCost {
    /// 64 MiB, 3 passes, 4 lanes (RFC 9106 §4, second recommended option): about 0.2 s.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// Almost nothing, for tests.
    #[cfg(any(test, feature = "testing"))]
    pub const CHEAP: Self = Self { memory_kib: 32, passes: 1, lanes: 1 };

    /// `A`: the passphrase's part of the unlock key. A cost beyond 1 GiB, 16 passes or 16 lanes is a damaged file, not a wish.
    pub(crate) fn stretch(self, passphrase: &[u8], salt: &[u8; 16]) -> Result<Key, SealError> {
        if self.memory_kib > 1024 * 1024 || self.passes > 16 || self.lanes > 16 {
            return Err(SealError::Unreadable);
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| SealError::Unreadable)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Key::filled(|out| argon2.hash_password_into(passphrase, salt, out).map_err(|_| SealError::Unreadable))
    }

    /// The cost as associated data.
    pub(crate) fn bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        for (place, number) in bytes.chunks_exact_mut(4).zip([self.memory_kib, self.passes, self.lanes]) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        bytes
    }
}

/// HKDF-Extract and -Expand: one key out of several secrets.
pub(crate) fn combine(secrets: &[&[u8]], info: &[u8]) -> Result<Key, SealError> {
    let secret = Zeroizing::new(secrets.concat());
    let hkdf = Hkdf::<Sha256>::new(None, &secret);
    Key::filled(|out| hkdf.expand(info, out).map_err(|_| SealError::Unreadable))
}

/// HKDF-Expand: a key for one purpose out of a key that is already uniform.
pub(crate) fn derive(key: &Key, purpose: &str, context: &[u8]) -> Result<Key, SealError> {
    let hkdf = Hkdf::<Sha256>::from_prk(key.bytes()).map_err(|_| SealError::Unreadable)?;
    Key::filled(|out| hkdf.expand_multi_info(&[purpose.as_bytes(), &[0], context], out).map_err(|_| SealError::Unreadable))
}

/// HMAC-SHA-256 under a key.
pub(crate) fn hmac(key: &Key) -> Hmac<Sha256> {
    // RFC 2104 pads a short key with zeros to the block; doing it here makes the constructor infallible.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key.bytes());
    Hmac::new((&*block).into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use hmac::Mac;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        // Test case 2's key is shorter than ours can be: 0x0b × 20 (test case 1) padded by its own definition.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let mac = hmac(&Key::copied(&key).unwrap()).chain_update(b"Hi There").finalize().into_bytes();
        assert_eq!(mac[..8], [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53]);
    }

    #[test]
    fn absurd_costs_are_refused() {
        for cost in [
            KdfCost { memory_kib: u32::MAX, ..KdfCost::CHEAP },
            KdfCost { passes: 1000, ..KdfCost::CHEAP },
            KdfCost { lanes: 0, ..KdfCost::CHEAP },
        ] {
            assert_eq!(cost.stretch(b"passphrase", &[0; 16]).unwrap_err(), SealError::Unreadable);
        }
    }

    #[test]
    fn purposes_and_contexts_do_not_run_into_each_other() {
        let key = Key::copied(&[1; 32]).unwrap();
        let of = |purpose: &str, context: &[u8]| *derive(&key, purpose, context).unwrap().bytes();
        assert_ne!(of("ab", b"c"), of("a", b"bc"));
        assert_eq!(of("ab", b"c"), of("ab", b"c"));
    }
}
