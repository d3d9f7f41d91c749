//! Bearer tokens on FHIR requests (RFC 6750, RFC 9068).

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use chrono::{DateTime, Utc};

use super::scopes::Scopes;
use super::{Smart, TOKEN_GENERATION};
use crate::outcome::outcome;

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthorized {
    /// No bearer token was sent.
    Missing,
    /// The token is not ours, not for here, expired or withdrawn.
    Invalid,
}

/// Whoever bears a valid access token.
pub struct Bearer {
    /// What the token covers.
    pub scopes: Scopes,
    /// Logical id of the Practitioner.
    pub practitioner: String,
    /// Role.
    pub role: String,
}

impl Smart {
    /// Who sends the request, by its access token.
    ///
    /// # Errors
    /// [`Unauthorized`].
    pub fn bearer(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Bearer, Unauthorized> {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(Unauthorized::Missing)?;
        let claims = self.key.verify("at+jwt", token).ok_or(Unauthorized::Invalid)?;
        let generation = self.store.number(TOKEN_GENERATION).map_err(|_| Unauthorized::Invalid)?;
        let good = claims["iss"] == self.issuer.as_str()
            && claims["aud"] == self.fhir_base.as_str()
            && claims["exp"].as_i64().is_some_and(|exp| now.timestamp() < exp)
            && claims["generation"].as_i64() == Some(generation);
        match (claims["scope"].as_str(), claims["sub"].as_str(), claims["roles"][0].as_str()) {
            (Some(scope), Some(practitioner), Some(role)) if good => {
                Ok(Bearer { scopes: Scopes::parse(scope), practitioner: practitioner.to_owned(), role: role.to_owned() })
            }
            _ => Err(Unauthorized::Invalid),
        }
    }
}

impl Unauthorized {
    /// 401 with the challenge of RFC 6750 §3.
    pub fn answer(self) -> Response<Body> {
        let (challenge, sentence) = match self {
            Self::Missing => ("Bearer realm=\"practice-ehr\"", "An access token is required."),
            Self::Invalid => {
                ("Bearer realm=\"practice-ehr\", error=\"invalid_token\"", "The access token is not valid here, or no longer.")
            }
        };
        let mut response = outcome(StatusCode::UNAUTHORIZED, "login", sentence);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        response
    }
}
