//! Passphrase and device secret → unlock key → master key → private key → the vault's keys.
use std::collections::BTreeMap;
use std::sync::Arc;

use hmac::Mac;
use kernel::{DeviceId, SiteId, UserId};

use super::file::{Blob, EnrolledUser, Envelope, KeyFile};
use super::open::{Corner, OpenKeys, Ring};
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
    /// What the person has, for whoever has made a security key part of their unlocking.
    pub security_key: Option<&'a SecurityKeySecret>,
}

/// `S`: the 32 bytes a FIDO2 authenticator derives for this person and workstation (CTAP 2.1 §12.5, `hmac-secret`).
pub struct SecurityKeySecret(Key);

impl SecurityKeySecret {
    /// Takes the authenticator's output; the caller wipes its own copy.
    #[must_use]
    pub fn new(output: &[u8; 32]) -> Option<Self> {
        Key::copied(output).map(Self)
    }
}

impl KeyFile {
    /// Opens everything `user` holds. Costs what the user's [`KdfCost`] says: call it off the user interface's thread.
    pub fn unlock(&self, user: &UserId, factors: &Factors<'_>) -> Result<OpenKeys, UnlockError> {
        let enrolled = self.enrolled(user).ok_or(UnlockError::UnknownUser)?;
        let master = self.master_key(enrolled, factors)?;
        let damaged = |_| UnlockError::Damaged;

        let header = Header { kind: Kind::PrivateKey, generation: enrolled.generation };
        let bound = bind_private_key(header, &self.site, &self.device, user, &enrolled.public_key);
        let private = aead::unseal(&master, header, &bound, &enrolled.private_key.0).map_err(damaged)?;
        let private = Key::copied(&private).ok_or(UnlockError::Damaged)?;
        if enrolled.is_disabled() {
            return Err(UnlockError::Disabled);
        }

        let ring = self.open_ring(user, &private, self.generation, &enrolled.vault_keys, factors.workstation)?;
        self.check_roster(&ring, self.made_at, &self.door_public, &self.roster_mac)?;
        let next = match &self.next {
            Some(next) => {
                let keys = next.vault_keys.get(user).ok_or(UnlockError::Damaged)?;
                let ring = self.open_ring(user, &private, next.generation, keys, factors.workstation)?;
                self.check_roster(&ring, next.made_at, &next.door_public, &next.roster_mac)?;
                Some(ring)
            }
            None => None,
        };
        let place = Place { generation: enrolled.generation, ..ring.place.clone() };
        let corner = Corner::new(place, user.clone(), &master).map_err(damaged)?;
        OpenKeys::new(self.device.clone(), ring, next, corner, self.recovery_seal(), factors.workstation.device()).map_err(damaged)
    }

    /// Puts `new` factors in the `old` ones' place: rewraps the user's master key and nothing else. The caller writes the file.
    pub fn change_factors(&mut self, user: &UserId, old: &Factors<'_>, new: &Factors<'_>, cost: KdfCost) -> Result<(), ChangeError> {
        let at = self.users.iter().position(|enrolled| &enrolled.user == user).ok_or(UnlockError::UnknownUser)?;
        let enrolled = &self.users[at];
        new.passphrase.check(user.as_str(), &enrolled.display_name)?;
        let master = self.master_key(enrolled, old)?;
        let place = Unlocking { site: &self.site, device: &self.device, user, generation: enrolled.generation };
        let (salt, envelope) = place.wrap_master(&master, new, cost, &mut OsEntropy)?;
        let enrolled = &mut self.users[at];
        (enrolled.factors, enrolled.kdf, enrolled.salt, enrolled.master_key) = (new.mask(), cost, salt, envelope);
        Ok(())
    }

    fn master_key(&self, enrolled: &EnrolledUser, factors: &Factors<'_>) -> Result<Key, UnlockError> {
        let with_key = match enrolled.factors {
            mask::PASSPHRASE_AND_DEVICE => false,
            mask::WITH_SECURITY_KEY => true,
            _ => return Err(UnlockError::Damaged),
        };
        if with_key && factors.security_key.is_none() {
            return Err(UnlockError::SecurityKeyNeeded);
        }
        let factors = Factors { security_key: factors.security_key.filter(|_| with_key), ..*factors };
        let place = Unlocking { site: &self.site, device: &self.device, user: &enrolled.user, generation: enrolled.generation };
        let (header, bound) = place.bind_master(&factors, enrolled.kdf, &enrolled.salt);
        // Only an absurd cost fails here, before any guess is judged.
        let unlock_key = place.unlock_key(&factors, enrolled.kdf, &enrolled.salt).map_err(|_| UnlockError::Damaged)?;
        match aead::unseal(&unlock_key, header, &bound, &enrolled.master_key.0) {
            Ok(master) => Key::copied(&master).ok_or(UnlockError::Damaged),
            Err(SealError::Unreadable) => Err(UnlockError::WrongPassphrase),
            Err(_) => Err(UnlockError::Damaged),
        }
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

/// Which factors an unlock key is made of: one bit each, bound into the key.
mod mask {
    pub const PASSPHRASE_AND_DEVICE: u8 = 1 | 2;
    pub const WITH_SECURITY_KEY: u8 = PASSPHRASE_AND_DEVICE | 4;
}

impl Factors<'_> {
    pub(super) const fn mask(&self) -> u8 {
        if self.security_key.is_some() { mask::WITH_SECURITY_KEY } else { mask::PASSPHRASE_AND_DEVICE }
    }
}

/// Whose unlock, and where.
pub(super) struct Unlocking<'a> {
    pub site: &'a SiteId,
    pub device: &'a DeviceId,
    pub user: &'a UserId,
    pub generation: u32,
}

impl Unlocking<'_> {
    /// Wraps the master key under the factors, with a fresh salt.
    pub fn wrap_master(
        &self,
        master: &Key,
        factors: &Factors<'_>,
        cost: KdfCost,
        entropy: &mut dyn Entropy,
    ) -> Result<(Blob<16>, Envelope), SealError> {
        let mut salt = Blob([0; 16]);
        entropy.fill(&mut salt.0)?;
        let unlock_key = self.unlock_key(factors, cost, &salt)?;
        let (header, bound) = self.bind_master(factors, cost, &salt);
        Ok((salt, Envelope(aead::seal(&unlock_key, header, &bound, master.bytes(), entropy)?)))
    }

    /// `UUK = HKDF(A ‖ K_dev [‖ S]; version, site, user, device, factor mask)`. Never from one factor alone.
    fn unlock_key(&self, factors: &Factors<'_>, cost: KdfCost, salt: &Blob<16>) -> Result<Key, SealError> {
        let stretched = cost.stretch(factors.passphrase.bytes(), &salt.0)?;
        let mut info = b"satchel unlock key 1".to_vec();
        let (site, user, device) = (self.site.as_str(), self.user.as_str(), self.device.as_str());
        append_fields(&mut info, &[site.as_bytes(), user.as_bytes(), device.as_bytes(), &[factors.mask()]]);
        let security_key = factors.security_key.map_or(&[][..], |secret| secret.0.bytes());
        combine(&[stretched.bytes(), factors.workstation.device().key().bytes(), security_key], &info)
    }

    fn bind_master(&self, factors: &Factors<'_>, cost: KdfCost, salt: &Blob<16>) -> (Header, Vec<u8>) {
        let header = Header { kind: Kind::MasterKey, generation: self.generation };
        let (site, user, device) = (self.site.as_str(), self.user.as_str(), self.device.as_str());
        let factors = [factors.mask()];
        (header, header.bind(&[site.as_bytes(), user.as_bytes(), device.as_bytes(), &factors, &cost.bytes(), &salt.0]))
    }
}

pub(super) fn bind_private_key(header: Header, site: &SiteId, device: &DeviceId, user: &UserId, public: &Blob<32>) -> Vec<u8> {
    header.bind(&[site.as_str().as_bytes(), user.as_str().as_bytes(), device.as_str().as_bytes(), &public.0])
}

pub(super) fn bind_vault_key(header: Header, site: &SiteId, device: &DeviceId, user: &UserId, slot: Slot) -> Vec<u8> {
    header.bind(&[site.as_str().as_bytes(), user.as_str().as_bytes(), device.as_str().as_bytes(), slot.name().as_bytes()])
}
