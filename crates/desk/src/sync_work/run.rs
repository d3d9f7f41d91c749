//! Starting and stopping the drive.
use std::sync::Arc;

use access::{DeskMemory, Ingest, Target, admit};
use chrono::{DateTime, Utc};
use kernel::ErrorCode;
use remote::{Command, Drive, EhrAddress, FhirClient, Handle, Http, Session, Tokens};
use sync::{Settings, Status};
use tokio_util::sync::CancellationToken;

use super::audit_feed::feed;
use super::emergency_feed;
use super::store::{SyncStore, waiting};
use super::view::sync_view;
use crate::door::renewed;
use crate::host::Host;
use crate::problem::Problem;
use crate::state::{Desk, Open};
use crate::view::SyncView;

/// A running drive, as the open desk holds it.
pub struct Running {
    /// Tells it.
    pub handle: Handle,
    /// The tokens it uses.
    pub session: Arc<Session>,
    /// For what is asked of the EHR beside synchronisation.
    pub client: FhirClient,
    stops: CancellationToken,
}

/// Starts the drive of the open desk, if it has tokens and none is running.
pub fn begin(host: &Arc<Host>) {
    if let Err(problem) = try_begin(host) {
        tracing::error!(code = problem.code().as_str(), "sync did not start");
    }
}

fn try_begin(host: &Arc<Host>) -> Result<(), Problem> {
    let http = http(host)?;
    let mut desk = host.desk();
    let Desk::Open(open) = &mut *desk else { return Ok(()) };
    if open.sync.as_ref().is_some_and(|running| !running.stops.is_cancelled()) {
        return Ok(());
    }
    let Some(tokens) = tokens(host, open)? else { return Ok(()) };
    let address = EhrAddress::parse(open.site.ehr.as_str()).map_err(|_| ErrorCode::InvalidRequest)?;
    let clock = host.clock();
    let session = Arc::new(Session::new(http.clone(), address.clone(), tokens));
    let client = FhirClient::new(http, address, Arc::clone(&session), Arc::clone(&clock));
    let stops = open.ends.child_token();
    let store = Arc::new(SyncStore::new(host, stops.clone()));
    let settings =
        Settings::new(Some(open.person.practitioner.clone()), *host.now().wall.with_timezone(&chrono::Local).fixed_offset().offset());
    let sends_alone = open.quarantine.is_some();
    let settings = if sends_alone { settings.sending_alone() } else { settings };
    let (drive, handle) = Drive::new(settings, client.clone(), store, clock);
    host.runtime().spawn(feed(Arc::clone(host), client.clone(), handle.clone(), sends_alone, stops.clone()));
    host.runtime().spawn(emergency_feed::feed(Arc::clone(host), client.clone(), handle.clone(), sends_alone, stops.clone()));
    host.runtime().spawn(run(Arc::clone(host), drive, stops.clone()));
    host.runtime().spawn(follow(Arc::clone(host), handle.clone(), Arc::clone(&session), stops.clone()));
    open.sync = Some(Running { handle, session, client, stops });
    Ok(())
}

async fn run(host: Arc<Host>, drive: Drive, stops: CancellationToken) {
    if let Err(error) = drive.run(stops.clone()).await {
        tracing::warn!(%error, "sync stopped");
    }
    stops.cancel();
    drop(host);
}

/// Passes on what the drive says until it stops.
async fn follow(host: Arc<Host>, handle: Handle, session: Arc<Session>, stops: CancellationToken) {
    let (mut status, mut identity) = (handle.status(), session.renewed());
    let began = host.now().wall;
    let mut current = None;
    loop {
        let changed = tokio::select! {
            () = stops.cancelled() => break,
            changed = status.changed() => changed.is_ok(),
            renewed_identity = identity.changed() => {
                let fresh = identity.borrow_and_update().clone();
                if let (Ok(()), Some(fresh)) = (renewed_identity, fresh) {
                    let host = Arc::clone(&host);
                    let _ = tokio::task::spawn_blocking(move || renewed(&host, &fresh)).await;
                }
                true
            }
        };
        if !changed {
            break;
        }
        let now = status.borrow_and_update().clone();
        let news = now.current_as_of.filter(|as_of| Some(*as_of) != current);
        current = now.current_as_of;
        // What an earlier opening kept says nothing of the ties as they are.
        let ties = now.current_as_of.is_some_and(|at| at >= began);
        let host = Arc::clone(&host);
        let _ = tokio::task::spawn_blocking(move || publish(&host, &now, news, ties)).await;
    }
}

fn publish(host: &Host, status: &Status, current_as_of: Option<DateTime<Utc>>, ties_current: bool) {
    if ties_current && let Err(problem) = crate::watch::ties_current(host) {
        tracing::warn!(code = problem.code().as_str(), "looks were not judged");
    }
    let counted = host.work(|open, gate, origin| {
        // In quarantine nothing was looked at: what is here is as old as it was.
        if let Some(as_of) = current_as_of.filter(|_| open.quarantine.is_none()) {
            let user = open.user.clone();
            open.vault.transact(origin, |tx| {
                let permit = admit::<Ingest, _>(gate, tx, &user, Target::workstation().detail("all current"))?;
                Ok::<_, Problem>(tx.all_current(&permit, as_of)?)
            })?;
        }
        Ok((waiting(open, origin)?, open.glass.reviews, open.quarantine.clone()))
    });
    // After a lock there is nothing to tell, and no one.
    if let Ok((waiting, reviews, quarantine)) = counted {
        host.notices.sync(&SyncView { reviews, quarantine, ..sync_view(status, waiting) });
    }
}

/// Where sync stands now.
///
/// # Errors
/// [`Problem::Locked`].
pub fn sync_status(host: &Host) -> Result<SyncView, Problem> {
    host.work(|open, _, origin| super::standing(open, origin))
}

/// Looks for changes and sends what waits, now.
///
/// # Errors
/// [`Problem::Locked`].
pub fn sync_now(host: &Arc<Host>) -> Result<SyncView, Problem> {
    begin(host);
    super::tell(host, Command::SyncNow);
    sync_status(host)
}

/// Stops the running round; what was committed stays, and the next round goes on from there.
///
/// # Errors
/// [`Problem::Locked`].
pub fn cancel_sync(host: &Host) -> Result<(), Problem> {
    host.work(|open, _, _| {
        if let Some(running) = open.sync.take() {
            running.stops.cancel();
        }
        Ok(())
    })
}

/// Begins anew under what holds now: taking in, or sending alone.
pub(crate) fn restart(host: &Arc<Host>) {
    let stopped = host.work(|open, _, _| {
        // It stays in its place until the next one takes it: without any, the screen would ask for a sign-in.
        if let Some(running) = &open.sync {
            running.stops.cancel();
        }
        Ok(())
    });
    // A desk that was locked meanwhile has nothing to restart.
    if stopped.is_ok() {
        begin(host);
    }
}

/// An HTTP client that trusts the system's roots and the one that the hospital, or else whoever started, named.
pub(crate) fn http(host: &Host) -> Result<Http, Problem> {
    Ok(crate::policy::http(&host.policy())?)
}

fn tokens(host: &Host, open: &mut Open) -> Result<Option<Tokens>, Problem> {
    let origin = host.origin(Some(open.actor()), &open.site);
    let user = open.user.clone();
    open.vault.transact(&origin, |tx| {
        let permit = admit::<DeskMemory, _>(&host.gate, tx, &user, Target::workstation().detail("tokens"))?;
        crate::tokens::kept(tx, &permit)
    })
}
