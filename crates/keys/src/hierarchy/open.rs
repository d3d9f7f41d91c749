//! What an unlocked vault may do with its keys. None of them can be taken out.
use std::fmt;

use hmac::Mac;
use kernel::{DeviceId, SiteId, UserId};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::file::KeyFile;
use super::slot::{Group, Slot, VaultKeys};
use crate::aead;
use crate::door;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Kind, SealError};
use crate::hpke;
use crate::kdf::{derive, hmac};
use crate::patient::{PatientKey, PatientSlot, Place, WrappedPatientKey};
use crate::provider::DeviceSecret;
use crate::secret::Key;

/// The keys one clinician has open. Dropping it wipes them: that is what locking is.
///
/// INVARIANT: neither `Clone` nor serialisable; `Debug` shows nothing. `Send + Sync`, so that it may be shared by reference.
pub struct OpenKeys {
    place: Place,
    device: DeviceId,
    keys: VaultKeys,
    corner: Corner,
    /// Tells this device's secret from another without keeping it.
    device_check: Key,
}

impl OpenKeys {
    /// Whose keys these are.
    #[must_use]
    pub fn user(&self) -> &UserId {
        self.corner.user()
    }

    /// The EHR the vault belongs to.
    #[must_use]
    pub fn site(&self) -> &SiteId {
        &self.place.site
    }

    /// The workstation it belongs to.
    #[must_use]
    pub fn device(&self) -> &DeviceId {
        &self.device
    }

    /// The generation of the vault's keys.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.place.generation
    }

    /// Lends the database's raw key as 64 hexadecimal digits, for SQLCipher's `PRAGMA key = "x'…'"`. The text is wiped when
    /// `use_key` returns; it must copy it nowhere but into that statement.
    pub fn with_database_key<R>(&self, use_key: impl FnOnce(&str) -> R) -> R {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = Zeroizing::new(String::with_capacity(64));
        for byte in self.key(Slot::Database).bytes() {
            hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
            hex.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        use_key(&hex)
    }

    /// A keyed hash of `text` to look it up by: equal texts of one `domain` have equal tags, which say nothing of the text.
    #[must_use]
    pub fn tag(&self, domain: &str, text: &str) -> [u8; 16] {
        let domain_len = (domain.len() as u64).to_be_bytes();
        let mac = hmac(self.key(Slot::Index)).chain_update(domain_len).chain_update(domain).chain_update(text).finalize().into_bytes();
        let mut tag = [0; 16];
        tag.copy_from_slice(&mac[..16]);
        tag
    }

    /// The audit chain's MAC of `bytes` (HMAC-SHA-256).
    #[must_use]
    pub fn mac(&self, bytes: &[u8]) -> [u8; 32] {
        hmac(self.key(Slot::Audit)).chain_update(bytes).finalize().into_bytes().into()
    }

    /// Whether `mac` is [`OpenKeys::mac`] of `bytes`, compared in constant time.
    #[must_use]
    pub fn verify_mac(&self, bytes: &[u8], mac: &[u8]) -> bool {
        hmac(self.key(Slot::Audit)).chain_update(bytes).verify_slice(mac).is_ok()
    }

    /// A fresh key for a patient, open, and wrapped under the group's key for the vault to store.
    pub fn new_patient_key(&self, group: Group, slot: &PatientSlot) -> Result<(WrappedPatientKey, PatientKey), SealError> {
        self.new_patient_key_with(group, slot, &mut OsEntropy)
    }

    /// Opens a patient's key; the audit entry comes first.
    pub fn open_patient_key(&self, wrapped: &WrappedPatientKey, slot: &PatientSlot) -> Result<PatientKey, SealError> {
        wrapped.unwrap_with(self.key(wrapped.group()?.slot()), &self.place, slot)
    }

    /// Seals bytes that belong to a whole group and to no one patient: the search index's snapshot, say. `kind` and `version`
    /// name what it is; both are bound.
    pub fn seal_group(&self, group: Group, kind: &str, version: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_group_with(group, kind, version, plain, &mut OsEntropy)
    }

    /// Opens what [`OpenKeys::seal_group`] closed under the same names.
    pub fn unseal_group(&self, group: Group, kind: &str, version: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let header = self.place.header(Kind::Group);
        let bound = self.place.bind(header, &[group.name().as_bytes(), kind.as_bytes(), version.as_bytes()]);
        aead::unseal(&self.bulk_key(group)?, header, &bound, sealed)
    }

    /// Seals what is this user's alone (open tabs, refresh token): no other enrolled user opens it.
    pub fn seal_own(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.corner.seal(purpose, plain, &mut OsEntropy)
    }

    /// Opens what [`OpenKeys::seal_own`] closed for the same purpose.
    pub fn unseal_own(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.corner.unseal(purpose, sealed)
    }

    /// Opens what [`DoorSeal::seal`](crate::DoorSeal::seal) closed under the same `aad`.
    pub fn open_door(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let header = door::header(self.place.generation);
        let bound = door::bind(header, &self.place.site, &self.device, aad);
        hpke::open_with(self.key(Slot::Door), header, &bound, sealed)
    }

    pub(super) fn new(
        place: Place,
        device: DeviceId,
        user: UserId,
        master: &Key,
        device_secret: &DeviceSecret,
        keys: VaultKeys,
    ) -> Result<Self, SealError> {
        let corner = Corner::new(place.clone(), user, master)?;
        Ok(Self { place, device, keys, corner, device_check: device_check(device_secret)? })
    }

    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn vault_keys(&self) -> &VaultKeys {
        &self.keys
    }

    /// Whether `file` is the one these keys were opened from, unedited.
    pub(super) fn is_from(&self, file: &KeyFile) -> bool {
        let same_place = file.site == *self.place.site && file.device == self.device && file.generation == self.place.generation;
        same_place && file.roster_mac(self.key(Slot::Roster)).verify_slice(&file.roster_mac.0).is_ok()
    }

    /// Whether `device_secret` is the one these keys were opened with.
    pub(super) fn is_on(&self, device_secret: &DeviceSecret) -> Result<bool, SealError> {
        Ok(device_check(device_secret)?.bytes().ct_eq(self.device_check.bytes()).into())
    }

    pub(crate) fn new_patient_key_with(
        &self,
        group: Group,
        slot: &PatientSlot,
        entropy: &mut dyn Entropy,
    ) -> Result<(WrappedPatientKey, PatientKey), SealError> {
        let key = entropy.key()?;
        let wrapped = WrappedPatientKey::wrap(&key, group, self.key(group.slot()), &self.place, slot, entropy)?;
        Ok((wrapped, PatientKey::new(key, slot.patient, self.place.clone())))
    }

    pub(crate) fn seal_group_with(
        &self,
        group: Group,
        kind: &str,
        version: &str,
        plain: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let header = self.place.header(Kind::Group);
        let bound = self.place.bind(header, &[group.name().as_bytes(), kind.as_bytes(), version.as_bytes()]);
        aead::seal(&self.bulk_key(group)?, header, &bound, plain, entropy)
    }

    #[cfg(test)]
    pub(crate) fn seal_own_with(&self, purpose: &str, plain: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        self.corner.seal(purpose, plain, entropy)
    }

    /// A group's key wraps keys; what it seals in bulk is under a key derived from it.
    fn bulk_key(&self, group: Group) -> Result<Key, SealError> {
        derive(self.key(group.slot()), "satchel group bulk key 1", &[])
    }

    fn key(&self, slot: Slot) -> &Key {
        self.keys.get(slot)
    }
}

/// What one user has alone.
pub(super) struct Corner {
    place: Place,
    user: UserId,
    /// Derived from the user's master key, which itself is not kept.
    key: Key,
}

impl Corner {
    pub fn new(place: Place, user: UserId, master: &Key) -> Result<Self, SealError> {
        Ok(Self { place, user, key: derive(master, "satchel own key 1", &[])? })
    }

    pub const fn user(&self) -> &UserId {
        &self.user
    }

    pub fn seal(&self, purpose: &str, plain: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        aead::seal(&self.key, self.place.header(Kind::Own), &self.bind(purpose), plain, entropy)
    }

    fn unseal(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        aead::unseal(&self.key, self.place.header(Kind::Own), &self.bind(purpose), sealed)
    }

    fn bind(&self, purpose: &str) -> Vec<u8> {
        let header = self.place.header(Kind::Own);
        self.place.bind(header, &[self.user.as_str().as_bytes(), purpose.as_bytes()])
    }
}

impl fmt::Debug for OpenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenKeys(redacted)")
    }
}

fn device_check(device_secret: &DeviceSecret) -> Result<Key, SealError> {
    derive(device_secret.key(), "satchel device check 1", &[])
}
