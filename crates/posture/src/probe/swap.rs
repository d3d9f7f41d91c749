//! Where memory goes when it is swapped out (`/proc/swaps`) or hibernated (`/sys/power`).
use std::io::ErrorKind;
use std::path::Path;

use super::disk::{DEPTH, Store, store_of, store_of_device, worst};
use super::finding::{Check, Detail, Finding};
use super::mount::unescape;
use super::view::SysView;

/// Whether swap is encrypted, stays in memory, or is not there. A compressed cache before it (zswap) changes nothing.
pub fn swap(view: &impl SysView) -> Finding {
    Finding::new(Check::Swap, swap_detail(view))
}

fn swap_detail(view: &impl SysView) -> Detail {
    let Ok(text) = view.read(Path::new("/proc/swaps")) else { return Detail::SwapUntold };
    // Filename, type, size, used, priority. The first line is their names.
    let mut lines = text.lines();
    if !lines.next().is_some_and(|names| names.starts_with("Filename")) {
        return Detail::SwapUntold;
    }
    let swaps: Vec<_> = lines.filter(|line| !line.trim().is_empty()).map(|line| store(view, line)).collect();
    if swaps.is_empty() {
        return Detail::SwapNone;
    }
    match worst(swaps.into_iter()) {
        Store::Memory => Detail::SwapInMemory,
        Store::Encrypted | Store::FolderEncrypted => Detail::SwapEncrypted,
        Store::Layers | Store::FileSystem | Store::Untold => Detail::SwapUntold,
        Store::Elsewhere => Detail::SwapElsewhere,
        Store::Plain => Detail::SwapPlain,
    }
}

fn store(view: &impl SysView, line: &str) -> Store {
    let mut fields = line.split_ascii_whitespace();
    let (Some(name), Some(kind)) = (fields.next(), fields.next()) else { return Store::Untold };
    let name = unescape(name);
    let place = Path::new(&name);
    match kind {
        "partition" => store_of_device(view, place, DEPTH),
        "file" if view.canonical(place).is_ok() => store_of(view, place, DEPTH),
        _ => Store::Untold,
    }
}

/// Whether hibernation would write the memory to a disk in the clear. It goes to swap, so that `swap` decides where it is possible.
pub fn hibernation(view: &impl SysView, swap: Detail) -> Finding {
    let detail = match (can_hibernate(view), swap) {
        (Some(false), _) | (_, Detail::SwapNone | Detail::SwapInMemory) => Detail::HibernationOff,
        (Some(true), Detail::SwapEncrypted) => Detail::HibernationEncrypted,
        (Some(true), Detail::SwapPlain | Detail::SwapElsewhere) => Detail::HibernationPlain,
        _ => Detail::HibernationUntold,
    };
    Finding::new(Check::Hibernation, detail)
}

/// By the kernel's word: `disk` among the states, and a way to do it.
fn can_hibernate(view: &impl SysView) -> Option<bool> {
    let states = view.read(Path::new("/sys/power/state")).ok()?;
    if !states.split_ascii_whitespace().any(|state| state == "disk") {
        return Some(false);
    }
    match view.read(Path::new("/sys/power/disk")) {
        Ok(ways) => Some(!ways.contains("[disabled]")),
        // A kernel that was built without it.
        Err(error) if error.kind() == ErrorKind::NotFound => Some(false),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::planted::Planted;
    use super::*;

    const NAMES: &str = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    fn machine(swaps: &str) -> Planted {
        Planted::new()
            .disk("sda", "8:0")
            .partition("sda", "sda2", "8:2")
            .disk("zram0", "252:0")
            .file("/sys/devices/zram0/backing_dev", "none\n")
            .mapped("dm-0", "253:0", "CRYPT-PLAIN-cryptswap", &["sda2"])
            .link("/dev/mapper/cryptswap", "/dev/dm-0")
            .on("/", 8, 2)
            .on("/safe", 253, 0)
            .file("/swap file", "")
            .file("/safe/swapfile", "")
            .file("/proc/self/mountinfo", "1 0 8:2 / / rw - ext4 /dev/sda2 rw\n2 1 253:0 / /safe rw - ext4 /dev/dm-0 rw\n")
            .file("/proc/swaps", &format!("{NAMES}{swaps}"))
    }

    #[test]
    fn swap_is_followed_to_where_it_lies() {
        let none = "";
        let zram = "/dev/zram0 partition 4194300 0 100\n";
        let sealed = "/dev/dm-0 partition 4194300 0 -2\n";
        let plain = "/dev/sda2 partition 4194300 0 -2\n";
        for (swaps, detail) in [
            (none.to_owned(), Detail::SwapNone),
            (zram.to_owned(), Detail::SwapInMemory),
            (sealed.to_owned(), Detail::SwapEncrypted),
            ("/dev/mapper/cryptswap partition 1 0 -2\n".to_owned(), Detail::SwapEncrypted),
            (format!("{zram}{sealed}"), Detail::SwapEncrypted),
            (plain.to_owned(), Detail::SwapPlain),
            (format!("{zram}{plain}"), Detail::SwapPlain),
            (format!("{plain}{sealed}"), Detail::SwapPlain),
            ("/swap\\040file file 1 0 -2\n".to_owned(), Detail::SwapPlain),
            ("/safe/swapfile file 1 0 -2\n".to_owned(), Detail::SwapEncrypted),
            ("/gone\\040(deleted) file 1 0 -2\n".to_owned(), Detail::SwapUntold),
            ("/dev/sdz1 partition 1 0 -2\n".to_owned(), Detail::SwapUntold),
            ("???\n".to_owned(), Detail::SwapUntold),
        ] {
            assert_eq!(swap(&machine(&swaps)).detail, detail, "{swaps}");
        }
        assert_eq!(swap(&Planted::new()).detail, Detail::SwapUntold);
        assert_eq!(swap(&Planted::new().file("/proc/swaps", "")).detail, Detail::SwapUntold);
    }

    #[test]
    fn memory_that_overflows_to_a_disk_is_as_good_as_that_disk() {
        let view = |overflow: &str| machine("/dev/zram0 partition 1 0 100\n").file("/sys/devices/zram0/backing_dev", overflow);
        assert_eq!(swap(&view("/dev/sda2\n")).detail, Detail::SwapPlain);
        assert_eq!(swap(&view("/dev/dm-0\n")).detail, Detail::SwapEncrypted);
    }

    #[test]
    fn hibernation_is_as_good_as_swap_where_it_is_possible() {
        let possible = || Planted::new().file("/sys/power/state", "freeze mem disk\n").file("/sys/power/disk", "[platform] shutdown\n");
        for (swap, detail) in [
            (Detail::SwapNone, Detail::HibernationOff),
            (Detail::SwapInMemory, Detail::HibernationOff),
            (Detail::SwapEncrypted, Detail::HibernationEncrypted),
            (Detail::SwapPlain, Detail::HibernationPlain),
            (Detail::SwapElsewhere, Detail::HibernationPlain),
            (Detail::SwapUntold, Detail::HibernationUntold),
        ] {
            assert_eq!(hibernation(&possible(), swap).detail, detail, "{swap:?}");
        }
        let disabled = possible().file("/sys/power/disk", "[disabled]\n");
        assert_eq!(hibernation(&disabled, Detail::SwapPlain).detail, Detail::HibernationOff);
        let never = Planted::new().file("/sys/power/state", "freeze mem\n");
        assert_eq!(hibernation(&never, Detail::SwapPlain).detail, Detail::HibernationOff);
        assert_eq!(hibernation(&Planted::new(), Detail::SwapPlain).detail, Detail::HibernationUntold);
    }
}
