//! Signing in: authorization code with PKCE in the system browser, back over loopback (SMART App Launch 2.2; RFC 7636; RFC 8252).
use std::sync::Arc;

use kernel::Clock;
use openidconnect::core::CoreResponseType;
use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, CsrfToken, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::exchange::ExchangeError;
use crate::identity::Identity;
use crate::loopback::{Callback, Loopback};
use crate::session;
use crate::smart::{OidcClient, SignInError, Smart, TokenAnswer, TokenRefusal, oauth_http, verifier};
use crate::token::Tokens;

/// What is asked for; the EHR grants what the person's roles allow of it.
const SCOPES: [&str; 6] = ["openid", "fhirUser", "profile", "offline_access", "user/*.cruds", "user/AuditEvent.crs"];

/// Begins sign-ins.
#[derive(Clone, Copy, Debug)]
pub struct SignIn;

/// A sign-in that waits for the person at the browser. Dropping it closes the loopback address.
pub struct PendingSignIn {
    smart: Smart,
    clock: Arc<dyn Clock>,
    loopback: Loopback,
    redirect: RedirectUrl,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// A person who signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub identity: Identity,
    /// The tokens of this sign-in.
    pub tokens: Tokens,
}

impl SignIn {
    /// Opens the loopback address, then returns the page to open in the system browser, and the sign-in that waits for it.
    ///
    /// # Errors
    /// [`SignInError::NoLoopback`].
    pub async fn begin(smart: &Smart, clock: Arc<dyn Clock>) -> Result<(Url, PendingSignIn), SignInError> {
        let loopback = Loopback::open().await.map_err(|_| SignInError::NoLoopback)?;
        let redirect = RedirectUrl::new(loopback.address()).map_err(|_| SignInError::NoLoopback)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = smart.client().set_redirect_uri(redirect.clone());
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
        // `openid` is added by the library.
        let request = request.add_scopes(SCOPES.iter().skip(1).map(|scope| Scope::new((*scope).to_owned())));
        // SMART: the token is meant for this FHIR server, so that it cannot be tricked out of us by another.
        let (url, state, nonce) = request.add_extra_param("aud", smart.address().as_str()).url();
        Ok((url, PendingSignIn { smart: smart.clone(), clock, loopback, redirect, state, nonce, verifier }))
    }
}

impl PendingSignIn {
    /// Waits for the browser to come back, exchanges the code and verifies who it is. Without `cancel` it waits for ever.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn finish(self, cancel: CancellationToken) -> Result<SignedIn, SignInError> {
        let Self { smart, clock, loopback, redirect, state, nonce, verifier: pkce } = self;
        let exchange = async {
            // EXPOSE: compared with what the browser brings back.
            let code = match loopback.callback(state.secret(), smart.issuer()).await {
                Callback::Code(code) => code,
                Callback::Denied => return Err(SignInError::Denied),
            };
            drop(loopback);
            let client = smart.client().set_redirect_uri(redirect);
            let request = client.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(pkce);
            let answer = request.request_async(&oauth_http(&smart.http)).await.map_err(|error| sort(&error))?;
            let now = clock.now().wall;
            let identity = identity(&smart, &client, &answer, &nonce, now)?;
            Ok(SignedIn { identity, tokens: session::tokens(&answer, now) })
        };
        cancel.run_until_cancelled(exchange).await.unwrap_or(Err(SignInError::Cancelled))
    }
}

/// Verifies the id token: signature by the EHR's keys, issuer, audience, nonce, time, and that it belongs to the access token.
fn identity(
    smart: &Smart,
    client: &OidcClient,
    answer: &TokenAnswer,
    nonce: &Nonce,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Identity, SignInError> {
    let id_token = answer.id_token().ok_or(SignInError::IdToken)?;
    let verifier = verifier(client, now);
    let claims = id_token.claims(&verifier, nonce).map_err(|_| SignInError::IdToken)?;
    if let Some(expected) = claims.access_token_hash() {
        let (algorithm, key) =
            (id_token.signing_alg().map_err(|_| SignInError::IdToken)?, id_token.signing_key(&verifier).map_err(|_| SignInError::IdToken)?);
        let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(|_| SignInError::IdToken)?;
        if actual != *expected {
            return Err(SignInError::IdToken);
        }
    }
    Ok(Identity::read(claims, smart.address().as_str(), answer.scopes()))
}

fn sort(error: &RequestTokenError<ExchangeError, TokenRefusal>) -> SignInError {
    match error {
        RequestTokenError::Request(error) => (*error).into(),
        RequestTokenError::ServerResponse(_) => SignInError::Denied,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => SignInError::BadAnswer,
    }
}
