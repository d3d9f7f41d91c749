//! What someone who has every key of today can rewrite, and what not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use audit::{
    Action, Digest, Entry, EpochMark, FaultKind, Head, Link, Mac, Origin, Outcome, PublicKey, Signature, SignedCheckpoint, Signer, Subject,
    link, verify,
};
use chrono::{TimeZone as _, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{CorrelationId, Instants, Moment};
use sha2::Sha256;

struct AuditKey;

impl Mac for AuditKey {
    fn mac(&self, bytes: &[u8]) -> Digest {
        let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
        mac.update(bytes);
        Digest(mac.finalize().into_bytes().into())
    }
}

struct Pair(SigningKey);

impl Pair {
    fn of(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }
}

impl Signer for Pair {
    fn sign(&self, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(bytes).to_bytes())
    }
}

/// A chain in the making.
struct Chain {
    links: Vec<Link>,
    head: Head,
}

impl Chain {
    fn new() -> Self {
        Self { links: Vec::new(), head: Head::EMPTY }
    }

    fn enter(&mut self, action: Action, subject: Subject) {
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
        let entry = Entry::new(self.head.sequence + 1, &origin, action, Outcome::Allowed, subject);
        let link = link(&self.head, &entry, &AuditKey).unwrap();
        self.head = Head { sequence: link.sequence, digest: link.digest };
        self.links.push(link);
    }

    fn says(&mut self, what: &str) {
        self.enter(Action::ReadChart, Subject { detail: Some(what.to_owned()), ..Subject::default() });
    }

    fn mark(&mut self, mark: EpochMark) {
        self.enter(Action::Countersign, Subject { epoch: Some(mark), ..Subject::default() });
    }

    fn end(&mut self, epoch: u32, key: &Pair, next: &Pair) {
        self.mark(EpochMark::End(SignedCheckpoint::sign(epoch, &self.head, next.public(), key)));
    }
}

/// Three epochs with keys 1, 2 and 3; the entries of the first two say `first` and `second`.
fn three_epochs(first: &str, second: &str, keys: [&Pair; 3]) -> Chain {
    let mut chain = Chain::new();
    chain.says("before there were epochs");
    chain.mark(EpochMark::Begin(keys[0].public()));
    chain.says(first);
    chain.end(1, keys[0], keys[1]);
    chain.says(second);
    chain.end(2, keys[1], keys[2]);
    chain.says("third");
    chain
}

fn keys() -> [Pair; 3] {
    [1, 2, 3].map(Pair::of)
}

#[test]
fn epochs_are_followed_to_the_present_one() {
    let [a, b, c] = &keys();
    let verified = verify(three_epochs("first", "second", [a, b, c]).links, &AuditKey, None).unwrap();
    assert_eq!(verified.epochs.anchor, Some(a.public()));
    assert_eq!(verified.epochs.present, Some((3, c.public())));
    assert_eq!(verified.epochs.signed.unwrap().sequence, 5);
}

#[test]
fn today_s_keys_do_not_rewrite_an_earlier_epoch() {
    let [a, b, c] = &keys();
    let genuine = three_epochs("first", "second", [a, b, c]);
    // The audit key makes every MAC, and key 3 is the only private key that is left.
    let mut forged = Chain::new();
    forged.says("before there were epochs");
    forged.mark(EpochMark::Begin(a.public()));
    forged.says("something else");
    let kept: Vec<_> = genuine.links.iter().map(|link| serde_json::from_slice::<Entry>(&link.body).unwrap()).collect();
    let mut replayed = Chain { links: forged.links.clone(), head: forged.head };
    for entry in &kept[3..] {
        replayed.enter(entry.action, entry.subject.clone());
    }
    assert_eq!(replayed.links.len(), genuine.links.len());
    let fault = verify(replayed.links, &AuditKey, None).unwrap_err();
    assert_eq!((fault.sequence, fault.kind), (4, FaultKind::Signature), "the old signature is of another end");
    forged.end(1, c, b);
    let fault = verify(forged.links, &AuditKey, None).unwrap_err();
    assert_eq!((fault.sequence, fault.kind), (4, FaultKind::Signature), "and no other can be made");
}

#[test]
fn with_keys_of_one_s_own_the_anchor_is_another() {
    let [a, b, c] = &keys();
    let genuine = verify(three_epochs("first", "second", [a, b, c]).links, &AuditKey, None).unwrap();
    let [x, y] = &[11, 12].map(Pair::of);
    let forged = verify(three_epochs("something else", "second", [x, y, c]).links, &AuditKey, None).unwrap();
    assert_eq!(forged.epochs.present, genuine.epochs.present, "locally all fits");
    assert_ne!(forged.epochs.anchor, genuine.epochs.anchor, "whoever took the first key down sees it");
}

#[test]
fn the_present_epoch_can_be_rewritten_by_today_s_keys() {
    // Stated, so that nobody counts on more: this is what the server's countersignature is for.
    let [a, b, c] = &keys();
    let mut chain = three_epochs("first", "second", [a, b, c]);
    chain.links.pop();
    chain.head = Head { sequence: 6, digest: chain.links[5].digest };
    chain.says("forged");
    assert!(verify(chain.links, &AuditKey, None).is_ok());
}

#[test]
fn a_chain_of_before_the_epochs_still_verifies() {
    let mut chain = Chain::new();
    chain.says("old");
    let verified = verify(chain.links, &AuditKey, None).unwrap();
    assert_eq!((verified.epochs.anchor, verified.epochs.present), (None, None));
}
