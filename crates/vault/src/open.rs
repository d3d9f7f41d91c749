//! Locked and open: two types, of which only one owns keys and a connection.
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use audit::{Action, Entry, Head, Occasion, Origin, Outcome, Subject, record, record_by};
use keys::{Group, NextKeys, OpenKeys, RecoverySeal, RenewedKeys};
use rusqlite::{Connection, TransactionBehavior};

use crate::audit_log;
use crate::checkpoint::{self, Found};
use crate::codec::Codec;
use crate::door::Door;
use crate::error::VaultError;
use crate::files::Files;
use crate::reseal::spent;
use crate::schema;
use crate::tx::{AuditKey, Tx};

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
    /// Whether the database is under the newest generation's key.
    is_rekeyed: bool,
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

    /// Makes a new vault for keys that were just made. The key file is the caller's to write, before this. What is cut off in
    /// between does not open and is not made anew: the caller makes vaults beside their place and moves them there.
    ///
    /// # Errors
    /// [`VaultError::Exists`] whenever a database file, or its write-ahead log, is there, readable or not.
    pub fn create(files: Files, keys: OpenKeys, origin: &Origin) -> Result<OpenVault, VaultError> {
        files.make_folder()?;
        let held = files.hold()?;
        // A write-ahead log left alone would be played into the new database.
        if files.database().exists() || files.write_ahead_log().exists() {
            return Err(VaultError::Exists);
        }
        let db = schema::create(&files.database(), &keys)?;
        let mut vault = OpenVault { db, codec: Codec::new()?, keys, is_rekeyed: true, files, held };
        let mark = vault.files.audit_head();
        vault.transact(origin, |tx| {
            tx.new_patient(0, [0; 16], Group::Directory, None)?;
            record(tx, Action::Enrol, Outcome::Allowed, Subject::default())?;
            // These keys had a chain before, and its end is known: the database was taken away.
            if matches!(checkpoint::read(&mark, &AuditKey(tx.keys())), Found::Mark(_)) {
                tx.is_off_checkpoint(&mark)?;
            }
            tx.turn_epoch(Occasion::Unlock)?;
            Ok::<_, VaultError>(())
        })?;
        vault.mark_anew()?;
        Ok(vault)
    }

    /// Opens with keys. The unlock, what happened at the door meanwhile, and whether the chain still reaches its checkpoint go
    /// into the chain first. Neither a damaged door log nor a broken chain keeps the vault closed: both are recorded, and
    /// [`Tx::verify_audit`] keeps reporting the latter.
    ///
    /// # Errors
    /// The vault comes back locked, with the reason.
    pub fn open(self, keys: OpenKeys, origin: &Origin) -> Result<OpenVault, (Self, VaultError)> {
        let Self { files, held } = self;
        let opened = schema::open(&files.database(), &keys).and_then(|(db, is_rekeyed)| Ok((db, is_rekeyed, Codec::new()?)));
        let (db, is_rekeyed, codec) = match opened {
            Ok(parts) => parts,
            Err(error) => return Err((Self { files, held }, error)),
        };
        let mut vault = OpenVault { db, codec, keys, is_rekeyed, files, held };
        let (mut door, mark) = (Door::hold(&vault.files.door()), vault.files.audit_head());
        let entered = vault.transact(origin, |tx| {
            let off = tx.is_off_checkpoint(&mark)?;
            door.absorb(tx)?;
            tx.turn_epoch(Occasion::Unlock)?;
            record(tx, Action::Unlock, Outcome::Allowed, Subject::default())?;
            Ok::<_, VaultError>(off)
        });
        match entered.and_then(|off| if off { vault.mark_anew() } else { Ok(()) }) {
            Ok(()) => {
                door.clear();
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
        let Self { db, codec, keys, files, held, .. } = self;
        drop((db, codec));
        drop(keys);
        LockedVault { files, held }
    }

    /// Does one piece of work. `Ok` means committed and on disk, audit entries included. After an `Err` nothing of the work
    /// remains but its entries, as refused or failed.
    ///
    /// # Errors
    /// The work's, or the vault's as `E`.
    pub fn transact<R, E: From<VaultError>>(
        &mut self,
        origin: &Origin,
        work: impl for<'t> FnOnce(&'t Tx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let Self { db, codec, keys, .. } = self;
        let sql = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(VaultError::from)?;
        let tx = Tx::new(sql, keys, codec, origin)?;
        let work = || {
            let done = work(&tx)?;
            tx.turn_epoch_if_over()?;
            Ok(done)
        };
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(done)) => match tx.commit() {
                Ok((head, turned)) => {
                    self.mark(&head);
                    if turned {
                        self.forget_former_pages();
                    }
                    Ok(done)
                }
                Err((error, noted)) => {
                    // Most likely the disk takes these no more than it took the work.
                    let _ = self.note_again(origin, noted);
                    Err(error.into())
                }
            },
            Ok(Err(error)) => {
                let noted = tx.undo()?;
                self.note_again(origin, noted)?;
                Err(error)
            }
            Err(panic) => {
                let _ = tx.undo().and_then(|noted| self.note_again(origin, noted));
                resume_unwind(panic)
            }
        }
    }

    /// Takes what was noted at the door since the opening into the chain: uses of a token's keys, failed re-authentications.
    ///
    /// # Errors
    /// [`VaultError`]; it stays at the door, for the next time.
    pub fn absorb_door(&mut self, origin: &Origin) -> Result<(), VaultError> {
        if !fs::metadata(self.files.door()).is_ok_and(|about| about.len() > 0) {
            return Ok(());
        }
        let mut door = Door::hold(&self.files.door());
        self.transact(origin, |tx| door.absorb(tx))?;
        door.clear();
        Ok(())
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

    /// The keys of the next generation, whose file is on disk: from here on everything new is sealed under them.
    pub fn take_up(&mut self, next: NextKeys) {
        self.keys.take_up(next);
        self.is_rekeyed = false;
    }

    /// Puts the database under the newest generation's key. Takes as long as writing the whole file; killed in between, it is under
    /// the former key, whole.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn rekey(&mut self) -> Result<(), VaultError> {
        if self.is_rekeyed {
            return Ok(());
        }
        let newest = self.keys.database_keys().next().ok_or(VaultError::Fault)?;
        schema::rekey(&self.db, &newest)?;
        self.is_rekeyed = true;
        Ok(())
    }

    /// Whether the newest generation of keys must be replaced by another: something was erased, or someone removed, under it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn is_generation_spent(&self) -> Result<bool, VaultError> {
        let query = "SELECT EXISTS (SELECT 1 FROM shared WHERE name = ?1)";
        Ok(self.db.query_row(query, [spent(self.keys.generation())], |found| found.get(0))?)
    }

    /// The former generation's keys are wiped. The file that names them no more is on disk.
    ///
    /// # Errors
    /// [`VaultError::Fault`] while anything may still be under them.
    pub fn step_over(&mut self) -> Result<(), VaultError> {
        if !self.is_rekeyed {
            return Err(VaultError::Fault);
        }
        self.keys.step_over();
        Ok(())
    }

    /// A person's renewed keys, whose file is on disk: from here on what is the person's own is sealed under them.
    pub fn take_up_renewed(&mut self, renewed: RenewedKeys) {
        self.keys.take_up_renewed(renewed);
    }

    /// What is the person's own was resealed, and the file that has the former own key no more is on disk.
    pub fn forget_former_own_key(&mut self) {
        self.keys.forget_former_own_key();
    }

    /// The recovery key that the file on disk names: from here on copies of unsent work are sealed to it.
    pub fn take_up_recovery(&mut self, seal: RecoverySeal) {
        self.keys.take_up_recovery(seal);
    }

    fn note_again(&mut self, origin: &Origin, noted: Vec<Entry>) -> Result<(), VaultError> {
        if noted.is_empty() {
            return Ok(());
        }
        let Self { db, codec, keys, .. } = self;
        let tx = Tx::new(db.transaction_with_behavior(TransactionBehavior::Immediate)?, keys, codec, origin)?;
        for Entry { actor, action, outcome, subject, .. } in noted {
            // An epoch's mark was not the work's: it is made anew when it is due again.
            if subject.epoch.is_some() {
                continue;
            }
            let outcome = if outcome == Outcome::Allowed { Outcome::Failed } else { outcome };
            record_by(&tx, actor, action, outcome, subject.untouched())?;
        }
        let (head, _) = tx.commit().map_err(|(error, _)| error)?;
        self.mark(&head);
        Ok(())
    }

    /// A checkpoint that cannot be written must not undo work that is on disk; the former one still stands for what was before.
    fn mark(&self, head: &Head) {
        let _ = checkpoint::write(&self.files.audit_head(), head, &AuditKey(&self.keys));
    }

    /// Empties the write-ahead log, which still holds the page with the former epoch's private key (sealed, and encrypted as every
    /// page). If it cannot be done now, the next checkpoint overwrites it.
    fn forget_former_pages(&self) {
        let _ = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    fn mark_anew(&self) -> Result<(), VaultError> {
        checkpoint::begin(&self.files.audit_head(), &audit_log::head(&self.db)?, &AuditKey(&self.keys))
    }
}
