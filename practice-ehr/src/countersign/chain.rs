//! A workstation's audit chain as this EHR checks it: digests, epochs' signatures, and what was seen of it before. Written from the
//! chain's frozen form, not with the workstation's code: what one gets wrong the other shows.

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

const LINK: &[u8] = b"satchel audit 1";
const EPOCH: &[u8] = b"satchel audit epoch 1";

/// A digest, or an Ed25519 public key.
pub type Bytes = [u8; 32];

/// A link of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its position, from 1; 0 before the first.
    pub sequence: u64,
    /// Its digest.
    pub digest: Bytes,
}

/// The epoch a chain is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Its number.
    pub number: u32,
    /// What its end will be signed with.
    pub key: Bytes,
}

/// A mark that was seen: up to here the chain is vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The mark's link.
    pub place: Place,
    /// The epoch it begins.
    pub epoch: Epoch,
}

/// What an upload turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The chain as far as it was seen and on from there, to this mark.
    Follows(Seen),
    /// The same chain, ending before what was seen.
    Behind,
    /// Signed with the workstation's own key, and another chain than was seen.
    Forked,
    /// Nothing that the workstation's key vouches for: it says nothing about the workstation. Why, as a sentence.
    Unproven(&'static str),
}

/// Judges the links behind `after`. `epoch` is the one known to be in force there; without one, the first link's mark is taken for good.
/// `known` are the marks seen before, in order.
pub fn judge(after: Place, epoch: Option<Epoch>, links: &[String], known: &[Place]) -> Judged {
    let last = known.last().map_or(0, |place| place.sequence);
    let (mut at, mut in_force, mut ends_with_mark, mut off) = (after, epoch, epoch.is_some(), false);
    for body in links {
        let Some(entry) = Entry::read(body) else { return Judged::Unproven("An entry cannot be read.") };
        let before = at;
        at = Place { sequence: before.sequence.saturating_add(1), digest: digest(&before, body) };
        if entry.sequence != at.sequence {
            return Judged::Unproven("An entry stands in another's place.");
        }
        ends_with_mark = entry.mark.is_some();
        in_force = match (entry.mark, in_force) {
            (None, None) => return Judged::Unproven("A chain is taken up at a mark."),
            (None, in_force) => in_force,
            (Some(Mark::Begin(key)), None) => Some(Epoch { number: 1, key }),
            (Some(Mark::End(end)), None) => end.next(),
            (Some(Mark::End(end)), Some(epoch)) if end.is_genuine(&before, &epoch) => end.next(),
            (Some(_), Some(_)) => return Judged::Unproven("An epoch's end is not signed with its key."),
        };
        off |= known.iter().any(|known| known.sequence == at.sequence && known.digest != at.digest);
    }
    match in_force {
        Some(_) if !ends_with_mark => Judged::Unproven("The last entry ends no epoch."),
        None => Judged::Unproven("A chain is taken up at a mark."),
        Some(_) if off => Judged::Forked,
        Some(_) if at.sequence < last => Judged::Behind,
        Some(epoch) => Judged::Follows(Seen { place: at, epoch }),
    }
}

/// SHA-256 over domain, position, the former digest, the body's length and the body; numbers in 64 bits, big endian.
fn digest(before: &Place, body: &str) -> Bytes {
    let mut context = Context::new(&SHA256);
    context.update(LINK);
    context.update(&before.sequence.saturating_add(1).to_be_bytes());
    context.update(&before.digest);
    context.update(&(body.len() as u64).to_be_bytes());
    context.update(body.as_bytes());
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// What matters here of an entry.
struct Entry {
    sequence: u64,
    mark: Option<Mark>,
}

enum Mark {
    Begin(Bytes),
    End(End),
}

/// The end of an epoch, signed with its key.
struct End {
    epoch: u32,
    head: Place,
    next_key: Bytes,
    signature: [u8; 64],
}

impl Entry {
    fn read(body: &str) -> Option<Self> {
        let entry: Value = serde_json::from_str(body).ok()?;
        let epoch = &entry["subject"]["epoch"];
        let mark = match (&epoch["begin"], &epoch["end"]) {
            _ if epoch.is_null() => None,
            (Value::String(key), Value::Null) => Some(Mark::Begin(decode(key)?)),
            (Value::Null, end) => Some(Mark::End(End {
                epoch: end["epoch"].as_u64()?.try_into().ok()?,
                head: Place { sequence: end["sequence"].as_u64()?, digest: decode(end["digest"].as_str()?)? },
                next_key: decode(end["next_public_key"].as_str()?)?,
                signature: decode(end["signature"].as_str()?)?,
            })),
            _ => return None,
        };
        Some(Self { sequence: entry["sequence"].as_u64()?, mark })
    }
}

impl End {
    fn is_genuine(&self, before: &Place, epoch: &Epoch) -> bool {
        let signed = [EPOCH, &self.epoch.to_be_bytes(), &self.head.sequence.to_be_bytes(), &self.head.digest, &self.next_key].concat();
        self.epoch == epoch.number
            && self.head == *before
            && UnparsedPublicKey::new(&ED25519, epoch.key).verify(&signed, &self.signature).is_ok()
    }

    fn next(&self) -> Option<Epoch> {
        Some(Epoch { number: self.epoch.checked_add(1)?, key: self.next_key })
    }
}

/// Bytes of a known number, from unpadded base64.
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// Unpadded base64.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]

    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    /// A workstation's chain, made as the workstation makes it.
    #[derive(Clone)]
    pub struct Chain {
        pub places: Vec<Place>,
        pub links: Vec<String>,
        epoch: u8,
    }

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn public(seed: u8) -> Bytes {
        pair(seed).public_key().as_ref().try_into().unwrap()
    }

    impl Chain {
        pub fn begun() -> Self {
            let mut chain = Self { places: vec![Place { sequence: 0, digest: [0; 32] }], links: Vec::new(), epoch: 1 };
            chain.push(json!({"epoch": {"begin": encode(&public(1))}}));
            chain
        }

        pub fn work(&mut self, said: &str) {
            self.push(json!({"detail": said}));
        }

        pub fn end_epoch(&mut self) {
            let (before, next) = (*self.places.last().unwrap(), public(self.epoch + 1));
            let signed = [EPOCH, &u32::from(self.epoch).to_be_bytes(), &before.sequence.to_be_bytes(), &before.digest, &next].concat();
            let signature = pair(self.epoch).sign(&signed);
            self.push(json!({"epoch": {"end": {
                "epoch": self.epoch, "sequence": before.sequence, "digest": encode(&before.digest),
                "next_public_key": encode(&next), "signature": encode(signature.as_ref()),
            }}}));
            self.epoch += 1;
        }

        /// The links behind a position, and the place before them.
        pub fn behind(&self, sequence: usize) -> (Place, &[String]) {
            (self.places[sequence], &self.links[sequence..])
        }

        pub fn last(&self) -> Place {
            *self.places.last().unwrap()
        }

        fn push(&mut self, subject: Value) {
            let before = self.last();
            let body = json!({"sequence": before.sequence + 1, "action": "countersign", "subject": subject}).to_string();
            self.places.push(Place { sequence: before.sequence + 1, digest: digest(&before, &body) });
            self.links.push(body);
        }
    }

    fn judged(chain: &Chain, from: usize, epoch: Option<Epoch>, known: &[Place]) -> Judged {
        let (after, links) = chain.behind(from);
        judge(after, epoch, links, known)
    }

    fn seen(judged: Judged) -> Seen {
        match judged {
            Judged::Follows(seen) => seen,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn the_workstations_frozen_forms_are_read_and_its_digest_is_computed() {
        let body = r#"{"sequence":1,"at":"2026-03-01T08:00:00.000Z","boot_id":"boot","boot_ms":5,"actor":null,"action":"search","outcome":"allowed","subject":{"detail":"1 rows"},"workstation":"ward-3","address":null,"client":"0.1.0","correlation":"6f2c0c36-5d0b-4c7e-9d5a-111111111111"}"#;
        let first = digest(&Place { sequence: 0, digest: [0; 32] }, body);
        assert_eq!(encode(&first), "+tFcxpHDdpvMVdVuPIHOpSVlWwVIY+8aHkDs0psv40w");
        let end = include_str!("../../../crates/audit/vectors/epoch_end.json").trim();
        let entry = Entry::read(&format!(r#"{{"sequence":10,"subject":{{"epoch":{end}}}}}"#)).unwrap();
        let Some(Mark::End(end)) = entry.mark else { unreachable!() };
        let (before, key) = (Place { sequence: 9, digest: [7; 32] }, public(1));
        assert!(end.is_genuine(&before, &Epoch { number: 1, key }));
        assert!(!end.is_genuine(&before, &Epoch { number: 2, key }));
        assert!(!end.is_genuine(&before, &Epoch { number: 1, key: public(2) }));
        assert!(!end.is_genuine(&Place { sequence: 9, digest: [8; 32] }, &Epoch { number: 1, key }));
    }

    #[test]
    fn a_chain_is_taken_up_and_followed_and_told_from_older_and_other_ones() {
        let mut chain = Chain::begun();
        let first = seen(judged(&chain, 0, None, &[]));
        assert_eq!((first.place, first.epoch.number), (chain.last(), 1));
        chain.work("one");
        chain.end_epoch();
        let copy = chain.clone();
        let second = seen(judged(&chain, 1, Some(first.epoch), &[first.place]));
        chain.work("two");
        chain.end_epoch();
        let third = seen(judged(&chain, 3, Some(second.epoch), &[first.place, second.place]));
        let known = [first.place, second.place, third.place];
        assert_eq!(seen(judged(&chain, 1, Some(first.epoch), &known)), third, "sent again");

        assert_eq!(judged(&copy, 1, Some(first.epoch), &known), Judged::Behind);
        assert_eq!(judged(&copy, 3, Some(second.epoch), &known), Judged::Behind, "with nothing new at all");
        let mut forked = copy.clone();
        forked.work("other");
        forked.end_epoch();
        assert_eq!(judged(&forked, 3, Some(second.epoch), &known), Judged::Forked);
        for _ in 0..3 {
            forked.work("and on");
            forked.end_epoch();
        }
        assert_eq!(judged(&forked, 1, Some(first.epoch), &known), Judged::Forked, "however far it went on");
        let mut longer = copy;
        for _ in 0..4 {
            longer.work("in one epoch past what was seen");
        }
        longer.end_epoch();
        assert_eq!(judged(&longer, 3, Some(second.epoch), &known), Judged::Forked);
    }

    #[test]
    fn what_the_workstations_key_does_not_vouch_for_says_nothing() {
        let mut chain = Chain::begun();
        chain.work("one");
        let epoch = Some(Epoch { number: 1, key: public(1) });
        let is_unproven = |chain: &Chain, from, epoch| matches!(judged(chain, from, epoch, &[]), Judged::Unproven(_));
        assert!(is_unproven(&chain, 0, None), "no mark at its end");
        chain.end_epoch();
        assert!(is_unproven(&chain, 1, None), "not taken up at a mark");
        assert!(is_unproven(&chain, 1, Some(Epoch { number: 1, key: public(9) })), "signed with another key");
        assert!(is_unproven(&chain, 0, epoch), "begun twice");
        let mut edited = chain.clone();
        edited.links[1] = edited.links[1].replace("one", "two");
        assert!(is_unproven(&edited, 1, epoch));
        let mut removed = chain.clone();
        removed.links.remove(1);
        assert!(is_unproven(&removed, 1, epoch));
        assert!(!is_unproven(&chain, 1, epoch));
    }
}
