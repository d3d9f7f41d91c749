//! Renewal of what one person alone has, and of the device's secret: at that person's own unlock, for only then are the factors at
//! hand. One write of the key file is the whole switch.
//!
//! ```text
//! own keys       renew ─► new master key and key pair; the former own key under the new master key
//!                      ─► (the vault reseals what is the person's) ─► end ─► the former own key is forgotten
//! device secret  n+1 in the keyring ─► each moves at the next unlock ─► nobody's unlock key has n ─► n is deleted
//! ```
use kernel::UserId;

use super::file::{Blob, EnrolledUser, Envelope, KeyFile};
use super::open::{Corner, OpenKeys};
use super::rotate::RosterError;
use super::unlock::{Factors, UnlockError, Unlocking, bind_private_key};
use crate::aead;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError};
use crate::hpke;
use crate::provider::SecretName;
use crate::secret::Key;

/// What is to be renewed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Due {
    /// The person's master key and key pair.
    pub own_keys: bool,
    /// The number of the device's secret to move to: the one in force, or the one that comes after it.
    pub device_secret: Option<u32>,
}

/// Why nothing was renewed. The file is as it was.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum RenewError {
    /// What is in force does not unlock, or what would take its place would not.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The file is another, or a former renewal is not at its end.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A person's renewed keys, until the file that wraps them is on disk.
pub struct RenewedKeys(OpenKeys);

impl EnrolledUser {
    /// When the person's master key and key pair were made, seconds since 1970; `None` for older forms.
    #[must_use]
    pub fn own_keys_made_at(&self) -> Option<i64> {
        (self.own_made_at != 0).then_some(self.own_made_at)
    }
}

impl KeyFile {
    /// When the device's secret in force was made, seconds since 1970; `None` for older forms.
    #[must_use]
    pub fn device_secret_made_at(&self) -> Option<i64> {
        (self.device_secret_made_at != 0).then_some(self.device_secret_made_at)
    }

    /// The number of the device's secret in force, counted from one.
    #[must_use]
    pub const fn device_secret(&self) -> u32 {
        self.device_secret
    }

    /// Who has not unlocked since the device's secret was renewed. Someone disabled stays among them until enabled or removed.
    pub fn awaited(&self) -> impl Iterator<Item = &UserId> {
        self.users.iter().filter(|enrolled| enrolled.device_secret != self.device_secret).map(|enrolled| &enrolled.user)
    }

    /// The former device's secret, once it is part of nobody's unlock key: to be deleted from the keyring.
    #[must_use]
    pub fn spent_device_secret(&self) -> Option<SecretName> {
        (self.device_secret > 1 && self.awaited().next().is_none()).then(|| SecretName::device(self.device_secret - 1))
    }

    /// What is due for this person, as this device's secret and the person's keys are older than they should be.
    ///
    /// INVARIANT: at most two device's secrets are in use: another is not begun before everyone has moved to the one in force.
    #[must_use]
    pub fn due(&self, user: &UserId, own_keys_old: bool, device_secret_old: bool) -> Due {
        let Some(enrolled) = self.enrolled(user) else { return Due::default() };
        let number =
            if device_secret_old && self.awaited().next().is_none() { self.device_secret.saturating_add(1) } else { self.device_secret };
        Due { own_keys: own_keys_old && enrolled.former_own.is_none(), device_secret: (number != enrolled.device_secret).then_some(number) }
    }

    /// The numbers of the device's secrets that unlock keys are made of, the one in force first.
    pub(crate) fn device_secrets_in_use(&self) -> impl Iterator<Item = u32> {
        let former = self.device_secret.saturating_sub(1);
        [self.device_secret].into_iter().chain(self.awaited().next().map(|_| former))
    }

    /// Whether the numbers are such as this room would write.
    pub(super) fn is_renewal_sound(&self) -> bool {
        let may_have = self.format >= Self::FORMAT_WITH_RENEWAL;
        let is_new = |user: &EnrolledUser| user.own_made_at != 0 || user.device_secret != 1 || user.former_own.is_some();
        let has = self.device_secret != 1 || self.device_secret_made_at != 0 || self.users.iter().any(is_new);
        let in_use = |user: &EnrolledUser| {
            user.device_secret >= 1 && self.device_secret.checked_sub(user.device_secret).is_some_and(|behind| behind <= 1)
        };
        (may_have || !has) && self.users.iter().all(in_use)
    }

    pub(super) fn former_own(&self, enrolled: &EnrolledUser, master: &Key) -> Result<Option<Key>, SealError> {
        let Some(envelope) = &enrolled.former_own else { return Ok(None) };
        let (header, bound) = self.bind_former_own(enrolled);
        let key = aead::unseal(master, header, &bound, &envelope.0)?;
        Key::copied(&key).map(|key| Some(key.lasting())).ok_or(SealError::Unreadable)
    }

    fn bind_former_own(&self, enrolled: &EnrolledUser) -> (Header, Vec<u8>) {
        let header = Header { kind: Kind::FormerOwnKey, generation: enrolled.generation };
        (header, header.bind(&[self.site.as_str().as_bytes(), enrolled.user.as_str().as_bytes(), self.device.as_str().as_bytes()]))
    }

    /// A new master key and key pair; the former own key goes under the new master key.
    fn renew_own_keys(&self, enrolled: &mut EnrolledUser, former: &Key, at: i64, entropy: &mut dyn Entropy) -> Result<Key, RenewError> {
        if enrolled.former_own.is_some() {
            return Err(RosterError::Rotation.into());
        }
        let master = entropy.key()?;
        enrolled.generation = enrolled.generation.checked_add(1).ok_or(RosterError::Rotation)?;
        enrolled.own_made_at = at;
        let (header, bound) = self.bind_former_own(enrolled);
        enrolled.former_own = Some(Envelope(aead::seal(&master, header, &bound, Corner::own_key(former)?.bytes(), entropy)?));
        let (private, public) = hpke::key_pair(entropy)?;
        enrolled.public_key = Blob(public);
        let header = Header { kind: Kind::PrivateKey, generation: enrolled.generation };
        let bound = bind_private_key(header, &self.site, &self.device, &enrolled.user, &enrolled.public_key);
        enrolled.private_key = Envelope(aead::seal(&master, header, &bound, private.bytes(), entropy)?);
        Ok(master)
    }
}

impl OpenKeys {
    /// Renews what is due of the person whose keys these are. `factors` unlock the file as it stands; their workstation has the
    /// device's secret to move to as well ([`crate::WorkstationSecrets::with_device`]). The changed file was unlocked with the same
    /// factors before it is given back. The caller writes it, then takes the keys up. `at` is the time, seconds since 1970.
    ///
    /// Costs what three unlocks cost.
    pub fn renew(&self, file: &KeyFile, factors: &Factors<'_>, due: Due, at: i64) -> Result<(KeyFile, RenewedKeys), RenewError> {
        self.renew_with(file, factors, due, at, &mut OsEntropy)
    }

    /// What is the person's own is sealed under the renewed keys from here on, and opens from before and after.
    pub fn take_up_renewed(&mut self, RenewedKeys(renewed): RenewedKeys) {
        (self.corner, self.tied) = (renewed.corner, renewed.tied);
    }

    /// Whether something that is the person's own may be under the key of the generation before.
    #[must_use]
    pub const fn has_former_own_key(&self) -> bool {
        self.corner.former.is_some()
    }

    /// The file without the person's former own key, for when nothing is under it any more. The caller writes it, then forgets the key.
    pub fn end_renewal(&self, file: &KeyFile) -> Result<KeyFile, RosterError> {
        if !self.is_from(file) {
            return Err(RosterError::OtherFile);
        }
        let mut changed = file.clone();
        for enrolled in changed.users.iter_mut().filter(|enrolled| &enrolled.user == self.user()) {
            enrolled.former_own = None;
        }
        Ok(changed)
    }

    /// The former own key is wiped. The file that has it no more is on disk.
    pub fn forget_former_own_key(&mut self) {
        self.corner.former = None;
    }

    pub(crate) fn renew_with(
        &self,
        file: &KeyFile,
        factors: &Factors<'_>,
        due: Due,
        at: i64,
        entropy: &mut dyn Entropy,
    ) -> Result<(KeyFile, RenewedKeys), RenewError> {
        // INVARIANT: the list of security keys is vouched for before it is sealed to.
        if !self.is_from(file) || !self.tied().is_to(factors.workstation)? {
            return Err(RosterError::OtherFile.into());
        }
        let place = file.users.iter().position(|enrolled| &enrolled.user == self.user()).ok_or(RosterError::UnknownUser)?;
        let former = &file.users[place];
        let mut master = file.master_key(former, factors)?;
        let (mut changed, mut enrolled) = (file.clone(), former.clone());
        changed.format = changed.format.max(KeyFile::FORMAT_WITH_RENEWAL);
        if due.own_keys {
            master = file.renew_own_keys(&mut enrolled, &master, at, entropy)?;
        }
        if let Some(number) = due.device_secret {
            changed.move_to(&mut enrolled, number, at)?;
        }
        let cost = enrolled.kdf;
        let unlocking = Unlocking { generation: enrolled.generation, device_secret: enrolled.device_secret, ..file.unlocking(former) };
        let half = unlocking.renew_half(enrolled.security_keys.as_mut(), factors, entropy)?;
        enrolled.wrap_master(unlocking, &master, factors, half.as_ref(), cost, entropy)?;
        changed.users[place] = enrolled;
        let rings: Vec<_> = self.rings().collect();
        if due.own_keys {
            changed.give_keys(self.user(), &rings, factors.workstation, entropy)?;
        }
        changed.vouch(&rings);
        let renewed = changed.unlock(self.user(), factors)?;
        Ok((changed, RenewedKeys(renewed)))
    }
}

impl KeyFile {
    fn move_to(&mut self, enrolled: &mut EnrolledUser, number: u32, at: i64) -> Result<(), RosterError> {
        if number != self.device_secret {
            if self.device_secret.checked_add(1) != Some(number) || self.awaited().next().is_some() {
                return Err(RosterError::Rotation);
            }
            (self.device_secret, self.device_secret_made_at) = (number, at);
        }
        enrolled.device_secret = number;
        Ok(())
    }
}
