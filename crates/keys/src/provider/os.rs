//! The operating system's keyring: the Secret Service on Linux.
use kernel::{DeviceId, SiteId};

use super::{DeviceSecret, SecretName, SecretStore, StoreError};

/// One of a workstation's secrets in the operating system's keyring.
///
/// On Linux that is whatever serves `org.freedesktop.secrets` (GNOME Keyring, `KWallet`, `KeePassXC`). On other systems no store
/// is linked in yet, and every call answers [`StoreError::Absent`]; a vault is then neither made nor opened.
#[derive(Debug, Clone)]
pub struct OsKeyring {
    account: String,
}

impl OsKeyring {
    /// The entry for `site` on `device`.
    #[must_use]
    pub fn new(site: &SiteId, device: &DeviceId, name: SecretName) -> Self {
        let account = match name {
            SecretName::Device => format!("{site}/{device}"),
            SecretName::LaterDevice(number) => format!("{site}/{device}/device/{number}"),
            SecretName::Generation(generation) => format!("{site}/{device}/generation/{generation}"),
        };
        Self { account }
    }
}

impl SecretStore for OsKeyring {
    fn load(&self) -> Result<DeviceSecret, StoreError> {
        platform::on_own_thread(&self.account, platform::load)
    }

    fn store(&self, secret: &DeviceSecret) -> Result<(), StoreError> {
        let text = platform::write_down(secret);
        platform::on_own_thread(&self.account, move |account| platform::store(account, &text))
    }

    fn delete(&self) -> Result<(), StoreError> {
        platform::on_own_thread(&self.account, platform::delete)
    }
}

#[cfg(target_os = "linux")]
#[path = "secret_service.rs"]
mod platform;

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::{DeviceSecret, StoreError};

    pub fn on_own_thread<T>(account: &str, ask: impl FnOnce(&str) -> Result<T, StoreError>) -> Result<T, StoreError> {
        ask(account)
    }
    pub fn write_down(_: &DeviceSecret) {}
    pub fn load(_: &str) -> Result<DeviceSecret, StoreError> {
        Err(StoreError::Absent)
    }
    pub fn store(_: &str, (): &()) -> Result<(), StoreError> {
        Err(StoreError::Absent)
    }
    pub fn delete(_: &str) -> Result<(), StoreError> {
        Err(StoreError::Absent)
    }
}
