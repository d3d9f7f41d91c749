//! Passphrase and device secret → unlock key → master key → private key → the vault's keys.
use std::collections::BTreeMap;
use std::sync::Arc;

use hmac::Mac;
use kernel::{DeviceId, SiteId, UserId};

use super::file::{Blob, EnrolledUser, Envelope, KeyFile};
use super::open::{Corner, DeviceTie, OpenKeys, Ring};
use super::security_key::SecurityKeySecret;
use super::slot::{Slot, VaultKeys};
use crate::aead;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError, append_fields};
use crate::hpke;
use crate::kdf::{KdfCost, combine};
use crate::passphrase::{Passphrase, WeakPassphrase};
use crate::patient::Place;
use crate::provider::WorkstationSecrets;
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
    /// The person is enrolled and may not unlock for now.
    #[error("user is disabled")]
    Disabled,
    /// The person's security key is part of the unlocking.
    #[error("security key needed")]
    SecurityKeyNeeded,
    /// The security key is not one of the person's.
    #[error("not one of the person's security keys")]
    OtherSecurityKey,
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

/// What a person unlocks with. Never from one alone: the unlock key is derived from all of them together.
#[derive(Clone, Copy)]
pub struct Factors<'a> {
    /// What the person knows.
    pub passphrase: &'a Passphrase,
    /// What the workstation has.
    pub workstation: &'a WorkstationSecrets,
    /// What the person has, by any one of their security keys; of no account for whoever has none.
    pub security_key: Option<&'a SecurityKeySecret>,
}

impl KeyFile {
    /// Opens everything `user` holds. Costs what the user's [`KdfCost`] says: call it off the user interface's thread.
    pub fn unlock(&self, user: &UserId, factors: &Factors<'_>) -> Result<OpenKeys, UnlockError> {
        let enrolled = self.enrolled(user).ok_or(UnlockError::UnknownUser)?;
        let master = self.master_key(enrolled, factors)?;
        self.open(enrolled, &master, factors.workstation)
    }

    /// Puts the passphrase `new` in the place of that in `factors`: rewraps the person's master key and nothing else, so that of
    /// several security keys one is enough, and the others go on to unlock. The caller writes the file.
    pub fn change_passphrase(&mut self, user: &UserId, factors: &Factors<'_>, new: &Passphrase, cost: KdfCost) -> Result<(), ChangeError> {
        let at = self.users.iter().position(|enrolled| &enrolled.user == user).ok_or(UnlockError::UnknownUser)?;
        let mut enrolled = self.users[at].clone();
        new.check(user.as_str(), &enrolled.display_name)?;
        let half = self.half(&enrolled, factors)?;
        let master = self.master_key_by(&enrolled, factors, half.as_ref())?;
        let new = Factors { passphrase: new, ..*factors };
        enrolled.wrap_master(self.unlocking(&self.users[at]), &master, &new, half.as_ref(), cost, &mut OsEntropy)?;
        self.users[at] = enrolled;
        Ok(())
    }

    /// Everything below a person's master key.
    pub(super) fn open(&self, enrolled: &EnrolledUser, master: &Key, workstation: &WorkstationSecrets) -> Result<OpenKeys, UnlockError> {
        let (user, damaged) = (&enrolled.user, |_| UnlockError::Damaged);
        let header = Header { kind: Kind::PrivateKey, generation: enrolled.generation };
        let bound = bind_private_key(header, &self.site, &self.device, user, &enrolled.public_key);
        let private = aead::unseal(master, header, &bound, &enrolled.private_key.0).map_err(damaged)?;
        let private = Key::copied(&private).ok_or(UnlockError::Damaged)?;
        if enrolled.is_disabled() {
            return Err(UnlockError::Disabled);
        }

        let ring = self.open_ring(user, &private, self.generation, &enrolled.vault_keys, workstation)?;
        self.check_roster(&ring, self.made_at, &self.door_public, &self.roster_mac)?;
        let next = match &self.next {
            Some(next) => {
                let keys = next.vault_keys.get(user).ok_or(UnlockError::Damaged)?;
                let ring = self.open_ring(user, &private, next.generation, keys, workstation)?;
                self.check_roster(&ring, next.made_at, &next.door_public, &next.roster_mac)?;
                Some(ring)
            }
            None => None,
        };
        let place = Place { generation: enrolled.generation, ..ring.place.clone() };
        let mut corner = Corner::new(place, user.clone(), master).map_err(damaged)?;
        corner.former = self.former_own(enrolled, master).map_err(damaged)?;
        let tied = DeviceTie::new(workstation, enrolled.device_secret).map_err(damaged)?;
        Ok(OpenKeys::new(self.device.clone(), ring, next, corner, self.recovery_seal(), tied))
    }

    pub(super) fn master_key(&self, enrolled: &EnrolledUser, factors: &Factors<'_>) -> Result<Key, UnlockError> {
        let half = self.half(enrolled, factors)?;
        self.master_key_by(enrolled, factors, half.as_ref())
    }

    fn master_key_by(&self, enrolled: &EnrolledUser, factors: &Factors<'_>, half: Option<&Key>) -> Result<Key, UnlockError> {
        if enrolled.factors != mask(half) {
            return Err(UnlockError::Damaged);
        }
        let place = self.unlocking(enrolled);
        let (header, bound) = place.bind_master(mask(half), enrolled.kdf, &enrolled.salt);
        // Only an absurd cost fails here, before any guess is judged.
        let unlock_key = place.unlock_key(factors, half, enrolled.kdf, &enrolled.salt).map_err(|_| UnlockError::Damaged)?;
        match aead::unseal(&unlock_key, header, &bound, &enrolled.master_key.0) {
            Ok(master) => Key::copied(&master).ok_or(UnlockError::Damaged),
            Err(SealError::Unreadable) => Err(UnlockError::WrongPassphrase),
            Err(_) => Err(UnlockError::Damaged),
        }
    }

    pub(super) const fn unlocking<'a>(&'a self, enrolled: &'a EnrolledUser) -> Unlocking<'a> {
        let EnrolledUser { user, generation, device_secret, .. } = enrolled;
        Unlocking { site: &self.site, device: &self.device, user, generation: *generation, device_secret: *device_secret }
    }

    fn open_ring(
        &self,
        user: &UserId,
        private: &Key,
        generation: u32,
        keys: &BTreeMap<Slot, Envelope>,
        workstation: &WorkstationSecrets,
    ) -> Result<Ring, UnlockError> {
        let damaged = |_| UnlockError::Damaged;
        let secret = self.guard(generation, workstation).map_err(damaged)?;
        let kind = if secret.is_some() { Kind::GenerationKey } else { Kind::VaultKey };
        let header = Header { kind, generation };
        let keys = VaultKeys::try_each(|slot| {
            let envelope = keys.get(&slot).ok_or(UnlockError::Damaged)?;
            let bound = bind_vault_key(header, &self.site, &self.device, user, slot);
            let key = hpke::open_by(private, secret, header, &bound, &envelope.0).map_err(damaged)?;
            Key::copied(&key).ok_or(UnlockError::Damaged)
        })?;
        Ok(Ring { place: Place { site: Arc::new(self.site.clone()), generation }, keys })
    }

    fn check_roster(&self, ring: &Ring, made_at: i64, door: &Blob<32>, mac: &Blob<32>) -> Result<(), UnlockError> {
        // Constant time inside `verify_slice`.
        let made = self.roster_mac_of(ring.place.generation, made_at, door, ring.keys.get(Slot::Roster));
        made.verify_slice(&mac.0).map_err(|_| UnlockError::Damaged)
    }
}

/// Which factors an unlock key is made of: one bit each (passphrase, device, security key), bound into the key.
pub(super) const fn mask(half: Option<&Key>) -> u8 {
    if half.is_some() { 1 | 2 | 4 } else { 1 | 2 }
}

impl EnrolledUser {
    /// Wraps the person's master key under the factors and, for whoever has security keys, `H`; with a fresh salt.
    pub(super) fn wrap_master(
        &mut self,
        place: Unlocking<'_>,
        master: &Key,
        factors: &Factors<'_>,
        half: Option<&Key>,
        cost: KdfCost,
        entropy: &mut dyn Entropy,
    ) -> Result<(), SealError> {
        (self.salt, self.master_key) = place.wrap_master(master, factors, half, cost, entropy)?;
        (self.factors, self.kdf) = (mask(half), cost);
        Ok(())
    }
}

/// Whose unlock, and where.
#[derive(Clone, Copy)]
pub(super) struct Unlocking<'a> {
    pub site: &'a SiteId,
    pub device: &'a DeviceId,
    pub user: &'a UserId,
    pub generation: u32,
    /// Which of the device's secrets is `K_dev`.
    pub device_secret: u32,
}

impl Unlocking<'_> {
    /// Wraps the master key under the factors, with a fresh salt.
    pub fn wrap_master(
        self,
        master: &Key,
        factors: &Factors<'_>,
        half: Option<&Key>,
        cost: KdfCost,
        entropy: &mut dyn Entropy,
    ) -> Result<(Blob<16>, Envelope), SealError> {
        let mut salt = Blob([0; 16]);
        entropy.fill(&mut salt.0)?;
        let unlock_key = self.unlock_key(factors, half, cost, &salt)?;
        let (header, bound) = self.bind_master(mask(half), cost, &salt);
        Ok((salt, Envelope(aead::seal(&unlock_key, header, &bound, master.bytes(), entropy)?)))
    }

    /// `UUK = HKDF(A ‖ K_dev [‖ H]; version, site, user, device, factor mask)`. Never from one factor alone.
    fn unlock_key(self, factors: &Factors<'_>, half: Option<&Key>, cost: KdfCost, salt: &Blob<16>) -> Result<Key, SealError> {
        let stretched = cost.stretch(factors.passphrase.bytes(), &salt.0)?;
        let mut info = b"satchel unlock key 1".to_vec();
        let (site, user, device) = (self.site.as_str(), self.user.as_str(), self.device.as_str());
        append_fields(&mut info, &[site.as_bytes(), user.as_bytes(), device.as_bytes(), &[mask(half)]]);
        let security_key = half.map_or(&[][..], |half| half.bytes());
        combine(&[stretched.bytes(), self.device_key(factors.workstation)?.bytes(), security_key], &info)
    }

    /// `K_dev`.
    pub fn device_key(self, workstation: &WorkstationSecrets) -> Result<&Key, SealError> {
        workstation.device(self.device_secret).ok_or(SealError::Unreadable)
    }

    fn bind_master(self, factors: u8, cost: KdfCost, salt: &Blob<16>) -> (Header, Vec<u8>) {
        let header = Header { kind: Kind::MasterKey, generation: self.generation };
        let (site, user, device) = (self.site.as_str(), self.user.as_str(), self.device.as_str());
        (header, header.bind(&[site.as_bytes(), user.as_bytes(), device.as_bytes(), &[factors], &cost.bytes(), &salt.0]))
    }
}

pub(super) fn bind_private_key(header: Header, site: &SiteId, device: &DeviceId, user: &UserId, public: &Blob<32>) -> Vec<u8> {
    header.bind(&[site.as_str().as_bytes(), user.as_str().as_bytes(), device.as_str().as_bytes(), &public.0])
}

pub(super) fn bind_vault_key(header: Header, site: &SiteId, device: &DeviceId, user: &UserId, slot: Slot) -> Vec<u8> {
    header.bind(&[site.as_str().as_bytes(), user.as_str().as_bytes(), device.as_str().as_bytes(), slot.name().as_bytes()])
}
