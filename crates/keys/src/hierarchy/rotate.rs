//! A new generation of the vault's keys: made beside the old one, in force once everything is under it.
//!
//! ```text
//! begin ─► g and g+1 open, everything new under g+1 ─► (the vault reseals) ─► end ─► g+1 alone; g's secret is deleted
//! ```
use std::sync::Arc;

use kernel::UserId;

use super::file::{Blob, KeyFile, NextGeneration};
use super::open::{OpenKeys, Ring};
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::SealError;
use crate::patient::Place;
use crate::provider::WorkstationSecrets;

/// Why a rotation or a change of the roster was not made. The file is as it was.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum RosterError {
    /// The file is not the one these keys were opened from, or was edited.
    #[error("key file does not belong to the open keys")]
    OtherFile,
    /// A rotation is under way already, or none is.
    #[error("a rotation stands in the way")]
    Rotation,
    /// Nobody of that name has a place here.
    #[error("user is not enrolled")]
    UnknownUser,
    /// Whoever has the keys open cannot take them from themselves.
    #[error("user is working")]
    Oneself,
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// The keys of the next generation, until the file that wraps them is on disk.
pub struct NextKeys(Ring);

impl OpenKeys {
    /// Makes the next generation and wraps it to everyone who may unlock. `workstation` holds its secret already
    /// ([`WorkstationSecrets::with_generation`]). The caller writes the file, then takes the keys up: from then on both generations
    /// open. `at` is the time, seconds since 1970.
    pub fn begin_generation(&self, file: &KeyFile, workstation: &WorkstationSecrets, at: i64) -> Result<(KeyFile, NextKeys), RosterError> {
        self.begin_generation_with(file, workstation, at, &mut OsEntropy)
    }

    /// Both generations are open from here on, and everything new is sealed under the new one.
    pub fn take_up(&mut self, next: NextKeys) {
        self.next = Some(next.0);
    }

    pub(crate) fn begin_generation_with(
        &self,
        file: &KeyFile,
        workstation: &WorkstationSecrets,
        at: i64,
        entropy: &mut dyn Entropy,
    ) -> Result<(KeyFile, NextKeys), RosterError> {
        if !self.is_from(file) {
            return Err(RosterError::OtherFile);
        }
        if self.is_rotating() {
            return Err(RosterError::Rotation);
        }
        let generation = file.generation.checked_add(1).ok_or(RosterError::Rotation)?;
        let (keys, door) = self.in_force().keys.next(entropy)?;
        let ring = Ring { place: Place { site: Arc::clone(&self.in_force().place.site), generation }, keys };
        let mut changed = file.clone();
        changed.format = changed.format.max(KeyFile::FORMAT);
        let (door_public, roster_mac) = (Blob(door), Blob([0; 32]));
        changed.next = Some(NextGeneration { generation, made_at: at, door_public, vault_keys: Default::default(), roster_mac });
        let able: Vec<UserId> = changed.users.iter().filter(|user| !user.is_disabled()).map(|user| user.user.clone()).collect();
        for user in &able {
            changed.give_keys(user, &[&ring], workstation, entropy)?;
        }
        changed.let_recover(&ring, entropy)?;
        changed.vouch(&[self.in_force(), &ring]);
        Ok((changed, NextKeys(ring)))
    }

    /// The file with the next generation in force alone, for when nothing is under the former one any more. The caller writes it,
    /// steps over, and then has the former generation's secret deleted, by which every older copy becomes unreadable.
    pub fn end_generation(&self, file: &KeyFile) -> Result<KeyFile, RosterError> {
        if !self.is_from(file) {
            return Err(RosterError::OtherFile);
        }
        let mut changed = file.clone();
        let next = changed.next.take().ok_or(RosterError::Rotation)?;
        (changed.generation, changed.made_at, changed.guarded) = (next.generation, next.made_at, true);
        (changed.door_public, changed.roster_mac) = (next.door_public, next.roster_mac);
        let mut keys = next.vault_keys;
        for user in &mut changed.users {
            user.vault_keys = keys.remove(&user.user).unwrap_or_default();
        }
        if let Some(recovery) = &mut changed.recovery {
            recovery.database.retain(|generation, _| *generation == next.generation);
        }
        Ok(changed)
    }

    /// Takes the keys from someone, for a time: their place stays. Until the next generation is in force, an older copy of the key
    /// file would still let them in.
    pub fn disable(&self, file: &mut KeyFile, user: &UserId) -> Result<(), RosterError> {
        let at = self.colleague(file, user)?;
        file.users[at].vault_keys.clear();
        if let Some(next) = &mut file.next {
            next.vault_keys.remove(user);
        }
        Ok(())
    }

    /// Gives them back. No passphrase is needed: the keys are wrapped to the person's public key.
    pub fn enable(&self, file: &mut KeyFile, user: &UserId, workstation: &WorkstationSecrets) -> Result<(), RosterError> {
        self.colleague(file, user)?;
        let rings: Vec<_> = self.rings().collect();
        Ok(file.give_keys(user, &rings, workstation, &mut OsEntropy)?)
    }

    /// Takes someone's place away. A new generation must follow: until it is in force, an older copy of the key file would still
    /// let them in.
    pub fn remove(&self, file: &mut KeyFile, user: &UserId) -> Result<(), RosterError> {
        let at = self.colleague(file, user)?;
        file.users.remove(at);
        if let Some(next) = &mut file.next {
            next.vault_keys.remove(user);
        }
        file.format = file.format.max(KeyFile::FORMAT);
        file.vouch(&self.rings().collect::<Vec<_>>());
        Ok(())
    }

    fn colleague(&self, file: &KeyFile, user: &UserId) -> Result<usize, RosterError> {
        if !self.is_from(file) {
            return Err(RosterError::OtherFile);
        }
        if self.user() == user {
            return Err(RosterError::Oneself);
        }
        file.users.iter().position(|enrolled| &enrolled.user == user).ok_or(RosterError::UnknownUser)
    }
}
