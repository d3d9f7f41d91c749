//! Synchronisation of the open desk: started at unlock, ended at lock.
mod audit_feed;
mod emergency_feed;
mod outbox;
mod run;
mod store;
mod view;

pub(crate) use emergency_feed::task_to_send;
#[cfg(test)]
pub(crate) use emergency_feed::{reviewed, stock};
pub use outbox::{outbox, retry_rejected};
pub(crate) use run::{Running, begin, http, restart};
pub use run::{cancel_sync, sync_now, sync_status};
#[cfg(test)]
pub(crate) use store::SyncStore;
pub(crate) use store::waiting;
pub(crate) use view::{last_success, standing};

use remote::Command;

use crate::host::Host;
use crate::state::Desk;

/// Something was signed, or an entry put back in line. The screen hears it at once: until the EHR has acknowledged it, nothing
/// may say that everything is there.
pub(crate) fn outbox_changed(host: &Host) {
    tell(host, Command::OutboxChanged);
    counts_changed(host);
}

/// A note was begun, discarded or signed.
pub(crate) fn counts_changed(host: &Host) {
    if let Ok(view) = sync_status(host) {
        host.notices.sync(&view);
    }
}

/// Emergency access was begun or ended: the EHR hears of it as soon as it can.
pub(crate) fn emergency_changed(host: &Host) {
    host.emergency_changed.notify_one();
}

/// The EHR no longer takes the access token: the drive renews it, and it alone.
pub(crate) fn renewing(host: &Host) {
    tell(host, Command::TokenRefused);
}

/// A chart was pinned or opened.
pub(crate) fn panel_changed(host: &Host) {
    tell(host, Command::PanelChanged);
}

fn tell(host: &Host, command: Command) {
    if let Desk::Open(open) = &*host.desk()
        && let Some(running) = &open.sync
    {
        running.handle.tell(command);
    }
}
