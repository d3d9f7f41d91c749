//! The PKCS#11 module: the token maker's library, loaded into this process. What it is, is checked before it is loaded.
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

/// Why a PKCS#11 module is not loaded.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum ModuleError {
    /// Its path depends on the working directory.
    #[error("path of the PKCS#11 module is not absolute")]
    NotAbsolute,
    /// There is no such file.
    #[error("PKCS#11 module is missing")]
    Missing,
    /// Someone besides its owner may change the file, or it is neither root's nor this user's.
    #[error("PKCS#11 module may be changed by others")]
    Unsafe,
    /// It does not load, or does not start.
    #[error("no PKCS#11 module")]
    Broken,
}

/// A loaded module.
#[derive(Clone)]
pub(super) struct Module {
    pub pkcs11: Pkcs11,
    /// Held by whoever is logged in: a login counts for the whole process.
    pub login: &'static Mutex<()>,
}

/// Modules stay loaded until the process ends: they may have threads and exit handlers.
static LOADED: Mutex<BTreeMap<PathBuf, Module>> = Mutex::new(BTreeMap::new());

impl Module {
    /// Loads the module at `path`, or takes the one loaded from there. May block.
    pub fn load(path: &Path) -> Result<Self, ModuleError> {
        let path = checked(path)?;
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = loaded.get(&path) {
            return Ok(module.clone());
        }
        let module = Self { pkcs11: Pkcs11::new(&path).map_err(|_| ModuleError::Broken)?, login: Box::leak(Box::default()) };
        module.start()?;
        loaded.insert(path, module.clone());
        Ok(module)
    }

    /// Ends the module and starts it again, unless someone is logged in: some modules look for tokens only as they start, and would
    /// miss for ever one that was taken out and put back. May block.
    pub fn restart(&self) -> Result<(), ModuleError> {
        let Ok(_alone) = self.login.try_lock() else { return Ok(()) };
        // One that does not end is found running.
        let _ = self.pkcs11.clone().finalize();
        self.start()
    }

    fn start(&self) -> Result<(), ModuleError> {
        match self.pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            // Another part of this process uses it, too.
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
            Err(_) => Err(ModuleError::Broken),
        }
    }
}

/// The file itself, free of links, if nobody but root and this user can change or replace it.
pub(super) fn checked(path: &Path) -> Result<PathBuf, ModuleError> {
    if !path.is_absolute() {
        return Err(ModuleError::NotAbsolute);
    }
    let path = path.canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ModuleError::Missing,
        _ => ModuleError::Unsafe,
    })?;
    let about = path.metadata().map_err(|_| ModuleError::Unsafe)?;
    if !about.is_file() {
        return Err(ModuleError::Missing);
    }
    #[cfg(unix)]
    if !unix::is_ours_alone(&path) {
        return Err(ModuleError::Unsafe);
    }
    Ok(path)
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    const OTHERS_WRITE: u32 = 0o002;
    const GROUP_WRITES: u32 = 0o020;
    const STICKY: u32 = 0o1000;

    pub fn is_ours_alone(file: &Path) -> bool {
        let own = rustix::process::geteuid().as_raw();
        file.ancestors().enumerate().all(|(depth, path)| {
            let Ok(about) = path.metadata() else { return false };
            let forbidden = match depth {
                0 => GROUP_WRITES | OTHERS_WRITE,
                // Where only owners rename and remove, as in /tmp, what is in it stays.
                _ if about.mode() & STICKY != 0 => 0,
                _ => OTHERS_WRITE,
            };
            (about.uid() == 0 || about.uid() == own) && about.mode() & forbidden == 0
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn only_what_nobody_else_can_change_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("module.so"), folder.path().join("link.so"));
        let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        assert_eq!(checked(Path::new("module.so")), Err(ModuleError::NotAbsolute));
        assert_eq!(checked(&file), Err(ModuleError::Missing));
        assert_eq!(checked(folder.path()), Err(ModuleError::Missing));

        fs::write(&file, "not a library").unwrap();
        symlink(&file, &link).unwrap();
        let real = file.canonicalize().unwrap();
        for (bits, expected) in [(0o644, Ok(real.clone())), (0o664, Err(ModuleError::Unsafe)), (0o646, Err(ModuleError::Unsafe))] {
            mode(&file, bits);
            assert_eq!(checked(&file), expected, "{bits:o}");
            assert_eq!(checked(&link), expected, "through a link");
        }
        mode(&file, 0o644);
        for (bits, expected) in [(0o777, Err(ModuleError::Unsafe)), (0o1777, Ok(real.clone())), (0o775, Ok(real))] {
            mode(folder.path(), bits);
            assert_eq!(checked(&file), expected, "{bits:o} on its folder");
        }
        assert_eq!(Module::load(&file).err(), Some(ModuleError::Broken));
    }
}
