//! The privacy officer's verdicts on their way to the watch, which only its own user's keys open: on an emergency access with the review
//! that the EHR keeps, on any other incident through the vault, to be taken up when that user next unlocks.
use access::{Ingest, Permit, ReviewBreakGlass, Target, admit};
use kernel::{ErrorCode, PatientId, Phi, UserId};
use serde::{Deserialize, Serialize};
use vault::{Tx, VaultError};
use watchful::{PatientTag, Verdict, Watch};

use crate::host::Host;
use crate::problem::Problem;

/// Verdicts that wait for one user at most.
const MOST: usize = 64;

#[derive(Serialize, Deserialize)]
struct Waiting {
    number: u32,
    verdict: Verdict,
}

/// Where verdicts on a user's incidents wait.
fn place(user: &UserId) -> String {
    format!("verdicts {user}")
}

/// Settles an incident of a clinician on this workstation, by the number that its entry names. It reaches the watch when that clinician
/// next unlocks.
///
/// # Errors
/// [`Problem::Forbidden`] but for those who review emergency access; [`ErrorCode::NotEnrolled`]; [`ErrorCode::InvalidRequest`] if too
/// many wait.
pub fn settle_incident(host: &Host, user: &UserId, number: u32, verdict: Verdict) -> Result<(), Problem> {
    let word = match verdict {
        Verdict::Explained => "explained",
        Verdict::Confirmed => "confirmed",
    };
    host.work(|open, gate, origin| {
        let reviewer = open.user.clone();
        let enrolled = open.key_file.users().iter().any(|enrolled| enrolled.user() == user);
        open.vault.transact(origin, |tx| {
            let target = Target::workstation().detail(format!("incident {number} of {user} {word}"));
            admit::<ReviewBreakGlass, _>(gate, tx, &reviewer, target)?;
            if !enrolled {
                return Err(ErrorCode::NotEnrolled.into());
            }
            let site = admit::<Ingest, _>(gate, tx, &reviewer, Target::workstation().detail("verdict on an incident"))?;
            let mut waiting = waiting(tx, &site, user)?;
            if waiting.len() >= MOST {
                return Err(ErrorCode::InvalidRequest.into());
            }
            waiting.push(Waiting { number, verdict });
            keep(tx, &site, user, &waiting)
        })
    })
}

/// Tells the watch what waits for its user.
pub(super) fn take_up(tx: &Tx<'_>, site: &Permit<'_, Ingest>, watch: &mut Watch) -> Result<(), Problem> {
    let user = &site.actor().user;
    let waiting = waiting(tx, site, user)?;
    if waiting.is_empty() {
        return Ok(());
    }
    for Waiting { number, verdict } in waiting {
        // One that is no longer remembered has nothing to settle.
        let _known = watch.settled(number, verdict);
    }
    keep(tx, site, user, &[])
}

/// The officer has closed the review of an emergency access to this chart.
///
/// # Errors
/// The vault's.
pub(crate) fn reviewed(
    tx: &Tx<'_>,
    own: &Permit<'_, access::DeskMemory>,
    patient: &PatientId,
    verdict: Verdict,
    standing: &super::Standing,
) -> Result<(), Problem> {
    let tag = match tx.watched(own, patient) {
        Ok(watched) => PatientTag::new(watched.tag),
        // A chart that has left this workstation is none the watch could meet again.
        Err(VaultError::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut watch = super::kept(tx, own, standing)?;
    watch.reviewed(tag, verdict);
    Ok(tx.keep_watch(own, &watch.to_bytes())?)
}

fn waiting(tx: &Tx<'_>, site: &Permit<'_, Ingest>, user: &UserId) -> Result<Vec<Waiting>, Problem> {
    let Some(text) = tx.shared(site, &place(user))? else { return Ok(Vec::new()) };
    // EXPOSE: numbers and verdicts.
    serde_json::from_str(text.expose()).map_err(|_| VaultError::Unreadable.into())
}

fn keep(tx: &Tx<'_>, site: &Permit<'_, Ingest>, user: &UserId, waiting: &[Waiting]) -> Result<(), Problem> {
    let text = serde_json::to_string(waiting).map_err(|_| ErrorCode::Internal)?;
    Ok(tx.keep_shared(site, &place(user), &Phi::new(text.into()))?)
}
