//! What is one user's alone, and what is the workstation's.
use access::{ChangeRoster, DeskMemory, Enrol, Ingest, Permit};
use kernel::{Phi, UserId};
use keys::{EnrolAnother, EnrolError, Group, KeyFile, Newcomer, RosterError, WorkstationSecrets};
use rusqlite::{OptionalExtension as _, params};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::tx::Tx;

/// The policy's name among what is the workstation's.
const POLICY: &str = "policy";

impl Tx<'_> {
    /// Keeps something of the permit's holder under a purpose ("memory", "tokens", "lease").
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_own(&self, permit: &Permit<'_, DeskMemory>, purpose: &str, plain: &[u8]) -> Result<(), VaultError> {
        self.put_own(&permit.actor().user, purpose, &self.keys().seal_own(purpose, plain)?)
    }

    /// What was kept.
    ///
    /// # Errors
    /// [`VaultError::Seal`] if it does not open.
    pub fn own(&self, permit: &Permit<'_, DeskMemory>, purpose: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.own_of(&permit.actor().user, purpose)
    }

    /// Gives this vault's keys to one more person, in the key file. The caller writes the file once the permit's entry is on disk.
    ///
    /// # Errors
    /// [`EnrolError`]; the file is as it was.
    pub fn enrol_another(&self, _: &Permit<'_, Enrol>, file: &mut KeyFile, request: EnrolAnother<'_>) -> Result<Newcomer, EnrolError> {
        self.keys().enrol_another(file, request)
    }

    /// Takes this vault's keys from someone, in the key file, as [`keys::OpenKeys::disable`] does.
    ///
    /// # Errors
    /// [`RosterError`]; the file is as it was.
    pub fn disable_clinician(&self, _: &Permit<'_, ChangeRoster>, file: &mut KeyFile, user: &UserId) -> Result<(), RosterError> {
        self.keys().disable(file, user)
    }

    /// Gives them back.
    ///
    /// # Errors
    /// [`RosterError`]; the file is as it was.
    pub fn enable_clinician(
        &self,
        _: &Permit<'_, ChangeRoster>,
        file: &mut KeyFile,
        user: &UserId,
        workstation: &WorkstationSecrets,
    ) -> Result<(), RosterError> {
        self.keys().enable(file, user, workstation)
    }

    /// Takes someone's place away, in the key file; a new generation of keys must follow.
    ///
    /// # Errors
    /// [`RosterError`]; the file is as it was.
    pub fn remove_clinician(&self, _: &Permit<'_, ChangeRoster>, file: &mut KeyFile, user: &UserId) -> Result<(), RosterError> {
        self.keys().remove(file, user)
    }

    /// Leaves something for a newcomer, as [`Self::keep_own`] keeps it for the permit's holder.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn leave_for(&self, _: &Permit<'_, Enrol>, newcomer: &Newcomer, purpose: &str, plain: &[u8]) -> Result<(), VaultError> {
        self.put_own(newcomer.user(), purpose, &newcomer.seal_own(purpose, plain)?)
    }

    /// Keeps something of the workstation under a name ("checkpoint", "ehr").
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_shared(&self, _: &Permit<'_, Ingest>, name: &str, text: &Phi<Box<str>>) -> Result<(), VaultError> {
        // EXPOSE: sealed at once under the directory group's key.
        self.put_shared(name, text.expose().as_bytes())
    }

    /// What was kept.
    ///
    /// # Errors
    /// [`VaultError::Seal`] if it does not open.
    pub fn shared(&self, _: &Permit<'_, Ingest>, name: &str) -> Result<Option<Phi<Box<str>>>, VaultError> {
        let Some(plain) = self.shared_of(name)? else { return Ok(None) };
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Seal)?;
        Ok(Some(Phi::new(text.into())))
    }

    /// Keeps the hospital's policy as it is in force, for whoever unlocks here next.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn keep_policy(&self, _: &Permit<'_, DeskMemory>, plain: &[u8]) -> Result<(), VaultError> {
        self.put_shared(POLICY, plain)
    }

    /// What was kept.
    ///
    /// # Errors
    /// [`VaultError::Seal`] if it does not open.
    pub fn kept_policy(&self, _: &Permit<'_, DeskMemory>) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.shared_of(POLICY)
    }

    fn put_shared(&self, name: &str, plain: &[u8]) -> Result<(), VaultError> {
        let body = self.keys().seal_group(Group::Directory, "shared", name, plain)?;
        self.sql().prepare_cached("INSERT OR REPLACE INTO shared (name, body) VALUES (?1, ?2)")?.execute(params![name, body])?;
        Ok(())
    }

    fn shared_of(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let body: Option<Vec<u8>> =
            self.sql().prepare_cached("SELECT body FROM shared WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
        body.map(|body| self.keys().unseal_group(Group::Directory, "shared", name, &body).map_err(VaultError::from)).transpose()
    }

    pub(crate) fn own_of(&self, user: &UserId, purpose: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let body: Option<Vec<u8>> = self
            .sql()
            .prepare_cached("SELECT body FROM own WHERE user = ?1 AND purpose = ?2")?
            .query_row(params![user.as_str(), purpose], |row| row.get(0))
            .optional()?;
        body.map(|body| self.keys().unseal_own(purpose, &body).map_err(VaultError::from)).transpose()
    }

    pub(crate) fn put_own(&self, user: &UserId, purpose: &str, body: &[u8]) -> Result<(), VaultError> {
        let insert = "INSERT OR REPLACE INTO own (user, purpose, body) VALUES (?1, ?2, ?3)";
        self.sql().prepare_cached(insert)?.execute(params![user.as_str(), purpose, body])?;
        Ok(())
    }
}
