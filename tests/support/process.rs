//! Processes the harness starts and finds, read from `/proc`.
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A child that ends, with its process group, when this is dropped.
#[derive(Debug)]
pub(crate) struct Group(pub(crate) Child);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ends a process the way a power cut would: at once, with no chance to tidy up. Returns when it is gone.
pub(crate) fn kill_9(pid: u32) {
    let target = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(target, Signal::KILL).expect("the process is there to be killed");
    while is_running(pid) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// The processes below `ancestor` that run `program`.
pub(crate) fn descendants_running(ancestor: u32, program: &Path) -> Vec<u32> {
    let program = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let runs_it = |pid: &u32| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == program);
    all().into_iter().filter(runs_it).filter(|pid| is_below(*pid, ancestor)).collect()
}

/// Everything `ancestor` started, and what that started.
pub(crate) fn descendants(ancestor: u32) -> Vec<u32> {
    all().into_iter().filter(|pid| is_below(*pid, ancestor)).collect()
}

/// A TCP port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).expect("a free port").port()
}

fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn is_below(pid: u32, ancestor: u32) -> bool {
    let mut at = pid;
    while let Some((parent, _)) = parent_and_state(at) {
        if parent == ancestor {
            return true;
        }
        at = parent;
    }
    false
}

/// Whether it runs; a dead process whose parent has not asked after it does not.
pub(crate) fn is_running(pid: u32) -> bool {
    parent_and_state(pid).is_some_and(|(_, state)| state != 'Z')
}

/// From `/proc/PID/stat`: `pid (name) state ppid …`, where the name may hold blanks and brackets.
fn parent_and_state(pid: u32) -> Option<(u32, char)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?.chars().next()?;
    Some((fields.next()?.parse().ok()?, state))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn finds_a_grandchild_by_its_program_and_kills_it() {
        let mut shell = Command::new("sh").args(["-c", "sleep 600; true"]).spawn().unwrap();
        let sleep = Path::new("/usr/bin/sleep");
        let found = loop {
            let found = descendants_running(std::process::id(), sleep);
            if found.iter().any(|pid| is_below(*pid, shell.id())) {
                break found.into_iter().find(|pid| is_below(*pid, shell.id())).unwrap();
            }
            std::thread::yield_now();
        };
        kill_9(found);
        assert!(!is_running(found));
        assert!(!shell.wait().unwrap().success() || descendants_running(shell.id(), sleep).is_empty());
    }
}
