//! Locked and open: two types, of which only one owns keys and a connection.
use std::fs::File;

use audit::{Action, Origin, Outcome, Subject, record};
use keys::{Group, OpenKeys};
use rusqlite::{Connection, TransactionBehavior};

use crate::audit_log::write_checkpoint;
use crate::codec::Codec;
use crate::door::absorb;
use crate::error::VaultError;
use crate::files::Files;
use crate::schema::connect;
use crate::tx::{AuditKey, Noted, Tx};

/// A vault nobody can read: its files and the right to open them, no key, no connection.
#[derive(Debug)]
pub struct LockedVault {
    files: Files,
    held: File,
}

/// A vault in use. Dropping it, or [`OpenVault::lock`], closes the connection and wipes the keys.
pub struct OpenVault {
    // Field order is drop order: the connection closes before the keys are wiped and the lock is released.
    db: Connection,
    codec: Codec,
    keys: OpenKeys,
    files: Files,
    held: File,
}

impl LockedVault {
    /// The vault in a folder, held for this process.
    ///
    /// # Errors
    /// [`VaultError::Missing`] without one, [`VaultError::InUse`] while another process holds it.
    pub fn find(files: Files) -> Result<Self, VaultError> {
        if !files.keys().exists() && !files.database().exists() {
            return Err(VaultError::Missing);
        }
        let held = files.hold()?;
        Ok(Self { files, held })
    }

    /// Makes a new vault for keys that were just made. The key file is the caller's to write, before this.
    ///
    /// # Errors
    /// [`VaultError::Exists`] whenever a database file is there, readable or not.
    pub fn create(files: Files, keys: OpenKeys, origin: &Origin) -> Result<OpenVault, VaultError> {
        files.make_folder()?;
        let held = files.hold()?;
        if files.database().exists() {
            return Err(VaultError::Exists);
        }
        let db = connect(&files.database(), &keys, true)?;
        let mut vault = OpenVault { db, codec: Codec::new()?, keys, files, held };
        vault.transact(origin, |tx| {
            tx.new_patient(0, [0; 16], Group::Directory, None)?;
            record(tx, Action::Enrol, Outcome::Allowed, Subject::default())?;
            Ok::<_, VaultError>(())
        })?;
        Ok(vault)
    }

    /// Opens with keys. The unlock, and what happened at the door meanwhile, go into the chain first.
    ///
    /// # Errors
    /// The vault comes back locked, with the reason.
    pub fn open(self, keys: OpenKeys, origin: &Origin) -> Result<OpenVault, (Self, VaultError)> {
        let Self { files, held } = self;
        let opened = connect(&files.database(), &keys, false).and_then(|db| Ok((db, Codec::new()?)));
        let (db, codec) = match opened {
            Ok(parts) => parts,
            Err(error) => return Err((Self { files, held }, error)),
        };
        let mut vault = OpenVault { db, codec, keys, files, held };
        let door = vault.files.door();
        let entered = vault.transact(origin, |tx| {
            absorb(tx, &door)?;
            record(tx, Action::Unlock, Outcome::Allowed, Subject::default())?;
            Ok::<_, VaultError>(())
        });
        match entered {
            Ok(()) => {
                crate::door::clear(&door);
                Ok(vault)
            }
            Err(error) => Err((vault.lock(), error)),
        }
    }

    /// Where the files lie.
    #[must_use]
    pub const fn files(&self) -> &Files {
        &self.files
    }
}

impl OpenVault {
    /// Closes the connection and wipes the keys.
    #[must_use]
    pub fn lock(self) -> LockedVault {
        let Self { db, codec, keys, files, held } = self;
        drop((db, codec));
        drop(keys);
        LockedVault { files, held }
    }

    /// Does one piece of work. `Ok` means committed and on disk, audit entries included. After an `Err` nothing of the work
    /// remains but its entries, as refused or failed.
    ///
    /// # Errors
    /// The work's, or the vault's as `E`.
    pub fn transact<R, E: From<VaultError>>(&mut self, origin: &Origin, work: impl for<'t> FnOnce(&'t Tx<'_>) -> Result<R, E>) -> Result<R, E> {
        let Self { db, codec, keys, files, .. } = self;
        let sql = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(VaultError::from)?;
        let tx = Tx::new(sql, keys, codec, origin)?;
        match work(&tx) {
            Ok(done) => {
                let head = tx.commit()?;
                // A checkpoint that cannot be written must not undo work that is on disk; verify will tell.
                let _ = write_checkpoint(&files.audit_head(), &head, &AuditKey(keys));
                Ok(done)
            }
            Err(error) => {
                let noted = tx.undo()?;
                self.note_again(origin, noted)?;
                Err(error)
            }
        }
    }

    /// Where the files lie.
    #[must_use]
    pub const fn files(&self) -> &Files {
        &self.files
    }

    /// The keys, for sealing at the door and asking whose they are.
    #[must_use]
    pub const fn keys(&self) -> &OpenKeys {
        &self.keys
    }

    fn note_again(&mut self, origin: &Origin, noted: Vec<Noted>) -> Result<(), VaultError> {
        if noted.is_empty() {
            return Ok(());
        }
        let Self { db, codec, keys, files, .. } = self;
        let tx = Tx::new(db.transaction_with_behavior(TransactionBehavior::Immediate)?, keys, codec, origin)?;
        for (action, outcome, subject) in noted {
            let outcome = if outcome == Outcome::Allowed { Outcome::Failed } else { outcome };
            record(&tx, action, outcome, subject)?;
        }
        let head = tx.commit()?;
        let _ = write_checkpoint(&files.audit_head(), &head, &AuditKey(keys));
        Ok(())
    }
}
