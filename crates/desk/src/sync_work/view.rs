//! Sync's state in the window's words.
use audit::Origin;
use chrono::{DateTime, SecondsFormat, Utc};
use kernel::ErrorCode;
use sync::{Activity, Halt, Link, Missing, Status, Tier, WhyMissing};

use crate::problem::Problem;
use crate::state::Open;
use crate::view::{Connection, MissingView, SyncView, Waiting};

/// Where sync stands, from the drive's last word; without a drive, a fresh sign-in is what is needed.
///
/// # Errors
/// The vault's.
pub fn standing(open: &mut Open, origin: &Origin) -> Result<SyncView, Problem> {
    let waiting = super::waiting(open, origin)?;
    let last_success = last_success(open, origin)?.map(text);
    let view = match &open.sync {
        Some(running) => sync_view(&running.handle.status().borrow(), waiting),
        None => SyncView { connection: Connection::SignInNeeded, ..sync_view(&Status::default(), waiting) },
    };
    Ok(SyncView { last_success, reviews: open.glass.reviews, quarantine: open.quarantine.clone(), ..view })
}

/// When everything the EHR had was last known to be here: as the drive says, or before it does, as the vault keeps it.
pub fn last_success(open: &mut Open, origin: &Origin) -> Result<Option<DateTime<Utc>>, Problem> {
    let said = open.sync.as_ref().and_then(|running| running.handle.status().borrow().current_as_of);
    match said {
        Some(said) => Ok(Some(said)),
        None => {
            let user = open.user.user.clone();
            Ok(open.vault.transact(origin, |tx| tx.current_as_of(&user))?)
        }
    }
}

/// A status as the window shows it.
pub fn sync_view(status: &Status, waiting: Waiting) -> SyncView {
    let Status { link, progress, current_as_of, missing, .. } = status;
    let (connection, offline_since, halted) = match link {
        Link::Unknown => (Connection::Unknown, None, None),
        Link::Online => (Connection::Online, None, None),
        Link::Offline { since } => (Connection::Offline, Some(text(*since)), None),
        Link::SignInNeeded { since } => (Connection::SignInNeeded, Some(text(*since)), None),
        Link::Halted { reason: Halt::DiskFull } => (Connection::Unknown, None, Some(ErrorCode::DiskFull)),
        Link::Halted { .. } => (Connection::Unknown, None, Some(ErrorCode::Internal)),
    };
    let failing = missing.iter().any(|missing| matches!(missing.why, WhyMissing::BadAnswer | WhyMissing::Incomplete | WhyMissing::Failing));
    let tier = match (progress.activity, progress.tier) {
        (Activity::Delta | Activity::Verifying, _) => Some("changes"),
        (Activity::Directory, _) => Some("directory"),
        (Activity::Planning, _) => Some("schedule"),
        (Activity::Charts, Some(Tier::Today)) => Some("schedule"),
        (Activity::Charts, Some(Tier::CareTeam)) => Some("care_team"),
        (Activity::Charts, Some(Tier::Pinned)) => Some("pinned"),
        (Activity::Charts, Some(Tier::Recent)) => Some("recent"),
        (Activity::Charts, _) => Some("practice"),
        (Activity::Idle, _) => None,
    };
    SyncView {
        connection,
        offline_since,
        running: progress.activity != Activity::Idle,
        charts_ready: progress.charts_ready,
        charts_total: progress.charts_total,
        records_received: u32::try_from(progress.records).unwrap_or(u32::MAX),
        tier: tier.map(str::to_owned),
        last_success: current_as_of.map(text),
        last_error: halted.or(failing.then_some(ErrorCode::EhrBadAnswer)),
        missing: missing.iter().map(missing_view).collect(),
        waiting,
        reviews: None,
        quarantine: None,
    }
}

fn missing_view(missing: &Missing) -> MissingView {
    let why = match missing.why {
        WhyMissing::Forbidden => "forbidden",
        WhyMissing::BadAnswer => "bad_answer",
        WhyMissing::Failing => "failing",
        WhyMissing::NotOffered => "not_offered",
        WhyMissing::Incomplete => "incomplete",
    };
    MissingView { kind: missing.kind.as_ref().map(ToString::to_string), why: why.to_owned(), count: missing.count }
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
