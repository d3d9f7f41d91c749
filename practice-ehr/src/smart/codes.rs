//! Authorization codes: single use, short-lived, in memory (RFC 6749 §4.1.2).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use clinic::Clinician;

/// What was agreed when the code was issued.
#[derive(Clone)]
pub struct Authorization {
    /// Who signed in.
    pub who: &'static Clinician,
    /// Granted scope, as it will be in the token.
    pub scope: String,
    /// Must be repeated at the token endpoint.
    pub redirect_uri: String,
    /// PKCE challenge, S256.
    pub code_challenge: String,
    /// Returned in the id token.
    pub nonce: Option<String>,
    /// When the password was given.
    pub auth_time: DateTime<Utc>,
}

/// Codes waiting to be redeemed.
#[derive(Default)]
pub struct Codes(Mutex<HashMap<String, Authorization>>);

/// How long a code can be redeemed.
const LIFE: TimeDelta = TimeDelta::seconds(60);

impl Codes {
    /// Keeps `authorization` under `code`.
    pub fn issue(&self, code: String, authorization: Authorization) {
        self.lock().insert(code, authorization);
    }

    /// Takes the authorization out: a second try with the same code, or one that comes too late, finds nothing.
    pub fn redeem(&self, code: &str, now: DateTime<Utc>) -> Option<Authorization> {
        let mut codes = self.lock();
        codes.retain(|_, authorization| now - authorization.auth_time < LIFE);
        codes.remove(code)
    }

    /// Forgets every code.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Authorization>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorization(auth_time: DateTime<Utc>) -> Authorization {
        Authorization {
            who: &clinic::CLINICIANS[0],
            scope: String::new(),
            redirect_uri: String::new(),
            code_challenge: String::new(),
            nonce: None,
            auth_time,
        }
    }

    #[test]
    fn a_code_is_redeemed_once_and_in_time() {
        let codes = Codes::default();
        let now = DateTime::UNIX_EPOCH;
        codes.issue("a".into(), authorization(now));
        codes.issue("b".into(), authorization(now));
        assert!(codes.redeem("a", now + TimeDelta::seconds(59)).is_some());
        assert!(codes.redeem("a", now + TimeDelta::seconds(59)).is_none(), "used");
        assert!(codes.redeem("b", now + TimeDelta::seconds(60)).is_none(), "expired");
    }
}
