//! The front: every request passes here, suffers the faults in force, and is handed to sign-in, records, audit intake or
//! the admin interface.

mod admin;
mod break_glass;
mod fhir;
mod held;
mod required;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use chrono::Utc;

use crate::audit_intake::AuditIntake;
use crate::break_glass::BreakGlass;
use crate::countersign::Countersigning;
use crate::counting::Counting;
use crate::faults::{Faults, Plan};
use crate::listener::{ConnectionCut, Cut};
use crate::outcome::{outcome, plain};
use crate::records::Records;
use crate::smart::Smart;
use held::Held;

/// Largest request body, bytes.
const MAX_BODY: usize = 64 << 20;

/// The whole EHR behind its TLS endpoint.
pub struct Front {
    /// Where the EHR is, such as `https://localhost:8443`.
    pub origin: String,
    /// Opens the admin interface.
    pub admin_token: String,
    /// The FHIR server.
    pub records: Arc<Records>,
    /// The authorization server.
    pub smart: Smart,
    /// The audit repository.
    pub audit: AuditIntake,
    /// Numbers of emergency access.
    pub break_glass: BreakGlass,
    /// What is known of workstations' audit chains.
    pub countersigning: Countersigning,
    faults: Faults,
    counting: Counting,
    held: Held,
}

impl Front {
    /// An EHR without faults.
    pub fn new(
        origin: String,
        admin_token: String,
        records: Records,
        smart: Smart,
        audit: AuditIntake,
        break_glass: BreakGlass,
        countersigning: Countersigning,
    ) -> Self {
        let (faults, counting, held) = (Faults::default(), Counting::default(), Held::default());
        Self { origin, admin_token, records: Arc::new(records), smart, audit, break_glass, countersigning, faults, counting, held }
    }

    /// Answers one request, or cuts its connection.
    ///
    /// # Errors
    /// [`ConnectionCut`] when there is no answer.
    pub async fn answer(&self, request: Request<Body>, cut: &Cut) -> Result<Response<Body>, ConnectionCut> {
        let path = request.uri().path();
        if path.starts_with("/_practice/") {
            return Ok(self.admin(request).await);
        }
        self.counting.count(request.method(), path);
        tokio::select! {
            biased;
            () = self.faults.went_offline() => Err(cut.now().await),
            answer = self.under_faults(request, cut) => answer,
        }
    }

    async fn under_faults(&self, request: Request<Body>, cut: &Cut) -> Result<Response<Body>, ConnectionCut> {
        let uri = request.uri();
        let plan = self.faults.plan(request.method(), uri.path(), uri.query().unwrap_or_default());
        if let Some(latency) = plan.latency {
            tokio::time::sleep(latency).await;
        }
        if plan.drop_before {
            return Err(cut.now().await);
        }
        if let Some((status, retry_after)) = plan.status {
            return Ok(faulty(status, retry_after));
        }
        let response = self.route(request, &plan).await;
        if plan.drop_after {
            return Err(cut.now().await);
        }
        Ok(match plan.drip {
            Some((bytes, pause)) => drip(response, bytes as usize, pause).await,
            None => response,
        })
    }

    async fn route(&self, request: Request<Body>, plan: &Plan) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, MAX_BODY).await else {
            return outcome(StatusCode::PAYLOAD_TOO_LARGE, "too-long", "The request body is too large or was cut short.");
        };
        let path = parts.uri.path().to_owned();
        if let Some(rest) = path.strip_prefix("/auth/") {
            return self.auth(rest, &parts.method, parts.uri.query().unwrap_or_default(), &body);
        }
        match path.strip_prefix("/fhir") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => self.fhir(parts, rest, body, plan).await,
            _ => outcome(StatusCode::NOT_FOUND, "not-found", "There is nothing here: the FHIR base is /fhir."),
        }
    }

    fn auth(&self, endpoint: &str, method: &Method, query: &str, body: &Bytes) -> Response<Body> {
        let form = std::str::from_utf8(body).unwrap_or_default();
        let get = *method == Method::GET;
        let post = *method == Method::POST;
        match endpoint {
            ".well-known/openid-configuration" if get => plain(StatusCode::OK, &self.smart.openid_configuration()),
            "jwks" if get => plain(StatusCode::OK, &self.smart.jwks()),
            "authorize" if get => self.smart.authorize_page(query),
            "authorize" if post => self.smart.authorize(form, Utc::now()),
            "token" if post => self.smart.token(form, Utc::now()),
            "revoke" if post => self.smart.revoke(form),
            ".well-known/openid-configuration" | "jwks" | "authorize" | "token" | "revoke" => {
                plain(StatusCode::METHOD_NOT_ALLOWED, &serde_json::json!({"error": "invalid_request"}))
            }
            _ => plain(StatusCode::NOT_FOUND, &serde_json::json!({"error": "invalid_request"})),
        }
    }
}

fn faulty(status: u16, retry_after: Option<u32>) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = outcome(status, "transient", "This fault was asked for.");
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Sends the body in small pieces with pauses.
async fn drip(response: Response<Body>, bytes: usize, pause: Duration) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let mut rest = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let (pieces, body) = tokio::sync::mpsc::channel::<Bytes>(1);
    tokio::spawn(async move {
        while !rest.is_empty() {
            let piece = rest.split_to(bytes.min(rest.len()));
            if pieces.send(piece).await.is_err() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    });
    Response::from_parts(parts, Body::new(Pieces(body)))
}

/// A response body made of pieces as they come.
struct Pieces(tokio::sync::mpsc::Receiver<Bytes>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|bytes| Ok(hyper::body::Frame::data(bytes))))
    }
}
