//! One HTTP exchange with every bound on it: TLS, no redirects, bytes, time.
use std::error::Error as _;
use std::time::Duration;

use http::header::{CONTENT_TYPE, DATE, ETAG, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use kernel::CorrelationId;
use reqwest::redirect::Policy;
use reqwest::tls::{Certificate, Version};

/// Bounds on one exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes of body, after decompression.
    pub(crate) bytes: usize,
    /// Until the connection stands.
    pub(crate) connect: Duration,
    /// Between two pieces of the answer.
    pub(crate) idle: Duration,
    /// For all of it, lest a trickle keep a lane busy for ever.
    pub(crate) total: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { bytes: 64 << 20, connect: seconds(5), idle: seconds(30), total: seconds(120) }
    }
}

/// The oldest TLS that is spoken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OldestTls {
    /// 1.3 (RFC 8446).
    #[default]
    V1_3,
    /// 1.2 (RFC 5246) where the EHR speaks nothing newer: ECDHE with AES-GCM or ChaCha20-Poly1305, the only suites of 1.2 that rustls has.
    V1_2,
}

/// Bytes of an answer that is no page of records: tokens, keys, discovery.
pub(crate) const SMALL: usize = 1 << 20;

/// An HTTP client for one EHR. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    bounds: Bounds,
}

/// Why there is no HTTP client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The extra root certificates are not PEM.
    #[error("the root certificates cannot be read")]
    RootCertificates,
    /// The platform offers no certificate store, or TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls,
}

/// Why an exchange brought no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExchangeError {
    #[error("no connection")]
    Unreachable,
    #[error("certificate not trusted")]
    NotTrusted,
    #[error("no common version of TLS")]
    OldTls,
    #[error("the answer broke off")]
    Interrupted,
    #[error("the answer is beyond the bounds")]
    TooLarge,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// A client that trusts the platform's root certificates and those in `extra_roots_pem` (a hospital's own authority).
    ///
    /// # Errors
    /// [`HttpError`].
    pub fn new(extra_roots_pem: Option<&[u8]>, oldest: OldestTls) -> Result<Self, HttpError> {
        Self::with_bounds(extra_roots_pem, oldest, Bounds::default())
    }

    pub(crate) fn with_bounds(extra_roots_pem: Option<&[u8]>, oldest: OldestTls, bounds: Bounds) -> Result<Self, HttpError> {
        // The first to come sets the process-wide provider; that it is set already is no error.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let roots = extra_roots_pem.map_or(Ok(Vec::new()), Certificate::from_pem_bundle).map_err(|_| HttpError::RootCertificates)?;
        if extra_roots_pem.is_some() && roots.is_empty() {
            return Err(HttpError::RootCertificates);
        }
        let client = reqwest::Client::builder()
            .user_agent(concat!("Satchel/", env!("CARGO_PKG_VERSION")))
            .tls_certs_merge(roots)
            .tls_version_min(match oldest {
                OldestTls::V1_3 => Version::TLS_1_3,
                OldestTls::V1_2 => Version::TLS_1_2,
            })
            .https_only(!cfg!(test))
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(bounds.connect)
            .read_timeout(bounds.idle)
            // A connection that went dead without a word is found out, and not used again.
            .http2_keep_alive_interval(bounds.connect * 2)
            .http2_keep_alive_timeout(bounds.connect)
            .tcp_keepalive(bounds.connect * 2)
            .build()
            .map_err(|_| HttpError::Tls)?;
        Ok(Self { client, bounds })
    }

    pub(crate) fn request(&self, method: http::Method, url: url::Url) -> reqwest::RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request under a fresh correlation id (`X-Request-Id`) and reads the answer, at most `bytes` of it.
    pub(crate) async fn exchange(&self, request: reqwest::RequestBuilder, bytes: usize) -> Result<Answer, ExchangeError> {
        let id = CorrelationId::random();
        let answer = tokio::time::timeout(self.bounds.total, read(request.header("x-request-id", id.to_string()), bytes));
        // A bound on time is met by asking for less, just as one on bytes.
        let answer = answer.await.unwrap_or(Err(ExchangeError::TooLarge));
        match &answer {
            Ok(answer) => tracing::debug!(request = %id, status = answer.status.as_u16(), bytes = answer.body.len(), "exchange"),
            Err(error) => tracing::debug!(request = %id, %error, "exchange"),
        }
        answer
    }

    /// Bytes allowed for a page of records.
    pub(crate) const fn page_bytes(&self) -> usize {
        self.bounds.bytes
    }
}

impl Answer {
    /// Whether the body is of one of these media types.
    pub(crate) fn is_of(&self, types: &[&str]) -> bool {
        let stated = self.header(CONTENT_TYPE).unwrap_or_default();
        let essence = stated.split(';').next().unwrap_or_default().trim();
        types.iter().any(|kind| essence.eq_ignore_ascii_case(kind))
    }

    pub(crate) fn date(&self) -> Option<&str> {
        self.header(DATE)
    }

    pub(crate) fn etag(&self) -> Option<&str> {
        self.header(ETAG)
    }

    /// `Retry-After` in seconds; its date form is left to the usual backoff.
    pub(crate) fn retry_after(&self) -> Option<u32> {
        self.header(RETRY_AFTER)?.trim().parse().ok()
    }

    fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

async fn read(request: reqwest::RequestBuilder, bytes: usize) -> Result<Answer, ExchangeError> {
    let mut response = request.send().await.map_err(|error| sort(&error))?;
    if response.content_length().is_some_and(|length| length > bytes as u64) {
        return Err(ExchangeError::TooLarge);
    }
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut body = Vec::new();
    // Chunks come decompressed, so the bound holds for what a small compressed body unfolds to.
    while let Some(chunk) = response.chunk().await.map_err(|error| sort(&error))? {
        if body.len() + chunk.len() > bytes {
            return Err(ExchangeError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}

fn sort(error: &reqwest::Error) -> ExchangeError {
    if let Some(refused) = by_tls(error) {
        refused
    } else if error.is_connect() || error.is_builder() {
        ExchangeError::Unreachable
    } else {
        ExchangeError::Interrupted
    }
}

/// What rustls found wrong. An `io::Error` hides what it wraps from `source`, and they come nested.
fn by_tls(error: &reqwest::Error) -> Option<ExchangeError> {
    use rustls::{AlertDescription as Alert, Error as Tls, PeerIncompatible as Incompatible};
    let mut cause = error.source();
    while let Some(inner) = cause {
        match inner.downcast_ref() {
            Some(Tls::InvalidCertificate(_)) => return Some(ExchangeError::NotTrusted),
            Some(
                Tls::AlertReceived(Alert::ProtocolVersion)
                | Tls::PeerIncompatible(Incompatible::ServerTlsVersionIsDisabledByOurConfig | Incompatible::ServerDoesNotSupportTls12Or13),
            ) => return Some(ExchangeError::OldTls),
            _ => {}
        }
        let wrapped = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = wrapped.map(|wrapped| wrapped as &(dyn std::error::Error + 'static)).or_else(|| inner.source());
    }
    None
}
