//! Where randomness comes from: the operating system, or frozen bytes for the test vectors.
use std::convert::Infallible;

use ::hpke::rand_core::{TryCryptoRng, TryRng};
use hmac::Mac;
use zeroize::Zeroizing;

use crate::envelope::SealError;
use crate::kdf::hmac;
use crate::secret::Key;

/// A source of cryptographically secure random bytes.
pub(crate) trait Entropy {
    /// Fills `out`, or says that no randomness is to be had.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), SealError>;

    /// A fresh random key.
    fn key(&mut self) -> Result<Key, SealError> {
        Key::filled(|bytes| self.fill(bytes))
    }
}

/// The operating system's generator.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), SealError> {
        getrandom::fill(out).map_err(|_| SealError::NoEntropy)
    }
}

/// The infallible generator that `hpke` asks for, expanded (HMAC-SHA-256, counter mode, SP 800-108) from a seed that was
/// drawn beforehand, so that a failing system generator is an error here and never a panic there.
pub(crate) struct Drawn {
    seed: Key,
    counter: u64,
}

impl Drawn {
    pub fn from(entropy: &mut dyn Entropy) -> Result<Self, SealError> {
        let seed = Key::filled(|bytes| entropy.fill(bytes))?;
        Ok(Self { seed, counter: 0 })
    }
}

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut word = [0; 4];
        self.try_fill_bytes(&mut word)?;
        Ok(u32::from_le_bytes(word))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut word = [0; 8];
        self.try_fill_bytes(&mut word)?;
        Ok(u64::from_le_bytes(word))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            let mut mac = hmac(&self.seed);
            mac.update(b"satchel hpke ephemeral");
            mac.update(&self.counter.to_be_bytes());
            self.counter += 1;
            let block = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

#[cfg(test)]
pub(crate) mod fixed {
    use super::{Entropy, SealError};

    /// Bytes that count upwards from a start: for frozen vectors only.
    pub struct Counting(pub u8);

    impl Entropy for Counting {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), SealError> {
            for byte in out {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }

    /// A generator that is broken.
    pub struct Dry;

    impl Entropy for Dry {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), SealError> {
            Err(SealError::NoEntropy)
        }
    }
}
