//! Debian packages: asks dpkg what is missing, says what it installs, installs that alone.
use std::fs::{self, File};
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};

use xtask::{Failure, paths};

use crate::shell;

/// What building and showing Satchel takes, and the writing systems of its patients' names.
const TO_RUN: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libssl-dev",
    "libudev-dev",
    "libwebkit2gtk-4.1-dev",
    "libsoup-3.0-dev",
    "librsvg2-dev",
    "dbus",
    "fonts-dejavu-core",
    "fonts-noto-core",
    "fonts-noto-cjk",
];

/// What a window without a desktop takes besides.
const TO_DRIVE_A_WINDOW: &[&str] = &["xvfb", "gnome-keyring", "webkit2gtk-driver", "xdotool", "x11-utils"];

/// What the tests take besides: a PKCS#11 token, and a witness of every call made to it.
const TO_TEST: &[&str] = &["softhsm2", "opensc-pkcs11"];

/// What for.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// To build and show Satchel.
    Show,
    /// To drive its window without a desktop as well.
    Drive,
    /// To test it, window and all.
    Test,
}

/// Installs what is missing.
pub fn ensure(purpose: Purpose) -> Result<(), Failure> {
    let lists: &[&[&str]] = match purpose {
        Purpose::Show => &[TO_RUN],
        Purpose::Drive => &[TO_RUN, TO_DRIVE_A_WINDOW],
        Purpose::Test => &[TO_RUN, TO_DRIVE_A_WINDOW, TO_TEST],
    };
    let wanted = lists.concat();
    let Some(missing) = missing(&wanted) else {
        println!("Not a Debian system: its equivalents of these packages are needed: {}", wanted.join(" "));
        return Ok(());
    };
    if missing.is_empty() {
        return Ok(());
    }
    let log = paths::notes().join("apt.log");
    println!("Installing Debian packages: {}\n  (what apt says: {})", missing.join(" "), log.display());
    let install = ["apt-get", "install", "-y", "-q", "--no-install-recommends"];
    logged(as_root()?.args(["apt-get", "update", "-q"]), &log)
        .and_then(|()| logged(as_root()?.args(install).args(&missing), &log))
        .map_err(|failure| Failure::advice(format_args!("{failure}\nInstall them by hand: apt-get install {}", missing.join(" "))))
}

/// Runs a command whose many lines go to a file.
fn logged(command: &mut Command, log: &Path) -> Result<(), Failure> {
    fs::create_dir_all(paths::notes()).map_err(Failure::at(paths::notes()))?;
    let out = File::options().create(true).append(true).open(log).map_err(Failure::at(log))?;
    let err = out.try_clone().map_err(Failure::at(log))?;
    shell::run(command.stdout(out).stderr(err))
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
