//! Emergency accesses on their way to the EHR, numbers for the next ones and verdicts on past ones on their way here; for whoever reviews, how many wait.
//!
//! What one clinician has to report goes out in that clinician's own session: after a lock, at the clinician's next opening.
use std::sync::Arc;
use std::time::Duration;

use access::{DeskMemory, GrantNumber, IssuedNumber, ReviewBreakGlass, Target, admit};
use chrono::TimeDelta;
use kernel::{GrantId, Phi, RecordId, ResourceType, VersionId};
use remote::{FhirClient, Handle, NotSigned};
use serde_json::Value;
use sync::{Address, EntryId, EntryState, Failure, Found, Link, Outgoing, Put};
use tokio_util::sync::CancellationToken;
use watchful::Verdict;

use crate::emergency::{self, Access, Fault, Holder, Pinned, QUERY, Reporter, Told, report, with_end};
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

/// What is to be done now.
struct Todo {
    waiting: Vec<Access>,
    /// Reported, and not known to have been judged.
    in_review: Vec<Access>,
    wanted: Option<u32>,
    unused: Vec<GrantNumber>,
    reporter: Reporter,
}

/// `None` without an entry while nothing is due.
fn what_is_due(host: &Host) -> Result<Option<Todo>, Problem> {
    if !host.work(|open, _, origin| Ok(open.glass.is_due(origin.at.wall)))? {
        return Ok(None);
    }
    emergency::settle_lapsed(host)?;
    let workstation = host.workstation().to_owned();
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let book = open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("emergency accesses to report"))?;
            emergency::kept_or_new(tx, &own)
        })?;
        let now = origin.at.wall;
        // Set at once: what changes while this is being done makes it due again.
        open.glass.rest_until(now + LATER);
        Ok(Some(Todo {
            waiting: book.accesses.iter().filter(|access| access.waits()).cloned().collect(),
            in_review: book.accesses.iter().filter(|access| access.told == Told::Ended && access.verdict.is_none()).cloned().collect(),
            wanted: book.stock.wants(now),
            unused: book.stock.unused(now).cloned().collect(),
            reporter: Reporter {
                practitioner: open.person.practitioner.clone(),
                name: open.person.name.clone(),
                device: open.key_file.device().clone(),
                workstation,
            },
        }))
    })
}

/// Tells the EHR. Looked up first, so that what was sent before and never acknowledged is not sent over a judgement.
async fn tell(client: &FhirClient, access: &Access, by: &Reporter) -> Result<(), Failure> {
    let mut out = outgoing(access, report(access, by))?;
    if let Found::Record(held) = client.look(&out).await? {
        let Some(ended) = access.ended else { return Ok(()) };
        // EXPOSE: the EHR's own Task, with the end added, goes back to the EHR.
        let task: Value = serde_json::from_str(held.body.expose()).map_err(|_| Failure::BadAnswer)?;
        let Some(task) = with_end(task, ended) else { return Ok(()) };
        out = Outgoing { base_version: held.version, ..outgoing(access, task)? };
    }
    match client.put(&out).await? {
        Put::Taken { .. } => Ok(()),
        // Someone reviewed it in between: the next look sees that.
        Put::PreconditionFailed => Err(Failure::Interrupted),
        Put::Refused(_) => Err(Failure::Refused),
    }
}

/// What the privacy officer found, once the review is closed.
async fn found(client: &FhirClient, access: &Access) -> Result<Option<Verdict>, Failure> {
    let Found::Record(held) = client.look(&outgoing(access, Value::Null)?).await? else { return Ok(None) };
    // EXPOSE: read for the judgement on one's own access.
    let task: Value = serde_json::from_str(held.body.expose()).map_err(|_| Failure::BadAnswer)?;
    Ok(emergency::verdict(&task))
}

/// The watch learns what the review found, once.
pub(crate) fn reviewed(host: &Host, access: &Access, verdict: Verdict) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let (user, grant) = (open.user.clone(), access.grant.grant);
        let standing = &open.watch;
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail(format!("reviewed {grant}")))?;
            let mut book = emergency::kept_or_new(tx, &own)?;
            for known in book.accesses.iter_mut().filter(|known| known.grant.grant == grant) {
                known.verdict = Some(verdict);
            }
            emergency::keep(tx, &own, &book)?;
            crate::watch::reviewed(tx, &own, &access.grant.patient, verdict, standing)
        })
    })
}

fn outgoing(access: &Access, task: Value) -> Result<Outgoing, Failure> {
    task_to_send(&access.grant.grant.to_string(), None, &task).ok_or(Failure::BadAnswer)
}

/// A Task as the client puts it; `None` for an id that is none.
pub(crate) fn task_to_send(id: &str, base_version: Option<VersionId>, task: &Value) -> Option<Outgoing> {
    Some(Outgoing {
        entry: EntryId(0),
        kind: ResourceType::new("Task").ok()?,
        id: RecordId::new(id).ok()?,
        base_version,
        patient: None,
        body: Arc::new(Phi::new(task.to_string().into())),
        state: EntryState::Attempted,
    })
}

/// The EHR has acknowledged an access as it stood when it was sent; it may have ended since.
fn told(host: &Host, sent: &Access) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let grant: GrantId = sent.grant.grant;
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail(format!("reported {grant}")))?;
            let mut book = emergency::kept_or_new(tx, &own)?;
            for access in book.accesses.iter_mut().filter(|access| access.grant.grant == grant && access.told != Told::Ended) {
                access.acknowledged(sent.ended.is_some());
            }
            emergency::keep(tx, &own, &book)
        })?;
        open.glass.reported.insert(grant);
        Ok(())
    })?;
    host.notices.chart_changed(&sent.grant.patient);
    Ok(())
}

/// Changes the numbers in stock.
pub(crate) fn stock(host: &Host, change: impl FnOnce(&mut access::Stock, chrono::DateTime<chrono::Utc>)) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("grant numbers"))?;
            let mut book = emergency::kept_or_new(tx, &own)?;
            change(&mut book.stock, origin.at.wall);
            emergency::keep(tx, &own, &book)
        })
    })
}

/// Unless something was begun or ended meanwhile.
fn rest_for(host: &Host, rest: TimeDelta) -> Result<(), Problem> {
    host.work(|open, _, origin| {
        if !open.glass.is_due(origin.at.wall) {
            open.glass.rest_until(origin.at.wall + rest);
        }
        Ok(())
    })
}

/// How many emergency accesses wait for a review. Only a number comes, and only to those who may review.
async fn count_reviews(host: &Arc<Host>, client: &FhirClient) -> Result<(), Problem> {
    let reviews = in_background(host, |host| {
        host.work(|open, gate, origin| {
            if !open.user.writes().any(|area| area == "break_glass_reviews") {
                return Ok(false);
            }
            let user = open.user.clone();
            let target = Target::workstation().detail("count");
            open.vault.transact(origin, |tx| admit::<ReviewBreakGlass, _>(gate, tx, &user, target).map(drop).map_err(Problem::from))?;
            Ok(true)
        })
    });
    if !reviews.await? {
        return Ok(());
    }
    let query = format!("{QUERY}&status=requested,in-progress&_summary=count");
    let counted = client.page(&Address::Query(Phi::new(query.into()))).await;
    // A role that may read the chain but no Tasks has no queue.
    let open_reviews = counted.ok().and_then(|page| page.total).map(|total| u32::try_from(total).unwrap_or(u32::MAX));
    in_background(host, move |host| {
        let changed = host.work(|open, _, _| Ok(std::mem::replace(&mut open.glass.reviews, open_reviews) != open_reviews))?;
        if changed && let Ok(view) = super::sync_status(host) {
            host.notices.sync(&view);
        }
        Ok(())
    })
    .await
}
