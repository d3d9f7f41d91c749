//! Passphrase and device secret → unlock key → master key → private key → the vault's keys.
use std::sync::Arc;

use hmac::Mac;
use kernel::{DeviceId, SiteId, UserId};

use super::file::{Blob, EnrolledUser, Envelope, KeyFile};
use super::open::OpenKeys;
use super::slot::{Slot, VaultKeys};
use crate::aead;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError, append_fields};
use crate::hpke;
use crate::kdf::{KdfCost, combine};
use crate::passphrase::{Passphrase, WeakPassphrase};
use crate::patient::Place;
use crate::provider::DeviceSecret;
use crate::secret::Key;

/// Why the vault stays closed.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum UnlockError {
    /// The passphrase, or the device secret it is combined with, is another: the two cannot be told apart.
    #[error("wrong passphrase or device")]
    WrongPassphrase,
    /// Nobody of that name is enrolled.
    #[error("user is not enrolled")]
    UnknownUser,
    /// The passphrase is right and the file is not.
    #[error("key file is damaged")]
    Damaged,
}

/// Why the passphrase was not changed. The file is as it was.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum ChangeError {
    /// The old one does not unlock.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The new one is refused.
    #[error(transparent)]
    Weak(#[from] WeakPassphrase),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl KeyFile {
    /// Opens everything `user` holds. Costs what the user's [`KdfCost`] says: call it off the user interface's thread.
    pub fn unlock(&self, user: &UserId, passphrase: &Passphrase, device_secret: &DeviceSecret) -> Result<OpenKeys, UnlockError> {
        let enrolled = self.enrolled(user).ok_or(UnlockError::UnknownUser)?;
        let master = self.master_key(enrolled, passphrase, device_secret)?;
        let damaged = |_| UnlockError::Damaged;

        let header = Header { kind: Kind::PrivateKey, generation: self.generation };
        let bound = bind_private_key(header, &self.site, &self.device, user, &enrolled.public_key);
        let private = aead::unseal(&master, header, &bound, &enrolled.private_key.0).map_err(damaged)?;
        let private = Key::copied(&private).ok_or(UnlockError::Damaged)?;

        let header = Header { kind: Kind::VaultKey, generation: self.generation };
        let keys = VaultKeys::try_each(|slot| {
            let envelope = enrolled.vault_keys.get(&slot).ok_or(UnlockError::Damaged)?;
            let bound = bind_vault_key(header, &self.site, &self.device, user, slot);
            let key = hpke::open_with(&private, header, &bound, &envelope.0).map_err(damaged)?;
            Key::copied(&key).ok_or(UnlockError::Damaged)
        })?;

        // Constant time inside `verify_slice`.
        self.roster_mac(keys.get(Slot::Roster)).verify_slice(&self.roster_mac.0).map_err(|_| UnlockError::Damaged)?;
        let place = Place { site: Arc::new(self.site.clone()), generation: self.generation };
        OpenKeys::new(place, self.device.clone(), user.clone(), &master, device_secret, keys).map_err(damaged)
    }

    /// Puts `new` in `old`'s place: rewraps the user's master key and nothing else. The caller writes the file.
    pub fn change_passphrase(
        &mut self,
        user: &UserId,
        old: &Passphrase,
        new: &Passphrase,
        device_secret: &DeviceSecret,
        cost: KdfCost,
    ) -> Result<(), ChangeError> {
        let at = self.users.iter().position(|enrolled| &enrolled.user == user).ok_or(UnlockError::UnknownUser)?;
        let enrolled = &self.users[at];
        new.check(user.as_str(), &enrolled.display_name)?;
        let master = self.master_key(enrolled, old, device_secret)?;
        let place = Unlocking { site: &self.site, device: &self.device, user, generation: self.generation };
        let (salt, envelope) = place.wrap_master(&master, new, device_secret, cost, &mut OsEntropy)?;
        let enrolled = &mut self.users[at];
        (enrolled.kdf, enrolled.salt, enrolled.master_key) = (cost, salt, envelope);
        Ok(())
    }

    fn master_key(&self, enrolled: &EnrolledUser, passphrase: &Passphrase, device_secret: &DeviceSecret) -> Result<Key, UnlockError> {
        if enrolled.factors != Factors::PASSPHRASE_AND_DEVICE {
            return Err(UnlockError::Damaged);
        }
        let place = Unlocking { site: &self.site, device: &self.device, user: &enrolled.user, generation: self.generation };
        let (header, bound) = place.bind_master(enrolled.kdf, &enrolled.salt);
        // Only an absurd cost fails here, before any guess is judged.
        let unlock_key = place.unlock_key(passphrase, device_secret, enrolled.kdf, &enrolled.salt).map_err(|_| UnlockError::Damaged)?;
        match aead::unseal(&unlock_key, header, &bound, &enrolled.master_key.0) {
            Ok(master) => Key::copied(&master).ok_or(UnlockError::Damaged),
            Err(SealError::Unreadable) => Err(UnlockError::WrongPassphrase),
            Err(_) => Err(UnlockError::Damaged),
        }
    }
}

/// Which factors an unlock key is made of: one bit each, bound into the key.
pub(super) struct Factors;

impl Factors {
    const PASSPHRASE: u8 = 1;
    const DEVICE: u8 = 2;
    // 4 is reserved for a FIDO2 authenticator's hmac-secret.
    pub const PASSPHRASE_AND_DEVICE: u8 = Self::PASSPHRASE | Self::DEVICE;
}

/// Whose unlock, and where.
pub(super) struct Unlocking<'a> {
    pub site: &'a SiteId,
    pub device: &'a DeviceId,
    pub user: &'a UserId,
    pub generation: u32,
}

impl Unlocking<'_> {
    /// Wraps the master key under passphrase and device secret, with a fresh salt.
    pub fn wrap_master(
        &self,
        master: &Key,
        passphrase: &Passphrase,
        device_secret: &DeviceSecret,
        cost: KdfCost,
        entropy: &mut dyn Entropy,
    ) -> Result<(Blob<16>, Envelope), SealError> {
        let mut salt = Blob([0; 16]);
        entropy.fill(&mut salt.0)?;
        let unlock_key = self.unlock_key(passphrase, device_secret, cost, &salt)?;
        let (header, bound) = self.bind_master(cost, &salt);
        Ok((salt, Envelope(aead::seal(&unlock_key, header, &bound, master.bytes(), entropy)?)))
    }

    /// `UUK = HKDF(A ‖ K_dev; version, site, user, device, factor mask)`. Never from one factor alone.
    pub fn unlock_key(
        &self,
        passphrase: &Passphrase,
        device_secret: &DeviceSecret,
        cost: KdfCost,
        salt: &Blob<16>,
    ) -> Result<Key, SealError> {
        let stretched = cost.stretch(passphrase.bytes(), &salt.0)?;
        let mut info = b"satchel unlock key 1".to_vec();
        let (site, user, device) = (self.site.as_str(), self.user.as_str(), self.device.as_str());
        append_fields(&mut info, &[site.as_bytes(), user.as_bytes(), device.as_bytes(), &[Factors::PASSPHRASE_AND_DEVICE]]);
        combine(&[stretched.bytes(), device_secret.key().bytes()], &info)
    }

    fn bind_master(&self, cost: KdfCost, salt: &Blob<16>) -> (Header, Vec<u8>) {
        let header = Header { kind: Kind::MasterKey, generation: self.generation };
        let (site, user, device) = (self.site.as_str(), self.user.as_str(), self.device.as_str());
        let factors = [Factors::PASSPHRASE_AND_DEVICE];
        (header, header.bind(&[site.as_bytes(), user.as_bytes(), device.as_bytes(), &factors, &cost.bytes(), &salt.0]))
    }
}

pub(super) fn bind_private_key(header: Header, site: &SiteId, device: &DeviceId, user: &UserId, public: &Blob<32>) -> Vec<u8> {
    header.bind(&[site.as_str().as_bytes(), user.as_str().as_bytes(), device.as_str().as_bytes(), &public.0])
}

pub(super) fn bind_vault_key(header: Header, site: &SiteId, device: &DeviceId, user: &UserId, slot: Slot) -> Vec<u8> {
    header.bind(&[site.as_str().as_bytes(), user.as_str().as_bytes(), device.as_str().as_bytes(), slot.name().as_bytes()])
}
