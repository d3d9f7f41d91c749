//! Who else may see this process's memory.
use std::path::Path;

use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

use super::finding::{Check, Detail, Finding};
use super::view::SysView;

/// Bytes that must be lockable: keys in use take a few pages.
const ENOUGH: u64 = 64 << 10;

/// Whether a crash would leave the memory in a file (core(5)).
pub fn core_dumps(view: &impl SysView) -> Finding {
    let handler = view.read(Path::new("/proc/sys/kernel/core_pattern")).ok();
    Finding::new(Check::CoreDumps, core_dumps_detail(is_dumpable(), getrlimit(Resource::Core).current, handler.as_deref()))
}

/// Whether keys can be locked into memory.
pub fn locked_memory() -> Finding {
    let enough = getrlimit(Resource::Memlock).current.is_none_or(|bytes| bytes >= ENOUGH);
    Finding::new(Check::LockedMemory, if enough { Detail::LockedMemoryEnough } else { Detail::LockedMemoryTight })
}

/// Whether another program of the same user can attach (ptrace(2), Yama).
pub fn attach(view: &impl SysView) -> Finding {
    let scope = view.read(Path::new("/proc/sys/kernel/yama/ptrace_scope")).ok();
    Finding::new(Check::Attach, attach_detail(is_dumpable(), scope.as_deref()))
}

/// What cannot be asked counts as dumpable, the kernel's default.
fn is_dumpable() -> bool {
    !matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable))
}

fn core_dumps_detail(dumpable: bool, limit: Option<u64>, handler: Option<&str>) -> Detail {
    match (dumpable, limit, handler) {
        (false, ..) => Detail::CoreDumpsOff,
        // The kernel holds a handler to no limit; whether the handler heeds it is its own affair.
        (true, Some(0), Some(handler)) if handler.starts_with('|') => Detail::CoreDumpsPiped,
        (true, Some(0), Some(_)) => Detail::CoreDumpsOff,
        (true, Some(0), None) => Detail::CoreDumpsUntold,
        (true, ..) => Detail::CoreDumpsOn,
    }
}

fn attach_detail(dumpable: bool, scope: Option<&str>) -> Detail {
    // Without Yama the classic rule holds, which is its 0.
    let restricted = scope.and_then(|scope| scope.trim().parse::<u8>().ok()).is_some_and(|scope| scope > 0);
    if restricted || !dumpable { Detail::AttachRefused } else { Detail::AttachPossible }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_dumps_follow_dumpability_limit_and_handler() {
        let (file, pipe) = (Some("core\n"), Some("|/usr/lib/systemd/systemd-coredump %P\n"));
        for (dumpable, limit, handler, detail) in [
            (false, None, file, Detail::CoreDumpsOff),
            (false, None, pipe, Detail::CoreDumpsOff),
            (true, Some(0), file, Detail::CoreDumpsOff),
            (true, Some(0), pipe, Detail::CoreDumpsPiped),
            (true, None, pipe, Detail::CoreDumpsOn),
            (true, Some(0), None, Detail::CoreDumpsUntold),
            (true, Some(1), file, Detail::CoreDumpsOn),
            (true, None, None, Detail::CoreDumpsOn),
        ] {
            assert_eq!(core_dumps_detail(dumpable, limit, handler), detail, "{dumpable} {limit:?} {handler:?}");
        }
    }

    #[test]
    fn attaching_follows_yama_and_dumpability() {
        for (dumpable, scope, detail) in [
            (true, Some("1\n"), Detail::AttachRefused),
            (true, Some("3\n"), Detail::AttachRefused),
            (true, Some("0\n"), Detail::AttachPossible),
            (true, Some("?"), Detail::AttachPossible),
            (true, None, Detail::AttachPossible),
            (false, Some("0\n"), Detail::AttachRefused),
            (false, None, Detail::AttachRefused),
        ] {
            assert_eq!(attach_detail(dumpable, scope), detail, "{dumpable} {scope:?}");
        }
    }
}
