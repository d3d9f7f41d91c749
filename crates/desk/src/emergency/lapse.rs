//! An emergency access whose hour is over ends with an entry of its own, whether or not anyone is looking.
use std::sync::Arc;

use access::{DeskMemory, EMERGENCY_MINUTES, EndBreakGlass, Target, admit};
use tokio_util::sync::CancellationToken;
use vault::VaultError;

use super::book::{Access, Book, Told, keep, kept_or_new};
use crate::host::Host;
use crate::problem::Problem;

/// Ends what has lapsed, and remembers what the EHR has heard of.
///
/// # Errors
/// [`Problem`]; then the next opening does it.
pub fn settle_lapsed(host: &Host) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let now = origin.at.wall;
        let book = open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("emergency accesses"))?;
            let mut book = kept_or_new(tx, &own)?;
            let over = |access: &&Access| access.ended.is_none() && access.grant.seconds_left(&origin.at, &origin.boot_id) == 0;
            let lapsed: Vec<_> = book.accesses.iter().filter(over).map(|access| access.grant.clone()).collect();
            for grant in &lapsed {
                let target = Target::chart(grant.patient.clone()).detail(format!("grant {} lapsed", grant.grant));
                // A chart that has left this workstation has nothing more to end.
                match admit::<EndBreakGlass, _>(gate, tx, &user, target).map_err(Problem::from) {
                    Ok(permit) => match tx.end_emergency(&permit) {
                        Ok(()) | Err(VaultError::NotFound) => {}
                        Err(error) => return Err(error.into()),
                    },
                    Err(Problem::Vault(VaultError::NotFound) | Problem::Forbidden) => {}
                    Err(problem) => return Err(problem),
                }
                book.end(&grant.patient, now);
            }
            if !lapsed.is_empty() {
                keep(tx, &own, &book)?;
            }
            Ok::<Book, Problem>(book)
        })?;
        let heard_of = book.accesses.iter().filter(|access| access.told != Told::Nothing);
        open.glass.reported = heard_of.map(|access| access.grant.grant).collect();
        open.glass.changed();
        Ok(())
    })
}

/// Settles it when the hour of an access that begins now is over, if this opening lasts so long.
pub fn lapses_later(host: &Arc<Host>, ends: CancellationToken) {
    let host = Arc::downgrade(host);
    let Some(running) = host.upgrade() else { return };
    running.runtime().spawn(async move {
        let hour = std::time::Duration::from_secs(u64::from(EMERGENCY_MINUTES) * 60 + 1);
        tokio::select! {
            () = ends.cancelled() => {}
            () = tokio::time::sleep(hour) => {
                let Some(host) = host.upgrade() else { return };
                let settled = tokio::task::spawn_blocking(move || settle_lapsed(&host)).await;
                if let Ok(Err(problem)) = settled {
                    tracing::warn!(code = problem.code().as_str(), "the end of an emergency access was not taken down");
                }
            }
        }
    });
}
