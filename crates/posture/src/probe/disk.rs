//! Where what is written below a path ends up: followed from the mount through the block layers to the last device.
//!
//! ```text
//!  path ─► mount ─┬─ tmpfs, ramfs ───────────────► memory
//!                 ├─ nfs, cifs, 9p, … ───────────► elsewhere
//!                 ├─ eCryptfs, gocryptfs, fscrypt ► encrypted
//!                 ├─ overlay ─► the upper folder, anew
//!                 ├─ btrfs ─► every device of it ─┐
//!                 └─ ext4, xfs, … ─► device ──────┴─► dm-crypt: encrypted
//!                                      ▲              dm, md: all devices below
//!                                      └──────────────partition: its disk; loop: its file, anew
//!                                                     else: plain
//! ```
use std::io::ErrorKind;
use std::path::Path;

use super::finding::{Check, Detail, Finding};
use super::mount::{Mount, mount_of};
use super::view::SysView;

/// Where bytes end up, the safest first: of several places the worst counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Store {
    /// In memory alone.
    Memory,
    /// On an encrypted device.
    Encrypted,
    /// In a folder that its file system encrypts.
    FolderEncrypted,
    /// In layers that cannot be seen through.
    Layers,
    /// In a file system that does not tell.
    FileSystem,
    /// Cannot be seen.
    Untold,
    /// On another machine's disk.
    Elsewhere,
    /// On a device that nothing here encrypts.
    Plain,
}

/// Whether the disk below the profile's folder is encrypted. The folder need not exist yet.
pub fn disk(view: &impl SysView, profile: &Path) -> Finding {
    let detail = match store_of(view, profile, DEPTH) {
        Store::Memory => Detail::DiskInMemory,
        Store::Encrypted => Detail::DiskEncrypted,
        Store::FolderEncrypted => Detail::DiskFolderEncrypted,
        Store::Layers => Detail::DiskUntoldLayers,
        Store::FileSystem => Detail::DiskUntoldFileSystem,
        Store::Untold => Detail::DiskUntold,
        Store::Elsewhere => Detail::DiskElsewhere,
        Store::Plain => Detail::DiskPlain,
    };
    Finding::new(Check::Disk, detail)
}

/// Layers that are followed; no sane machine has more.
pub const DEPTH: u8 = 16;

/// Where what is written at a path ends up.
pub fn store_of(view: &impl SysView, path: &Path, depth: u8) -> Store {
    let Some(depth) = depth.checked_sub(1) else { return Store::Untold };
    let Some(path) = path.ancestors().find_map(|path| view.canonical(path).ok()) else { return Store::Untold };
    if view.is_encrypted(&path) {
        return Store::FolderEncrypted;
    }
    let Some(mount) = mount_of(view, &path) else { return Store::Untold };
    match mount.file_system.as_str() {
        "tmpfs" | "ramfs" | "rootfs" => Store::Memory,
        "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "9p" | "virtiofs" | "ceph" | "afs" | "coda" | "lustre" | "fuse.sshfs"
        | "fuse.glusterfs" | "fuse.ceph-fuse" | "fuse.gvfsd-fuse" | "fuse.rclone" => Store::Elsewhere,
        "ecryptfs" | "fuse.gocryptfs" | "fuse.cryfs" => Store::FolderEncrypted,
        "overlay" => overlay(view, &mount, depth),
        "btrfs" => btrfs(view, &mount, depth),
        _ if mount.device.major != 0 => {
            let device = format!("/sys/dev/block/{}:{}", mount.device.major, mount.device.minor);
            block(view, Path::new(&device), depth)
        }
        _ => Store::FileSystem,
    }
}

/// Where what is written to a device (`/dev/…`) ends up.
pub fn store_of_device(view: &impl SysView, device: &Path, depth: u8) -> Store {
    let Ok(device) = view.canonical(device) else { return Store::Untold };
    let Some(name) = device.file_name() else { return Store::Untold };
    block(view, &Path::new("/sys/class/block").join(name), depth)
}

/// New files go to the upper folder. Inside a container its path is one of the host's and leads nowhere.
fn overlay(view: &impl SysView, mount: &Mount, depth: u8) -> Store {
    let Some(upper) = mount.options.split(',').find_map(|option| option.strip_prefix("upperdir=")) else { return Store::Layers };
    let upper = Path::new(upper);
    match view.canonical(upper).ok().and_then(|upper| mount_of(view, &upper)) {
        Some(below) if below.id != mount.id => store_of(view, upper, depth),
        _ => Store::Layers,
    }
}

/// A btrfs may span devices, of which the mount names one; sysfs has them all.
fn btrfs(view: &impl SysView, mount: &Mount, depth: u8) -> Store {
    let Ok(source) = view.canonical(Path::new(&mount.source)) else { return Store::Untold };
    let Some(name) = source.file_name().and_then(|name| name.to_str()) else { return Store::Untold };
    let all = Path::new("/sys/fs/btrfs");
    let spans = view.list(all).into_iter().flatten().map(|id| view.list(&all.join(id).join("devices")).unwrap_or_default());
    match spans.into_iter().find(|devices| devices.iter().any(|device| device == name)) {
        Some(devices) => worst(devices.iter().map(|device| block(view, &Path::new("/sys/class/block").join(device), depth))),
        None => Store::Untold,
    }
}

/// Follows one block device of sysfs.
fn block(view: &impl SysView, device: &Path, depth: u8) -> Store {
    let Some(depth) = depth.checked_sub(1) else { return Store::Untold };
    let Ok(device) = view.canonical(device) else { return Store::Untold };
    let name = device.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let uuid = match view.read(&device.join("dm/uuid")) {
        Ok(uuid) => Some(uuid),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(_) => return Store::Untold,
    };
    if uuid.as_deref().is_some_and(is_dm_crypt) {
        return Store::Encrypted;
    }
    match view.list(&device.join("slaves")) {
        Ok(below) if !below.is_empty() => return worst(below.iter().map(|below| block(view, &device.join("slaves").join(below), depth))),
        // A mapped device that lies on nothing is one that cannot be seen whole.
        Ok(_) if uuid.is_some() => return Store::Untold,
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(_) => return Store::Untold,
    }
    if view.read(&device.join("partition")).is_ok() {
        return device.parent().map_or(Store::Untold, |disk| block(view, disk, depth));
    }
    if let Ok(file) = view.read(&device.join("loop/backing_file")) {
        let file = Path::new(file.trim_end_matches('\n'));
        // A file that was removed, or lies outside what can be seen, has another place's name at best.
        return if view.canonical(file).is_ok() { store_of(view, file, depth) } else { Store::Untold };
    }
    match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "zram" => match view.read(&device.join("backing_dev")) {
            Ok(overflow) if overflow.trim() != "none" => store_of_device(view, Path::new(overflow.trim()), depth),
            _ => Store::Memory,
        },
        "ram" => Store::Memory,
        "nbd" | "rbd" => Store::Elsewhere,
        _ => Store::Plain,
    }
}

/// cryptsetup names every mapping `CRYPT-<kind>-…`. Kinds that only check integrity encrypt nothing themselves.
fn is_dm_crypt(uuid: &str) -> bool {
    let kind = uuid.strip_prefix("CRYPT-").and_then(|rest| rest.split('-').next());
    matches!(kind.map(str::trim), Some("LUKS1" | "LUKS2" | "PLAIN" | "TCRYPT" | "BITLK" | "FVAULT2" | "LOOPAES"))
}

pub fn worst(stores: impl Iterator<Item = Store>) -> Store {
    stores.max().unwrap_or(Store::Untold)
}

#[cfg(test)]
mod tests {
    use super::super::view::planted::Planted;
    use super::*;

    const LUKS: &str = "CRYPT-LUKS2-0123456789abcdef0123456789abcdef-luks-root";
    const LVM: &str = "LVM-abcdefghijklmnopqrstuvwxyz012345ABCDEFGHIJKLMNOPQRSTUVWXYZ678901";

    fn mounted(view: Planted, lines: &[&str]) -> Planted {
        view.file("/proc/self/mountinfo", &lines.join("\n"))
    }

    fn found(view: &Planted) -> Detail {
        disk(view, Path::new("/home/a/profile not made yet")).detail
    }

    /// One disk with a partition, and `/home` on the device that is named.
    fn on(view: Planted, number: &str) -> Planted {
        let (major, minor) = number.split_once(':').map(|(a, b)| (a.parse().unwrap_or(0), b.parse().unwrap_or(0))).unwrap_or_default();
        mounted(
            view.on("/home/a", major, minor),
            &["1 0 8:9 / / rw - ext4 /dev/other rw", &format!("2 1 {number} / /home rw shared:3 - ext4 /dev/x rw")],
        )
    }

    fn with_disk() -> Planted {
        Planted::new().disk("sda", "8:0").partition("sda", "sda2", "8:2").partition("sda", "sda3", "8:3")
    }

    #[test]
    fn a_plain_partition_is_plain() {
        assert_eq!(found(&on(with_disk(), "8:2")), Detail::DiskPlain);
        assert_eq!(found(&on(with_disk(), "8:0")), Detail::DiskPlain, "a whole disk");
    }

    #[test]
    fn luks_is_encrypted_and_so_is_what_lies_on_it() {
        let luks = || with_disk().mapped("dm-0", "253:0", LUKS, &["sda2"]);
        assert_eq!(found(&on(luks(), "253:0")), Detail::DiskEncrypted);
        assert_eq!(found(&on(luks().mapped("dm-1", "253:1", LVM, &["dm-0"]), "253:1")), Detail::DiskEncrypted, "LVM on LUKS");
        let luks_on_lvm = with_disk().mapped("dm-0", "253:0", LVM, &["sda2"]).mapped("dm-1", "253:1", LUKS, &["dm-0"]);
        assert_eq!(found(&on(luks_on_lvm, "253:1")), Detail::DiskEncrypted);
    }

    #[test]
    fn a_volume_is_as_good_as_its_worst_device() {
        let plain = with_disk().mapped("dm-1", "253:1", LVM, &["sda2", "sda3"]);
        assert_eq!(found(&on(plain, "253:1")), Detail::DiskPlain);
        let half = with_disk().mapped("dm-0", "253:0", LUKS, &["sda2"]).mapped("dm-1", "253:1", LVM, &["dm-0", "sda3"]);
        assert_eq!(found(&on(half, "253:1")), Detail::DiskPlain);
        let raid = with_disk()
            .mapped("dm-0", "253:0", LUKS, &["sda2"])
            .disk("md0", "9:0")
            .link("/sys/devices/md0/slaves/dm-0", "/sys/class/block/dm-0");
        assert_eq!(found(&on(raid.partition("md0", "md0p1", "259:0"), "259:0")), Detail::DiskEncrypted, "a partition of a RAID on LUKS");
    }

    #[test]
    fn integrity_alone_is_no_encryption() {
        for kind in ["CRYPT-VERITY-x-root", "CRYPT-INTEGRITY-x", "LVM-CRYPT-LUKS2-x", "XCRYPT-LUKS2-x", ""] {
            let view = with_disk().mapped("dm-0", "253:0", kind, &["sda2"]);
            assert_eq!(found(&on(view, "253:0")), Detail::DiskPlain, "{kind}");
        }
        for kind in ["LUKS1", "LUKS2", "PLAIN", "TCRYPT", "BITLK"] {
            let view = with_disk().mapped("dm-0", "253:0", &format!("CRYPT-{kind}-x"), &["sda2"]);
            assert_eq!(found(&on(view, "253:0")), Detail::DiskEncrypted, "{kind}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_not_called_plain() {
        assert_eq!(found(&on(Planted::new(), "8:2")), Detail::DiskUntold, "no sysfs");
        assert_eq!(found(&on(Planted::new().mapped("dm-0", "253:0", LVM, &[]), "253:0")), Detail::DiskUntold, "no slaves");
        assert_eq!(found(&Planted::new().on("/home/a", 8, 2)), Detail::DiskUntold, "no mounts");
        let ring = Planted::new().mapped("dm-0", "253:0", LVM, &["dm-1"]).mapped("dm-1", "253:1", LVM, &["dm-0"]);
        assert_eq!(found(&on(ring, "253:0")), Detail::DiskUntold, "a ring");
    }

    #[test]
    fn file_systems_without_a_device_of_their_own() {
        for (kind, source, detail) in [
            ("tmpfs", "tmpfs", Detail::DiskInMemory),
            ("nfs4", "files:/home", Detail::DiskElsewhere),
            ("cifs", "//files/home", Detail::DiskElsewhere),
            ("ecryptfs", "/home/.ecryptfs/a", Detail::DiskFolderEncrypted),
            ("fuse.gocryptfs", "/home/.a", Detail::DiskFolderEncrypted),
            ("zfs", "rpool/home", Detail::DiskUntoldFileSystem),
            ("fuse.encfs", "encfs", Detail::DiskUntoldFileSystem),
        ] {
            let line = format!("2 1 0:40 / /home rw - {kind} {source} rw");
            let view = mounted(Planted::new().on("/home/a", 0, 40), &["1 0 8:9 / / rw - ext4 /dev/other rw", &line]);
            assert_eq!(found(&view), detail, "{kind}");
        }
        assert_eq!(found(&on(with_disk().encrypted("/home/a"), "8:2")), Detail::DiskFolderEncrypted, "fscrypt");
    }

    #[test]
    fn btrfs_is_as_good_as_its_worst_device() {
        let view = |devices: &[&str]| {
            let view = with_disk().mapped("dm-0", "253:0", LUKS, &["sda2"]).link("/dev/mapper/luks-root", "/dev/dm-0");
            let view = devices.iter().fold(view, |view, device| view.folder(&format!("/sys/fs/btrfs/0a-1b/devices/{device}")));
            // A subvolume's device number is in no list of mounts.
            mounted(
                view.folder("/sys/fs/btrfs/features").on("/home/a", 0, 77),
                &["1 0 0:31 /@ / rw - btrfs /dev/mapper/luks-root rw,subvol=/@"],
            )
        };
        assert_eq!(found(&view(&["dm-0"])), Detail::DiskEncrypted);
        assert_eq!(found(&view(&["dm-0", "sda3"])), Detail::DiskPlain);
        assert_eq!(found(&view(&[])), Detail::DiskUntold);
    }

    #[test]
    fn an_overlay_is_as_good_as_its_upper_folder() {
        let view = |options: &str| {
            let line = format!("2 1 0:40 / /home rw - overlay overlay {options}");
            let disk = with_disk().mapped("dm-0", "253:0", LUKS, &["sda2"]).on("/upper/a", 253, 0).on("/home/a", 0, 40);
            mounted(disk, &["1 0 253:0 / / rw - ext4 /dev/mapper/luks rw", &line])
        };
        assert_eq!(found(&view("rw,lowerdir=/l,upperdir=/upper/a,workdir=/w")), Detail::DiskEncrypted);
        assert_eq!(found(&view("rw,lowerdir=/l,upperdir=/var/lib/containers/1,workdir=/w")), Detail::DiskUntoldLayers);
        assert_eq!(found(&view("rw,lowerdir=/l,upperdir=/home/a,workdir=/w")), Detail::DiskUntoldLayers, "its own");
        assert_eq!(found(&view("ro,lowerdir=/l")), Detail::DiskUntoldLayers);
    }

    #[test]
    fn a_loop_is_as_good_as_the_disk_below_its_file() {
        let view = |file: &str| {
            let view = with_disk().disk("loop0", "7:0").file("/sys/devices/loop0/loop/backing_file", &format!("{file}\n"));
            let view = view.mapped("dm-0", "253:0", LUKS, &["sda2"]).on("/images", 253, 0).file("/images/home.img", "").on("/home/a", 7, 0);
            mounted(view, &["1 0 253:0 / / rw - ext4 /dev/dm-0 rw", "2 1 7:0 / /home rw - ext4 /dev/loop0 rw"])
        };
        assert_eq!(found(&view("/images/home.img")), Detail::DiskEncrypted);
        assert_eq!(found(&view("/images/home.img (deleted)")), Detail::DiskUntold);
    }
}
