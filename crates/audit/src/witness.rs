//! What goes between a workstation and the server that countersigns its chain.
use kernel::DeviceId;
use serde::{Deserialize, Serialize};

use crate::chain::{Digest, Head};
use crate::countersign::{Countersigned, ServerKey, Standing};
use crate::epoch::Signature;

const SUCCESSION: &[u8] = b"satchel audit server key 1";

/// A stretch of a workstation's chain, up to the mark of an epoch's end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// Whose chain.
    pub device: DeviceId,
    /// The link before the first of `links`: as far as this workstation knows the server to have seen it.
    pub after: Head,
    /// The entries' bytes as stored, in order; the last carries an epoch's mark. Empty when no epoch has ended since.
    pub links: Vec<String>,
    /// Why the chain is to be taken up again from here although it did not follow: for those who may decide so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear: Option<String>,
}

/// What the server makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It goes on from what was seen.
    Follows,
    /// It ends before what was seen.
    Behind,
    /// It is another one than was seen.
    Forked,
    /// The server knows the chain up to another place, or not at all: the stretch from there on is wanted.
    Resend,
}

impl Verdict {
    /// What it says of the chain; `Follows` where it says nothing.
    #[must_use]
    pub const fn standing(self) -> Standing {
        match self {
            Self::Follows | Self::Resend => Standing::Follows,
            Self::Behind => Standing::Behind,
            Self::Forked => Standing::Forked,
        }
    }
}

/// The server's answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What it makes of the upload.
    pub verdict: Verdict,
    /// How far it has seen the chain; `None` before the first.
    pub countersigned: Option<Countersigned>,
}

/// The keys a server publishes: the one it signs with, and how it came to be the one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServerKeys {
    /// Signs at present.
    pub present: ServerKey,
    /// Each former key's word on the next, oldest first.
    #[serde(default)]
    pub successions: Vec<Succession>,
}

/// A server's key names the next one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Succession {
    /// Until then.
    pub former: ServerKey,
    /// From then on.
    pub next: ServerKey,
    /// Ed25519 by `former`.
    pub signature: Signature,
}

/// No more changes of the key are followed at once.
const MOST_SUCCESSIONS: usize = 100;

impl ServerKeys {
    /// The key that signs now, if `pinned` is it or vouches for it through signed successions.
    #[must_use]
    pub fn succeeding(&self, pinned: &ServerKey) -> Option<&ServerKey> {
        let mut trusted = pinned;
        for succession in self.successions.iter().take(MOST_SUCCESSIONS) {
            if *trusted == succession.former && succession.is_genuine() {
                trusted = &succession.next;
            }
        }
        (*trusted == self.present && self.present.is_named_rightly()).then_some(&self.present)
    }
}

impl Succession {
    /// What is signed: names (each with its length, 64 bits, big endian, before it) and keys of both.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = SUCCESSION.to_vec();
        for key in [&self.former, &self.next] {
            bytes.extend_from_slice(&(key.id.len() as u64).to_be_bytes());
            bytes.extend_from_slice(key.id.as_bytes());
            bytes.extend_from_slice(&key.public_key.0);
        }
        bytes
    }

    fn is_genuine(&self) -> bool {
        self.next.is_named_rightly() && self.former.public_key.verifies(&self.signed_bytes(), &self.signature)
    }
}

impl ServerKey {
    /// Whether the name is the key's own: the first 16 characters of its SHA-256 in base64. So a name in the chain pins a key.
    #[must_use]
    pub fn is_named_rightly(&self) -> bool {
        String::from(Digest::of(&self.public_key.0)).get(..16) == Some(&self.id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::epoch::Signer as _;
    use crate::epoch::tests::Pair;

    fn key(seed: u8) -> ServerKey {
        let public_key = Pair::of(seed).public();
        ServerKey { id: String::from(Digest::of(&public_key.0))[..16].to_owned(), public_key }
    }

    fn succession(former: u8, next: u8, by: u8) -> Succession {
        let mut succession = Succession { former: key(former), next: key(next), signature: Signature([0; 64]) };
        succession.signature = Pair::of(by).sign(&succession.signed_bytes());
        succession
    }

    #[test]
    fn wire_forms_are_frozen() {
        let device = DeviceId::new("ward-3").unwrap();
        let upload = Upload { device, after: Head { sequence: 9, digest: Digest([7; 32]) }, links: vec!["{}".into()], clear: None };
        let frozen = r#"{"device":"ward-3","after":{"sequence":9,"digest":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"},"links":["{}"]}"#;
        assert_eq!(serde_json::to_string(&upload).unwrap(), frozen);
        assert_eq!(serde_json::from_str::<Upload>(frozen).unwrap(), upload);
        let answer = Answer { verdict: Verdict::Resend, countersigned: None };
        assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"verdict":"resend","countersigned":null}"#);
        let keys = ServerKeys { present: key(41), successions: vec![succession(40, 41, 40)] };
        let frozen = include_str!("../vectors/server_keys.json");
        assert_eq!(serde_json::to_string(&keys).unwrap(), frozen.trim());
        assert_eq!(serde_json::from_str::<ServerKeys>(frozen).unwrap(), keys);
    }

    #[test]
    fn a_key_is_followed_by_what_it_signed_and_by_nothing_else() {
        let published = |present, successions| ServerKeys { present: key(present), successions };
        assert_eq!(published(40, vec![]).succeeding(&key(40)), Some(&key(40)));
        assert_eq!(published(41, vec![]).succeeding(&key(40)), None, "another key out of nowhere");
        let twice = vec![succession(40, 41, 40), succession(41, 42, 41)];
        assert_eq!(published(42, twice.clone()).succeeding(&key(40)), Some(&key(42)));
        assert_eq!(published(42, twice.clone()).succeeding(&key(41)), Some(&key(42)));
        assert_eq!(published(41, twice).succeeding(&key(40)), None, "one that was given up signs no more");
        assert_eq!(published(41, vec![succession(40, 41, 41)]).succeeding(&key(40)), None, "the next vouches for itself");
        let misnamed = ServerKey { id: "another".into(), ..key(40) };
        assert_eq!(ServerKeys { present: misnamed.clone(), successions: vec![] }.succeeding(&misnamed), None);
    }
}
