//! Where the vault's files lie.
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::error::VaultError;

/// The folder of one vault.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Names the folder; nothing is created yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Creates the folder, for its owner alone; one that is there already becomes its owner's alone.
    ///
    /// # Errors
    /// [`VaultError::Disk`] or [`VaultError::DiskFull`].
    pub fn make_folder(&self) -> Result<(), VaultError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        #[cfg(unix)]
        fs::set_permissions(&self.folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(())
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// SQLCipher file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.join("vault.db")
    }

    /// SQLite's write-ahead log beside it.
    pub(crate) fn write_ahead_log(&self) -> PathBuf {
        self.folder.join("vault.db-wal")
    }

    /// Key slots.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.folder.join("keys.json")
    }

    /// Failed unlocks.
    #[must_use]
    pub fn softlock(&self) -> PathBuf {
        self.folder.join("softlock")
    }

    /// Events while locked.
    #[must_use]
    pub fn door(&self) -> PathBuf {
        self.folder.join("door.log")
    }

    /// Checkpoint of the audit chain.
    #[must_use]
    pub fn audit_head(&self) -> PathBuf {
        self.folder.join("audit.head")
    }

    /// When an access was last not watched.
    #[must_use]
    pub fn unwatched(&self) -> PathBuf {
        self.folder.join("unwatched")
    }

    /// Takes the vault for this process, until the file is dropped.
    ///
    /// # Errors
    /// [`VaultError::InUse`] while another process holds it.
    pub fn hold(&self) -> Result<File, VaultError> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.folder.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(VaultError::InUse),
            Err(fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
