//! The audit chain's signing keys: one Ed25519 pair an epoch, at rest under a key derived from the audit slot.
use std::fmt;

use ed25519_dalek::Signer as _;

use super::open::{OpenKeys, Ring};
use super::slot::Slot;
use crate::aead;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError};
use crate::kdf::derive;
use crate::secret::Key;

/// The private key of one epoch of the audit chain (Ed25519, RFC 8032). Dropping it wipes it.
///
/// INVARIANT: neither `Clone` nor serialisable; it leaves this crate only sealed.
pub struct SigningKey {
    seed: Key,
    public: [u8; 32],
}

impl SigningKey {
    fn of(seed: Key) -> Self {
        let public = ed25519_dalek::SigningKey::from_bytes(seed.bytes()).verifying_key().to_bytes();
        Self { seed, public }
    }

    /// The public key (RFC 8032 §5.1.5).
    #[must_use]
    pub const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The signature of `bytes` (RFC 8032 §5.1.6): pure Ed25519, the same bytes always give the same.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        ed25519_dalek::SigningKey::from_bytes(self.seed.bytes()).sign(bytes).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

impl OpenKeys {
    /// A fresh signing key.
    ///
    /// # Errors
    /// [`SealError::NoEntropy`].
    pub fn new_signing_key(&self) -> Result<SigningKey, SealError> {
        self.new_signing_key_with(&mut OsEntropy)
    }

    /// Seals the signing key of this epoch for the vault to store; bound to site, workstation, epoch and public key.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal_signing_key(&self, epoch: u32, key: &SigningKey) -> Result<Vec<u8>, SealError> {
        self.seal_signing_key_with(epoch, key, &mut OsEntropy)
    }

    /// Opens what [`OpenKeys::seal_signing_key`] closed for this epoch and public key.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open_signing_key(&self, epoch: u32, public: &[u8; 32], sealed: &[u8]) -> Result<SigningKey, SealError> {
        let ring = self.ring_of(Header::generation_in(sealed));
        let (header, bound) = self.epoch_place(ring, epoch, public);
        let seed = aead::unseal(&epoch_key(ring)?, header, &bound, sealed)?;
        let key = SigningKey::of(Key::copied(&seed).ok_or(SealError::Unreadable)?);
        if key.public == *public { Ok(key) } else { Err(SealError::Unreadable) }
    }

    pub(crate) fn new_signing_key_with(&self, entropy: &mut dyn Entropy) -> Result<SigningKey, SealError> {
        Ok(SigningKey::of(entropy.key()?))
    }

    pub(crate) fn seal_signing_key_with(&self, epoch: u32, key: &SigningKey, entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        let ring = self.newest();
        let (header, bound) = self.epoch_place(ring, epoch, &key.public);
        aead::seal(&epoch_key(ring)?, header, &bound, key.seed.bytes(), entropy)
    }

    fn epoch_place(&self, ring: &Ring, epoch: u32, public: &[u8; 32]) -> (Header, Vec<u8>) {
        let header = ring.place.header(Kind::AuditEpoch);
        let bound = ring.place.bind(header, &[self.device().as_str().as_bytes(), &epoch.to_be_bytes(), public]);
        (header, bound)
    }
}

/// The audit slot's own key makes MACs; what it seals is under a key derived from it.
fn epoch_key(ring: &Ring) -> Result<Key, SealError> {
    derive(ring.keys.get(Slot::Audit), "satchel audit epoch key 1", &[])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    /// RFC 8032 §7.1, test 2.
    #[test]
    fn signatures_are_those_of_rfc_8032() {
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SigningKey::of(Key::copied(&seed).unwrap());
        assert_eq!(key.public().to_vec(), hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(key.sign(&[0x72]).to_vec(), hex(signature));
        assert_eq!(format!("{key:?}"), "SigningKey(redacted)");
    }

    fn hex(digits: &str) -> Vec<u8> {
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }
}
