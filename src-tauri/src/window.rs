//! The one window.
use tauri::{App, WebviewUrl, WebviewWindowBuilder};

/// Label of the window; capabilities name it.
pub const MAIN: &str = "main";

/// Opens it. The title never changes: it must not name a patient.
pub fn open(app: &App) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Satchel")
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        // Nothing of a chart may outlive the process on disk: no cache, cookies or local storage are kept. The web engine cannot be
        // driven by tests in that state, so a debug build under a test driver does without; a release build never does.
        .incognito(!(cfg!(debug_assertions) && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some()))
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .build()?;
    window.show()
}
