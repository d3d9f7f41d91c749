//! What differs between operating systems: input, sleep, core dumps.
#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
pub use linux::{harden, renew_page, watch};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::sync::Arc;
    use std::time::Duration;

    use desk::Host;
    use tauri::WebviewWindow;

    /// Core dumps are the operating system's policy here.
    pub fn harden() {}

    /// Destroys the page.
    pub fn renew_page(window: &WebviewWindow) {
        let _ = window.reload();
    }

    /// The idle lock runs on input that the window's commands prove; sleep shows as a jump of the boot clock.
    pub fn watch(host: &Arc<Host>) {
        let host = Arc::clone(host);
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                host.lock_if_due(None);
            }
        });
    }
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{harden, renew_page, watch};
