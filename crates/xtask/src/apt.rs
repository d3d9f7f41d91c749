//! Debian packages: asks dpkg what is missing, says what it installs, installs that alone.
use std::io::IsTerminal;
use std::process::{Command, Stdio};

use xtask::Failure;

use crate::shell;

/// What building and showing Satchel takes, and the writing systems of its patients' names.
const TO_RUN: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libsoup-3.0-dev",
    "librsvg2-dev",
    "dbus",
    "fonts-dejavu-core",
    "fonts-noto-core",
    "fonts-noto-cjk",
];

/// What a window without a desktop takes besides.
const TO_DRIVE_A_WINDOW: &[&str] = &["xvfb", "dbus-x11", "gnome-keyring", "webkit2gtk-driver", "xdotool", "imagemagick", "zstd"];

/// Installs what is missing to build and show Satchel, and, where `driven`, to drive its window without a desktop.
pub fn ensure(driven: bool) -> Result<(), Failure> {
    let wanted: Vec<&str> = TO_RUN.iter().chain(if driven { TO_DRIVE_A_WINDOW } else { &[] }).copied().collect();
    let Some(missing) = missing(&wanted) else {
        println!("Not a Debian system: its equivalents of these packages are needed: {}", wanted.join(" "));
        return Ok(());
    };
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing Debian packages: {}", missing.join(" "));
    let mut update = as_root()?;
    shell::run(update.args(["apt-get", "update", "-q"]))?;
    let mut install = as_root()?;
    shell::run(install.args(["apt-get", "install", "-y", "-q", "--no-install-recommends"]).args(&missing))
        .map_err(|failure| Failure::advice(format_args!("{failure}\nInstall them by hand: apt-get install {}", missing.join(" "))))
}

/// `None` where there is no dpkg to ask.
fn missing<'a>(wanted: &[&'a str]) -> Option<Vec<&'a str>> {
    let asked = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${db:Status-Status} ${Package}\n"])
        .args(wanted)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let listed = String::from_utf8_lossy(&asked.stdout);
    Some(wanted.iter().copied().filter(|package| !is_installed(&listed, package)).collect())
}

fn is_installed(listed: &str, package: &str) -> bool {
    listed.lines().any(|line| line.strip_prefix("installed ") == Some(package))
}

/// `env` as root, which apt needs: directly, or through sudo.
fn as_root() -> Result<Command, Failure> {
    let id = Command::new("id").arg("-u").output().map_err(|source| Failure::Start { program: "id".into(), source })?;
    let mut command = if id.stdout.trim_ascii() == b"0" {
        Command::new("env")
    } else if Command::new("sudo").arg("-V").stdout(Stdio::null()).status().is_ok() {
        let mut sudo = Command::new("sudo");
        if !std::io::stdin().is_terminal() {
            sudo.arg("--non-interactive");
        }
        sudo.arg("env");
        sudo
    } else {
        return Err(Failure::advice("Installing packages needs root or sudo; neither is here."));
    };
    command.arg("DEBIAN_FRONTEND=noninteractive").stdin(Stdio::inherit());
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_package_that_left_its_configuration_is_not_installed() {
        let listed = "installed xvfb\nconfig-files dbus\n";
        assert!(is_installed(listed, "xvfb"));
        assert!(!is_installed(listed, "dbus"));
        assert!(!is_installed(listed, "xvf"));
    }
}
