//! The system's files as the probes see them, so that tests can plant others.
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, major, minor, stat, statx};

/// A device's number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Device {
    /// 0 for file systems that lie on no block device of their own.
    pub major: u32,
    /// Which.
    pub minor: u32,
}

/// What the probes may look at.
pub trait SysView {
    /// A small file's text.
    fn read(&self, path: &Path) -> io::Result<String>;
    /// Names in a folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// The path without links.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;
    /// The device that a file lies on.
    fn device(&self, path: &Path) -> io::Result<Device>;
    /// Whether the file system itself encrypts this file or folder (`STATX_ATTR_ENCRYPTED`: fscrypt on ext4, F2FS, UBIFS).
    fn is_encrypted(&self, path: &Path) -> bool;
}

/// This machine.
pub struct System;

/// `mountinfo` of a machine with thousands of mounts fits; nothing endless is read.
const MOST_BYTES: u64 = 4 << 20;

impl SysView for System {
    fn read(&self, path: &Path) -> io::Result<String> {
        let mut bytes = Vec::new();
        File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn device(&self, path: &Path) -> io::Result<Device> {
        let about = stat(path)?;
        Ok(Device { major: major(about.st_dev), minor: minor(about.st_dev) })
    }

    fn is_encrypted(&self, path: &Path) -> bool {
        statx(CWD, path, AtFlags::empty(), StatxFlags::empty()).is_ok_and(|about| about.stx_attributes.contains(StatxAttributes::ENCRYPTED))
    }
}

#[cfg(test)]
pub mod planted {
    #![allow(clippy::unwrap_used)]
    use std::collections::{BTreeMap, BTreeSet};
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    /// A tree of files that stands for the whole system.
    pub struct Planted {
        root: TempDir,
        devices: BTreeMap<PathBuf, Device>,
        encrypted: BTreeSet<PathBuf>,
    }

    impl Planted {
        pub fn new() -> Self {
            Self { root: tempfile::tempdir().unwrap(), devices: BTreeMap::new(), encrypted: BTreeSet::new() }
        }

        pub fn file(self, path: &str, text: &str) -> Self {
            let path = self.at(Path::new(path));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
            self
        }

        pub fn folder(self, path: &str) -> Self {
            fs::create_dir_all(self.at(Path::new(path))).unwrap();
            self
        }

        /// A link that leads to the absolute path `to` of the planted system.
        pub fn link(self, path: &str, to: &str) -> Self {
            let path = self.at(Path::new(path));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(self.at(Path::new(to)), path).unwrap();
            self
        }

        /// A folder on a device.
        pub fn on(mut self, path: &str, major: u32, minor: u32) -> Self {
            self.devices.insert(path.into(), Device { major, minor });
            self.folder(path)
        }

        pub fn encrypted(mut self, path: &str) -> Self {
            self.encrypted.insert(path.into());
            self
        }

        /// A block device in sysfs, with its number.
        pub fn disk(self, name: &str, number: &str) -> Self {
            let place = format!("/sys/devices/{name}");
            self.file(&format!("{place}/dev"), &format!("{number}\n"))
                .folder(&format!("{place}/slaves"))
                .link(&format!("/sys/dev/block/{number}"), &place)
                .link(&format!("/sys/class/block/{name}"), &place)
                .file(&format!("/dev/{name}"), "")
        }

        /// A partition of a disk planted before.
        pub fn partition(self, disk: &str, name: &str, number: &str) -> Self {
            let place = format!("/sys/devices/{disk}/{name}");
            self.file(&format!("{place}/partition"), "1\n")
                .link(&format!("/sys/dev/block/{number}"), &place)
                .link(&format!("/sys/class/block/{name}"), &place)
                .file(&format!("/dev/{name}"), "")
        }

        /// A device-mapper device over others.
        pub fn mapped(self, name: &str, number: &str, uuid: &str, over: &[&str]) -> Self {
            let this = self.disk(name, number).file(&format!("/sys/devices/{name}/dm/uuid"), &format!("{uuid}\n"));
            over.iter()
                .fold(this, |this, slave| this.link(&format!("/sys/devices/{name}/slaves/{slave}"), &format!("/sys/class/block/{slave}")))
        }

        fn at(&self, path: &Path) -> PathBuf {
            let root = self.root.path();
            if path.starts_with(root) { path.to_owned() } else { root.join(path.strip_prefix("/").unwrap()) }
        }
    }

    impl SysView for Planted {
        fn read(&self, path: &Path) -> io::Result<String> {
            System.read(&self.at(path))
        }

        fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
            System.list(&self.at(folder))
        }

        fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
            let root = self.root.path().canonicalize()?;
            let canonical = System.canonical(&self.at(path))?;
            Ok(Path::new("/").join(canonical.strip_prefix(root).map_err(io::Error::other)?))
        }

        fn device(&self, path: &Path) -> io::Result<Device> {
            path.ancestors().find_map(|path| self.devices.get(path).copied()).ok_or_else(|| io::ErrorKind::NotFound.into())
        }

        fn is_encrypted(&self, path: &Path) -> bool {
            path.ancestors().any(|path| self.encrypted.contains(path))
        }
    }
}
