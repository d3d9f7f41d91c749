//! Whether the desktop locks by itself, where it can be asked cheaply: GNOME by its settings, KDE Plasma by its file. Others do not tell.
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use super::finding::{Check, Detail, Finding};

/// Seconds without input after which a desktop ought to be locked.
const LATEST: u64 = 15 * 60;

/// Asks the desktop that runs.
pub fn screen_lock() -> Finding {
    let desktops = env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let runs = |name: &str| desktops.split(':').any(|desktop| desktop == name);
    let detail = if runs("GNOME") {
        gnome(gsetting)
    } else if runs("KDE") {
        let own = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".config")));
        match own.map(|own| (config(&own.join(KDE_FILE)), config(&Path::new("/etc/xdg").join(KDE_FILE)))) {
            Some((Ok(own), Ok(system))) => kde(&own, &system),
            _ => Detail::ScreenLockUntold,
        }
    } else {
        Detail::ScreenLockNoDesktop
    };
    Finding::new(Check::ScreenLock, detail)
}

/// GNOME blanks after `idle-delay` (0: never) and locks `lock-delay` later, unless it is told not to.
fn gnome(ask: impl Fn(&str, &str) -> Option<String>) -> Detail {
    let flag = |schema, key| ask(schema, key)?.parse::<bool>().ok();
    let seconds = |schema, key| ask(schema, key)?.strip_prefix("uint32 ")?.parse::<u64>().ok();
    let told = || {
        let locks = flag("org.gnome.desktop.screensaver", "lock-enabled")? && !flag("org.gnome.desktop.lockdown", "disable-lock-screen")?;
        let blanks = seconds("org.gnome.desktop.session", "idle-delay")?;
        let locks_after = seconds("org.gnome.desktop.screensaver", "lock-delay")?;
        Some((locks && blanks > 0).then(|| blanks.saturating_add(locks_after)))
    };
    told().map_or(Detail::ScreenLockUntold, after)
}

const KDE_FILE: &str = "kscreenlockerrc";

/// Plasma locks after `Timeout` minutes (5) unless `Autolock` is false; the user's file goes before the system's.
fn kde(own: &str, system: &str) -> Detail {
    // An entry, group or file marked immutable turns the order round.
    if [own, system].iter().any(|text| text.contains("[$i]")) {
        return Detail::ScreenLockUntold;
    }
    let told = |key| daemon_entry(own, key).or_else(|| daemon_entry(system, key));
    let locks = match told("Autolock") {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Detail::ScreenLockUntold,
    };
    match told("Timeout").map_or(Ok(5), str::parse::<u64>) {
        Ok(minutes) => after((locks && minutes > 0).then(|| minutes.saturating_mul(60))),
        Err(_) => Detail::ScreenLockUntold,
    }
}

fn daemon_entry<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let lines = text.lines().map(str::trim).skip_while(|line| *line != "[Daemon]").skip(1).take_while(|line| !line.starts_with('['));
    let mut entries = lines.filter_map(|line| line.split_once('=')).map(|(name, value)| (name.trim(), value.trim()));
    entries.find(|(name, _)| *name == key).map(|(_, value)| value)
}

const fn after(seconds: Option<u64>) -> Detail {
    match seconds {
        None => Detail::ScreenLocksNever,
        Some(seconds) if seconds <= LATEST => Detail::ScreenLocks,
        Some(_) => Detail::ScreenLocksLate,
    }
}

/// A file that is not there says nothing, which is an answer.
fn config(path: &Path) -> std::io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        text => text,
    }
}

const PATIENCE: Duration = Duration::from_secs(2);

/// What GNOME's own tool says: the user's value, the administrator's mandatory one, or the default.
fn gsetting(schema: &str, key: &str) -> Option<String> {
    let mut command = Command::new("/usr/bin/gsettings");
    // With another backend it would tell of settings that are not the desktop's.
    command.args(["get", schema, key]).env_remove("GSETTINGS_BACKEND");
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut child = Reaped(child);
    let began = Instant::now();
    let status = loop {
        match child.0.try_wait().ok()? {
            Some(status) => break status,
            None if began.elapsed() > PATIENCE => return None,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let mut text = String::new();
    child.0.stdout.take()?.take(4096).read_to_string(&mut text).ok()?;
    status.success().then(|| text.trim().to_owned())
}

/// Never left behind, whatever happens.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gnome_saying(enabled: &str, disabled: &str, idle: &str, delay: &str) -> Detail {
        gnome(|_, key| {
            let said = match key {
                "lock-enabled" => enabled,
                "disable-lock-screen" => disabled,
                "idle-delay" => idle,
                _ => delay,
            };
            (!said.is_empty()).then(|| said.to_owned())
        })
    }

    #[test]
    fn gnome_locks_if_nothing_says_otherwise() {
        for (enabled, disabled, idle, delay, detail) in [
            ("true", "false", "uint32 300", "uint32 0", Detail::ScreenLocks),
            ("true", "false", "uint32 600", "uint32 300", Detail::ScreenLocks),
            ("true", "false", "uint32 600", "uint32 301", Detail::ScreenLocksLate),
            ("true", "false", "uint32 0", "uint32 0", Detail::ScreenLocksNever),
            ("false", "false", "uint32 300", "uint32 0", Detail::ScreenLocksNever),
            ("true", "true", "uint32 300", "uint32 0", Detail::ScreenLocksNever),
            ("", "false", "uint32 300", "uint32 0", Detail::ScreenLockUntold),
            ("true", "false", "300", "uint32 0", Detail::ScreenLockUntold),
        ] {
            assert_eq!(gnome_saying(enabled, disabled, idle, delay), detail, "{enabled} {disabled} {idle} {delay}");
        }
    }

    #[test]
    fn plasma_locks_if_neither_file_says_otherwise() {
        let daemon = |entries: &str| format!("[Greeter]\nTimeout=99\n\n[Daemon]\n{entries}\n[Other]\nAutolock=false\n");
        for (own, system, detail) in [
            (String::new(), String::new(), Detail::ScreenLocks),
            (daemon("Timeout=15"), String::new(), Detail::ScreenLocks),
            (daemon("Timeout=16"), String::new(), Detail::ScreenLocksLate),
            (daemon("Autolock=false\nTimeout=0"), String::new(), Detail::ScreenLocksNever),
            (daemon("Timeout=5"), daemon("Timeout=60"), Detail::ScreenLocks),
            (daemon(""), daemon("Autolock=false"), Detail::ScreenLocksNever),
            (daemon("Autolock=false"), daemon("Autolock[$i]=true"), Detail::ScreenLockUntold),
            (daemon("Timeout=soon"), String::new(), Detail::ScreenLockUntold),
            (daemon("Autolock=maybe"), String::new(), Detail::ScreenLockUntold),
        ] {
            assert_eq!(kde(&own, &system), detail, "{own} / {system}");
        }
    }
}
