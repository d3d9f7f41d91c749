//! Compact JWS with ES256 (RFC 7515, RFC 7518 §3.4).
//!
//! Ready-made JWT crates read numbers through serde's self-describing path, which `serde_json/arbitrary_precision` (needed
//! to keep the digits of decimals) turns into maps; hence this page on top of aws-lc-rs.

use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::tls::write_private;

/// The authorization server's P-256 key.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    id: String,
}

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file cannot be read or written.
    #[error("the signing key's file cannot be read or written")]
    File(#[from] std::io::Error),
    /// The key file holds no P-256 key, or none could be made.
    #[error("there is no usable signing key")]
    Unusable,
}

impl SigningKey {
    /// Reads `signing-key.der` (PKCS#8, 0600), creating it at first.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(data_dir: &Path) -> Result<Self, KeyError> {
        let path = data_dir.join("signing-key.der");
        let der = if path.exists() {
            std::fs::read(&path)?
        } else {
            let made =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).map_err(|_| KeyError::Unusable)?;
            write_private(&path, made.as_ref())?;
            made.as_ref().to_vec()
        };
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).map_err(|_| KeyError::Unusable)?;
        let id = encode(&digest(&SHA256, pair.public_key().as_ref()).as_ref()[..12]);
        Ok(Self { pair, id })
    }

    /// Signs `claims`; `typ` is the header's type, such as `at+jwt` (RFC 9068).
    ///
    /// # Errors
    /// When the random source fails.
    pub fn sign(&self, typ: &str, claims: &Value) -> Result<String, aws_lc_rs::error::Unspecified> {
        let header = json!({"alg": "ES256", "typ": typ, "kid": self.id});
        let input = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes())?;
        Ok(format!("{input}.{}", encode(signature.as_ref())))
    }

    /// The claims of a token that this key signed with header type `typ`; `None` for anything else.
    pub fn verify(&self, typ: &str, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let (header, claims) = input.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key().as_ref()).verify(input.as_bytes(), &signature).ok()?;
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header["alg"] != "ES256" || header["typ"] != typ {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// The public key as a JWK (RFC 7518 §6.2).
    pub fn jwk(&self) -> Value {
        // Uncompressed point: 0x04, x, y (SEC 1 §2.3.3).
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": encode(x), "y": encode(y)})
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_token_verifies_only_unchanged_under_its_own_key_and_type() {
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::open(dir.path()).unwrap();
        let token = key.sign("at+jwt", &json!({"sub": "lena", "exp": 1})).unwrap();
        assert_eq!(key.verify("at+jwt", &token).unwrap()["sub"], "lena");
        assert!(key.verify("JWT", &token).is_none());

        let mut forged: Vec<&str> = token.split('.').collect();
        let other = encode(br#"{"sub":"amara","exp":1}"#);
        forged[1] = &other;
        assert!(key.verify("at+jwt", &forged.join(".")).is_none());

        let reopened = SigningKey::open(dir.path()).unwrap();
        assert!(reopened.verify("at+jwt", &token).is_some(), "survives a restart");
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(SigningKey::open(elsewhere.path()).unwrap().verify("at+jwt", &token).is_none());
    }
}
