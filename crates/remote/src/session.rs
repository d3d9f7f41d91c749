//! The tokens in use, and their renewal (RFC 6749 §6, refresh tokens rotated as RFC 9700 §4.14.2 asks).
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::CoreErrorResponseType;
use openidconnect::{Nonce, OAuth2TokenResponse, RefreshToken, RequestTokenError, TokenResponse};
use sync::RefreshFailure;
use tokio::sync::watch;

use crate::address::EhrAddress;
use crate::exchange::{ExchangeError, Http};
use crate::identity::Identity;
use crate::smart::{SignInError, Smart, TokenAnswer, TokenRefusal, oauth_http, verifier};
use crate::token::{Secret, Tokens};

/// One person's standing with one EHR.
#[derive(Debug)]
pub struct Session {
    http: Http,
    address: EhrAddress,
    tokens: Mutex<Tokens>,
    identity: watch::Sender<Option<Identity>>,
    replaced: AtomicU64,
}

impl Session {
    /// Goes on with the tokens of a sign-in, fresh or kept.
    #[must_use]
    pub fn new(http: Http, address: EhrAddress, tokens: Tokens) -> Self {
        Self { http, address, tokens: Mutex::new(tokens), identity: watch::channel(None).0, replaced: AtomicU64::new(0) }
    }

    /// Replaces the tokens after a new sign-in; tell the drive by [`crate::Command::SignedIn`].
    pub fn replace(&self, tokens: Tokens) {
        *self.lock() = tokens;
        self.replaced.fetch_add(1, Ordering::Release);
    }

    /// How often the tokens have been replaced: whoever met a 401 waits for this to grow. Only the drive renews them, for a
    /// refresh token used by two at once ends the session.
    #[must_use]
    pub fn replaced(&self) -> u64 {
        self.replaced.load(Ordering::Acquire)
    }

    /// Roles and permissions as the EHR last renewed them in this session; `None` until it does. Whoever watches must refuse
    /// another `subject` than the one signed in.
    #[must_use]
    pub fn renewed(&self) -> watch::Receiver<Option<Identity>> {
        self.identity.subscribe()
    }

    pub(crate) fn access(&self) -> Secret {
        self.lock().access.clone()
    }

    /// Gets a fresh access token, and usually a fresh refresh token: the former one must not be used again. The answer is to
    /// be kept durably before it is relied on; a crash in between costs a sign-in, never data.
    pub(crate) async fn refresh(&self, now: DateTime<Utc>) -> Result<Tokens, RefreshFailure> {
        let refresh = self.lock().refresh.clone().ok_or(RefreshFailure::Refused)?;
        let smart = Smart::discover(self.http.clone(), self.address.clone()).await.map_err(|error| match error {
            SignInError::Unreachable | SignInError::NotTrusted | SignInError::OldTls => RefreshFailure::Unreachable,
            _ => RefreshFailure::Busy,
        })?;
        let client = smart.client();
        // EXPOSE: the refresh token goes to the EHR's token endpoint.
        let token = RefreshToken::new(refresh.expose().to_owned());
        let answer = client.exchange_refresh_token(&token).request_async(&oauth_http(&self.http)).await.map_err(|error| sort(&error))?;
        if let Some(id_token) = answer.id_token() {
            // A renewed id token need not repeat the nonce (OpenID Connect Core 1.0 §12.2).
            let claims = id_token.claims(&verifier(&client, now), |_: Option<&Nonce>| Ok(())).map_err(|_| RefreshFailure::Refused)?;
            self.identity.send_replace(Some(Identity::read(claims, self.address.as_str(), answer.scopes())));
        }
        let mut tokens = tokens(&answer, now);
        tokens.refresh = tokens.refresh.or(Some(refresh));
        self.replace(tokens.clone());
        Ok(tokens)
    }

    fn lock(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tokens of an answer received at `now`.
pub(crate) fn tokens(answer: &TokenAnswer, now: DateTime<Utc>) -> Tokens {
    let life = answer.expires_in().and_then(|life| TimeDelta::from_std(life).ok());
    Tokens {
        // EXPOSE: from the protocol library's secret type into ours.
        access: Secret::new(answer.access_token().secret().clone()),
        expires_at: life.and_then(|life| now.checked_add_signed(life)),
        refresh: answer.refresh_token().map(|token| Secret::new(token.secret().clone())),
    }
}

fn sort(error: &RequestTokenError<ExchangeError, TokenRefusal>) -> RefreshFailure {
    use CoreErrorResponseType as Code;
    match error {
        RequestTokenError::Request(
            ExchangeError::Unreachable | ExchangeError::NotTrusted | ExchangeError::OldTls | ExchangeError::Interrupted,
        ) => RefreshFailure::Unreachable,
        RequestTokenError::ServerResponse(refusal) => match refusal.error() {
            Code::InvalidGrant | Code::InvalidClient | Code::UnauthorizedClient => RefreshFailure::Refused,
            _ => RefreshFailure::Busy,
        },
        _ => RefreshFailure::Busy,
    }
}
