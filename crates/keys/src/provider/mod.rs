//! Where the device's secret is kept.
mod os;
mod own_thread;
pub(crate) mod pkcs11;
mod workstation;

use std::fmt;

pub use os::OsKeyring;
pub use workstation::{FindSecret, SecretName, WorkstationSecrets};

use self::pkcs11::ModuleError;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::SealError;
use crate::secret::Key;

/// 32 random bytes that never leave this workstation: `K_dev`, or the secret of a generation of the vault's keys. Useless without a
/// passphrase, as the passphrase is without it.
pub struct DeviceSecret(Key);

/// Why the keyring did not do what was asked. None of them is a reason to make a new secret: that would lose the vault.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum StoreError {
    /// The operating system offers no keyring.
    #[error("no keyring on this system")]
    Absent,
    /// It is locked: unlock it and try again.
    #[error("keyring is locked")]
    Locked,
    /// It is open and holds no such entry.
    #[error("keyring holds no device secret")]
    Emptied,
    /// It holds an entry already, which is not overwritten.
    #[error("keyring holds a device secret already")]
    Occupied,
    /// The token's PKCS#11 module cannot be used.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// The token that keeps the secret is not there, or none was chosen.
    #[error("token is not there")]
    TokenAbsent,
    /// Nobody gave the token's PIN.
    #[error("token needs its PIN")]
    PinNeeded,
    /// The token refused the PIN. It is not tried again without asking.
    #[error("wrong PIN")]
    WrongPin {
        /// The token says that one more wrong PIN locks it. Many do not say.
        last_try: bool,
    },
    /// The token takes no PIN any more, until its keeper unlocks it.
    #[error("PIN is locked")]
    PinLocked,
    /// The use of a key could not be recorded; what it gave was wiped.
    #[error("use of a key was not recorded")]
    Unrecorded,
    /// It answered with something else.
    #[error("keyring failed")]
    Failed,
}

/// A keeper of one secret. The calls block, for as long as the operating system does.
pub trait SecretStore: Send + Sync {
    /// The secret.
    fn load(&self) -> Result<DeviceSecret, StoreError>;
    /// Keeps a secret where there is none; never overwrites.
    fn store(&self, secret: &DeviceSecret) -> Result<(), StoreError>;
    /// Forgets the secret, and with it everything that takes it to open.
    fn delete(&self) -> Result<(), StoreError>;
}

impl DeviceSecret {
    /// A secret that *nothing depends on yet*: a fresh one that was written and read back, or what an attempt that was cut off left.
    /// For a secret that a key file takes to open, [`SecretStore::load`] is the only way.
    pub fn provision(store: &dyn SecretStore) -> Result<Self, StoreError> {
        match store.load() {
            Err(StoreError::Emptied) => {}
            other => return other,
        }
        let fresh = Self::generate().map_err(|_| StoreError::Failed)?;
        store.store(&fresh)?;
        let kept = store.load()?;
        // A keyring that mangles what it keeps must be found out before a vault depends on it.
        if kept.0.bytes() == fresh.0.bytes() { Ok(kept) } else { Err(StoreError::Failed) }
    }

    fn generate() -> Result<Self, SealError> {
        OsEntropy.key().map(Self)
    }

    pub(crate) fn key(&self) -> &Key {
        &self.0
    }

    /// A secret of known bytes, for frozen vectors.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(
            Key::filled(|out| {
                *out = bytes;
                Ok::<(), SealError>(())
            })
            .unwrap_or_else(|_| unreachable!()),
        )
    }
}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceSecret(redacted)")
    }
}

#[cfg(any(test, feature = "testing"))]
pub use memory::{MemoryKeyring, MemoryStore};

#[cfg(any(test, feature = "testing"))]
mod memory {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex, PoisonError};

    use super::{DeviceSecret, Key, SecretName, SecretStore, StoreError};

    /// All of a workstation's secrets in memory, for tests.
    #[derive(Default, Debug)]
    pub struct MemoryKeyring(Mutex<BTreeMap<SecretName, Arc<MemoryStore>>>);

    impl MemoryKeyring {
        /// The keeper of one secret; the same one each time it is asked for.
        pub fn entry(&self, name: SecretName) -> Arc<MemoryStore> {
            Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default())
        }

        /// As [`super::FindSecret`].
        pub fn find(self: &Arc<Self>) -> impl Fn(SecretName) -> Box<dyn SecretStore> + use<> {
            let ring = Arc::clone(self);
            move |name| Box::new(ring.entry(name))
        }

        /// Every keeper fails like this from now on, until `None` ends the trouble.
        pub fn fail(&self, trouble: Option<StoreError>) {
            for name in [SecretName::Device, SecretName::LaterDevice(2), SecretName::Generation(1), SecretName::Generation(2)] {
                self.entry(name).fail(trouble);
            }
        }

        /// What is kept, as another keyring: a picture of this moment.
        #[must_use]
        pub fn copy(&self) -> Self {
            let copy = Self::default();
            for (name, store) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
                if let Ok(secret) = store.load() {
                    let _ = copy.entry(*name).store(&secret);
                }
            }
            copy
        }
    }

    impl SecretStore for Arc<MemoryStore> {
        fn load(&self) -> Result<DeviceSecret, StoreError> {
            (**self).load()
        }

        fn store(&self, secret: &DeviceSecret) -> Result<(), StoreError> {
            (**self).store(secret)
        }

        fn delete(&self) -> Result<(), StoreError> {
            (**self).delete()
        }
    }

    /// A keyring in memory, for tests; [`MemoryStore::fail`] makes it answer as a troubled one does.
    #[derive(Default, Debug)]
    pub struct MemoryStore(Mutex<State>);

    #[derive(Default, Debug)]
    struct State {
        secret: Option<Key>,
        trouble: Option<StoreError>,
    }

    impl MemoryStore {
        /// Every call fails like this from now on, until `None` ends the trouble.
        pub fn fail(&self, trouble: Option<StoreError>) {
            self.state().trouble = trouble;
        }

        fn state(&self) -> std::sync::MutexGuard<'_, State> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn calm(&self) -> Result<std::sync::MutexGuard<'_, State>, StoreError> {
            let state = self.state();
            match state.trouble {
                Some(trouble) => Err(trouble),
                None => Ok(state),
            }
        }
    }

    impl SecretStore for MemoryStore {
        fn load(&self) -> Result<DeviceSecret, StoreError> {
            let state = self.calm()?;
            let secret = state.secret.as_ref().ok_or(StoreError::Emptied)?;
            Key::copied(secret.bytes()).map(DeviceSecret).ok_or(StoreError::Failed)
        }

        fn store(&self, secret: &DeviceSecret) -> Result<(), StoreError> {
            let mut state = self.calm()?;
            if state.secret.is_some() {
                return Err(StoreError::Occupied);
            }
            state.secret = Key::copied(secret.0.bytes());
            Ok(())
        }

        fn delete(&self) -> Result<(), StoreError> {
            self.calm()?.secret.take().map(|_| ()).ok_or(StoreError::Emptied)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_provisioned_once() {
        let store = MemoryStore::default();
        let first = DeviceSecret::provision(&store).map(|s| *s.0.bytes());
        assert!(first.is_ok());
        assert_eq!(DeviceSecret::provision(&store).map(|s| *s.0.bytes()), first);
        assert_eq!(store.delete(), Ok(()));
        assert_ne!(DeviceSecret::provision(&store).map(|s| *s.0.bytes()), first);
    }

    #[test]
    fn trouble_never_makes_a_new_one() {
        let store = MemoryStore::default();
        let first = DeviceSecret::provision(&store).map(|s| *s.0.bytes());
        for trouble in [StoreError::Absent, StoreError::Locked, StoreError::Failed] {
            store.fail(Some(trouble));
            assert_eq!(DeviceSecret::provision(&store).err(), Some(trouble));
        }
        store.fail(None);
        assert_eq!(store.load().map(|s| *s.0.bytes()), first);
        assert_eq!(store.store(&DeviceSecret::from_bytes([1; 32])), Err(StoreError::Occupied));
    }
}
