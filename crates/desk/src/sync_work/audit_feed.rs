//! The chain's entries on their way to the EHR's audit repository, so that a privacy officer need not come to the workstation.
use std::sync::Arc;
use std::time::Duration;

use access::{SendAudit, Target, admit};
use audit::audit_event;
use remote::{FhirClient, Handle};
use serde_json::json;
use sync::{Failure, Link};
use tokio_util::sync::CancellationToken;

use crate::host::Host;
use crate::problem::Problem;

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

/// Sends what is unsent after every round of sync and once a minute, until cancelled. What is sent twice, after an answer that
/// was lost, carries the same id.
pub async fn feed(host: Arc<Host>, client: FhirClient, handle: Handle, stops: CancellationToken) {
    let mut status = handle.status();
    loop {
        tokio::select! {
            () = stops.cancelled() => return,
            online = status.wait_for(|status| status.link == Link::Online && status.current_as_of.is_some()) => if online.is_err() { return },
        }
        loop {
            let sent = tokio::select! {
                () = stops.cancelled() => return,
                sent = send_page(&host, &client) => sent,
            };
            match sent {
                Ok(Sent::Page) => {}
                Ok(Sent::Everything | Sent::Later) => break,
                Ok(Sent::Never) => {
                    tracing::warn!("the EHR takes no audit events");
                    return;
                }
                // Locked, or the vault fails: nothing more comes of this opening.
                Err(_) => return,
            }
        }
        let round = status.borrow().current_as_of;
        tokio::select! {
            () = stops.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
            next = status.wait_for(|status| status.current_as_of != round) => if next.is_err() { return },
        }
    }
}

async fn send_page(host: &Arc<Host>, client: &FhirClient) -> Result<Sent, Problem> {
    let reading = Arc::clone(host);
    let read = tokio::task::spawn_blocking(move || unsent(&reading)).await.map_err(|_| Problem::Locked)??;
    let Some(Unsent { last, more, bundle }) = read else { return Ok(Sent::Everything) };
    match client.post_audit(bundle).await {
        Ok(taken) if taken.iter().all(|status| (200..300).contains(status)) => {}
        // One that is refused would be refused again, and the order must stay.
        Ok(_) | Err(Failure::Forbidden | Failure::NotFound | Failure::Refused | Failure::TooLarge) => return Ok(Sent::Never),
        Err(_) => return Ok(Sent::Later),
    }
    let marking = Arc::clone(host);
    tokio::task::spawn_blocking(move || mark(&marking, last)).await.map_err(|_| Problem::Locked)??;
    // What came up meanwhile waits for the next round: sending is an entry itself, and must not call for the next sending.
    Ok(if more { Sent::Page } else { Sent::Everything })
}

/// A batch of the next unsent entries.
struct Unsent {
    /// Position of its last.
    last: u64,
    /// There were more already.
    more: bool,
    bundle: String,
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
        let entry = |(sequence, entry): &(u64, vault::AuditEntry)| {
            let event = audit_event(&device, *sequence, entry.as_ref());
            json!({ "resource": event, "request": { "method": "POST", "url": "AuditEvent" } })
        };
        let entries: Vec<_> = unsent.iter().map(entry).collect();
        let more = entries.len() == PAGE as usize;
        let bundle = json!({ "resourceType": "Bundle", "type": "batch", "entry": entries }).to_string();
        Ok(Some(Unsent { last, more, bundle }))
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
