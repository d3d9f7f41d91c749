//! The chain's latest stretches go to the EHR, and its word comes back.
use std::sync::Arc;

use access::{SendAudit, Target, admit};
use audit::{Answer, Checked, Countersigned, ServerKey, Standing, Upload, Verdict};
use kernel::ErrorCode;
use sync::Failure;
use vault::VaultError;

use super::kept::{Kept, Trouble};
use super::server::Countersigner;
use super::{quarantined, view};
use crate::host::Host;
use crate::problem::Problem;
use crate::sync_work::{counts_changed, renewing, restart};

/// Stretches sent in one go.
const MOST: u32 = 100;

/// What one opening remembers between two looks.
#[derive(Default)]
pub struct Round {
    /// The EHR was asked in this opening.
    asked: bool,
}

/// What came of an answer.
enum Next {
    /// Nothing more is to be sent now.
    Rest,
    /// The stretch behind this position; from the chain's first mark for `None`.
    From(Option<u64>),
    /// The chain is not what the EHR has seen of it.
    Quarantine,
}

/// Sends what the EHR has not seen of the chain, at the first look of an opening in any case: from then on whoever sets this workstation back
/// to before the opening is found. A failure leaves it for the next look.
///
/// # Errors
/// [`Problem`] if the desk is locked or the vault fails.
pub async fn step(host: &Arc<Host>, server: &impl Countersigner, round: &mut Round) -> Result<(), Problem> {
    let first = !round.asked;
    let Some(seen) = in_background(host, move |host| due(host, first)).await? else { return Ok(()) };
    let key = match server.keys().await {
        Ok(published) => match Kept::read(&host.profile).trusted(seen.as_ref(), &published) {
            Ok(key) => key,
            Err(trouble) => return in_background(host, move |host| troubled(host, trouble)).await,
        },
        Err(failure) => return failed(host, failure).await,
    };
    let mut from = seen.map(|seen| seen.sequence);
    for nth in 0..MOST {
        let Some(upload) = in_background(host, move |host| upload(host, from, nth == 0)).await? else { return Ok(()) };
        let answer = match server.ask(&upload).await {
            Ok(answer) => answer,
            Err(failure) => return failed(host, failure).await,
        };
        round.asked = true;
        let key = key.clone();
        match in_background(host, move |host| take(host, &key, answer)).await? {
            Next::Rest => return Ok(()),
            // The same stretch again would be answered the same.
            Next::From(next) if next == from => return in_background(host, |host| troubled(host, Trouble::Refused)).await,
            Next::From(next) => from = next,
            Next::Quarantine => return begin_anew(host).await,
        }
    }
    Ok(())
}

pub(super) async fn in_background<R: Send + 'static>(
    host: &Arc<Host>,
    work: impl FnOnce(&Host) -> Result<R, Problem> + Send + 'static,
) -> Result<R, Problem> {
    let host = Arc::clone(host);
    tokio::task::spawn_blocking(move || work(&host)).await.map_err(|_| Problem::Locked)?
}

/// The screen hears of it, and synchronisation goes on under what holds now.
pub(super) async fn begin_anew(host: &Arc<Host>) -> Result<(), Problem> {
    let host = Arc::clone(host);
    let anew = tokio::task::spawn_blocking(move || {
        restart(&host);
        counts_changed(&host);
    });
    anew.await.map_err(|_| Problem::Locked)
}

/// Whether there is anything to ask, and the EHR's last word. Nothing is recorded while there is not.
fn due(host: &Host, first: bool) -> Result<Option<Option<Countersigned>>, Problem> {
    host.work(|open, _, origin| {
        if open.quarantine.is_some() {
            return Ok(None);
        }
        let due = open.vault.transact(origin, |tx| Ok::<_, VaultError>((first || tx.awaits_the_server()?).then_some(tx.countersigned()?)));
        Ok(due?)
    })
}

/// The stretch behind `after`, to the chain's very end at the `first`. `None` for a chain without signatures.
fn upload(host: &Host, after: Option<u64>, first: bool) -> Result<Option<Upload>, Problem> {
    host.work(|open, gate, origin| {
        let (user, device) = (open.user.clone(), open.key_file.device().clone());
        let stretch = open.vault.transact(origin, |tx| {
            let permit = admit::<SendAudit, _>(gate, tx, &user, Target::workstation().detail("to countersign"))?;
            if first {
                tx.end_epoch(&permit)?;
            }
            match tx.stretch(&permit, after) {
                Ok(stretch) => Ok(Some(stretch)),
                Err(VaultError::NotFound) => Ok(None),
                Err(error) => Err(Problem::from(error)),
            }
        })?;
        Ok(stretch.map(|stretch| Upload { device, after: stretch.after, links: stretch.links, clear: None }))
    })
}

fn take(host: &Host, key: &ServerKey, answer: Answer) -> Result<Next, Problem> {
    let Answer { verdict, countersigned } = answer;
    let device = host.work(|open, _, _| Ok(open.key_file.device().clone()))?;
    // A last word may be of the key before the present one.
    let former = Kept::read(&host.profile).server;
    let genuine = |seen: Countersigned| match (seen.clone().check(&device, key), former) {
        (Err(_), Some(former)) => seen.check(&device, &former).map(|seen| (seen, former)),
        (checked, _) => checked.map(|seen| (seen, key.clone())),
    };
    let (seen, signed_with) = match countersigned.map(genuine).transpose() {
        Ok(Some(seen)) => seen,
        Ok(None) if verdict == Verdict::Resend => return Ok(Next::From(None)),
        Ok(None) | Err(_) if verdict == Verdict::Follows => return Ok(Next::Rest),
        Ok(None) | Err(_) => return troubled(host, Trouble::OtherKey).map(|()| Next::Rest),
    };
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let (standing, more, found) = open.vault.transact(origin, |tx| {
            let standing = match tx.standing(&seen)? {
                Standing::Follows => verdict.standing(),
                other => other,
            };
            let is_news = tx.countersigned()?.is_none_or(|former| former.sequence < seen.countersigned().sequence);
            if standing.is_quarantine() || (is_news && verdict == Verdict::Follows) {
                let detail = format!("countersigned up to {}", seen.countersigned().sequence);
                let permit = admit::<SendAudit, _>(gate, tx, &user, Target::workstation().detail(detail))?;
                tx.enter_countersignature(&permit, &seen, verdict.standing())?;
            }
            Ok::<_, Problem>((standing, tx.is_uncountersigned()?, tx.quarantine()?))
        })?;
        // Also what shows a quarantine: a vault put back to before it shows against it at unlock.
        keep(host, &signed_with, &seen);
        if standing.is_quarantine() {
            tracing::error!(standing = standing.as_str(), "the audit chain is not what the EHR has seen of it");
            quarantined(host, open, found.as_ref().map(view));
            return Ok(Next::Quarantine);
        }
        let behind = Next::From(Some(seen.countersigned().sequence));
        Ok(if verdict == Verdict::Resend || more { behind } else { Next::Rest })
    })
}

/// The EHR's word beside the vault, with the key that signed it.
pub(super) fn keep(host: &Host, key: &ServerKey, seen: &Checked) {
    let kept = Kept::read(&host.profile);
    let word = seen.countersigned();
    let kept = Kept { server: Some(key.clone()), countersigned: Some(word.clone()), trouble: None, ..kept };
    kept.write(&host.profile);
}

async fn failed(host: &Arc<Host>, failure: Failure) -> Result<(), Problem> {
    let trouble = match failure {
        Failure::NotFound => Trouble::NotOffered,
        Failure::Refused | Failure::Forbidden | Failure::BadAnswer | Failure::TooLarge => Trouble::Refused,
        Failure::Unauthorised => {
            renewing(host);
            return Ok(());
        }
        Failure::Unreachable | Failure::Interrupted | Failure::Busy { .. } => return Ok(()),
    };
    in_background(host, move |host| troubled(host, trouble)).await
}

fn troubled(host: &Host, trouble: Trouble) -> Result<(), Problem> {
    let kept = Kept::read(&host.profile);
    if kept.trouble != Some(trouble) {
        tracing::warn!(trouble = trouble.as_str(), "the audit chain is not countersigned");
        Kept { trouble: Some(trouble), ..kept }.write(&host.profile);
    }
    Ok(())
}

/// How a failure of asking reads to a person.
pub(super) const fn code(failure: Failure) -> ErrorCode {
    match failure {
        Failure::Unreachable | Failure::Interrupted | Failure::Busy { .. } => ErrorCode::EhrUnreachable,
        Failure::Unauthorised => ErrorCode::SignInNeeded,
        Failure::Forbidden | Failure::NotFound | Failure::Refused => ErrorCode::EhrRefused,
        Failure::TooLarge | Failure::BadAnswer => ErrorCode::EhrBadAnswer,
    }
}
