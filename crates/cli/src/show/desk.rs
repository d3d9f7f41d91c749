//! The open desk, sync, an emergency access.
use desk::view::{BreakGlassView, Connection, DeskView, KeyStatusView, OwnEmergency, SyncView, Waiting};

use crate::page::Page;

/// Who works here and where sync stands.
pub fn desk(view: &DeskView, page: &mut Page) {
    page.fields([
        ("user", Some(view.user.user.clone())),
        ("role", Some(view.user.role.clone())),
        ("may", Some(view.may.join(", "))),
        ("workstation", Some(view.workstation.clone())),
        ("idle lock", Some(format!("after {} s", view.idle_limit_seconds))),
        ("offline lease", Some(view.lease_until.clone().unwrap_or_else(|| "run out: sign in".to_owned()))),
    ]);
    sync(&view.sync, page);
}

/// Where the vault's keys stand.
pub fn keys(view: &KeyStatusView, page: &mut Page) {
    page.fields([
        ("generation", Some(view.generation.to_string())),
        ("made", Some(view.made_at.clone().unwrap_or_else(|| "before generations had secrets of their own".to_owned()))),
        ("renewed by", Some(view.due_at.clone().unwrap_or_else(|| "the next unlock".to_owned()))),
        ("own keys by", Some(view.own_due_at.clone().unwrap_or_else(|| "the next unlock".to_owned()))),
        ("device secret by", Some(view.device_due_at.clone().unwrap_or_else(|| "the next unlock".to_owned()))),
        ("awaited", (view.awaited > 0).then(|| format!("{} who have not unlocked since the device secret was renewed", view.awaited))),
        ("rotation", view.rotation.map(|rotation| format!("{} of {} charts", rotation.done, rotation.of))),
        ("recovery key", Some(if view.recovery { "made" } else { "none: unsent work is lost with the keyring" }.to_owned())),
        ("in memory", Some(if view.locked_in_memory { "never swapped out" } else { "may be swapped out" }.to_owned())),
    ]);
}

/// Where sync stands.
pub fn sync(view: &SyncView, page: &mut Page) {
    let Waiting { local_only, sending, rejected, conflict, drafts } = view.waiting;
    if let Some(quarantine) = &view.quarantine {
        page.line(&super::quarantined(quarantine));
    }
    page.heading("Sync");
    page.fields([
        ("EHR", Some(connection(view))),
        ("current as of", Some(view.last_success.clone().unwrap_or_else(|| "never: the first fetch is not whole".to_owned()))),
        ("charts here", Some(format!("{} of {}", view.charts_ready, view.charts_total))),
        ("waiting", Some(format!("{local_only} not sent, {sending} without answer, {rejected} rejected, {conflict} in conflict"))),
        ("unsigned notes", Some(drafts.to_string())),
        ("reviews waiting", view.reviews.map(|reviews| reviews.to_string())),
        ("last error", view.last_error.map(|code| code.as_str().to_owned())),
    ]);
    if !view.missing.is_empty() {
        page.heading("Not given by the EHR, and missing here");
        let rows = view.missing.iter().map(|missing| {
            let kind = missing.kind.clone().unwrap_or_else(|| "charts and changes".to_owned());
            [kind, missing.why.clone(), missing.count.to_string()]
        });
        page.table(["what", "why", "requests"], rows, "");
    }
}

/// A running round on one line.
pub fn progress(view: &SyncView) -> String {
    let Waiting { local_only, sending, .. } = view.waiting;
    let what = view.tier.as_deref().unwrap_or(if view.running { "working" } else { "quiet" });
    let (ready, total, records) = (view.charts_ready, view.charts_total, view.records_received);
    format!("{}: {what}, charts {ready} of {total}, {records} records, {} to send", connection(view), local_only + sending)
}

/// An emergency access.
pub fn break_glass(view: &BreakGlassView, page: &mut Page) {
    page.line(&format!("EMERGENCY ACCESS to {} ({}) until {}", view.patient, view.reason, view.until));
    match &view.number {
        Some(number) => page.line(&format!("number {number}; {}", heard(view.reported))),
        None => page.line(&format!("UNNUMBERED: no number of the EHR's was at hand, and the review will say so; {}", heard(view.reported))),
    }
}

const fn heard(reported: bool) -> &'static str {
    if reported { "reported to the privacy officer" } else { "not reported yet: it is at the next sync" }
}

/// The clinician's own emergency accesses.
pub fn own_emergencies(own: &[OwnEmergency], page: &mut Page) {
    let rows = own.iter().map(|own| {
        let number = own.number.clone().unwrap_or_else(|| "UNNUMBERED".to_owned());
        let ended = own.ended.clone().unwrap_or_else(|| "in force".to_owned());
        let reported = if own.reported { "yes" } else { "not yet" };
        [own.began.clone(), ended, own.patient.clone(), own.reason.clone(), number, reported.to_owned()]
    });
    page.table(["began", "ended", "patient", "reason", "number", "reported"], rows, "None.");
}

fn connection(view: &SyncView) -> String {
    match (view.connection, &view.offline_since) {
        (Connection::Unknown, _) => "not tried yet".to_owned(),
        (Connection::Online, _) => "online".to_owned(),
        (Connection::Offline, Some(since)) => format!("offline since {since}"),
        (Connection::Offline, None) => "offline".to_owned(),
        (Connection::SignInNeeded, _) => "wants a sign-in".to_owned(),
    }
}
