//! The keys by which the EHR signs (JWK Set, RFC 7517), kept apart from any one connection, so that what it signed can be verified later.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm, JsonWebKeyUse as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::smart::{ALGORITHMS, Smart};

/// Bytes of a compact JWS that are looked at.
const MOST: usize = 8192;

/// An issuer and its public keys, as it published them at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EhrKeys {
    issuer: Box<str>,
    keys: CoreJsonWebKeySet,
}

/// Why a statement is not taken for the EHR's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// Not a compact JWS with a public-key algorithm and the type asked for, or not the issuer's.
    #[error("not a signed statement of this kind")]
    Form,
    /// Signed by a key that is not among these: the EHR may have changed its keys.
    #[error("signed by a key that is not known")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature does not verify")]
    Signature,
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    typ: String,
    #[serde(default)]
    kid: Option<String>,
    /// RFC 7515 §4.1.11: whoever does not know what is critical must refuse. Nothing is known here.
    #[serde(default)]
    crit: Option<Value>,
}

impl EhrKeys {
    /// As the EHR publishes them now.
    #[must_use]
    pub fn of(smart: &Smart) -> Self {
        Self { issuer: smart.issuer().into(), keys: smart.keys().clone() }
    }

    /// Whether these may take the place of `former` without a person's sign-in: the same issuer still publishes one of its former
    /// keys, as one that changes them in turn does. A set all of strange keys is not a change but another signer.
    #[must_use]
    pub fn continues(&self, former: &Self) -> bool {
        self.issuer == former.issuer && former.keys.keys().iter().any(|key| self.keys.keys().contains(key))
    }

    /// The claims of a compact JWS (RFC 7515 §3.1) of header type `typ` that the issuer signed. Times are the caller's to judge.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub fn claims(&self, typ: &str, compact: &str) -> Result<Value, NotSigned> {
        let (input, signature) = compact.rsplit_once('.').filter(|_| compact.len() <= MOST).ok_or(NotSigned::Form)?;
        let (header, claims) = input.split_once('.').ok_or(NotSigned::Form)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| NotSigned::Form);
        let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
        let header: Header = serde_json::from_slice(&header).map_err(|_| NotSigned::Form)?;
        if header.typ != typ || header.crit.is_some() || !ALGORITHMS.contains(&header.alg) {
            return Err(NotSigned::Form);
        }
        let named = |key: &&CoreJsonWebKey| match (&header.kid, key.key_id()) {
            (Some(kid), Some(id)) => kid == id.as_str(),
            _ => true,
        };
        let mut fitting = self.keys.keys().iter().filter(named).filter(|key| serves(key, &header.alg)).peekable();
        fitting.peek().ok_or(NotSigned::UnknownKey)?;
        if !fitting.any(|key| key.verify_signature(&header.alg, input.as_bytes(), &signature).is_ok()) {
            return Err(NotSigned::Signature);
        }
        let claims: Value = serde_json::from_slice(&claims).map_err(|_| NotSigned::Form)?;
        if claims["iss"] == *self.issuer { Ok(claims) } else { Err(NotSigned::Form) }
    }
}

fn serves(key: &CoreJsonWebKey, alg: &CoreJwsSigningAlgorithm) -> bool {
    let to_sign = key.key_use().is_none_or(|usage| usage.allows_signature());
    to_sign
        && match key.signing_alg() {
            JsonWebKeyAlgorithm::Algorithm(only) => only == alg,
            JsonWebKeyAlgorithm::Unspecified => true,
            JsonWebKeyAlgorithm::Unsupported => false,
        }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    struct Signer(EcdsaKeyPair, &'static str);

    fn signer(kid: &'static str) -> Signer {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        Signer(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap(), kid)
    }

    impl Signer {
        fn jwk(&self) -> Value {
            let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
            let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
            json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.1, "x": x, "y": y})
        }

        fn sign(&self, header: &Value, claims: &Value) -> String {
            let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let input = format!("{}.{}", encode(header), encode(claims));
            let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
            format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    fn published(issuer: &str, signers: &[&Signer]) -> EhrKeys {
        let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
        serde_json::from_value(json!({"issuer": issuer, "keys": {"keys": keys}})).unwrap()
    }

    fn header(kid: &str) -> Value {
        json!({"alg": "ES256", "typ": "grant+jwt", "kid": kid})
    }

    #[test]
    fn a_statement_is_the_issuers_or_nothing() {
        let (own, other) = (signer("k"), signer("k"));
        let keys = published("https://ehr", &[&own]);
        let claims = json!({"iss": "https://ehr", "number": "42"});
        let good = own.sign(&header("k"), &claims);
        assert_eq!(keys.claims("grant+jwt", &good).unwrap()["number"], "42");
        assert_eq!(keys.claims("at+jwt", &good), Err(NotSigned::Form), "another kind of statement");
        assert_eq!(keys.claims("grant+jwt", &other.sign(&header("k"), &claims)), Err(NotSigned::Signature));
        assert_eq!(keys.claims("grant+jwt", &other.sign(&header("new"), &claims)), Err(NotSigned::UnknownKey));
        let elsewhere = own.sign(&header("k"), &json!({"iss": "https://other", "number": "42"}));
        assert_eq!(keys.claims("grant+jwt", &elsewhere), Err(NotSigned::Form));
        for alg in ["none", "HS256", "ES512"] {
            let lie = own.sign(&json!({"alg": alg, "typ": "grant+jwt", "kid": "k"}), &claims);
            assert!(keys.claims("grant+jwt", &lie).is_err(), "{alg}");
        }
        let critical = own.sign(&json!({"alg": "ES256", "typ": "grant+jwt", "kid": "k", "crit": ["exp"], "exp": 1}), &claims);
        assert_eq!(keys.claims("grant+jwt", &critical), Err(NotSigned::Form));
        let mut parts: Vec<&str> = good.split('.').collect();
        let forged = URL_SAFE_NO_PAD.encode(json!({"iss": "https://ehr", "number": "43"}).to_string());
        parts[1] = &forged;
        assert_eq!(keys.claims("grant+jwt", &parts.join(".")), Err(NotSigned::Signature));
        for broken in ["", "a.b", "a.b.c", "....", &"x".repeat(9000)] {
            assert_eq!(keys.claims("grant+jwt", broken), Err(NotSigned::Form), "{broken:.9}");
        }
    }

    #[test]
    fn keys_change_in_turn_and_never_all_at_once() {
        let (first, second, third) = (signer("1"), signer("2"), signer("3"));
        let former = published("https://ehr", &[&first, &second]);
        assert!(published("https://ehr", &[&second, &third]).continues(&former));
        assert!(!published("https://ehr", &[&third]).continues(&former));
        assert!(!published("https://ehr", &[]).continues(&former));
        assert!(!published("https://other", &[&first, &second]).continues(&former));
        // The id names a key and is none.
        assert!(!published("https://ehr", &[&signer("2")]).continues(&former));
    }

    #[test]
    fn they_are_kept_as_written() {
        let keys = published("https://ehr", &[&signer("1")]);
        assert_eq!(serde_json::from_str::<EhrKeys>(&serde_json::to_string(&keys).unwrap()).unwrap(), keys);
    }
}
