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

impl OpenKeys {
    /// Makes the next generation and wraps it to everyone who may unlock. `workstation` holds its secret already
    /// ([`WorkstationSecrets::with_generation`]). The caller writes the file; from then on both generations open.
    pub fn begin_generation(&mut self, file: &mut KeyFile, workstation: &WorkstationSecrets) -> Result<u32, RosterError> {
        self.begin_generation_with(file, workstation, &mut OsEntropy)
    }

    pub(crate) fn begin_generation_with(
        &mut self,
        file: &mut KeyFile,
        workstation: &WorkstationSecrets,
        entropy: &mut dyn Entropy,
    ) -> Result<u32, RosterError> {
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
        changed.format = KeyFile::FORMAT;
        let (door_public, roster_mac) = (Blob(door), Blob([0; 32]));
        changed.next = Some(NextGeneration { generation, door_public, vault_keys: Default::default(), roster_mac });
        let able: Vec<UserId> = changed.users.iter().filter(|user| !user.is_disabled()).map(|user| user.user.clone()).collect();
        for user in &able {
            changed.give_keys(user, &[&ring], workstation, entropy)?;
        }
        changed.let_recover(&ring, entropy)?;
        changed.vouch(&[self.in_force(), &ring]);
        (*file, self.next) = (changed, Some(ring));
        Ok(generation)
    }

    /// Puts the next generation in force alone, once nothing is under the former one any more. The caller writes the file, and then
    /// has the former generation's secret deleted, by which every older copy becomes unreadable.
    pub fn end_generation(&mut self, file: &mut KeyFile) -> Result<u32, RosterError> {
        if !self.is_from(file) {
            return Err(RosterError::OtherFile);
        }
        let mut changed = file.clone();
        let next = changed.next.take().ok_or(RosterError::Rotation)?;
        let former = changed.generation;
        (changed.generation, changed.guarded) = (next.generation, true);
        (changed.door_public, changed.roster_mac) = (next.door_public, next.roster_mac);
        let mut keys = next.vault_keys;
        for user in &mut changed.users {
            user.vault_keys = keys.remove(&user.user).unwrap_or_default();
        }
        if let Some(recovery) = &mut changed.recovery {
            recovery.database.retain(|generation, _| *generation == next.generation);
        }
        self.step_over();
        *file = changed;
        Ok(former)
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
        file.format = KeyFile::FORMAT;
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
