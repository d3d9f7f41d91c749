//! The chain's entries on their way to the EHR's audit repository, so that a privacy officer need not come to the workstation.
use std::sync::Arc;
use std::time::Duration;

use access::{SendAudit, Target, admit};
use audit::{audit_event, audit_event_apart};
use remote::{FhirClient, Handle};
use serde_json::{Value, json};
use sync::{Failure, Link};
use tokio_util::sync::CancellationToken;

use crate::host::Host;
use crate::problem::Problem;
use crate::sync_work::renewing;
use crate::witness::{self, Round};

/// Entries sent at once.
const PAGE: u32 = 100;
const PAUSE: Duration = Duration::from_secs(60);

/// How a sending ended.
enum Sent {
    /// There is more.
    Page,
    Everything,
    /// Not now: the next round tries again.
    Later,
    /// This EHR takes none from this person.
    Never,
}

/// Sends what is unsent after every round of sync (or, while nothing is taken in, as soon as the EHR is there) and once a minute, until
/// cancelled, and has the chain countersigned. What is sent twice, after an answer that was lost, carries the same id.
pub async fn feed(host: Arc<Host>, client: FhirClient, handle: Handle, sends_alone: bool, stops: CancellationToken) {
    let mut status = handle.status();
    let mut round = Round::default();
    let mut takes_events = true;
    loop {
        let ready = |status: &sync::Status| status.link == Link::Online && (sends_alone || status.current_as_of.is_some());
        tokio::select! {
            () = stops.cancelled() => return,
            online = status.wait_for(ready) => if online.is_err() { return },
        }
        let witnessed = tokio::select! {
            () = stops.cancelled() => return,
            witnessed = witness::step(&host, &client, &mut round) => witnessed,
        };
        // Locked, or the vault fails: nothing more comes of this opening.
        if witnessed.is_err() {
            return;
        }
        while takes_events {
            let sent = tokio::select! {
                () = stops.cancelled() => return,
                sent = send_page(&host, &client) => sent,
            };
            match sent {
                Ok(Sent::Page) => {}
                Ok(Sent::Everything | Sent::Later) => break,
                Ok(Sent::Never) => {
                    tracing::warn!("the EHR takes no audit events");
                    takes_events = false;
                }
                Err(_) => return,
            }
        }
        let current = status.borrow().current_as_of;
        tokio::select! {
            () = stops.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
            next = status.wait_for(|status| status.current_as_of != current) => if next.is_err() { return },
        }
    }
}

async fn send_page(host: &Arc<Host>, client: &FhirClient) -> Result<Sent, Problem> {
    let reading = Arc::clone(host);
    let read = tokio::task::spawn_blocking(move || unsent(&reading)).await.map_err(|_| Problem::Locked)??;
    let Some(Unsent { last, more, events, apart }) = read else { return Ok(Sent::Everything) };
    let mut sent = client.post_audit(bundle(&events)).await;
    // Another event of this position is there: the chain was set back, or copied. Both stay.
    if let Ok(taken) = &sent
        && taken.contains(&CONFLICT)
    {
        let others = taken.iter().zip(apart).filter(|(status, _)| **status == CONFLICT).map(|(_, apart)| apart);
        let rest = taken.iter().copied().filter(|status| *status != CONFLICT).collect::<Vec<_>>();
        sent = match others.collect::<Option<Vec<_>>>() {
            Some(others) => client.post_audit(bundle(&others)).await.map(|taken| [rest, taken].concat()),
            None => return Ok(Sent::Never),
        };
    }
    match sent {
        Ok(taken) if taken.iter().all(|status| (200..300).contains(status)) => {}
        // One that is refused would be refused again, and the order must stay.
        Ok(_) | Err(Failure::Forbidden | Failure::NotFound | Failure::Refused | Failure::TooLarge) => return Ok(Sent::Never),
        Err(Failure::Unauthorised) => {
            renewing(host);
            return Ok(Sent::Later);
        }
        Err(_) => return Ok(Sent::Later),
    }
    let marking = Arc::clone(host);
    tokio::task::spawn_blocking(move || mark(&marking, last)).await.map_err(|_| Problem::Locked)??;
    // What came up meanwhile waits for the next round: sending is an entry itself, and must not call for the next sending.
    Ok(if more { Sent::Page } else { Sent::Everything })
}

/// HTTP 409.
const CONFLICT: u16 = 409;

/// The next unsent entries.
struct Unsent {
    /// Position of the last.
    last: u64,
    /// There were more already.
    more: bool,
    events: Vec<Value>,
    /// Each under an id that no other chain of this workstation has; none for one that has no id of its own.
    apart: Vec<Option<Value>>,
}

fn bundle(events: &[Value]) -> String {
    let entry = |event: &Value| json!({ "resource": event, "request": { "method": "POST", "url": "AuditEvent" } });
    json!({ "resourceType": "Bundle", "type": "batch", "entry": events.iter().map(entry).collect::<Vec<_>>() }).to_string()
}

/// `None` if there are none.
fn unsent(host: &Host) -> Result<Option<Unsent>, Problem> {
    host.work(|open, gate, origin| {
        let (user, device) = (open.user.clone(), open.key_file.device().clone());
        if !open.vault.transact(origin, |tx| tx.audit_waits())? {
            return Ok(None);
        }
        let unsent = open.vault.transact(origin, |tx| {
            let permit = admit::<SendAudit, _>(gate, tx, &user, Target::workstation().detail("next"))?;
            Ok::<_, Problem>(tx.audit_unsent(&permit, PAGE)?)
        })?;
        let Some((last, _)) = unsent.last() else { return Ok(None) };
        let last = *last;
        let events: Vec<_> = unsent.iter().map(|(sequence, entry)| audit_event(&device, *sequence, entry.as_ref())).collect();
        let apart = unsent.iter().map(|(sequence, entry)| audit_event_apart(&device, *sequence, entry.as_ref()?)).collect();
        Ok(Some(Unsent { last, more: unsent.len() == PAGE as usize, events, apart }))
    })
}

fn mark(host: &Host, last: u64) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<SendAudit, _>(gate, tx, &user, Target::workstation().detail(format!("up to {last}")))?;
            Ok::<_, Problem>(tx.mark_audit_sent(&permit, last)?)
        })
    })
}
