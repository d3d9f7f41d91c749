//! What this program is, and the places the operating system gives it.
use std::path::PathBuf;

use kernel::ErrorCode;

use crate::view::AboutView;

/// Version and licence.
#[must_use]
pub fn about() -> AboutView {
    AboutView { version: env!("CARGO_PKG_VERSION").to_owned(), licence: env!("CARGO_PKG_LICENSE").to_owned() }
}

/// The profile's folder where none is named: the user's local data folder.
#[must_use]
pub fn default_profile() -> Option<PathBuf> {
    dirs::data_local_dir().map(|folder| folder.join("satchel"))
}

/// Opens an address in the system's browser.
///
/// # Errors
/// [`ErrorCode::SignInFailed`] if there is none, or the address is no https one.
pub fn open_browser(url: &str) -> Result<(), ErrorCode> {
    if !url.starts_with("https://") {
        return Err(ErrorCode::SignInFailed);
    }
    webbrowser::open(url).map_err(|_| ErrorCode::SignInFailed)
}
