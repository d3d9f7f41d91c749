//! The token and revocation endpoints (RFC 6749 §3.2, RFC 7009), and what is in the tokens.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::grants::{self, Grant};
use super::roles::Role;
use super::{CLIENT_ID, Smart, TOKEN_GENERATION, pkce, secret};
use crate::outcome::plain;

/// `error` codes of RFC 6749 §5.2.
#[derive(Debug, thiserror::Error)]
enum TokenError {
    #[error("invalid_request")]
    Request,
    #[error("invalid_client")]
    Client,
    #[error("invalid_grant")]
    Grant,
    #[error("unsupported_grant_type")]
    GrantType,
    #[error("server_error")]
    Store(#[from] rusqlite::Error),
    #[error("server_error")]
    Random(#[from] aws_lc_rs::error::Unspecified),
}

impl Smart {
    /// `POST /auth/token`.
    pub fn token(&self, form: &str, now: DateTime<Utc>) -> Response<Body> {
        let form: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let tokens = match field(&form, "grant_type") {
            Some("authorization_code") => self.redeem_code(&form, now),
            Some("refresh_token") => self.refresh(&form, now),
            Some(_) => Err(TokenError::GrantType),
            None => Err(TokenError::Request),
        };
        match tokens {
            Ok(body) => plain(StatusCode::OK, &body),
            Err(error @ (TokenError::Store(_) | TokenError::Random(_))) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error),
            Err(error) => refused(StatusCode::BAD_REQUEST, &error),
        }
    }

    /// `POST /auth/revoke`: ends the session of a refresh token. Unknown tokens are answered alike (RFC 7009 §2.2).
    pub fn revoke(&self, form: &str) -> Response<Body> {
        let form: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        if field(&form, "client_id") != Some(CLIENT_ID) {
            return refused(StatusCode::BAD_REQUEST, &TokenError::Client);
        }
        match field(&form, "token").map(|token| grants::revoke(&self.store, token)) {
            Some(Ok(())) => plain(StatusCode::OK, &json!({})),
            Some(Err(error)) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error.into()),
            None => refused(StatusCode::BAD_REQUEST, &TokenError::Request),
        }
    }

    fn redeem_code(&self, form: &[(String, String)], now: DateTime<Utc>) -> Result<Value, TokenError> {
        known_client(form)?;
        let (Some(code), Some(verifier)) = (field(form, "code"), field(form, "code_verifier")) else {
            return Err(TokenError::Request);
        };
        // Taken out before it is checked: a code tried with a wrong verifier is spent.
        let authorization = self.codes.redeem(code, now).ok_or(TokenError::Grant)?;
        let same_address = field(form, "redirect_uri") == Some(&authorization.redirect_uri);
        if !same_address || !pkce::proves(verifier, &authorization.code_challenge) {
            return Err(TokenError::Grant);
        }
        let grant = Grant { who: authorization.who, scope: authorization.scope, auth_time: authorization.auth_time, family: secret()? };
        self.issue(&grant, authorization.nonce.as_deref(), now)
    }

    fn refresh(&self, form: &[(String, String)], now: DateTime<Utc>) -> Result<Value, TokenError> {
        known_client(form)?;
        let token = field(form, "refresh_token").ok_or(TokenError::Request)?;
        let grant = grants::redeem(&self.store, token, now)?.ok_or(TokenError::Grant)?;
        self.issue(&grant, None, now)
    }

    fn issue(&self, grant: &Grant, nonce: Option<&str>, now: DateTime<Utc>) -> Result<Value, TokenError> {
        let (iat, exp) = (now.timestamp(), now.timestamp() + i64::from(self.token_seconds));
        let permissions = Role::named(grant.who.role).map(Role::permissions).unwrap_or_default();
        let fhir_user = self.fhir_user(grant.who);
        let access_token = self.key.sign(
            "at+jwt",
            &json!({
                "iss": self.issuer, "aud": self.fhir_base, "sub": grant.who.practitioner_id, "client_id": CLIENT_ID,
                "iat": iat, "exp": exp, "jti": secret()?, "scope": grant.scope, "fhirUser": fhir_user,
                "roles": [grant.who.role], "permissions": permissions,
                "generation": self.store.number(TOKEN_GENERATION)?,
            }),
        )?;
        let mut id_claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "sub": grant.who.practitioner_id, "iat": iat, "exp": exp,
            "auth_time": grant.auth_time.timestamp(), "name": grant.who.display_name,
            "preferred_username": grant.who.username, "fhirUser": fhir_user, "roles": [grant.who.role],
            "permissions": permissions,
        });
        if let Some(nonce) = nonce {
            id_claims["nonce"] = nonce.into();
        }
        let mut body = json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": self.token_seconds, "scope": grant.scope,
            "id_token": self.key.sign("JWT", &id_claims)?, "fhirUser": fhir_user, "roles": [grant.who.role],
            "permissions": permissions, "exp": exp,
        });
        if grant.scope.split(' ').any(|item| item == "offline_access") {
            let refresh_token = secret()?;
            grants::keep(&self.store, &refresh_token, grant)?;
            body["refresh_token"] = refresh_token.into();
        }
        Ok(body)
    }
}

fn known_client(form: &[(String, String)]) -> Result<(), TokenError> {
    if field(form, "client_id") == Some(CLIENT_ID) { Ok(()) } else { Err(TokenError::Client) }
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn refused(status: StatusCode, error: &TokenError) -> Response<Body> {
    plain(status, &json!({"error": error.to_string()}))
}
