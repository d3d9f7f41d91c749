//! A user's session on a workstation: a screen, a keyring, a browser.
use crate::{Browser, Display, Keyring};

/// Satchel is designed for this size and up.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 800;

/// Screen, keyring and browser of one logged-in user; dropping it ends and removes them.
#[derive(Debug)]
pub struct Desktop {
    /// What opens the sign-in page.
    pub browser: Browser,
    /// The screen.
    pub display: Display,
    /// The keyring and the user's directories.
    pub keyring: Keyring,
}

impl Desktop {
    /// Logs a new user in.
    pub async fn start() -> Self {
        let keyring = Keyring::start().await;
        Self { browser: Browser::install(&keyring.home()), display: Display::start(WIDTH, HEIGHT), keyring }
    }

    /// What a program of this session finds in its environment.
    //
    // WEBKIT_DISABLE_DMABUF_RENDERER stays unset: with it WebKitWebDriver's pictures never come.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = self.keyring.environment();
        environment.extend([
            ("DISPLAY", self.display.name()),
            ("GDK_BACKEND", "x11".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("BROWSER", self.browser.program().display().to_string()),
            ("PATH", self.browser.path()),
            // No accessibility bus runs here, and GTK would wait for it.
            ("NO_AT_BRIDGE", "1".to_owned()),
        ]);
        environment
    }
}
