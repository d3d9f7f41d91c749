//! Asking for the passphrase again at an open desk whose owner unlocks with a security key too.
use std::fmt;

use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::SealError;
use crate::kdf::KdfCost;
use crate::passphrase::Passphrase;
use crate::secret::Key;

/// Tells whether a passphrase is the one that unlocked. The key file cannot tell without the security key, and an emergency must not
/// wait for one.
///
/// INVARIANT: kept in memory and never written. A guess against it costs what a guess against the key file costs. Dropping it wipes
/// it.
pub struct PassphraseCheck {
    salt: [u8; 16],
    cost: KdfCost,
    stretched: Key,
}

impl PassphraseCheck {
    /// Remembers a passphrase that has just proved right, under a fresh salt.
    pub fn new(passphrase: &Passphrase, cost: KdfCost) -> Result<Self, SealError> {
        let mut salt = [0; 16];
        OsEntropy.fill(&mut salt)?;
        Ok(Self { salt, cost, stretched: cost.stretch(passphrase.bytes(), &salt)? })
    }

    /// Whether it is that one; compared in constant time.
    #[must_use]
    pub fn is(&self, passphrase: &Passphrase) -> bool {
        self.cost.stretch(passphrase.bytes(), &self.salt).is_ok_and(|stretched| stretched.same(&self.stretched))
    }
}

impl fmt::Debug for PassphraseCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassphraseCheck(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_passphrase_is_right_and_nothing_is_shown() {
        let check = PassphraseCheck::new(&Passphrase::new("rain on the ward roof"), KdfCost::CHEAP).unwrap();
        assert!(check.is(&Passphrase::new("rain on the ward roof")));
        assert!(!check.is(&Passphrase::new("rain on the ward floor")));
        assert!(!check.is(&Passphrase::new("")));
        assert_eq!(format!("{check:?}"), "PassphraseCheck(redacted)");
    }
}
