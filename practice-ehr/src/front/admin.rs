//! The admin interface under `/_practice/`: what demo and tests steer the EHR with. It suffers no faults.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{Front, MAX_BODY};
use crate::faults::Rule;
use crate::outcome::plain;
use crate::records::RecordsError;

/// Header that carries the token of the ready line.
const TOKEN_HEADER: &str = "x-practice-admin";

impl Front {
    pub(super) async fn admin(&self, request: Request<Body>) -> Response<Body> {
        let given = request.headers().get(TOKEN_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
        if verify_slices_are_equal(given, self.admin_token.as_bytes()).is_err() {
            return problem(StatusCode::UNAUTHORIZED, "the header X-Practice-Admin must carry the ready line's admin_token");
        }
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
        let path = parts.uri.path().trim_start_matches("/_practice/").trim_end_matches('/').to_owned();
        let segments: Vec<&str> = path.split('/').collect();
        match (&parts.method, segments.as_slice()) {
            (&Method::POST, ["faults"]) => self.arm(&body),
            (&Method::GET, ["faults"]) => plain(StatusCode::OK, &json!(self.faults.armed())),
            (&Method::DELETE, ["faults"]) => done(self.faults.disarm(None)),
            (&Method::DELETE, ["faults", id]) => match id.parse() {
                Ok(id) if self.faults.disarm(Some(id)) => done(true),
                _ => problem(StatusCode::NOT_FOUND, "no such fault"),
            },
            (&Method::POST, ["offline"]) => {
                self.faults.set_offline(true);
                done(true)
            }
            (&Method::POST, ["online"]) => {
                self.faults.set_offline(false);
                done(true)
            }
            (&Method::POST, ["restart"]) => self.restart(&body).await,
            (&Method::POST, ["snapshots", name]) => stored(self.records.snapshot(name).await),
            (&Method::POST, ["snapshots", name, "restore"]) => stored(self.records.restore(name).await),
            (&Method::GET, ["held"]) => plain(StatusCode::OK, &self.held.list()),
            (&Method::POST, ["held", "release"]) => plain(StatusCode::OK, &json!({"released": self.held.release(None).await})),
            (&Method::POST, ["held", id, "release"]) => match id.parse() {
                Ok(id) => plain(StatusCode::OK, &json!({"released": self.held.release(Some(id)).await})),
                Err(_) => problem(StatusCode::NOT_FOUND, "no such held write"),
            },
            (&Method::POST, ["tokens", "expire"]) => done(self.smart.expire_tokens().is_ok()),
            (&Method::POST, ["sessions", "end"]) => done(self.smart.end_sessions().is_ok()),
            (&Method::POST, ["countersigner", "renew"]) => done(self.countersigning.renew().is_ok()),
            (&Method::GET, ["requests"]) => plain(StatusCode::OK, &json!(self.counting.snapshot())),
            (&Method::DELETE, ["requests"]) => {
                self.counting.reset();
                done(true)
            }
            (&Method::GET, ["counts"]) => self.counts(),
            _ => problem(StatusCode::NOT_FOUND, "no such admin request; practice-ehr/README.md lists them"),
        }
    }

    fn arm(&self, body: &Bytes) -> Response<Body> {
        match serde_json::from_slice::<Rule>(body) {
            Ok(rule) => plain(StatusCode::CREATED, &json!(self.faults.arm(rule))),
            // The admin's own request: saying what is wrong with it reveals nothing.
            Err(error) => problem(StatusCode::BAD_REQUEST, &error.to_string()),
        }
    }

    /// `{"down_ms": 500}`: cuts what is under way, forgets held writes, stays away for a while, comes back.
    async fn restart(&self, body: &Bytes) -> Response<Body> {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        self.faults.set_offline(true);
        self.held.forget();
        tokio::time::sleep(Duration::from_millis(asked["down_ms"].as_u64().unwrap_or(0))).await;
        let restarted = self.records.restart().await;
        self.faults.set_offline(false);
        stored(restarted)
    }

    fn counts(&self) -> Response<Body> {
        let counted = self.records.counts().and_then(|mut counts| {
            counts.insert("AuditEvent".into(), self.audit.count()?);
            Ok(counts)
        });
        match counted {
            Ok(counts) => plain(StatusCode::OK, &json!(counts)),
            Err(error) => stored(Err(error)),
        }
    }
}

fn done(ok: bool) -> Response<Body> {
    plain(StatusCode::OK, &json!({"ok": ok}))
}

fn stored(result: Result<(), RecordsError>) -> Response<Body> {
    match result {
        Ok(()) => done(true),
        Err(RecordsError::NoSnapshot) => problem(StatusCode::NOT_FOUND, "no such snapshot"),
        Err(error) => {
            tracing::error!(?error, "the records cannot be served");
            problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        }
    }
}

fn problem(status: StatusCode, error: &str) -> Response<Body> {
    plain(status, &json!({"error": error}))
}
