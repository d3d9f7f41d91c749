//! Epochs: each has a key pair of its own, whose private half is destroyed when the epoch's end has been signed with it.
//!
//! Whoever comes into every key of the workstation later can rewrite the present epoch and no earlier one: the signatures over
//! those were made by keys that are no more (forward security).
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::chain::{Digest, Head};

const DOMAIN: &[u8] = b"satchel audit epoch 1";

/// An epoch holds no more entries than this, its own mark not counted.
const EPOCH_ENTRIES: u64 = 1000;
/// An epoch lasts no longer than this.
const EPOCH_MINUTES: i64 = 60;

macro_rules! bytes {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub [u8; $length]);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&String::from(*self))
            }
        }

        impl From<$name> for String {
            fn from(bytes: $name) -> Self {
                STANDARD_NO_PAD.encode(bytes.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| "not base64")?;
                bytes.try_into().map(Self).map_err(|_| "wrong length")
            }
        }
    };
}

bytes! {
    /// An Ed25519 public key (RFC 8032 §5.1.5); written as unpadded base64.
    PublicKey, 32
}
bytes! {
    /// An Ed25519 signature (RFC 8032 §5.1.6); written as unpadded base64.
    Signature, 64
}

impl PublicKey {
    /// Whether `signature` is of `bytes` and of this key; keys and points of low order are refused.
    #[must_use]
    pub fn verifies(&self, bytes: &[u8], signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| key.verify_strict(bytes, &signature).is_ok())
    }
}

/// The private key of an epoch, held by the keys room.
pub trait Signer {
    /// Ed25519 over `bytes`.
    fn sign(&self, bytes: &[u8]) -> Signature;
}

/// The end of an epoch, signed with its private key, which is destroyed afterwards. It vouches for every entry up to
/// `sequence`, through the chain of digests, and for the key of the next epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCheckpoint {
    /// The epoch that ends, from 1.
    pub epoch: u32,
    /// Its last entry; the one that carries this checkpoint follows it and belongs to the next epoch.
    pub sequence: u64,
    /// Digest of that entry's link.
    pub digest: Digest,
    /// The next epoch's.
    pub next_public_key: PublicKey,
    /// By the private key of `epoch`.
    pub signature: Signature,
}

impl SignedCheckpoint {
    /// Ends `epoch` at `head`.
    #[must_use]
    pub fn sign(epoch: u32, head: &Head, next_public_key: PublicKey, key: &impl Signer) -> Self {
        let signature = key.sign(&signed(epoch, head, &next_public_key));
        Self { epoch, sequence: head.sequence, digest: head.digest, next_public_key, signature }
    }

    /// The end it vouches for.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head { sequence: self.sequence, digest: self.digest }
    }

    /// Whether it was signed by the holder of this public key.
    #[must_use]
    pub fn genuine(&self, public_key: &PublicKey) -> bool {
        public_key.verifies(&signed(self.epoch, &self.head(), &self.next_public_key), &self.signature)
    }
}

fn signed(epoch: u32, head: &Head, next: &PublicKey) -> Vec<u8> {
    [DOMAIN, &epoch.to_be_bytes(), &head.sequence.to_be_bytes(), &head.digest.0, &next.0].concat()
}

/// What an entry says about epochs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EpochMark {
    /// Epoch 1 begins with this key: the anchor. Nothing vouches for it but whoever took it down elsewhere (the server).
    Begin(PublicKey),
    /// An epoch ended, and the next begins.
    End(SignedCheckpoint),
}

/// The epochs of a chain, as its marks tell them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Epochs {
    /// The first epoch's public key; `None` if the chain has no epochs (it is of a time before them).
    pub anchor: Option<PublicKey>,
    /// The present epoch and its public key.
    pub present: Option<(u32, PublicKey)>,
    /// The end of what earlier epochs' keys vouch for.
    pub signed: Option<Head>,
}

impl Epochs {
    /// Follows a mark that stands right behind `before`. `false` if it does not continue what was so far, or its signature is none.
    #[must_use]
    pub fn follow(&mut self, mark: &EpochMark, before: &Head) -> bool {
        match (mark, self.present) {
            (EpochMark::Begin(key), None) => {
                (self.anchor, self.present) = (Some(*key), Some((1, *key)));
                true
            }
            (EpochMark::End(end), Some((epoch, key))) if end.epoch == epoch && end.head() == *before && end.genuine(&key) => {
                let Some(next) = epoch.checked_add(1) else { return false };
                self.present = Some((next, end.next_public_key));
                self.signed = Some(*before);
                true
            }
            _ => false,
        }
    }
}

/// The server is to see the chain's end no later than this after an epoch began.
const WITNESS_MINUTES: i64 = 10;

/// Whether an epoch that `began` then is to be ended for the server to see. A clock put forward or back brings it early, never late.
#[must_use]
pub fn witness_is_due(began: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - began).abs() >= TimeDelta::minutes(WITNESS_MINUTES)
}

/// When one asks whether an epoch is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Occasion {
    /// The vault was just opened.
    Unlock,
    /// The vault is about to lock.
    Lock,
    /// The server is about to see how far the chain goes.
    Witness,
    /// Anything else was done.
    Work,
}

/// Whether the epoch that `began`, and holds so many entries besides its own mark, ends now. A clock put forward or back ends it
/// early, never late; an epoch without entries has nothing to sign.
#[must_use]
pub fn epoch_is_over(entries: u64, began: DateTime<Utc>, now: DateTime<Utc>, occasion: Occasion) -> bool {
    let limit = TimeDelta::minutes(EPOCH_MINUTES);
    entries > 0 && (occasion != Occasion::Work || entries >= EPOCH_ENTRIES || (now - began).abs() >= limit)
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use ed25519_dalek::Signer as _;

    use super::*;

    pub struct Pair(ed25519_dalek::SigningKey);

    impl Pair {
        pub fn of(seed: u8) -> Self {
            Self(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]))
        }

        pub fn public(&self) -> PublicKey {
            PublicKey(self.0.verifying_key().to_bytes())
        }
    }

    impl Signer for Pair {
        fn sign(&self, bytes: &[u8]) -> Signature {
            Signature(self.0.sign(bytes).to_bytes())
        }
    }

    fn head(sequence: u64) -> Head {
        Head { sequence, digest: Digest([7; 32]) }
    }

    #[test]
    fn persisted_marks_are_frozen() {
        let begin = EpochMark::Begin(Pair::of(1).public());
        let end = EpochMark::End(SignedCheckpoint::sign(1, &head(9), Pair::of(2).public(), &Pair::of(1)));
        assert_eq!(serde_json::to_string(&begin).unwrap(), r#"{"begin":"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w"}"#);
        let frozen = include_str!("../vectors/epoch_end.json");
        assert_eq!(serde_json::from_str::<EpochMark>(frozen).unwrap(), end);
        assert_eq!(serde_json::to_string(&end).unwrap(), frozen.trim());
    }

    #[test]
    fn a_thread_of_epochs_is_followed_and_any_break_is_not() {
        let end = |epoch, at, next, key| EpochMark::End(SignedCheckpoint::sign(epoch, &head(at), Pair::of(next).public(), &Pair::of(key)));
        let begun = || {
            let mut epochs = Epochs::default();
            assert!(epochs.follow(&EpochMark::Begin(Pair::of(1).public()), &head(1)));
            assert!(epochs.follow(&end(1, 5, 2, 1), &head(5)));
            epochs
        };
        let mut whole = begun();
        assert!(whole.follow(&end(2, 9, 3, 2), &head(9)));
        assert_eq!((whole.anchor, whole.signed), (Some(Pair::of(1).public()), Some(head(9))));
        assert_eq!(whole.present, Some((3, Pair::of(3).public())));
        for (what, mark) in [
            ("begun twice", EpochMark::Begin(Pair::of(1).public())),
            ("epoch left out", end(3, 9, 3, 2)),
            ("epoch repeated", end(1, 9, 3, 2)),
            ("signed by a former key", end(2, 9, 3, 1)),
            ("signed by the next key", end(2, 9, 3, 3)),
            ("of another end", end(2, 8, 3, 2)),
        ] {
            assert!(!begun().follow(&mark, &head(9)), "{what}");
        }
        assert!(!Epochs::default().follow(&end(1, 5, 2, 1), &head(5)), "never begun");
        let EpochMark::End(genuine) = end(2, 9, 3, 2) else { panic!() };
        let elsewhere = SignedCheckpoint { digest: Digest([8; 32]), ..genuine };
        assert!(!begun().follow(&EpochMark::End(elsewhere), &elsewhere.head()), "another digest");
        let other_next = SignedCheckpoint { next_public_key: Pair::of(4).public(), ..genuine };
        assert!(!begun().follow(&EpochMark::End(other_next), &head(9)), "another next key");
    }

    #[test]
    fn a_key_of_low_order_vouches_for_nothing() {
        // The identity point verifies R = identity, S = 0 over anything under RFC 8032's laxer reading.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!PublicKey(identity).verifies(b"anything", &Signature(signature)));
    }

    #[test]
    fn an_epoch_ends_at_doors_after_enough_entries_or_an_hour_whichever_way_the_clock_went() {
        let began: DateTime<Utc> = "2026-03-01T08:00:00Z".parse().unwrap();
        let after = |minutes| began + TimeDelta::minutes(minutes);
        for occasion in [Occasion::Unlock, Occasion::Lock, Occasion::Work] {
            assert!(!epoch_is_over(0, began, after(600), occasion), "nothing to sign");
        }
        assert!(epoch_is_over(1, began, began, Occasion::Unlock) && epoch_is_over(1, began, began, Occasion::Lock));
        assert!(!epoch_is_over(999, began, after(59), Occasion::Work));
        assert!(epoch_is_over(1000, began, began, Occasion::Work));
        assert!(epoch_is_over(1, began, after(60), Occasion::Work));
        assert!(epoch_is_over(1, began, after(-60), Occasion::Work));
    }
}
