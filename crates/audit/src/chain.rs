//! How entries hang together, and how a break is told apart.
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::entry::Entry;
use crate::epoch::{EpochMark, Epochs};

const DOMAIN: &[u8] = b"satchel audit 1";
const CHECKPOINT_DOMAIN: &[u8] = b"satchel audit checkpoint 1";

/// A SHA-256 digest or HMAC-SHA-256 tag; written as unpadded base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What the first link names as its predecessor.
    pub const GENESIS: Self = Self([0; 32]);

    /// SHA-256 of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    fn same(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from(*self))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        STANDARD_NO_PAD.encode(digest.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| "not base64")?;
        bytes.try_into().map(Self).map_err(|_| "not 32 bytes")
    }
}

/// The audit key, held by the keys room.
pub trait Mac {
    /// HMAC-SHA-256 over `bytes`.
    fn mac(&self, bytes: &[u8]) -> Digest;
}

/// Where a chain ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Sequence number of the last link, 0 for an empty chain.
    pub sequence: u64,
    /// Its digest.
    pub digest: Digest,
}

impl Head {
    /// The head of an empty chain.
    pub const EMPTY: Self = Self { sequence: 0, digest: Digest::GENESIS };
}

/// An entry in its place, as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Position, from 1.
    pub sequence: u64,
    /// The entry's persisted bytes (JSON).
    pub body: Vec<u8>,
    /// Digest of this link.
    pub digest: Digest,
    /// MAC over the digest.
    pub mac: Digest,
}

/// Puts an entry behind `head`. `None` if the entry does not claim the next place.
pub fn link(head: &Head, entry: &Entry, key: &impl Mac) -> Option<Link> {
    if entry.sequence != head.sequence.checked_add(1)? {
        return None;
    }
    let body = serde_json::to_vec(entry).ok()?;
    let digest = digest_of(entry.sequence, &head.digest, &body);
    Some(Link { sequence: entry.sequence, body, digest, mac: key.mac(&digest.0) })
}

/// The chain's end as of some commit, kept outside the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Sequence number.
    pub sequence: u64,
    /// Digest of that link.
    pub digest: Digest,
    mac: Digest,
}

/// Why a checkpoint's bytes are none of ours.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum CheckpointError {
    /// Not the expected form.
    #[error("checkpoint does not parse")]
    Form,
}

impl Checkpoint {
    /// Marks where the chain stands.
    #[must_use]
    pub fn of(head: &Head, key: &impl Mac) -> Self {
        Self { sequence: head.sequence, digest: head.digest, mac: key.mac(&Self::signed(head)) }
    }

    /// One line of JSON.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`CheckpointError::Form`]; whether it is genuine is for [`verify`] to say.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        serde_json::from_slice(bytes).map_err(|_| CheckpointError::Form)
    }

    fn signed(head: &Head) -> Vec<u8> {
        [CHECKPOINT_DOMAIN, &head.sequence.to_be_bytes(), &head.digest.0].concat()
    }

    /// Whether it was made with this key.
    #[must_use]
    pub fn genuine(&self, key: &impl Mac) -> bool {
        let head = Head { sequence: self.sequence, digest: self.digest };
        key.mac(&Self::signed(&head)).same(&self.mac)
    }
}

/// A whole, unaltered chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Number of entries.
    pub entries: u64,
    /// Its end.
    pub head: Head,
    /// Its epochs.
    pub epochs: Epochs,
}

/// Where and how a chain is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("audit chain broken at {sequence}")]
pub struct Fault {
    /// First sequence number that is wrong.
    pub sequence: u64,
    /// How.
    pub kind: FaultKind,
}

/// How a chain is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// An entry, digest or MAC was altered.
    Changed,
    /// An entry is missing.
    Removed,
    /// Entries stand in another order.
    Reordered,
    /// The end is missing, or an older copy was put back.
    Truncated,
    /// The checkpoint itself is altered, unreadable or gone.
    Checkpoint,
    /// The signatures of the epochs do not follow one another, or do not lead to the key that is held.
    Signature,
    /// A state kept beside the chain is not the one its entry names, is gone, or belongs to no entry.
    State,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Changed, Self::Removed, Self::Reordered, Self::Truncated, Self::Checkpoint, Self::Signature, Self::State];

    /// Stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Reordered => "reordered",
            Self::Truncated => "truncated",
            Self::Checkpoint => "checkpoint",
            Self::Signature => "signature",
            Self::State => "state",
        }
    }
}

/// Checks a chain in stored order, against the checkpoint kept outside, and follows the signatures of its epochs. Whether the
/// epochs begin and end with the keys they should is for the caller to compare ([`Verified::epochs`]).
///
/// # Errors
/// The first [`Fault`]. Entries behind the checkpoint are normal (it may lag a crash); a checkpoint behind the end is not.
pub fn verify(links: impl IntoIterator<Item = Link>, key: &impl Mac, checkpoint: Option<&Checkpoint>) -> Result<Verified, Fault> {
    if let Some(mark) = checkpoint
        && !mark.genuine(key)
    {
        return Err(Fault { sequence: mark.sequence, kind: FaultKind::Checkpoint });
    }
    let (mut head, mut epochs) = (Head::EMPTY, Epochs::default());
    for link in links {
        let due = head.sequence + 1;
        if link.sequence != due {
            let kind = if link.sequence > due { FaultKind::Removed } else { FaultKind::Reordered };
            return Err(Fault { sequence: due, kind });
        }
        let changed = Fault { sequence: due, kind: FaultKind::Changed };
        if !key.mac(&link.digest.0).same(&link.mac) {
            return Err(changed);
        }
        if !digest_of(due, &head.digest, &link.body).same(&link.digest) {
            // The MAC fits the digest, so the body was altered, or the link was genuine in another place.
            let moved = claimed_sequence(&link.body).is_some_and(|claimed| claimed != due);
            return Err(Fault { sequence: due, kind: if moved { FaultKind::Reordered } else { FaultKind::Changed } });
        }
        if let Some(mark) = epoch_mark(&link.body)
            && !epochs.follow(&mark, &head)
        {
            return Err(Fault { sequence: due, kind: FaultKind::Signature });
        }
        head = Head { sequence: due, digest: link.digest };
        if checkpoint.is_some_and(|mark| mark.sequence == due && !mark.digest.same(&head.digest)) {
            return Err(changed);
        }
    }
    if checkpoint.is_some_and(|mark| mark.sequence > head.sequence) {
        return Err(Fault { sequence: head.sequence + 1, kind: FaultKind::Truncated });
    }
    Ok(Verified { entries: head.sequence, head, epochs })
}

fn digest_of(sequence: u64, previous: &Digest, body: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(sequence.to_be_bytes());
    hash.update(previous.0);
    hash.update((body.len() as u64).to_be_bytes());
    hash.update(body);
    Digest(hash.finalize().into())
}

fn claimed_sequence(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Claim {
        sequence: u64,
    }
    serde_json::from_slice::<Claim>(body).ok().map(|claim| claim.sequence)
}

/// The epoch's mark that an entry carries. Few do, and parsing every body would halve the speed: the action's name is looked for first.
fn epoch_mark(body: &[u8]) -> Option<EpochMark> {
    const NAME: &[u8] = b"\"countersign\"";
    #[derive(Deserialize)]
    struct Claim {
        subject: Marked,
    }
    #[derive(Deserialize)]
    struct Marked {
        epoch: Option<EpochMark>,
    }
    body.windows(NAME.len())
        .any(|window| window == NAME)
        .then(|| serde_json::from_slice::<Claim>(body).ok())?
        .and_then(|claim| claim.subject.epoch)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use chrono::{TimeZone as _, Utc};
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use kernel::{CorrelationId, Instants, Moment};
    use proptest::prelude::*;

    use super::*;
    use crate::entry::{Action, Origin, Outcome, Subject};

    pub struct Key(pub [u8; 32]);
    impl Mac for Key {
        fn mac(&self, bytes: &[u8]) -> Digest {
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap();
            mac.update(bytes);
            Digest(mac.finalize().into_bytes().into())
        }
    }

    const KEY: Key = Key([7; 32]);

    fn chain(length: u64) -> Vec<Link> {
        let origin = Origin {
            actor: None,
            at: Instants { wall: Utc.with_ymd_and_hms(2026, 3, 1, 8, 0, 0).unwrap(), boot: Moment(5) },
            boot_id: "boot".into(),
            correlation: CorrelationId::parse("6f2c0c36-5d0b-4c7e-9d5a-111111111111").unwrap(),
            workstation: "ward-3".into(),
            address: None,
            client: "0.1.0",
            device: None,
        };
        let mut head = Head::EMPTY;
        (1..=length)
            .map(|n| {
                let subject = Subject { detail: Some(format!("{n} rows")), ..Subject::default() };
                let made = link(&head, &Entry::new(n, &origin, Action::Search, Outcome::Allowed, subject), &KEY).unwrap();
                head = Head { sequence: n, digest: made.digest };
                made
            })
            .collect()
    }

    fn head(links: &[Link]) -> Head {
        links.last().map_or(Head::EMPTY, |l| Head { sequence: l.sequence, digest: l.digest })
    }

    #[test]
    fn persisted_form_is_frozen() {
        let first = &chain(1)[0];
        let body = r#"{"sequence":1,"at":"2026-03-01T08:00:00.000Z","boot_id":"boot","boot_ms":5,"actor":null,"action":"search","outcome":"allowed","subject":{"detail":"1 rows"},"workstation":"ward-3","address":null,"client":"0.1.0","correlation":"6f2c0c36-5d0b-4c7e-9d5a-111111111111"}"#;
        assert_eq!(String::from_utf8(first.body.clone()).unwrap(), body);
        assert_eq!(format!("{:?}", first.digest), "+tFcxpHDdpvMVdVuPIHOpSVlWwVIY+8aHkDs0psv40w");
    }

    #[test]
    fn whole_chain_verifies() {
        let links = chain(50);
        let mark = Checkpoint::of(&head(&links[..40]), &KEY);
        assert_eq!(verify(links, &KEY, Some(&mark)).unwrap().entries, 50);
    }

    #[test]
    fn truncation_shows_against_the_checkpoint() {
        let links = chain(20);
        let mark = Checkpoint::of(&head(&links), &KEY);
        let fault = verify(links[..19].to_vec(), &KEY, Some(&mark)).unwrap_err();
        assert_eq!(fault, Fault { sequence: 20, kind: FaultKind::Truncated });
    }

    #[test]
    fn another_key_does_not_forge() {
        let links = chain(3);
        assert_eq!(verify(links.clone(), &Key([8; 32]), None).unwrap_err().kind, FaultKind::Changed);
        let forged = Checkpoint::of(&head(&links), &Key([8; 32]));
        assert_eq!(verify(links, &KEY, Some(&forged)).unwrap_err().kind, FaultKind::Checkpoint);
    }

    proptest! {
        #[test]
        fn any_flipped_bit_is_found(at in 0usize..20, byte in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut links = chain(20);
            let index = byte.index(links[at].body.len());
            links[at].body[index] ^= 1 << bit;
            let fault = verify(links, &KEY, None).unwrap_err();
            prop_assert_eq!(fault.sequence, at as u64 + 1);
        }

        #[test]
        fn any_removed_entry_is_found(at in 0usize..19) {
            let mut links = chain(20);
            links.remove(at);
            prop_assert_eq!(verify(links, &KEY, None).unwrap_err(), Fault { sequence: at as u64 + 1, kind: FaultKind::Removed });
        }

        #[test]
        fn removal_with_renumbering_is_found(at in 0usize..19) {
            let mut links = chain(20);
            links.remove(at);
            for (n, link) in links.iter_mut().enumerate() { link.sequence = n as u64 + 1; }
            prop_assert_eq!(verify(links, &KEY, None).unwrap_err().sequence, at as u64 + 1);
        }

        #[test]
        fn any_swap_is_found(a in 0usize..20, b in 0usize..20) {
            prop_assume!(a < b);
            let mut links = chain(20);
            links.swap(a, b);
            prop_assert!(verify(links.clone(), &KEY, None).is_err());
            for (n, link) in links.iter_mut().enumerate() { link.sequence = n as u64 + 1; }
            prop_assert_eq!(verify(links, &KEY, None).unwrap_err(), Fault { sequence: a as u64 + 1, kind: FaultKind::Reordered });
        }
    }
}
