//! What a desktop must offer before Satchel can open on it.
use std::env;
use std::process::{Command, Stdio};

use xtask::Failure;

/// An error where there is no display; a loud word where no keyring can hold this device's secret.
pub fn check() -> Result<(), Failure> {
    let has_display = ["WAYLAND_DISPLAY", "DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    if !has_display {
        return Err(Failure::advice("There is no display here. A picture without one: cargo xtask run --headless-screenshot FILE"));
    }
    if !has_secret_service() {
        println!("WARNING: no Secret Service answers on this session's bus, so Satchel cannot keep this device's secret and will say so.");
        println!("         Start one (GNOME and KDE do): gnome-keyring-daemon --start --components=secrets");
    }
    Ok(())
}

/// Whether the keyring runs or the bus would start it.
fn has_secret_service() -> bool {
    ["ListNames", "ListActivatableNames"].iter().any(|list| {
        let asked = Command::new("dbus-send")
            .args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"])
            .arg(format!("org.freedesktop.DBus.{list}"))
            .stderr(Stdio::null())
            .output();
        asked.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("\"org.freedesktop.secrets\""))
    })
}
