//! Child processes that do not outlive the command that started them.
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

const SETPRIV: &str = "/usr/bin/setpriv";

/// A command for `program` that the kernel kills when the thread that starts it ends, however it ends.
///
/// Outside Linux, where `setpriv` is absent, the caller's own kill on drop is all there is.
pub fn bound(program: impl AsRef<OsStr>) -> Command {
    if !Path::new(SETPRIV).exists() {
        return Command::new(program);
    }
    let mut command = Command::new(SETPRIV);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// A command as a person would type it.
#[must_use]
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
