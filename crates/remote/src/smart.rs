//! What the EHR says about signing in (SMART App Launch 2.2 § Conformance; OpenID Connect Discovery 1.0).
use http::{HeaderMap, HeaderValue, Method};
use kernel::ErrorCode;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthUrl, Client, ClientId, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdTokenFields, IdTokenVerifier, IssuerUrl, StandardErrorResponse, StandardTokenResponse, TokenUrl,
};
use serde::Deserialize;
use sync::{Capability, Failure};
use url::Url;

use crate::address::{EhrAddress, is_secure};
use crate::exchange::{ExchangeError, Http, SMALL};
use crate::fhir_client::fetch_capability;
use crate::identity::EhrClaims;

/// This program, as every EHR has it registered.
const CLIENT_ID: &str = "satchel-desktop";

/// An EHR that can be signed in to.
#[derive(Clone)]
pub struct Smart {
    pub(crate) http: Http,
    pub(crate) address: EhrAddress,
    provider: CoreProviderMetadata,
    authorization: AuthUrl,
    token: TokenUrl,
    capability: Capability,
}

/// Why sign-in did not come about. Static text; nothing the EHR wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// No answer.
    #[error("the EHR did not answer")]
    Unreachable,
    /// The certificate is not trusted.
    #[error("the EHR's certificate is not trusted")]
    NotTrusted,
    /// It speaks no version of TLS that is spoken here.
    #[error("the EHR's TLS is too old")]
    OldTls,
    /// No FHIR R4 server at this address.
    #[error("no FHIR R4 server")]
    NotFhirR4,
    /// A FHIR server without SMART sign-in by OpenID Connect and PKCE.
    #[error("no SMART sign-in")]
    NoSmart,
    /// An answer that is no valid one.
    #[error("the EHR's answer is not valid")]
    BadAnswer,
    /// This machine offers no loopback address to return to.
    #[error("no loopback address")]
    NoLoopback,
    /// Cancelled here.
    #[error("cancelled")]
    Cancelled,
    /// The person, or the EHR, declined.
    #[error("the EHR declined")]
    Denied,
    /// The id token is missing or does not verify: issuer, audience, nonce, signature or time.
    #[error("the id token does not verify")]
    IdToken,
}

impl SignInError {
    /// The code a person is told.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Unreachable => ErrorCode::EhrUnreachable,
            Self::NotTrusted => ErrorCode::EhrNotTrusted,
            Self::OldTls => ErrorCode::EhrTlsTooOld,
            Self::NotFhirR4 | Self::NoSmart => ErrorCode::EhrNotSupported,
            Self::BadAnswer => ErrorCode::EhrBadAnswer,
            Self::Cancelled => ErrorCode::SignInCancelled,
            Self::Denied | Self::IdToken => ErrorCode::SignInFailed,
            Self::NoLoopback => ErrorCode::Internal,
        }
    }
}

pub(crate) type TokenAnswer = StandardTokenResponse<
    IdTokenFields<EhrClaims, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>,
    CoreTokenType,
>;
pub(crate) type TokenRefusal = StandardErrorResponse<CoreErrorResponseType>;
pub(crate) type OidcClient = Client<
    EhrClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    TokenRefusal,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointMaybeSet,
>;

impl Smart {
    /// Asks the EHR at `address` whether it is a FHIR R4 server that a person can sign in to.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn discover(http: Http, address: EhrAddress) -> Result<Self, SignInError> {
        let capability = fetch_capability(&http, &address).await;
        let capability = match capability {
            Ok(capability) => capability,
            // Asked once more below, where the certificate's refusal is told apart.
            Err(Failure::Unreachable | Failure::Interrupted | Failure::Busy { .. }) => Capability::default(),
            Err(_) => return Err(SignInError::NotFhirR4),
        };
        let smart = Self::configuration(&http, &address).await?;
        if capability.types.is_empty() {
            return Err(SignInError::NotFhirR4);
        }
        let offered = smart.code_challenge_methods_supported.iter().any(|method| method == "S256");
        let issuer = IssuerUrl::new(smart.issuer).map_err(|_| SignInError::NoSmart)?;
        let authorization = AuthUrl::new(smart.authorization_endpoint).map_err(|_| SignInError::NoSmart)?;
        let token = TokenUrl::new(smart.token_endpoint).map_err(|_| SignInError::NoSmart)?;
        if !offered || ![issuer.url(), authorization.url(), token.url()].into_iter().all(is_secure) {
            return Err(SignInError::NoSmart);
        }
        let provider = CoreProviderMetadata::discover_async(issuer, &oauth_http(&http)).await.map_err(|error| match error {
            DiscoveryError::Request(error) => error.into(),
            DiscoveryError::Response(..) => SignInError::NoSmart,
            _ => SignInError::BadAnswer,
        })?;
        if !is_secure(provider.jwks_uri().url()) {
            return Err(SignInError::NoSmart);
        }
        Ok(Self { http, address, provider, authorization, token, capability })
    }

    /// What the EHR can do.
    #[must_use]
    pub const fn capability(&self) -> &Capability {
        &self.capability
    }

    /// The EHR's address.
    #[must_use]
    pub const fn address(&self) -> &EhrAddress {
        &self.address
    }

    pub(crate) fn issuer(&self) -> &str {
        self.provider.issuer().as_str()
    }

    pub(crate) fn keys(&self) -> &CoreJsonWebKeySet {
        self.provider.jwks()
    }

    pub(crate) fn client(&self) -> OidcClient {
        let client_id = ClientId::new(CLIENT_ID.to_owned());
        Client::from_provider_metadata(self.provider.clone(), client_id, None)
            .set_auth_uri(self.authorization.clone())
            .set_token_uri(self.token.clone())
    }

    async fn configuration(http: &Http, address: &EhrAddress) -> Result<Configuration, SignInError> {
        let url = address.below(".well-known/smart-configuration").map_err(|_| SignInError::NoSmart)?;
        let answer = http.exchange(http.request(Method::GET, url).header("accept", "application/json"), SMALL).await?;
        if answer.status.is_server_error() {
            return Err(SignInError::Unreachable);
        }
        if !answer.status.is_success() || !answer.is_of(&["application/json"]) {
            return Err(SignInError::NoSmart);
        }
        serde_json::from_slice(&answer.body).map_err(|_| SignInError::NoSmart)
    }
}

/// Signatures that are taken: by public keys only, whatever else the EHR lists.
pub(crate) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Verifies id tokens by the EHR's keys.
pub(crate) fn verifier(client: &OidcClient, now: chrono::DateTime<chrono::Utc>) -> IdTokenVerifier<'_, CoreJsonWebKey> {
    client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now)
}

/// Lets openidconnect speak through this crate's client and its bounds.
pub(crate) fn oauth_http(
    http: &Http,
) -> impl Fn(HttpRequest) -> std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, ExchangeError>> + Send>> + use<> {
    let http = http.clone();
    move |request| {
        let http = http.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let url = Url::parse(&head.uri.to_string()).map_err(|_| ExchangeError::Unreachable)?;
            let answer = http.exchange(http.request(head.method, url).headers(head.headers).body(body), SMALL).await?;
            let mut response = HttpResponse::new(answer.body);
            *response.status_mut() = answer.status;
            *response.headers_mut() = only_content_type(&answer.headers);
            Ok(response)
        })
    }
}

fn only_content_type(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.get(http::header::CONTENT_TYPE).cloned();
    kept.map(|value: HeaderValue| (http::header::CONTENT_TYPE, value)).into_iter().collect()
}

impl From<ExchangeError> for SignInError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Unreachable | ExchangeError::Interrupted => Self::Unreachable,
            ExchangeError::NotTrusted => Self::NotTrusted,
            ExchangeError::OldTls => Self::OldTls,
            ExchangeError::TooLarge => Self::BadAnswer,
        }
    }
}

#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
}
