//! Writes that have arrived but are not yet committed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::outcome::outcome;
use crate::records::Records;

/// Every held write, in order of arrival.
#[derive(Default)]
pub struct Held(Mutex<(u64, BTreeMap<u64, Waiting>)>);

struct Waiting {
    method: String,
    path: String,
    arrived: DateTime<Utc>,
    release: oneshot::Sender<oneshot::Sender<()>>,
}

impl Held {
    /// Waits for release, then commits with the date of arrival. The write happens even when the client has hung up
    /// meanwhile, as a transaction that the server already has would; it is lost when the EHR restarts first.
    pub async fn commit_on_release(&self, records: &Arc<Records>, request: Request<Body>) -> Response<Body> {
        let arrived = Utc::now();
        let (release, released) = oneshot::channel::<oneshot::Sender<()>>();
        let (answer, answered) = oneshot::channel();
        let records = Arc::clone(records);
        self.add(Waiting { method: request.method().to_string(), path: request.uri().path().to_owned(), arrived, release });
        tokio::spawn(async move {
            let Ok(committed) = released.await else { return };
            let response = records.answer_late(request, arrived).await;
            let _ = committed.send(());
            let _ = answer.send(response);
        });
        match answered.await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => outcome(StatusCode::INTERNAL_SERVER_ERROR, "exception", "The held write could not be dated back."),
            Err(_) => outcome(StatusCode::SERVICE_UNAVAILABLE, "transient", "The EHR restarted before it committed this write."),
        }
    }

    /// Commits one held write, or all in order of arrival; returns once they are visible. Answers how many there were.
    pub async fn release(&self, id: Option<u64>) -> usize {
        let waiting: Vec<Waiting> = {
            let held = &mut self.lock().1;
            let ids: Vec<u64> = held.keys().copied().filter(|held| id.is_none_or(|id| id == *held)).collect();
            ids.into_iter().filter_map(|id| held.remove(&id)).collect()
        };
        let count = waiting.len();
        for write in waiting {
            let (committed, visible) = oneshot::channel();
            if write.release.send(committed).is_ok() {
                let _ = visible.await;
            }
        }
        count
    }

    /// Forgets every held write, as a crashed server forgets its open transactions.
    pub fn forget(&self) {
        self.lock().1.clear();
    }

    /// What is held, for the admin interface.
    pub fn list(&self) -> Value {
        let held = self.lock();
        let row = |(id, write): (&u64, &Waiting)| json!({"id": id, "method": write.method, "path": write.path, "arrived": write.arrived.to_rfc3339()});
        held.1.iter().map(row).collect()
    }

    fn add(&self, write: Waiting) {
        let mut held = self.lock();
        held.0 += 1;
        let id = held.0;
        held.1.insert(id, write);
    }

    fn lock(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Waiting>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
