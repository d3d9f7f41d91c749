//! The key this EHR countersigns with, and those before it.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::chain::{Place, encode};
use crate::smart::jws::KeyError;
use crate::tls::write_private;

const COUNTERSIGNATURE: &[u8] = b"satchel audit countersignature 1";
const SUCCESSION: &[u8] = b"satchel audit server key 1";

/// An Ed25519 key pair with a name: the first 16 characters of its public key's SHA-256 in base64.
pub struct Pen {
    pair: Ed25519KeyPair,
    id: String,
    /// Each former key's word on the next, as published.
    successions: Vec<Value>,
    folder: PathBuf,
}

impl Pen {
    /// Reads `countersign-key.der` (PKCS#8, 0600) and `countersign-successions.json`, making the key at first.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(data_dir: &Path) -> Result<Self, KeyError> {
        let path = data_dir.join(KEY);
        let der = if path.exists() {
            std::fs::read(&path)?
        } else {
            let made = make()?;
            write_private(&path, &made)?;
            made
        };
        let (pair, id) = named(&der)?;
        let successions = match std::fs::read(data_dir.join(SUCCESSIONS)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| KeyError::Unusable)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { pair, id, successions, folder: data_dir.to_owned() })
    }

    /// Makes a new key, which the present one names as its successor.
    ///
    /// # Errors
    /// [`KeyError`]; the present key stays.
    pub fn renew(&mut self) -> Result<(), KeyError> {
        let der = make()?;
        let (pair, id) = named(&der)?;
        let mut signed = SUCCESSION.to_vec();
        for (id, pair) in [(&self.id, &self.pair), (&id, &pair)] {
            text(&mut signed, id);
            signed.extend_from_slice(pair.public_key().as_ref());
        }
        let mut successions = self.successions.clone();
        let signature = encode(self.pair.sign(&signed).as_ref());
        successions.push(json!({"former": key(&self.id, &self.pair), "next": key(&id, &pair), "signature": signature}));

        // The former key's word first: without it the new one would be nobody's.
        let kept = self.folder.join(SUCCESSIONS);
        std::fs::write(kept.with_extension("partial"), Value::from(successions.clone()).to_string())?;
        std::fs::rename(kept.with_extension("partial"), kept)?;
        let new = self.folder.join("countersign-key.new");
        let _ = std::fs::remove_file(&new);
        write_private(&new, &der)?;
        std::fs::rename(new, self.folder.join(KEY))?;
        (self.pair, self.id, self.successions) = (pair, id, successions);
        Ok(())
    }

    /// What is published: the key that signs, and how it came to be the one.
    pub fn published(&self) -> Value {
        json!({"present": key(&self.id, &self.pair), "successions": self.successions})
    }

    /// The countersignature of a link of a workstation's chain. `at` is RFC 3339.
    pub fn countersign(&self, device: &str, place: &Place, at: &str) -> Value {
        let mut signed = COUNTERSIGNATURE.to_vec();
        for field in [device, at, &self.id] {
            text(&mut signed, field);
        }
        signed.extend_from_slice(&place.sequence.to_be_bytes());
        signed.extend_from_slice(&place.digest);
        json!({
            "device": device, "sequence": place.sequence, "digest": encode(&place.digest), "at": at,
            "server_key_id": self.id, "signature": encode(self.pair.sign(&signed).as_ref()),
        })
    }
}

const KEY: &str = "countersign-key.der";
const SUCCESSIONS: &str = "countersign-successions.json";

fn make() -> Result<Vec<u8>, KeyError> {
    let made = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).map_err(|_| KeyError::Unusable)?;
    Ok(made.as_ref().to_vec())
}

fn named(der: &[u8]) -> Result<(Ed25519KeyPair, String), KeyError> {
    let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| KeyError::Unusable)?;
    let mut id = encode(digest(&SHA256, pair.public_key().as_ref()).as_ref());
    id.truncate(16);
    Ok((pair, id))
}

fn key(id: &str, pair: &Ed25519KeyPair) -> Value {
    json!({"id": id, "public_key": encode(pair.public_key().as_ref())})
}

/// A text with its length before it, in 64 bits, big endian.
fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn signatures_are_those_that_workstations_expect() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[40; 32]).unwrap();
        let pen = Pen { pair, id: "2026-a".into(), successions: Vec::new(), folder: PathBuf::new() };
        let frozen: Value = serde_json::from_str(include_str!("../../../crates/audit/vectors/countersigned.json")).unwrap();
        let place = Place { sequence: 9, digest: [7; 32] };
        assert_eq!(pen.countersign("ward-3", &place, "2026-03-01T08:00:00.000Z"), frozen);

        let [pair, next] = [40, 41].map(|seed| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap());
        let frozen: Value = serde_json::from_str(include_str!("../../../crates/audit/vectors/server_keys.json")).unwrap();
        let named = |pair: &Ed25519KeyPair| encode(digest(&SHA256, pair.public_key().as_ref()).as_ref())[..16].to_owned();
        let mut signed = SUCCESSION.to_vec();
        for pair in [&pair, &next] {
            text(&mut signed, &named(pair));
            signed.extend_from_slice(pair.public_key().as_ref());
        }
        assert_eq!(frozen["successions"][0]["former"], key(&named(&pair), &pair));
        assert_eq!(frozen["successions"][0]["signature"], encode(pair.sign(&signed).as_ref()));
    }

    #[test]
    fn a_renewed_key_is_named_by_the_former_one_and_both_survive_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let mut pen = Pen::open(dir.path()).unwrap();
        let former = pen.published();
        pen.renew().unwrap();
        let now = pen.published();
        assert_ne!(now["present"], former["present"]);
        assert_eq!(now["successions"][0]["former"], former["present"]);
        assert_eq!(now["successions"][0]["next"], now["present"]);
        assert_eq!(Pen::open(dir.path()).unwrap().published(), now);
    }
}
