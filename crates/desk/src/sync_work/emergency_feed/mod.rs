//! Emergency accesses on their way to the EHR, numbers for the next ones and verdicts on past ones on their way here; for whoever reviews, how many wait.
//!
//! What one clinician has to report goes out in that clinician's own session: after a lock, at the clinician's next opening.
mod due;
mod reviews;
mod tell;

use std::sync::Arc;
use std::time::Duration;

use access::{GrantNumber, IssuedNumber};
use chrono::TimeDelta;
use remote::{FhirClient, Handle, NotSigned};
use sync::{Failure, Link};
use tokio_util::sync::CancellationToken;

pub(crate) use due::{reviewed, stock};
pub(crate) use tell::task_to_send;

use self::due::{rest_for, told, what_is_due};
use self::reviews::count_reviews;
use self::tell::{found, tell};
use crate::emergency::{self, Fault, Holder, Pinned, Reporter};
use crate::host::Host;
use crate::problem::Problem;

const PAUSE: Duration = Duration::from_secs(60);
/// Counting reviews is an entry: not after every round.
const COUNTED_FOR: Duration = Duration::from_secs(300);
/// After a failure, and while nothing is due.
const LATER: TimeDelta = TimeDelta::minutes(5);
/// Numbers are looked after this often.
const DAILY: TimeDelta = TimeDelta::hours(12);

/// Works after every round of sync, after each emergency access begun or ended, and once a minute, until cancelled.
pub async fn feed(host: Arc<Host>, client: FhirClient, handle: Handle, sends_alone: bool, stops: CancellationToken) {
    let mut status = handle.status();
    let mut counted: Option<tokio::time::Instant> = None;
    loop {
        let ready = |status: &sync::Status| status.link == Link::Online && (sends_alone || status.current_as_of.is_some());
        tokio::select! {
            () = stops.cancelled() => return,
            online = status.wait_for(ready) => if online.is_err() { return },
        }
        let round = status.borrow().current_as_of;
        let done = tokio::select! {
            () = stops.cancelled() => return,
            done = step(&host, &client, &mut counted) => done,
        };
        // Locked, or the vault fails: nothing more comes of this opening.
        if done.is_err() {
            return;
        }
        tokio::select! {
            () = stops.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
            () = host.emergency_changed.notified() => {}
            next = status.wait_for(|status| status.current_as_of != round) => if next.is_err() { return },
        }
    }
}

async fn step(host: &Arc<Host>, client: &FhirClient, counted: &mut Option<tokio::time::Instant>) -> Result<(), Problem> {
    if counted.is_none_or(|at| at.elapsed() >= COUNTED_FOR) {
        count_reviews(host, client).await?;
        *counted = Some(tokio::time::Instant::now());
    }
    let Some(todo) = in_background(host, what_is_due).await? else { return Ok(()) };
    let mut rest = DAILY;
    for access in todo.waiting {
        match tell(client, &access, &todo.reporter).await {
            Ok(()) => in_background(host, move |host| told(host, &access)).await?,
            Err(failure) => {
                tracing::warn!(?failure, "the EHR has not taken a report of emergency access");
                rest = LATER;
            }
        }
    }
    for access in todo.in_review {
        match found(client, &access).await {
            Ok(None) => {}
            Ok(Some(verdict)) => in_background(host, move |host| reviewed(host, &access, verdict)).await?,
            Err(_) => rest = LATER,
        }
    }
    if let Some(wanted) = todo.wanted {
        let unused = todo.unused.clone();
        match client.operation(emergency::OPERATION, Some(emergency::request(&todo.reporter.device, wanted, &unused))).await {
            Ok(body) => match emergency::answer(&body) {
                Some(issued) => rest = rest.min(take_in(host, client, issued, unused, &todo.reporter).await?),
                None => rest = LATER,
            },
            // It knows no such operation, or not for this role.
            Err(Failure::NotFound | Failure::Refused | Failure::Forbidden) => {
                in_background(host, |host| stock(host, access::Stock::not_offered)).await?;
            }
            Err(_) => rest = LATER,
        }
    }
    in_background(host, move |host| rest_for(host, rest)).await
}

/// Holds numbers against the EHR's keys, which are asked for anew where the pinned ones do not do. How long to rest.
async fn take_in(
    host: &Arc<Host>,
    client: &FhirClient,
    issued: Vec<IssuedNumber>,
    unused: Vec<GrantNumber>,
    by: &Reporter,
) -> Result<TimeDelta, Problem> {
    let holder = Holder { practitioner: by.practitioner.clone(), device: by.device.clone() };
    let pinned = in_background(host, emergency::pinned).await?;
    let unknown = |issued: &IssuedNumber| match &pinned {
        Pinned::Keys(keys) => emergency::verify(issued, keys, &holder) == Err(Fault::NotSigned(NotSigned::UnknownKey)),
        Pinned::Nothing | Pinned::Unreadable => true,
    };
    let mut keys = match &pinned {
        Pinned::Keys(keys) => Some(keys.clone()),
        Pinned::Nothing | Pinned::Unreadable => None,
    };
    if issued.iter().any(unknown) {
        // Nobody is suspected for a connection that broke.
        let Ok(present) = client.keys().await else { return Ok(LATER) };
        if pinned.yields_to(&present) {
            let changed = present.clone();
            in_background(host, move |host| emergency::pin_changed(host, &changed)).await?;
            keys = Some(present);
        }
    }
    in_background(host, move |host| emergency::take_in(host, issued, &unused, keys.as_ref(), &holder)).await?;
    Ok(DAILY)
}

async fn in_background<R: Send + 'static>(
    host: &Arc<Host>,
    work: impl FnOnce(&Host) -> Result<R, Problem> + Send + 'static,
) -> Result<R, Problem> {
    let host = Arc::clone(host);
    tokio::task::spawn_blocking(move || work(&host)).await.map_err(|_| Problem::Locked)?
}
