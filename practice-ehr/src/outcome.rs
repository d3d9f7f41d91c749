//! OperationOutcome answers of the front itself (FHIR R4 §2.39).

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// Media type of every FHIR answer.
pub const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// An answer that carries one issue: `code` is an issue-type code, `diagnostics` a fixed sentence.
pub fn outcome(status: StatusCode, code: &str, diagnostics: &str) -> Response<Body> {
    fhir(status, &issue(code, diagnostics))
}

/// The OperationOutcome alone, as batch responses carry it.
pub fn issue(code: &str, diagnostics: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "diagnostics": diagnostics}],
    })
}

/// A FHIR JSON answer.
pub fn fhir(status: StatusCode, body: &Value) -> Response<Body> {
    with_type(status, FHIR_JSON, body)
}

/// A plain JSON answer that no cache may keep.
pub fn plain(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = with_type(status, "application/json", body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn with_type(status: StatusCode, media_type: &'static str, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
