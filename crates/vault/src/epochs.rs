//! The present epoch of the audit chain: its private key, and the end of it.
use access::{Permit, SendAudit};
use audit::{
    Action, Entry, EpochMark, Epochs, Fault, FaultKind, Ledger as _, Occasion, Outcome, PublicKey, Signature, SignedCheckpoint, Signer,
    Subject, epoch_is_over, record_by, witness_is_due,
};
use chrono::{DateTime, Utc};
use keys::SigningKey;
use rusqlite::{OptionalExtension as _, params};

use crate::audit_log;
use crate::error::VaultError;
use crate::tx::Tx;

/// An epoch's private key, lent by the open keys.
struct Pen(SigningKey);

impl Signer for Pen {
    fn sign(&self, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(bytes))
    }
}

/// The present epoch, as the row and the entry that began it say.
struct Epoch {
    number: u32,
    public_key: PublicKey,
    began: u64,
    began_at: DateTime<Utc>,
    /// What ended the one before.
    checkpoint: Option<SignedCheckpoint>,
    anchor: PublicKey,
    private_key: Vec<u8>,
}

/// What is known of the present epoch.
enum Found {
    Epoch(Box<Epoch>),
    /// None was begun yet.
    None,
    /// The row leads to no mark.
    Lost,
}

impl Tx<'_> {
    /// Begins the chain's first epoch, or ends the present one if it is over.
    ///
    /// INVARIANT: a signature's private key is replaced in the transaction that holds the signature. A key that is lost keeps
    /// nothing closed: a new thread of signatures begins, and every verification reports where the old one was torn.
    pub(crate) fn turn_epoch(&self, occasion: Occasion) -> Result<(), VaultError> {
        let epoch = match self.present_epoch()? {
            Found::Epoch(epoch) => epoch,
            Found::None => return self.begin_epochs(Outcome::Allowed),
            Found::Lost => return self.begin_epochs(Outcome::Failed),
        };
        let head = self.head()?;
        let now = self.origin().at.wall;
        if !epoch_is_over(head.sequence.saturating_sub(epoch.began), epoch.began_at, now, occasion) {
            return Ok(());
        }
        let Ok(key) = self.keys().open_signing_key(epoch.number, &epoch.public_key.0, &epoch.private_key) else {
            return self.begin_epochs(Outcome::Failed);
        };
        let next = self.keys().new_signing_key()?;
        let number = epoch.number.checked_add(1).ok_or(VaultError::Fault)?;
        let end = SignedCheckpoint::sign(epoch.number, &head, PublicKey(*next.public()), &Pen(key));
        self.enter_epoch(number, &next, epoch.anchor, EpochMark::End(end), Outcome::Allowed)
    }

    fn begin_epochs(&self, outcome: Outcome) -> Result<(), VaultError> {
        let first = self.keys().new_signing_key()?;
        let anchor = PublicKey(*first.public());
        self.enter_epoch(1, &first, anchor, EpochMark::Begin(anchor), outcome)
    }

    fn enter_epoch(&self, number: u32, key: &SigningKey, anchor: PublicKey, mark: EpochMark, outcome: Outcome) -> Result<(), VaultError> {
        let subject = Subject { epoch: Some(mark), ..Subject::default() };
        // Nobody's doing: the workstation signs its own chain.
        let began = record_by(self, None, Action::Countersign, outcome, subject)?.sequence();
        let sealed = self.keys().seal_signing_key(number, key)?;
        self.sql()
            .prepare_cached("INSERT OR REPLACE INTO audit_epoch (one, began, anchor, private_key) VALUES (1, ?1, ?2, ?3)")?
            .execute(params![i64::try_from(began).map_err(|_| VaultError::Fault)?, anchor.0, sealed])?;
        self.epoch_turned();
        Ok(())
    }

    /// Puts the present epoch's private key under the newest generation. One that does not open stays: verification reports it.
    pub(crate) fn reseal_epoch(&self) -> Result<(), VaultError> {
        let Found::Epoch(epoch) = self.present_epoch()? else { return Ok(()) };
        let Ok(key) = self.keys().open_signing_key(epoch.number, &epoch.public_key.0, &epoch.private_key) else { return Ok(()) };
        let sealed = self.keys().seal_signing_key(epoch.number, &key)?;
        self.sql().prepare_cached("UPDATE audit_epoch SET private_key = ?1")?.execute([sealed])?;
        Ok(())
    }

    /// Whether the chain's epochs begin and end with the keys that are held, given what verifying the whole chain found.
    pub(crate) fn epoch_fault(&self, entries: u64, epochs: &Epochs) -> Result<Option<Fault>, VaultError> {
        let held = match self.present_epoch()? {
            Found::Epoch(epoch) => {
                let opens = self.keys().open_signing_key(epoch.number, &epoch.public_key.0, &epoch.private_key).is_ok();
                opens && epochs.anchor == Some(epoch.anchor) && epochs.present == Some((epoch.number, epoch.public_key))
            }
            Found::None | Found::Lost => false,
        };
        Ok((!held).then_some(Fault { sequence: entries, kind: FaultKind::Signature }))
    }

    /// The first epoch's public key, for the server to register; and the end that was signed last, for it to countersign. `None`
    /// while the first epoch lasts.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] if the epoch's row is damaged.
    pub fn last_signed_checkpoint(&self, _: &Permit<'_, SendAudit>) -> Result<(PublicKey, Option<SignedCheckpoint>), VaultError> {
        match self.present_epoch()? {
            Found::Epoch(epoch) => Ok((epoch.anchor, epoch.checkpoint)),
            Found::None | Found::Lost => Err(VaultError::NotFound),
        }
    }

    /// Ends the present epoch, for the server to see how far the chain goes.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn end_epoch(&self, _: &Permit<'_, SendAudit>) -> Result<(), VaultError> {
        self.turn_epoch(Occasion::Witness)
    }

    /// Whether the server is to see more of the chain: an epoch has ended that it has not vouched for, or the present one has lasted, and
    /// holds more than the record of earlier sendings. Nothing is read out, so nothing is recorded.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn awaits_the_server(&self) -> Result<bool, VaultError> {
        if self.is_uncountersigned()? {
            return Ok(true);
        }
        match self.present_epoch()? {
            Found::Epoch(epoch) if witness_is_due(epoch.began_at, self.origin().at.wall) => {
                let holds = audit_log::actions_behind(self.sql(), epoch.began)?;
                Ok(holds.iter().any(|action| !matches!(action, Some(Action::SendAudit | Action::Countersign))))
            }
            _ => Ok(false),
        }
    }

    fn present_epoch(&self) -> Result<Found, VaultError> {
        let row = self
            .sql()
            .prepare_cached("SELECT began, anchor, private_key FROM audit_epoch")?
            .query_row([], |row| Ok((row.get(0)?, PublicKey(row.get(1)?), row.get(2)?)))
            .optional()?;
        let Some((began, anchor, private_key)) = row else { return Ok(Found::None) };
        let Some(Entry { sequence: began, at, subject, .. }) = audit_log::entry(self.sql(), began)? else { return Ok(Found::Lost) };
        let (number, public_key, checkpoint) = match subject.epoch {
            Some(EpochMark::Begin(key)) => (1, key, None),
            Some(EpochMark::End(end)) => (end.epoch.saturating_add(1), end.next_public_key, Some(end)),
            None => return Ok(Found::Lost),
        };
        // A time that cannot be read is long ago: the epoch is over.
        let began_at = at.parse().unwrap_or_default();
        Ok(Found::Epoch(Box::new(Epoch { number, public_key, began, began_at, checkpoint, anchor, private_key })))
    }
}
