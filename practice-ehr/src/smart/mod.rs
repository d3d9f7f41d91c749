//! SMART App Launch 2.2, standalone, for one public client: discovery, sign-in, tokens, and what a token may do.

pub mod authorize;
pub mod bearer;
pub mod codes;
pub mod discovery;
pub mod grants;
mod html;
pub mod jws;
pub mod pkce;
pub mod roles;
pub mod scopes;
pub mod token;

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clinic::{CLINICIANS, Clinician};

use crate::store::Store;

/// The one client that may sign in: Satchel, a public native application (RFC 8252).
pub const CLIENT_ID: &str = "satchel-desktop";

/// The password of every practice clinician; they are invented people.
pub const PASSWORD: &str = "practice";

/// The authorization server.
pub struct Smart {
    /// Issuer of tokens, such as `https://localhost:8443/auth`.
    pub issuer: String,
    /// The FHIR base, audience of access tokens, such as `https://localhost:8443/fhir`.
    pub fhir_base: String,
    /// Life of access and id tokens, seconds.
    pub token_seconds: u32,
    key: jws::SigningKey,
    codes: codes::Codes,
    store: Arc<Store>,
}

impl Smart {
    /// Opens the server, creating its signing key at first.
    ///
    /// # Errors
    /// When the key cannot be read, made or written.
    pub fn open(origin: &str, data_dir: &Path, token_seconds: u32, store: Arc<Store>) -> Result<Self, jws::KeyError> {
        Ok(Self {
            issuer: format!("{origin}/auth"),
            fhir_base: format!("{origin}/fhir"),
            token_seconds,
            key: jws::SigningKey::open(data_dir)?,
            codes: codes::Codes::default(),
            store,
        })
    }

    /// Makes every access token and unused authorization code issued so far invalid. Refresh tokens remain.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn expire_tokens(&self) -> rusqlite::Result<()> {
        self.codes.clear();
        self.store.increase(TOKEN_GENERATION)
    }

    /// Ends every session: refresh tokens are refused from now on, and so is everything issued so far.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn end_sessions(&self) -> rusqlite::Result<()> {
        grants::revoke_all(&self.store)?;
        self.expire_tokens()
    }

    /// The public key, as `/auth/jwks` shows it (RFC 7517).
    pub fn jwks(&self) -> serde_json::Value {
        serde_json::json!({"keys": [self.key.jwk()]})
    }

    /// Signs a statement of the EHR's that is no token; `typ` tells it from one.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn sign(&self, typ: &str, claims: &serde_json::Value) -> Result<String, aws_lc_rs::error::Unspecified> {
        self.key.sign(typ, claims)
    }

    /// The claims of such a statement; `None` if it is not this EHR's.
    pub fn verify(&self, typ: &str, signed: &str) -> Option<serde_json::Value> {
        self.key.verify(typ, signed).filter(|claims| claims["iss"] == self.issuer.as_str())
    }

    /// Absolute URL of the clinician's Practitioner: the `fhirUser` claim.
    fn fhir_user(&self, who: &Clinician) -> String {
        format!("{}/Practitioner/{}", self.fhir_base, who.practitioner_id)
    }
}

/// Name of the counter that every access token must match.
const TOKEN_GENERATION: &str = "token_generation";

fn clinician(username: &str) -> Option<&'static Clinician> {
    CLINICIANS.iter().find(|who| who.username == username)
}

/// 256 random bits, base64url.
fn secret() -> Result<String, aws_lc_rs::error::Unspecified> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
