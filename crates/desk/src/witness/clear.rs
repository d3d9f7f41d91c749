//! A chain that was set back or forked is taken up again: with the EHR, by those who look after workstations or privacy, for a reason.
use std::sync::Arc;

use access::{ClearQuarantine, Target, admit};
use audit::{Upload, Verdict};
use kernel::ErrorCode;
use vault::VaultError;

use super::kept::Kept;
use super::server::Countersigner;
use super::step::{begin_anew, code, in_background, keep};
use super::{audit_status, quarantined};
use crate::host::Host;
use crate::problem::Problem;
use crate::view::{AuditStatusView, ClearQuarantineRequest};

/// Characters of a note at most.
const MOST_NOTE: usize = 900;

/// Why a chain may be taken up again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClearReason {
    /// The workstation was restored from a backup or a snapshot.
    Restored,
    /// Its profile was copied to another machine, and one of the two is given up.
    Copied,
    /// The EHR lost its memory or its key.
    EhrChanged,
    /// It was looked into, and what happened is known.
    Investigated,
}

impl ClearReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Restored, Self::Copied, Self::EhrChanged, Self::Investigated];

    /// The reason of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }

    /// Stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::Copied => "copied",
            Self::EhrChanged => "ehr_changed",
            Self::Investigated => "investigated",
        }
    }
}

/// Takes the chain up again as it is, and believes the key the EHR presents now. The coded reason goes into the chain, the note (no more
/// than 900 characters, not empty) to the EHR alone.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that write `devices` or `break_glass_reviews`, here or on the EHR; [`ErrorCode::InvalidRequest`]
/// without a note or a known reason, or with nothing to lift; [`ErrorCode::EhrUnreachable`] and its kin: without the EHR there is no lifting a quarantine.
pub async fn clear_quarantine(host: &Arc<Host>, request: ClearQuarantineRequest) -> Result<AuditStatusView, Problem> {
    let reason = ClearReason::named(&request.reason).ok_or(ErrorCode::InvalidRequest)?;
    let client = host.work(|open, _, _| open.sync.as_ref().map(|running| running.client.clone()).ok_or(ErrorCode::SignInNeeded.into()));
    clear_with(host, &client?, reason, &request.note).await
}

pub(super) async fn clear_with(
    host: &Arc<Host>,
    server: &impl Countersigner,
    reason: ClearReason,
    note: &str,
) -> Result<AuditStatusView, Problem> {
    let note = note.trim().to_owned();
    if note.is_empty() || note.chars().count() > MOST_NOTE {
        return Err(ErrorCode::InvalidRequest.into());
    }
    // INVARIANT: who wants it, and why, is on disk before the EHR hears of it.
    let upload = in_background(host, move |host| wanted(host, reason, &note)).await?;
    let failed = |failure| Problem::from(code(failure));
    let key = server.keys().await.map_err(failed)?.present;
    let answer = server.ask(&upload).await.map_err(failed)?;
    let seen = answer.countersigned.filter(|_| answer.verdict == Verdict::Follows && key.is_named_rightly());
    let seen = seen.and_then(|seen| seen.check(&upload.device, &key).ok()).ok_or(ErrorCode::EhrBadAnswer)?;
    in_background(host, move |host| {
        host.work(|open, gate, origin| {
            let user = open.user.clone();
            open.vault.transact(origin, |tx| {
                let detail = format!("lifted: {}, key {}", reason.as_str(), key.id);
                let permit = admit::<ClearQuarantine, _>(gate, tx, &user, Target::workstation().detail(detail))?;
                Ok::<_, Problem>(tx.lift_quarantine(&permit, &seen)?)
            })?;
            keep(host, &key, &seen);
            quarantined(host, open, None);
            Ok(())
        })
    })
    .await?;
    begin_anew(host).await?;
    audit_status(host)
}

fn wanted(host: &Host, reason: ClearReason, note: &str) -> Result<Upload, Problem> {
    let troubled = Kept::read(&host.profile).trouble.is_some();
    host.work(|open, gate, origin| {
        let (user, device) = (open.user.clone(), open.key_file.device().clone());
        if open.quarantine.is_none() && !troubled {
            return Err(ErrorCode::InvalidRequest.into());
        }
        let stretch = open.vault.transact(origin, |tx| {
            let permit = admit::<ClearQuarantine, _>(gate, tx, &user, Target::workstation().detail(reason.as_str()))?;
            tx.present_stretch(&permit).map_err(|error| match error {
                VaultError::NotFound => Problem::from(VaultError::Unreadable),
                error => error.into(),
            })
        })?;
        let clear = Some(format!("{}: {note}", reason.as_str()));
        Ok(Upload { device, after: stretch.after, links: stretch.links, clear })
    })
}
