//! The vault as synchronisation sees it. Every call goes through the open desk; after a lock there is none.
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use access::{DeskMemory, Gate, Ingest, Push, Target, User, admit};
use audit::Origin;
use kernel::{ErrorCode, PatientId, ResourceType};
use remote::{PanelHints, Restored, Store, StoreError, Tokens};
use sync::{Commit, EntryId, Incoming, Ingested, Outgoing, Settlement};
use tokio_util::sync::CancellationToken;
use vault::{Arrival, Tx};

use crate::filing::file;
use crate::host::Host;
use crate::problem::Problem;
use crate::state::Open;

/// Each clinician's own, and of these grants: what the EHR gave one says nothing of what it would have given another, nor of what
/// it gives since the grants changed.
fn checkpoint(user: &User) -> String {
    let grants: Vec<&str> = user.reads().collect();
    format!("checkpoint {} {} {:x}", user.user, grants.join(" "), user.sections().types())
}

/// One opening's store: it ends when that opening does, even if the desk is opened again.
pub struct SyncStore {
    host: Weak<Host>,
    ends: CancellationToken,
}

impl SyncStore {
    /// For the opening that ends with `ends`.
    pub fn new(host: &Arc<Host>, ends: CancellationToken) -> Self {
        Self { host: Arc::downgrade(host), ends }
    }

    fn work<R>(&self, work: impl FnOnce(&mut Open, &Gate, &Origin) -> Result<R, Problem>) -> Result<R, StoreError> {
        let host = self.host.upgrade().ok_or(StoreError::Locked)?;
        let done = host.work(|open, gate, origin| {
            // The desk may have been locked and opened again: its new opening is not ours to write to.
            if self.ends.is_cancelled() { Err(Problem::Locked) } else { work(open, gate, origin) }
        });
        done.map_err(|problem| match problem.code() {
            ErrorCode::Locked => StoreError::Locked,
            ErrorCode::DiskFull => StoreError::DiskFull,
            code => {
                tracing::error!(code = code.as_str(), "the vault refused sync");
                StoreError::Vault
            }
        })
    }

    fn transact<R>(&self, work: impl FnOnce(&Tx<'_>, &Gate, &User) -> Result<R, Problem>) -> Result<R, StoreError> {
        self.work(|open, gate, origin| {
            let user = open.user.clone();
            open.vault.transact(origin, |tx| work(tx, gate, &user))
        })
    }

    fn charts_changed(&self, patients: impl IntoIterator<Item = PatientId>) {
        if let Some(host) = self.host.upgrade() {
            for patient in patients {
                host.notices.chart_changed(&patient);
            }
        }
    }
}

impl Store for SyncStore {
    fn restore(&self) -> Result<Restored, StoreError> {
        self.transact(|tx, gate, user| {
            let permit = admit::<Ingest, _>(gate, tx, user, Target::workstation().detail("restore"))?;
            Ok(Restored { checkpoint: tx.shared(&permit, &checkpoint(user))?, members: tx.members(&permit)? })
        })
    }

    fn hints(&self) -> Result<PanelHints, StoreError> {
        self.transact(|tx, gate, user| {
            let permit = admit::<Ingest, _>(gate, tx, user, Target::workstation().detail("panel"))?;
            let (pinned, recent) = tx.panel_hints(&permit)?;
            Ok(PanelHints { pinned, recent })
        })
    }

    fn commit(&self, page: Commit) -> Result<Ingested, StoreError> {
        let Commit { records, tombstones, members, checkpoint: goes_on } = page;
        let mut changed: Vec<PatientId> = records.iter().filter_map(|record| record.patient.clone()).collect();
        let done = self.work(|open, gate, origin| {
            let Open { vault, user, directory, index, .. } = open;
            let arrivals: Vec<Arrival> = records.into_iter().map(|incoming| arrival(incoming, directory)).collect();
            let done = vault.transact(origin, |tx| {
                let detail = format!("{} records, {} deletions", arrivals.len(), tombstones.len());
                let permit = admit::<Ingest, _>(gate, tx, user, Target::workstation().detail(detail))?;
                let mut done = tx.file(&permit, &arrivals)?;
                done.deleted = tx.bury(&permit, &tombstones)?;
                tx.keep_members(&permit, &members)?;
                tx.keep_shared(&permit, &checkpoint(user), &goes_on)?;
                Ok::<_, Problem>(done)
            })?;
            // On disk: now the desk's memory may follow.
            for arrival in &arrivals {
                crate::index::learn(index, directory, arrival);
            }
            for stone in tombstones.iter().filter(|stone| stone.kind.as_str() == "Patient") {
                if let Ok(patient) = PatientId::new(stone.id.as_str()) {
                    index.remove(&patient);
                }
            }
            Ok(done)
        })?;
        changed.sort_unstable();
        changed.dedup();
        self.charts_changed(changed);
        Ok(done)
    }

    fn counts(&self) -> Result<BTreeMap<ResourceType, u64>, StoreError> {
        self.transact(|tx, gate, user| {
            let permit = admit::<Ingest, _>(gate, tx, user, Target::workstation().detail("counts"))?;
            Ok(tx.counts(&permit)?)
        })
    }

    fn outbox(&self) -> Result<Vec<Outgoing>, StoreError> {
        self.transact(|tx, gate, user| {
            let permit = admit::<Push, _>(gate, tx, user, Target::workstation().detail("outbox"))?;
            Ok(tx.outgoing(&permit)?)
        })
    }

    fn sending(&self, entry: EntryId) -> Result<(), StoreError> {
        self.transact(|tx, gate, user| {
            let permit = admit::<Push, _>(gate, tx, user, Target::workstation().detail(format!("sending {}", entry.0)))?;
            Ok(tx.mark_sending(&permit, entry)?)
        })
    }

    fn settle(&self, entry: EntryId, outcome: Settlement) -> Result<(), StoreError> {
        let changed = self.work(|open, gate, origin| {
            let Open { vault, user, directory, .. } = open;
            let (filing, word) = match &outcome {
                Settlement::Acknowledged { record, .. } => {
                    // EXPOSE: read for filing only.
                    (file(&record.kind, record.body.expose(), directory), "acknowledged")
                }
                Settlement::Conflict(_) => (Default::default(), "conflict"),
                Settlement::Rejected(_) => (Default::default(), "rejected"),
                Settlement::Postponed => (Default::default(), "postponed"),
            };
            vault.transact(origin, |tx| {
                let permit = admit::<Push, _>(gate, tx, user, Target::workstation().detail(format!("{word} {}", entry.0)))?;
                Ok::<_, Problem>(tx.settle(&permit, entry, &outcome, &filing)?)
            })
        })?;
        self.charts_changed(changed);
        Ok(())
    }

    fn keep_tokens(&self, tokens: &Tokens) -> Result<(), StoreError> {
        self.transact(|tx, gate, user| {
            let permit = admit::<DeskMemory, _>(gate, tx, user, Target::workstation().detail("tokens"))?;
            crate::tokens::keep(tx, &permit, tokens)
        })
    }
}

fn arrival(incoming: Incoming, directory: &chart::Directory) -> Arrival {
    // EXPOSE: read for filing only; the text is sealed in the same transaction.
    let filing = file(&incoming.kind, incoming.body.expose(), directory);
    Arrival { incoming, filing }
}

/// Locked, or with the vault failing, there is no outbox to count.
pub fn waiting(open: &mut Open, origin: &Origin) -> Result<crate::view::Waiting, Problem> {
    let user = open.user.user.clone();
    let ([local_only, sending, rejected, conflict], drafts) =
        open.vault.transact(origin, |tx| Ok::<_, vault::VaultError>((tx.waiting(&user)?, tx.draft_count(&user)?)))?;
    Ok(crate::view::Waiting { local_only, sending, rejected, conflict, drafts })
}
