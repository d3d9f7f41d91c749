//! The server's word on how far it has seen this workstation's chain.
use kernel::DeviceId;
use serde::{Deserialize, Serialize};

use crate::chain::{Digest, Head};
use crate::epoch::{PublicKey, Signature};

const DOMAIN: &[u8] = b"satchel audit countersignature 1";

/// What the server signed: it has seen this device's chain up to here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countersigned {
    /// Whose chain.
    pub device: DeviceId,
    /// How far it was seen.
    pub sequence: u64,
    /// Digest of that link.
    pub digest: Digest,
    /// When, by the server's clock: RFC 3339.
    pub at: String,
    /// Which of the server's keys signed.
    pub server_key_id: String,
    /// Ed25519, by that key.
    pub signature: Signature,
}

/// A key of the server, pinned when it is first met.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServerKey {
    /// Its name.
    pub id: String,
    /// Itself.
    pub public_key: PublicKey,
}

/// Why a countersignature counts for nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum CountersignError {
    /// Of another workstation.
    #[error("countersignature of another device")]
    OtherDevice,
    /// By a key that is not the pinned one, or by none.
    #[error("countersignature is not the server's")]
    NotTheServers,
}

impl Countersigned {
    /// What is signed: every field, each text with its length (64 bits, big endian) before it.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = DOMAIN.to_vec();
        for text in [self.device.as_str(), &self.at, &self.server_key_id] {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.digest.0);
        bytes
    }

    /// Checks that it is the server's, and of this device.
    ///
    /// # Errors
    /// [`CountersignError`].
    pub fn check(self, device: &DeviceId, server: &ServerKey) -> Result<Checked, CountersignError> {
        if self.device != *device {
            return Err(CountersignError::OtherDevice);
        }
        let genuine = self.server_key_id == server.id && server.public_key.verifies(&self.signed_bytes(), &self.signature);
        if genuine { Ok(Checked(self)) } else { Err(CountersignError::NotTheServers) }
    }
}

/// A countersignature that was found to be the server's.
///
/// INVARIANT: made only by [`Countersigned::check`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked(Countersigned);

impl Checked {
    /// What the server signed.
    #[must_use]
    pub const fn countersigned(&self) -> &Countersigned {
        &self.0
    }
}

/// How the chain here stands to what the server has seen of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It goes on from what the server saw.
    Follows,
    /// It ends before: an older copy was put back.
    Behind,
    /// It is another one from there on: it was rewritten, or two workstations carry one name.
    Forked,
}

impl Standing {
    /// Decides, from the server's word, the digest of the link here at that sequence (`None` if there is none), and the chain's end.
    #[must_use]
    pub fn of(seen: &Countersigned, here: Option<&Digest>, end: &Head) -> Self {
        match here {
            Some(digest) if *digest == seen.digest => Self::Follows,
            // Nothing was seen of an empty chain.
            None if seen.sequence == 0 && seen.digest == Digest::GENESIS => Self::Follows,
            None if seen.sequence > end.sequence => Self::Behind,
            _ => Self::Forked,
        }
    }

    /// Whether what is written here may be counted on: a chain that is behind or forked is quarantined until somebody has looked.
    #[must_use]
    pub const fn is_quarantine(self) -> bool {
        !matches!(self, Self::Follows)
    }

    /// Stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Follows => "follows",
            Self::Behind => "behind",
            Self::Forked => "forked",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::epoch::Signer as _;
    use crate::epoch::tests::Pair;

    fn device() -> DeviceId {
        DeviceId::new("ward-3").unwrap()
    }

    fn seen(sequence: u64, digest: [u8; 32]) -> Countersigned {
        let at = "2026-03-01T08:00:00.000Z".into();
        let blank = Signature([0; 64]);
        let digest = Digest(digest);
        let mut seen = Countersigned { device: device(), sequence, digest, at, server_key_id: "2026-a".into(), signature: blank };
        seen.signature = Pair::of(40).sign(&seen.signed_bytes());
        seen
    }

    #[test]
    fn the_persisted_form_is_frozen() {
        let frozen = include_str!("../vectors/countersigned.json");
        assert_eq!(serde_json::from_str::<Countersigned>(frozen).unwrap(), seen(9, [7; 32]));
        assert_eq!(serde_json::to_string(&seen(9, [7; 32])).unwrap(), frozen.trim());
    }

    #[test]
    fn only_the_pinned_key_over_every_field_counts() {
        let server = ServerKey { id: "2026-a".into(), public_key: Pair::of(40).public() };
        let genuine = seen(9, [7; 32]);
        assert_eq!(genuine.clone().check(&device(), &server).unwrap().countersigned(), &genuine);
        assert_eq!(genuine.clone().check(&DeviceId::new("ward-4").unwrap(), &server), Err(CountersignError::OtherDevice));
        let altered = [
            Countersigned { sequence: 8, ..genuine.clone() },
            Countersigned { digest: Digest([8; 32]), ..genuine.clone() },
            Countersigned { at: "2026-03-01T09:00:00.000Z".into(), ..genuine.clone() },
            Countersigned { server_key_id: "2026-b".into(), ..genuine.clone() },
            Countersigned { signature: Signature([1; 64]), ..genuine.clone() },
        ];
        for altered in altered {
            assert_eq!(altered.check(&device(), &server), Err(CountersignError::NotTheServers));
        }
        let other = ServerKey { public_key: Pair::of(41).public(), ..server };
        assert_eq!(genuine.check(&device(), &other), Err(CountersignError::NotTheServers));
    }

    #[test]
    fn standing_is_decided_by_the_link_the_server_saw() {
        let end = Head { sequence: 9, digest: Digest([9; 32]) };
        let of = |sequence, digest, here: Option<[u8; 32]>| Standing::of(&seen(sequence, digest), here.map(Digest).as_ref(), &end);
        assert_eq!(of(5, [5; 32], Some([5; 32])), Standing::Follows);
        assert_eq!(of(9, [9; 32], Some([9; 32])), Standing::Follows);
        assert_eq!(of(0, [0; 32], None), Standing::Follows);
        assert_eq!(of(10, [1; 32], None), Standing::Behind);
        assert_eq!(of(5, [5; 32], Some([6; 32])), Standing::Forked);
        assert_eq!(of(5, [5; 32], None), Standing::Forked, "the link is gone from the middle");
        assert!(!Standing::Follows.is_quarantine() && Standing::Behind.is_quarantine() && Standing::Forked.is_quarantine());
    }
}
