//! What the desk tells the terminal.
use std::io::Write as _;

use desk::Notices;
use desk::view::{LockReason, RotationView, SyncView};
use kernel::{ErrorCode, PatientId};

/// A terminal asks for what it wants to know; only sign-in needs it to act.
pub struct Terminal;

impl Notices for Terminal {
    fn sync(&self, _: &SyncView) {}

    fn idle_warning(&self, _: Option<u32>) {}

    fn locked(&self, _: LockReason) {}

    fn rotation(&self, _: Option<RotationView>) {}

    fn chart_changed(&self, _: &PatientId) {}

    /// Without a browser that opens by itself, the address is for the person to open on this machine.
    fn browse(&self, url: &str) -> Result<(), ErrorCode> {
        if desk::open_browser(url).is_err() {
            let _ = writeln!(std::io::stderr(), "No browser opens here. Open this address in one on this machine:\n{url}");
        }
        Ok(())
    }
}
