//! FHIR requests: discovery is open, everything else needs a token that covers it; audit events go to the intake.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use chrono::Utc;
use serde_json::{Value, json};

use super::Front;
use super::required::{covered, required};
use crate::faults::Plan;
use crate::outcome::{fhir, outcome, plain};

impl Front {
    pub(super) async fn fhir(&self, parts: Parts, path: &str, body: Bytes, plan: &Plan) -> Response<Body> {
        if parts.method == Method::GET {
            match path {
                "/metadata" => return self.capabilities(&parts).await,
                "/.well-known/audit-countersigner" => return plain(StatusCode::OK, &self.countersigning.published()),
                "/.well-known/smart-configuration" => return plain(StatusCode::OK, &self.smart.smart_configuration()),
                _ => {}
            }
        }
        let bearer = match self.smart.bearer(&parts.headers, Utc::now()) {
            Ok(bearer) => bearer,
            Err(refusal) => return refusal.answer(),
        };
        let query = parts.uri.query().unwrap_or_default();
        // The audit repository has only one way in; what it refuses, it refuses to everyone.
        if let Some(refusal) = self.audit.refuses(&parts.method, path) {
            return refusal;
        }
        if let Some(answer) = self.break_glass.operation(&self.smart, &bearer, &parts.method, path, &body) {
            return answer;
        }
        if let Some(answer) = self.countersigning.operation(&self.audit, &bearer, &parts.method, path, &body) {
            return answer;
        }
        let Some(needs) = required(&parts.method, path, query, &body) else {
            return outcome(StatusCode::NOT_FOUND, "not-supported", "This EHR does not offer that interaction.");
        };
        if !covered(&bearer.scopes, &needs) {
            return outcome(StatusCode::FORBIDDEN, "forbidden", "The access token's scope does not cover this request.");
        }
        if let Some(response) = self.audit.answer(&self.smart.fhir_base, &parts.method, path, query, &body) {
            return response;
        }
        let body = match self.reports(&bearer, &parts, path, body).await {
            Ok(body) => body,
            Err(refusal) => return *refusal,
        };
        let Some(request) = inner_request(&parts, path, query, body) else {
            return outcome(StatusCode::BAD_REQUEST, "invalid", "The address is malformed.");
        };
        if plan.hold && parts.method != Method::GET {
            return self.held.commit_on_release(&self.records, request).await;
        }
        self.records.answer(request).await
    }

    /// Helios' CapabilityStatement with what the front adds: how to sign in, and the audit intake.
    async fn capabilities(&self, parts: &Parts) -> Response<Body> {
        let Some(request) = inner_request(parts, "/metadata", "", Bytes::new()) else {
            return outcome(StatusCode::BAD_REQUEST, "invalid", "The address is malformed.");
        };
        let response = self.records.answer(request).await;
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default();
        let Ok(mut statement) = serde_json::from_slice::<Value>(&bytes) else {
            return outcome(StatusCode::INTERNAL_SERVER_ERROR, "exception", "There is no capability statement.");
        };
        if let Some(rest) = statement.pointer_mut("/rest/0").and_then(Value::as_object_mut) {
            rest.insert("security".into(), self.smart.security());
            if let Some(resources) = rest.get_mut("resource").and_then(Value::as_array_mut) {
                resources.retain(|resource| resource["type"] != "AuditEvent");
                resources.push(audit_event_capability());
            }
        }
        fhir(StatusCode::OK, &statement)
    }
}

fn audit_event_capability() -> Value {
    json!({
        "type": "AuditEvent",
        "documentation": "Append-only. A client-assigned id is kept; sending the same event again changes nothing.",
        "interaction": [{"code": "create"}, {"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "updateCreate": false,
        "searchParam": [{"name": "_id", "type": "token"}, {"name": "date", "type": "date"}],
    })
}

/// The request as Helios gets it: relative to its base, and without what belongs to the front.
pub(super) fn inner_request(parts: &Parts, path: &str, query: &str, body: Bytes) -> Option<Request<Body>> {
    let path = if path.is_empty() { "/" } else { path };
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = target.parse::<Uri>().ok()?;
    *request.headers_mut() = parts.headers.clone();
    // The token was checked here; tenants, proxies and compression are none of Helios' business behind this front.
    for name in ["authorization", "x-tenant-id", "forwarded", "x-forwarded-host", "x-forwarded-proto", "accept-encoding"] {
        request.headers_mut().remove(name);
    }
    request.headers_mut().entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/fhir+json"));
    Some(request)
}
