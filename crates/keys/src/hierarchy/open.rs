//! What an unlocked vault may do with its keys. None of them can be taken out.
use std::fmt;

use hmac::Mac;
use kernel::{DeviceId, SiteId, UserId};
use zeroize::Zeroizing;

use super::file::KeyFile;
use super::recovery::RecoverySeal;
use super::slot::{Group, Slot, VaultKeys};
use crate::aead;
use crate::door;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError};
use crate::hpke;
use crate::kdf::{derive, hmac};
use crate::patient::{PatientKey, PatientSlot, Place, WrappedPatientKey};
use crate::provider::WorkstationSecrets;
use crate::secret::Key;

/// The keys one clinician has open. Dropping it wipes them: that is what locking is.
///
/// INVARIANT: neither `Clone` nor serialisable; `Debug` shows nothing. `Send + Sync`, so that it may be shared by reference.
pub struct OpenKeys {
    device: DeviceId,
    ring: Ring,
    /// The generation that comes, while a rotation is under way. Everything new is sealed under it.
    pub(super) next: Option<Ring>,
    pub(super) corner: Corner,
    /// Seals copies of unsent work, where a recovery key was made.
    pub(super) recovery: Option<RecoverySeal>,
    pub(super) tied: DeviceTie,
}

/// Tells this device's secret from another without keeping it.
pub(super) struct DeviceTie {
    /// Which of them: that of this person's unlock key.
    pub number: u32,
    check: Key,
}

impl DeviceTie {
    pub fn new(workstation: &WorkstationSecrets, number: u32) -> Result<Self, SealError> {
        let secret = workstation.device(number).ok_or(SealError::Unreadable)?;
        Ok(Self { number, check: derive(secret, "satchel device check 1", &[])? })
    }

    /// Whether the workstation has the same secret under the same number.
    pub fn is_to(&self, workstation: &WorkstationSecrets) -> Result<bool, SealError> {
        match workstation.device(self.number) {
            Some(_) => Ok(Self::new(workstation, self.number)?.check.same(&self.check)),
            None => Ok(false),
        }
    }
}

/// One generation of the vault's keys.
pub(super) struct Ring {
    pub place: Place,
    pub keys: VaultKeys,
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
        &self.ring.place.site
    }

    /// The workstation it belongs to.
    #[must_use]
    pub fn device(&self) -> &DeviceId {
        &self.device
    }

    /// The generation that everything new is sealed under.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.newest().place.generation
    }

    /// Whether a rotation is under way: the database and older seals may be of either generation.
    #[must_use]
    pub const fn is_rotating(&self) -> bool {
        self.next.is_some()
    }

    /// Whether no key that stays open is ever swapped out; `false` where the operating system would not have it.
    #[must_use]
    pub fn are_locked_in_memory(&self) -> bool {
        self.rings().all(|ring| ring.keys.are_locked()) && self.corner.former.iter().chain([&self.corner.key]).all(Key::is_locked)
    }

    /// The database's keys, that of the newest generation first. During a rotation it is under one of the two.
    pub fn database_keys(&self) -> impl Iterator<Item = DatabaseKey<'_>> {
        self.rings().map(|ring| DatabaseKey(ring.keys.get(Slot::Database)))
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

    /// A fresh key for a patient, open, and wrapped under the group's key for the vault to store.
    pub fn new_patient_key(&self, group: Group, slot: &PatientSlot) -> Result<(WrappedPatientKey, PatientKey), SealError> {
        self.new_patient_key_with(group, slot, &mut OsEntropy)
    }

    /// Opens a patient's key; the audit entry comes first.
    pub fn open_patient_key(&self, wrapped: &WrappedPatientKey, slot: &PatientSlot) -> Result<PatientKey, SealError> {
        let ring = self.ring_of(wrapped.generation());
        wrapped.unwrap_with(ring.keys.get(wrapped.group()?.slot()), &ring.place, slot)
    }

    /// Whether something sealed by this vault is under the newest generation of its keys.
    #[must_use]
    pub fn is_newest(&self, sealed: &[u8]) -> bool {
        Header::generation_in(sealed) == Some(self.generation())
    }

    /// Seals bytes that belong to a whole group and to no one patient: the search index's snapshot, say. `kind` and `version`
    /// name what it is; both are bound.
    pub fn seal_group(&self, group: Group, kind: &str, version: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_group_with(group, kind, version, plain, &mut OsEntropy)
    }

    /// Opens what [`OpenKeys::seal_group`] closed under the same names.
    pub fn unseal_group(&self, group: Group, kind: &str, version: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let ring = self.ring_of(Header::generation_in(sealed));
        let header = ring.place.header(Kind::Group);
        let bound = ring.place.bind(header, &[group.name().as_bytes(), kind.as_bytes(), version.as_bytes()]);
        aead::unseal(&ring.bulk_key(group)?, header, &bound, sealed)
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
        let ring = self.ring_of(Header::generation_in(sealed));
        let header = door::header(ring.place.generation);
        let bound = door::bind(header, &ring.place.site, &self.device, aad);
        hpke::open_with(ring.keys.get(Slot::Door), header, &bound, sealed)
    }

    pub(super) const fn new(
        device: DeviceId,
        ring: Ring,
        next: Option<Ring>,
        corner: Corner,
        recovery: Option<RecoverySeal>,
        tied: DeviceTie,
    ) -> Self {
        Self { device, ring, next, corner, recovery, tied }
    }

    /// The generations that are open, the newest first.
    pub(super) fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.next.iter().chain([&self.ring])
    }

    pub(super) const fn in_force(&self) -> &Ring {
        &self.ring
    }

    /// The next generation becomes the one in force; the former one's keys are wiped.
    pub fn step_over(&mut self) {
        if let Some(next) = self.next.take() {
            self.ring = next;
        }
    }

    pub(super) fn newest(&self) -> &Ring {
        self.next.as_ref().unwrap_or(&self.ring)
    }

    /// The ring of a generation. One that is not open is told by the header when it does not open.
    pub(super) fn ring_of(&self, generation: Option<u32>) -> &Ring {
        self.rings().find(|ring| Some(ring.place.generation) == generation).unwrap_or_else(|| self.newest())
    }

    #[cfg(test)]
    pub(crate) fn vault_keys(&self) -> &VaultKeys {
        &self.newest().keys
    }

    /// Whether `file` is the one these keys were opened from, unedited.
    pub(super) fn is_from(&self, file: &KeyFile) -> bool {
        let place = &self.ring.place;
        let same_place = file.site == *place.site && file.device == self.device && file.generation == place.generation;
        let same_next = file.next_generation() == self.next.as_ref().map(|ring| ring.place.generation);
        let roster = self.ring.keys.get(Slot::Roster);
        same_place && same_next && file.roster_mac(roster).verify_slice(&file.roster_mac.0).is_ok()
    }

    pub(super) const fn tied(&self) -> &DeviceTie {
        &self.tied
    }

    pub(crate) fn new_patient_key_with(
        &self,
        group: Group,
        slot: &PatientSlot,
        entropy: &mut dyn Entropy,
    ) -> Result<(WrappedPatientKey, PatientKey), SealError> {
        let key = entropy.key()?;
        let place = &self.newest().place;
        let wrapped = WrappedPatientKey::wrap(&key, group, self.key(group.slot()), place, slot, entropy)?;
        Ok((wrapped, PatientKey::new(key, slot.patient, place.clone())))
    }

    pub(crate) fn seal_group_with(
        &self,
        group: Group,
        kind: &str,
        version: &str,
        plain: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let ring = self.newest();
        let header = ring.place.header(Kind::Group);
        let bound = ring.place.bind(header, &[group.name().as_bytes(), kind.as_bytes(), version.as_bytes()]);
        aead::seal(&ring.bulk_key(group)?, header, &bound, plain, entropy)
    }

    #[cfg(test)]
    pub(crate) fn seal_own_with(&self, purpose: &str, plain: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        self.corner.seal(purpose, plain, entropy)
    }

    fn key(&self, slot: Slot) -> &Key {
        self.newest().keys.get(slot)
    }
}

impl Ring {
    /// A group's key wraps keys; what it seals in bulk is under a key derived from it.
    fn bulk_key(&self, group: Group) -> Result<Key, SealError> {
        derive(self.keys.get(group.slot()), "satchel group bulk key 1", &[])
    }
}

/// The database's raw key.
pub struct DatabaseKey<'a>(pub(super) &'a Key);

impl DatabaseKey<'_> {
    /// Lends the key as 64 hexadecimal digits, for SQLCipher's `PRAGMA key = "x'…'"`. The text is wiped when `use_key` returns; it
    /// must copy it nowhere but into that statement.
    pub fn lend<R>(&self, use_key: impl FnOnce(&str) -> R) -> R {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = Zeroizing::new(String::with_capacity(64));
        for byte in self.0.bytes() {
            hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
            hex.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        use_key(&hex)
    }
}

impl fmt::Debug for DatabaseKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseKey(redacted)")
    }
}

/// What one user has alone.
pub(super) struct Corner {
    place: Place,
    user: UserId,
    /// Derived from the user's master key, which itself is not kept.
    key: Key,
    /// The same of the generation before, until everything under it is resealed.
    pub former: Option<Key>,
}

impl Corner {
    pub fn new(place: Place, user: UserId, master: &Key) -> Result<Self, SealError> {
        Ok(Self { place, user, key: Self::own_key(master)?, former: None })
    }

    pub fn own_key(master: &Key) -> Result<Key, SealError> {
        Ok(derive(master, "satchel own key 1", &[])?.lasting())
    }

    pub const fn user(&self) -> &UserId {
        &self.user
    }

    pub fn seal(&self, purpose: &str, plain: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        let (header, bound) = self.bind(self.place.generation, purpose);
        aead::seal(&self.key, header, &bound, plain, entropy)
    }

    fn unseal(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let before = self.place.generation.saturating_sub(1);
        let (key, generation) = match &self.former {
            Some(former) if Header::generation_in(sealed) == Some(before) => (former, before),
            _ => (&self.key, self.place.generation),
        };
        let (header, bound) = self.bind(generation, purpose);
        aead::unseal(key, header, &bound, sealed)
    }

    fn bind(&self, generation: u32, purpose: &str) -> (Header, Vec<u8>) {
        let header = Header { kind: Kind::Own, generation };
        (header, self.place.bind(header, &[self.user.as_str().as_bytes(), purpose.as_bytes()]))
    }
}

impl fmt::Debug for OpenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenKeys(redacted)")
    }
}
