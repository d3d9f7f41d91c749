//! The EHR as witness of this workstation's audit chain: it countersigns each epoch's end, and its word comes back into the chain.
//!
//! ```text
//! epoch ends ──stretch──> EHR: follows ──> its word into the chain, and beside the vault
//!                          └─ behind, forked ──> quarantine ──(reason; by those who look after workstations or privacy)──> taken up again
//! ```
//!
//! What a quarantine keeps back: `docs/decisions/009-quarantine.md`.
mod clear;
mod kept;
mod server;
mod step;
#[cfg(test)]
mod tests;

pub use clear::{ClearReason, clear_quarantine};
pub(crate) use kept::Kept;
pub(crate) use step::{Round, step};

use access::{Gate, SendAudit, Target, User, admit};
use audit::Standing;
use vault::{Quarantine, Tx};

use crate::host::Host;
use crate::problem::Problem;
use crate::state::Open;
use crate::view::{AuditStatusView, CountersignedView, QuarantineView};

/// How far the EHR has countersigned the chain, and whether the two disagree. Positions and times only: nothing is recorded.
///
/// # Errors
/// [`Problem::Locked`].
pub fn audit_status(host: &Host) -> Result<AuditStatusView, Problem> {
    let kept = Kept::read(&host.profile);
    host.work(|open, _, origin| {
        let countersigned = open.vault.transact(origin, |tx| tx.countersigned())?;
        Ok(AuditStatusView {
            countersigned: countersigned
                .map(|seen| CountersignedView { sequence: u32::try_from(seen.sequence).unwrap_or(u32::MAX), at: seen.at }),
            quarantine: open.quarantine.clone(),
            trouble: kept.trouble.map(|trouble| trouble.as_str().to_owned()),
        })
    })
}

/// The quarantine this opening begins with: one that was found before, or that the word kept beside the vault shows now.
pub(crate) fn at_unlock(host: &Host, gate: &Gate, tx: &Tx<'_>, user: &User) -> Result<Option<QuarantineView>, Problem> {
    let kept = Kept::read(&host.profile);
    if let Some(seen) = kept.word(tx.device())
        && tx.quarantine()?.is_none()
        && tx.standing(&seen)?.is_quarantine()
    {
        let detail = format!("kept {}", seen.countersigned().sequence);
        let permit = admit::<SendAudit, _>(gate, tx, user, Target::workstation().detail(detail))?;
        tx.enter_countersignature(&permit, &seen, Standing::Follows)?;
    }
    Ok(tx.quarantine()?.map(|found| view(&found)))
}

/// From now on charts open with broken glass alone, and nothing new is taken in. Kept beside the vault as well, for who looks from outside.
fn quarantined(host: &Host, open: &mut Open, found: Option<QuarantineView>) {
    open.user = open.user.clone().quarantined(found.is_some());
    open.quarantine = found;
    Kept { quarantine: open.quarantine.clone(), ..Kept::read(&host.profile) }.write(&host.profile);
}

/// A desk in quarantine, whatever the chain is.
#[cfg(test)]
pub(crate) fn quarantine_for_test(host: &Host) {
    let found = QuarantineView { standing: "forked".into(), since: "2026-03-02T08:00:00Z".into(), entry: 1 };
    let _ = host.work(|open, _, _| {
        quarantined(host, open, Some(found));
        Ok(())
    });
}

fn view(found: &Quarantine) -> QuarantineView {
    QuarantineView {
        standing: found.standing.as_str().to_owned(),
        since: found.at.clone(),
        entry: u32::try_from(found.sequence).unwrap_or(u32::MAX),
    }
}
