//! Writes that concern reports of emergency access pass the intake; there is no way around it.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode};
use serde_json::Value;

use super::Front;
use super::fhir::inner_request;
use crate::break_glass::{Arrival, is_review};
use crate::outcome::outcome;
use crate::smart::bearer::Bearer;

impl Front {
    /// The body to be stored; the very same for everything that is no report.
    pub(super) async fn reports(&self, bearer: &Bearer, parts: &Parts, path: &str, body: Bytes) -> Result<Bytes, Box<Response<Body>>> {
        let refuse = |sentence| Err(Box::new(outcome(StatusCode::UNPROCESSABLE_ENTITY, "business-rule", sentence)));
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (&parts.method, segments.as_slice()) {
            (&Method::PUT, ["Task", id]) => {
                let before = self.task(parts, id).await;
                let Ok(after) = serde_json::from_slice::<Value>(&body) else { return Ok(body) };
                if !is_review(&after) && !before.as_ref().is_some_and(is_review) {
                    return Ok(body);
                }
                let arrival = Arrival { id, before: before.as_ref(), after };
                let stored = self.break_glass.take_in(&self.smart, bearer, arrival)?;
                Ok(stored.to_string().into())
            }
            (&Method::PUT | &Method::POST, ["Task"]) if serde_json::from_slice(&body).is_ok_and(|task| is_review(&task)) => {
                refuse("A report is PUT under an id of its own.")
            }
            (&Method::PATCH | &Method::DELETE, ["Task", id]) if self.task(parts, id).await.as_ref().is_some_and(is_review) => {
                refuse("A report is neither patched nor deleted.")
            }
            (&Method::POST, [""]) => {
                let bundle: Value = serde_json::from_slice(&body).unwrap_or_default();
                for entry in bundle["entry"].as_array().into_iter().flatten() {
                    let named = entry["request"]["url"].as_str().and_then(|url| url.trim_start_matches('/').strip_prefix("Task/"));
                    let before = match named {
                        Some(id) if entry["request"]["method"] != "GET" => self.task(parts, id).await,
                        _ => None,
                    };
                    if is_review(&entry["resource"]) || before.as_ref().is_some_and(is_review) {
                        return refuse("A report comes by itself, not in a bundle.");
                    }
                }
                Ok(body)
            }
            _ => Ok(body),
        }
    }

    /// What is there under this id.
    async fn task(&self, parts: &Parts, id: &str) -> Option<Value> {
        let mut read = inner_request(parts, &format!("/Task/{id}"), "", Bytes::new())?;
        *read.method_mut() = Method::GET;
        ["if-match", "if-none-match", "content-length", "content-type"].iter().for_each(|name| drop(read.headers_mut().remove(*name)));
        let answer = self.records.answer(read).await;
        if answer.status() != StatusCode::OK {
            return None;
        }
        serde_json::from_slice(&to_bytes(answer.into_body(), usize::MAX).await.ok()?).ok()
    }
}
