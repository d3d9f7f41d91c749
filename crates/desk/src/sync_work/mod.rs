//! Synchronisation of the open desk: started at unlock, ended at lock.
mod outbox;
mod run;
mod store;
mod view;

pub use outbox::{outbox, retry_rejected};
pub(crate) use run::{Running, begin, http};
pub use run::{cancel_sync, sync_now, sync_status};
#[cfg(test)]
pub(crate) use store::SyncStore;
pub(crate) use store::waiting;
pub(crate) use view::latest;

use chrono::{DateTime, Utc};
use remote::Command;

use crate::host::Host;
use crate::state::Desk;

/// Something was signed, or an entry put back in line. The screen hears it at once: until the EHR has acknowledged it, nothing
/// may say that everything is there.
pub(crate) fn outbox_changed(host: &Host) {
    tell(host, Command::OutboxChanged);
    if let Ok(view) = sync_status(host) {
        host.notices.sync(&view);
    }
}

/// A chart was pinned or opened.
pub(crate) fn panel_changed(host: &Host) {
    tell(host, Command::PanelChanged);
}

/// When everything the EHR had was last known to be here.
pub(crate) fn last_success(host: &Host) -> Option<DateTime<Utc>> {
    let desk = host.desk();
    let Desk::Open(open) = &*desk else { return None };
    open.sync.as_ref().and_then(|running| running.handle.status().borrow().current_as_of)
}

fn tell(host: &Host, command: Command) {
    if let Desk::Open(open) = &*host.desk()
        && let Some(running) = &open.sync
    {
        running.handle.tell(command);
    }
}
