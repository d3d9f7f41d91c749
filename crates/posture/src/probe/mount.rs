//! Which mount a path lies in (`/proc/self/mountinfo`, proc(5)).
use std::path::{Path, PathBuf};

use super::view::{Device, SysView};

/// One mount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mount {
    /// Its number, unique while it lasts.
    pub id: u64,
    /// Its device; major 0 if it lies on no block device of its own.
    pub device: Device,
    /// Where it is.
    pub place: PathBuf,
    /// `ext4`, `btrfs`, `nfs4`, …
    pub file_system: String,
    /// What was mounted: a device's path, `server:/share`, a dataset.
    pub source: String,
    /// The file system's own options.
    pub options: String,
}

/// The mount that `path`, a canonical one, lies in.
pub fn mount_of(view: &impl SysView, path: &Path) -> Option<Mount> {
    let text = view.read(Path::new("/proc/self/mountinfo")).ok()?;
    let device = view.device(path).ok();
    // The longest, of several at one place the last, which covers the others. One on the path's own device goes before: a later mount
    // further up may cover a longer one. (A btrfs subvolume's device is in no list.)
    let above = text.lines().filter_map(parse).filter(|mount| path.starts_with(&mount.place));
    above.max_by_key(|mount| (Some(mount.device) == device, mount.place.components().count()))
}

/// `36 35 98:0 /root /place rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue`
fn parse(line: &str) -> Option<Mount> {
    let (mount, about) = line.split_once(" - ")?;
    let mut mount = mount.split(' ');
    let id = mount.next()?.parse().ok()?;
    let (major, minor) = mount.nth(1)?.split_once(':')?;
    let device = Device { major: major.parse().ok()?, minor: minor.parse().ok()? };
    let place = unescape(mount.nth(1)?).into();
    let mut about = about.splitn(3, ' ');
    let (file_system, source) = (unescape(about.next()?), unescape(about.next()?));
    let options = unescape(about.next().unwrap_or_default());
    Some(Mount { id, device, place, file_system, source, options })
}

/// Blanks, tabs, line ends and backslashes stand as three octal digits.
pub fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::view::planted::Planted;
    use super::*;

    fn file_system(view: &Planted, path: &str) -> String {
        mount_of(view, Path::new(path)).unwrap().file_system
    }

    #[test]
    fn a_line_is_read_with_and_without_optional_fields() {
        let plain = parse(r"36 35 98:0 /mnt1 /my\040disk rw,noatime - ext3 /dev/root rw,errors=continue").unwrap();
        assert_eq!((plain.id, plain.device), (36, Device { major: 98, minor: 0 }));
        assert_eq!((plain.place.to_str(), plain.file_system.as_str(), plain.source.as_str()), (Some("/my disk"), "ext3", "/dev/root"));
        assert_eq!(plain.options, "rw,errors=continue");
        assert_eq!(parse("36 35 98:0 / / rw shared:1 master:2 - ext4 /dev/sda1 rw").unwrap().source, "/dev/sda1");
        for broken in ["", "36", "36 35 98 / / rw - ext4 x rw", "36 35 98:0 / / rw", "a 35 98:0 / / rw - ext4 x rw"] {
            assert_eq!(parse(broken), None, "{broken}");
        }
        assert_eq!(unescape(r"a\134b\011c\9"), "a\\b\tc\\9");
    }

    #[test]
    fn the_innermost_and_latest_mount_counts() {
        let view = Planted::new().on("/home/a", 8, 2).on("/home/a/net", 0, 50).on("/srv", 8, 1).file(
            "/proc/self/mountinfo",
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /home rw - xfs /dev/sda2 rw\n3 2 0:50 / /home/a/net rw - nfs4 host:/x rw\n\
             4 2 8:9 / /homer rw - jfs /dev/sdb rw\n5 1 8:1 / /srv rw - f2fs /dev/x rw\n6 1 8:1 / /srv rw - ext2 /dev/y rw\n",
        );
        assert_eq!(file_system(&view, "/home/a"), "xfs");
        assert_eq!(file_system(&view, "/home/a/net/b"), "nfs4");
        assert_eq!(file_system(&view, "/srv"), "ext2");
    }

    #[test]
    fn a_mount_that_is_covered_by_one_further_up_does_not_count() {
        let view = Planted::new().on("/home/a", 8, 2).file(
            "/proc/self/mountinfo",
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:3 / /home/a rw - xfs /dev/mapper/old rw\n3 1 8:2 / /home rw - ext2 /dev/sda2 rw\n",
        );
        assert_eq!(file_system(&view, "/home/a"), "ext2");
    }
}
