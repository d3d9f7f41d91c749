//! A program with a WebKit window, started under WebDriver.
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};
use tokio::net::TcpStream;
use xtask::{child, paths};

use crate::process::{Group, free_port};
use crate::{Desktop, practice, until};

/// A window under WebDriver and what drives it; dropping it ends all of it.
pub(crate) struct Driven {
    pub(crate) driver: WebDriver,
    pub(crate) front: Group,
}

impl Driven {
    /// Starts `program` on this desktop.
    pub(crate) async fn start(desktop: &Desktop, program: &Path, arguments: &[String]) -> Self {
        practice::install_crypto();
        let (port, native_port) = (free_port(), free_port());
        let front = child::bound(paths::tauri_driver())
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
            .envs(desktop.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .map(Group)
            .expect("tauri-driver is installed (cargo xtask setup)");
        let answers = async |port| TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop);
        until(async || answers(port).await).await.expect("tauri-driver answers");
        until(async || answers(native_port).await).await.expect("WebKitWebDriver answers");

        let mut capabilities = Capabilities::new();
        capabilities.set("tauri:options", json!({ "application": program, "args": arguments })).expect("JSON");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.expect("the window opens");
        // Without this the last handle's drop says farewell to the session, and waits minutes for a program already ended.
        driver.clone().leak().expect("a session not yet ended");
        Self { driver, front }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Window;

    const MINI_BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
    // Satchel's pages allow no evaluated script; WebDriver's own must run all the same.
    const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>A page</title>
        <meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'unsafe-inline'">
        <label>Name <input data-testid="name"></label>
        <button data-testid="greet" onclick="setTimeout(() => { greeting.hidden = false;
            greeting.textContent = 'Hello ' + document.querySelector('input').value }, 200)">Greet</button>
        <p data-testid="greeting" id="greeting" hidden></p>
        <p role="alert" data-code="locked" data-testid="row-7">Locked</p>"#;

    #[tokio::test]
    async fn a_window_is_seen_typed_into_pressed_and_pictured() {
        let desktop = Desktop::start().await;
        let page = desktop.keyring.home().join("page.html");
        std::fs::write(&page, PAGE).unwrap();
        let driven = Driven::start(&desktop, Path::new(MINI_BROWSER), &["--automation".to_owned()]).await;
        driven.driver.goto(format!("file://{}", page.display())).await.unwrap();
        let window = Window::new(driven.driver.clone());

        assert!(!window.shows("greeting").await);
        window.fill("name", "to be replaced").await;
        window.fill("name", "Ngozi Adéyẹmí 張").await;
        assert_eq!(window.value("name").await, "Ngozi Adéyẹmí 張");
        window.press("greet").await;
        assert_eq!(window.says("greeting", |text| !text.is_empty()).await, "Hello Ngozi Adéyẹmí 張");
        assert_eq!(window.error_code().await.as_deref(), Some("locked"));
        assert_eq!(window.ids("row-").await, ["7"]);
        assert_eq!(window.title().await, "A page");
        assert!(window.png().await.starts_with(b"\x89PNG"));
    }
}
