//! Where the policy is, and whether it is the administrator's.
//!
//! | system | place | the administrator's if |
//! |---|---|---|
//! | Linux | `/etc/satchel/policy.json` | root owns it and every folder above it, and no one else may write there |
//! | macOS | `/Library/Application Support/Satchel/policy.json` | likewise |
//! | Windows | `HKLM\SOFTWARE\Policies\Satchel`, text `Policy` | always: the system lets no one else write there |
//!
//! The place is no command-line option: whoever could name another file could leave the hospital's out. A debug build heeds
//! `SATCHEL_POLICY`; a release build does not.
use std::path::Path;

#[cfg(unix)]
pub use unix::Owner;

/// What was found where the policy belongs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// There is none.
    Absent,
    /// There is one, and it cannot be read.
    Unreadable,
    /// There is one.
    Read {
        /// What it says; of one that is too large, no more than shows that it is.
        bytes: Vec<u8>,
        /// Whether no one but the administrator may write it.
        administrators_alone: bool,
    },
}

/// Why a file of the administrator cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AdminFileError {
    /// Nothing is there.
    #[error("no such file")]
    Absent,
    /// It cannot be read, or is no file.
    #[error("the file cannot be read")]
    Unreadable,
    /// It is larger than is read.
    #[error("the file is too large")]
    TooLarge,
    /// Someone besides the administrator may write it.
    #[error("someone besides the administrator may write the file")]
    NotTheAdministrators,
}

/// Reads a file that the policy names, e.g. a root certificate, if it is as much the administrator's as the policy has to be.
///
/// # Errors
/// [`AdminFileError`].
#[cfg(unix)]
pub fn read_admin_file(path: &Path, most_bytes: usize) -> Result<Vec<u8>, AdminFileError> {
    let (bytes, administrators_alone) = unix::read(path, most_bytes, Owner::ROOT)?;
    match (bytes.len() > most_bytes, administrators_alone) {
        (true, _) => Err(AdminFileError::TooLarge),
        (false, false) => Err(AdminFileError::NotTheAdministrators),
        (false, true) => Ok(bytes),
    }
}

/// Reads a file that the policy names. Access lists are not looked at here.
///
/// # Errors
/// [`AdminFileError`].
#[cfg(not(unix))]
pub fn read_admin_file(path: &Path, most_bytes: usize) -> Result<Vec<u8>, AdminFileError> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => AdminFileError::Absent,
        _ => AdminFileError::Unreadable,
    })?;
    let mut bytes = Vec::new();
    file.take(most_bytes as u64 + 1).read_to_end(&mut bytes).map_err(|_| AdminFileError::Unreadable)?;
    if bytes.len() > most_bytes { Err(AdminFileError::TooLarge) } else { Ok(bytes) }
}

impl Found {
    /// Looks where this system keeps it.
    #[must_use]
    pub fn on_this_machine() -> Self {
        #[cfg(all(unix, debug_assertions))]
        if let Some(path) = std::env::var_os("SATCHEL_POLICY") {
            return Self::in_file(Path::new(&path), Owner::this_process());
        }
        Self::where_it_belongs()
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    fn where_it_belongs() -> Self {
        Self::in_file(Path::new("/etc/satchel/policy.json"), Owner::ROOT)
    }

    #[cfg(target_os = "macos")]
    fn where_it_belongs() -> Self {
        Self::in_file(Path::new("/Library/Application Support/Satchel/policy.json"), Owner::ROOT)
    }

    #[cfg(windows)]
    fn where_it_belongs() -> Self {
        const NOT_FOUND: i32 = 0x8007_0002_u32.cast_signed();
        let text = windows_registry::LOCAL_MACHINE.open(r"SOFTWARE\Policies\Satchel").and_then(|key| key.get_string("Policy"));
        match text {
            Ok(text) => Self::Read { bytes: text.into_bytes(), administrators_alone: true },
            Err(error) if error.code().0 == NOT_FOUND => Self::Absent,
            Err(_) => Self::Unreadable,
        }
    }

    /// Looks at a file, as the administrator's if `owner` (or root) alone may write it.
    #[cfg(unix)]
    #[must_use]
    pub fn in_file(path: &Path, owner: Owner) -> Self {
        match unix::read(path, super::parse::MOST_BYTES, owner) {
            Ok((bytes, administrators_alone)) => Self::Read { bytes, administrators_alone },
            Err(AdminFileError::Absent) => Self::Absent,
            Err(_) => Self::Unreadable,
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, File};
    use std::io::{ErrorKind, Read as _};
    use std::path::Path;

    use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, fstat, openat, stat};
    use rustix::process::{Uid, geteuid};

    use super::AdminFileError as Error;

    /// Who administrates this machine, besides root.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Owner(Uid);

    impl Owner {
        /// No one besides root.
        pub const ROOT: Self = Self(Uid::ROOT);

        /// Whoever runs this process: for trying out a policy, never in what ships.
        #[must_use]
        pub fn this_process() -> Self {
            Self(geteuid())
        }

        fn alone_may_write(self, about: &Stat) -> bool {
            let owner = Uid::from_raw(about.st_uid);
            let others = Mode::from_raw_mode(about.st_mode).intersects(Mode::WGRP | Mode::WOTH);
            (owner == self.0 || owner.is_root()) && !others
        }

        /// Whether no one else can put another file in the place of one in this folder. In a sticky one only owners may.
        fn alone_may_replace_in(self, about: &Stat) -> bool {
            let owner = Uid::from_raw(about.st_uid);
            let sticky = Mode::from_raw_mode(about.st_mode).contains(Mode::SVTX);
            self.alone_may_write(about) || sticky && (owner == self.0 || owner.is_root())
        }
    }

    /// At most `most_bytes` and one more, and whether `owner` alone may write it. Links are followed: what counts is where they lead.
    pub fn read(path: &Path, most_bytes: usize, owner: Owner) -> Result<(Vec<u8>, bool), Error> {
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::Absent),
            Err(_) => return Err(Error::Unreadable),
            Ok(_) => {}
        }
        let place = fs::canonicalize(path).map_err(|_| Error::Unreadable)?;
        // A pipe in the file's place must not hold the program up.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = openat(CWD, &place, flags, Mode::empty()).map_err(|_| Error::Unreadable)?;
        let about = fstat(&file).map_err(|_| Error::Unreadable)?;
        if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
            return Err(Error::Unreadable);
        }
        let above = [path, &place].into_iter().filter_map(Path::parent).flat_map(Path::ancestors);
        let alone = owner.alone_may_write(&about)
            && above
                .filter(|folder| !folder.as_os_str().is_empty())
                .all(|folder| stat(folder).is_ok_and(|about| owner.alone_may_replace_in(&about)));
        let mut bytes = Vec::new();
        File::from(file).take(most_bytes as u64 + 1).read_to_end(&mut bytes).map_err(|_| Error::Unreadable)?;
        Ok((bytes, alone))
    }
}
