//! FHIR's RESTful interactions (R4 §3.1) as the sync machine asks for them.
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use http::header::{ACCEPT, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderValue, Method, StatusCode};
use kernel::{Clock, VersionId};
use sync::{Address, Capability, Failure, Found, Incoming, Outgoing, Page, Put, Rejection};
use url::Url;

use crate::address::EhrAddress;
use crate::capability;
use crate::ehr_keys::EhrKeys;
use crate::exchange::{Answer, ExchangeError, Http, SMALL};
use crate::incoming;
use crate::session::Session;
use crate::smart::{SignInError, Smart};

const FHIR_JSON: HeaderValue = HeaderValue::from_static("application/fhir+json");
const JSON_TYPES: [&str; 2] = ["application/fhir+json", "application/json"];
/// Versions looked through for one of ours.
const RECALLED: u8 = 50;

/// A client for one EHR in one session. Cheap to clone.
#[derive(Clone)]
pub struct FhirClient {
    http: Http,
    address: EhrAddress,
    session: Arc<Session>,
    clock: Arc<dyn Clock>,
}

impl FhirClient {
    /// A client that speaks with the session's access token.
    #[must_use]
    pub fn new(http: Http, address: EhrAddress, session: Arc<Session>, clock: Arc<dyn Clock>) -> Self {
        Self { http, address, session, clock }
    }

    /// The session whose token it uses.
    #[must_use]
    pub const fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// `GET metadata`, without a token (R4 §3.1.0.8, capabilities).
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::BadAnswer`] if it is no R4 server.
    pub async fn capability(&self) -> Result<Capability, Failure> {
        fetch_capability(&self.http, &self.address).await
    }

    /// The keys by which the EHR signs, as it publishes them now.
    ///
    /// # Errors
    /// [`SignInError`], for they are published where it says how to sign in.
    pub async fn keys(&self) -> Result<EhrKeys, SignInError> {
        Smart::discover(self.http.clone(), self.address.clone()).await.map(|smart| EhrKeys::of(&smart))
    }

    /// GET one page of a search, history or operation.
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::BadAnswer`] for anything but a Bundle, and for a link that leaves the EHR.
    pub async fn page(&self, address: &Address) -> Result<Page, Failure> {
        // EXPOSE: the address goes to the EHR, and to nobody else.
        let url = match address {
            Address::Query(relative) => self.address.below(relative.expose()),
            Address::Next(link) => self.address.follow(link.expose()),
        };
        let answer = self.send(self.http.request(Method::GET, url.map_err(|_| Failure::BadAnswer)?), self.http.page_bytes()).await?;
        let answer = succeeded(answer)?;
        let served_at = self.served_at(&answer);
        let base = self.address.as_str().to_owned();
        // Up to 64 MiB to look through: not on a thread that serves the network.
        let page = tokio::task::spawn_blocking(move || incoming::page(&answer.body, &base, served_at)).await;
        page.ok().flatten().ok_or(Failure::BadAnswer)
    }

    /// `PUT Type/id`, conditionally (R4 §3.1.0.4, §3.1.0.5). The record is what the EHR answers or, if it answers none, what it holds right after.
    ///
    /// # Errors
    /// [`Failure`] where it is not known whether the EHR took it, or it is to be sent again.
    pub async fn put(&self, out: &Outgoing) -> Result<Put, Failure> {
        // EXPOSE: the record goes to the EHR.
        let body = out.body.expose().to_string();
        let precondition = match &out.base_version {
            None => (IF_NONE_MATCH, "*".to_owned()),
            Some(version) => (IF_MATCH, format!("W/\"{}\"", version.as_str())),
        };
        let request = self.http.request(Method::PUT, self.record_url(out)?);
        let request =
            request.header(CONTENT_TYPE, FHIR_JSON).header("prefer", "return=representation").header(precondition.0, precondition.1);
        let answer = self.send(request.body(body), self.http.page_bytes()).await?;
        match answer.status {
            StatusCode::OK | StatusCode::CREATED => self.taken(out, &answer).await,
            StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Ok(Put::PreconditionFailed),
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Ok(Put::Refused(Rejection::Validation)),
            StatusCode::FORBIDDEN => Ok(Put::Refused(Rejection::Forbidden)),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Put::Refused(Rejection::Gone)),
            StatusCode::PAYLOAD_TOO_LARGE => Ok(Put::Refused(Rejection::TooLarge)),
            _ => match failure(&answer) {
                Failure::Refused => Ok(Put::Refused(Rejection::Other)),
                failure => Err(failure),
            },
        }
    }

    /// `GET Type/id` for the record of an entry.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn look(&self, out: &Outgoing) -> Result<Found, Failure> {
        let answer = self.send(self.http.request(Method::GET, self.record_url(out)?), self.http.page_bytes()).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(Found::Nothing),
            StatusCode::GONE => Ok(Found::Gone),
            _ => {
                let answer = succeeded(answer)?;
                self.record(out, &answer).map(Found::Record).ok_or(Failure::BadAnswer)
            }
        }
    }

    /// `GET Type/id/_history`, its first page, newest first.
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::NotFound`] and [`Failure::Refused`] where the EHR keeps no history.
    pub async fn recall(&self, out: &Outgoing) -> Result<Vec<Incoming>, Failure> {
        let path = format!("{}/{}/_history?_count={RECALLED}", out.kind, out.id);
        let page = self.page(&Address::Query(kernel::Phi::new(path.into()))).await?;
        Ok(page.records)
    }

    /// POSTs a batch or transaction Bundle of AuditEvents (IHE BALP). Answers the status of each entry in order.
    ///
    /// # Errors
    /// [`Failure`]; nothing is known to be taken then.
    pub async fn post_audit(&self, bundle: String) -> Result<Vec<u16>, Failure> {
        let url = Url::parse(self.address.as_str()).map_err(|_| Failure::BadAnswer)?;
        let request = self.http.request(Method::POST, url).header(CONTENT_TYPE, FHIR_JSON).body(bundle);
        let answer = succeeded(self.send(request, self.http.page_bytes()).await?)?;
        let bundle = fhir::Bundle::parse(&answer.body, &fhir::Limits::PAGE).map_err(|_| Failure::BadAnswer)?;
        bundle.entries.iter().map(|entry| entry.status).collect::<Option<_>>().ok_or(Failure::BadAnswer)
    }

    /// An operation of the EHR's own (R4 §3.2.0): POST with a Parameters body, GET without. Answers the JSON, 1 MiB at most.
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::NotFound`] as well where the EHR says that it does not implement it (501).
    pub async fn operation(&self, name: &str, parameters: Option<String>) -> Result<Vec<u8>, Failure> {
        let url = self.address.below(name).map_err(|_| Failure::BadAnswer)?;
        let request = match parameters {
            Some(body) => self.http.request(Method::POST, url).header(CONTENT_TYPE, FHIR_JSON).body(body),
            None => self.http.request(Method::GET, url),
        };
        let answer = self.send(request, SMALL).await?;
        if answer.status == StatusCode::NOT_IMPLEMENTED {
            return Err(Failure::NotFound);
        }
        Ok(succeeded(answer)?.body)
    }

    async fn send(&self, request: reqwest::RequestBuilder, bytes: usize) -> Result<Answer, Failure> {
        // EXPOSE: the token goes to the EHR; every address was checked to be its own.
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", self.session.access().expose())).map_err(|_| Failure::Unauthorised)?;
        bearer.set_sensitive(true);
        let request = request.header(http::header::AUTHORIZATION, bearer).header(ACCEPT, FHIR_JSON);
        Ok(self.http.exchange(request, bytes).await?)
    }

    fn record_url(&self, out: &Outgoing) -> Result<Url, Failure> {
        self.address.below(&format!("{}/{}", out.kind, out.id)).map_err(|_| Failure::BadAnswer)
    }

    fn record(&self, out: &Outgoing, answer: &Answer) -> Option<Incoming> {
        let mut record = incoming::resource(&answer.body, self.address.as_str(), &out.kind, &out.id)?;
        record.version = record.version.or_else(|| version_in(answer));
        Some(record)
    }

    async fn taken(&self, out: &Outgoing, answer: &Answer) -> Result<Put, Failure> {
        let represented = if answer.is_of(&JSON_TYPES) { self.record(out, answer) } else { None };
        let (version, record) = match represented {
            Some(record) => (version_in(answer).or_else(|| record.version.clone()), record),
            None => match self.look(out).await? {
                Found::Record(record) => (version_in(answer), record),
                Found::Nothing | Found::Gone => return Err(Failure::BadAnswer),
            },
        };
        // Without a version there is nothing to build the next edit on, nor to tell a stranger's from.
        let version = version.ok_or(Failure::BadAnswer)?;
        Ok(Put::Taken { version, record })
    }

    fn served_at(&self, answer: &Answer) -> DateTime<Utc> {
        let date = answer.date().and_then(|text| DateTime::parse_from_rfc2822(text).ok());
        date.map_or_else(|| self.clock.now().wall - TimeDelta::hours(1), |date| date.with_timezone(&Utc))
    }
}

pub(crate) async fn fetch_capability(http: &Http, address: &EhrAddress) -> Result<Capability, Failure> {
    let url = address.below("metadata").map_err(|_| Failure::BadAnswer)?;
    let answer = succeeded(http.exchange(http.request(Method::GET, url).header(ACCEPT, FHIR_JSON), http.page_bytes()).await?)?;
    capability::read(&answer.body).ok_or(Failure::BadAnswer)
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Unreachable | ExchangeError::NotTrusted | ExchangeError::OldTls => Self::Unreachable,
            ExchangeError::Interrupted => Self::Interrupted,
            ExchangeError::TooLarge => Self::TooLarge,
        }
    }
}

/// A 200 with FHIR JSON, or what else it means.
fn succeeded(answer: Answer) -> Result<Answer, Failure> {
    if answer.status != StatusCode::OK {
        Err(failure(&answer))
    } else if answer.is_of(&JSON_TYPES) {
        Ok(answer)
    } else {
        Err(Failure::BadAnswer)
    }
}

fn failure(answer: &Answer) -> Failure {
    match answer.status {
        StatusCode::UNAUTHORIZED => Failure::Unauthorised,
        StatusCode::FORBIDDEN => Failure::Forbidden,
        StatusCode::NOT_FOUND | StatusCode::GONE => Failure::NotFound,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => busy(answer),
        status if status.is_server_error() => busy(answer),
        status if status.is_client_error() => Failure::Refused,
        // A redirect, or a success that is none here.
        _ => Failure::BadAnswer,
    }
}

fn busy(answer: &Answer) -> Failure {
    Failure::Busy { retry_after: answer.retry_after() }
}

/// The version in the answer's weak ETag, `W/"3"` (R4 §3.1.0.1.3).
fn version_in(answer: &Answer) -> Option<VersionId> {
    let tag = answer.etag()?;
    let inner = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    (!inner.is_empty()).then(|| VersionId::new(inner))
}
