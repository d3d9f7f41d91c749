//! Everything the operating system keeps for one workstation: the device's secret, and one for each generation of the vault's keys.
use std::collections::BTreeMap;
use std::fmt;

use super::{DeviceSecret, SecretStore, StoreError};
use crate::hierarchy::KeyFile;
use crate::secret::Key;

/// Which secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretName {
    /// The first `K_dev`, part of every unlock key.
    Device,
    /// The one that takes its place, and so on: 2 and above.
    LaterDevice(u32),
    /// What the vault's keys of a generation are wrapped with besides. Deleting it makes every older copy of the vault
    /// unreadable, whoever has a passphrase.
    Generation(u32),
}

impl SecretName {
    /// The name of the device's secret by its number, counted from one.
    #[must_use]
    pub const fn device(number: u32) -> Self {
        if number > 1 { Self::LaterDevice(number) } else { Self::Device }
    }
}

/// The secrets of one workstation that it takes to unlock.
pub struct WorkstationSecrets {
    devices: BTreeMap<u32, DeviceSecret>,
    generations: BTreeMap<u32, DeviceSecret>,
}

/// Finds the keeper of a secret.
pub type FindSecret<'a> = &'a dyn Fn(SecretName) -> Box<dyn SecretStore>;

impl WorkstationSecrets {
    /// The secrets for a *new* vault. Call it only where no key file exists.
    pub fn provision(find: FindSecret<'_>) -> Result<Self, StoreError> {
        Self::from(DeviceSecret::provision(&*find(SecretName::Device))?).with_generation(1, find)
    }

    /// The secrets that `file` was made with. None of them missing is answered by making another.
    pub fn load(file: &KeyFile, find: FindSecret<'_>) -> Result<Self, StoreError> {
        let device = |number| Ok((number, find(SecretName::device(number)).load()?));
        let devices = file.device_secrets_in_use().map(device).collect::<Result<_, StoreError>>()?;
        let secret = |generation| Ok((generation, find(SecretName::Generation(generation)).load()?));
        let generations = file.guarded_generations().map(secret).collect::<Result<_, StoreError>>()?;
        Ok(Self { devices, generations })
    }

    /// These, and the secret of a generation that is about to begin: a fresh one, or what an attempt that was cut off left.
    pub fn with_generation(mut self, generation: u32, find: FindSecret<'_>) -> Result<Self, StoreError> {
        let secret = DeviceSecret::provision(&*find(SecretName::Generation(generation)))?;
        self.generations.insert(generation, secret);
        Ok(self)
    }

    /// These, and the device's secret of a further number: a fresh one, or what an attempt that was cut off left.
    pub fn with_device(mut self, number: u32, find: FindSecret<'_>) -> Result<Self, StoreError> {
        let secret = DeviceSecret::provision(&*find(SecretName::device(number)))?;
        self.devices.insert(number, secret);
        Ok(self)
    }

    /// These, and a further device's secret of known bytes, for frozen vectors.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn and_device(mut self, number: u32, secret: DeviceSecret) -> Self {
        self.devices.insert(number, secret);
        self
    }

    /// These, and a generation's secret of known bytes, for frozen vectors.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn and(mut self, generation: u32, secret: DeviceSecret) -> Self {
        self.generations.insert(generation, secret);
        self
    }

    pub(crate) fn device(&self, number: u32) -> Option<&Key> {
        self.devices.get(&number).map(DeviceSecret::key)
    }

    pub(crate) fn generation(&self, generation: u32) -> Option<&Key> {
        self.generations.get(&generation).map(DeviceSecret::key)
    }
}

/// Of a vault whose first generation has no secret of its own.
impl From<DeviceSecret> for WorkstationSecrets {
    fn from(device: DeviceSecret) -> Self {
        Self { devices: BTreeMap::from([(1, device)]), generations: BTreeMap::new() }
    }
}

impl fmt::Debug for WorkstationSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkstationSecrets(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::sync::Arc;

    use super::super::memory::MemoryKeyring;
    use super::*;

    #[test]
    fn each_secret_is_another_and_is_made_once() {
        let ring = Arc::new(MemoryKeyring::default());
        let find = ring.find();
        let first = WorkstationSecrets::provision(&find).unwrap();
        let again = WorkstationSecrets::provision(&find).unwrap().with_generation(2, &find).unwrap();
        assert!(first.device(1).unwrap().same(again.device(1).unwrap()) && first.generation(1).unwrap().same(again.generation(1).unwrap()));
        assert!(!again.generation(1).unwrap().same(again.generation(2).unwrap()));
        assert!(!again.generation(1).unwrap().same(again.device(1).unwrap()));
        assert!(first.generation(2).is_none() && first.device(2).is_none());
    }
}
