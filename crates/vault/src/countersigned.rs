//! The server's word on this chain, and the quarantine when the two disagree.
use access::{ClearQuarantine, Permit, SendAudit};
use audit::{Action, Actor, Checked, Countersigned, Digest, Entry, Head, Ledger as _, Outcome, Standing, Subject, record_by};
use kernel::DeviceId;
use rusqlite::{OptionalExtension as _, params};

use crate::audit_log;
use crate::error::VaultError;
use crate::tx::Tx;

/// Links of a stretch at most, but for an epoch's that is longer.
const STRETCH: usize = 2000;
/// No stretch is longer than this; an epoch ends after 1,000 entries.
const LONGEST: i64 = 10_000;

/// What the server is to see next of the chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// The link before it.
    pub after: Head,
    /// The entries' bytes, up to the mark of an epoch's end; none while no epoch has ended.
    pub links: Vec<String>,
}

/// Since when, and how, the chain is not what the server has seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quarantine {
    /// The entry that says so.
    pub sequence: u64,
    /// Its time, RFC 3339; empty if it cannot be read.
    pub at: String,
    /// How.
    pub standing: Standing,
}

impl Tx<'_> {
    /// The chain behind `after`, up to the latest mark within reach; from the chain's first mark on for a server that knows nothing
    /// of it (`None`). The bytes stand in the chain already, and hold ids and closed names alone.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] if there is no such place, or no mark at all.
    pub fn stretch(&self, _: &Permit<'_, SendAudit>, after: Option<u64>) -> Result<Stretch, VaultError> {
        let after = match after {
            Some(after) => i64::try_from(after).map_err(|_| VaultError::NotFound)?,
            None => self.first_mark()?.checked_sub(1).ok_or(VaultError::Fault)?,
        };
        let digest = if after == 0 { Digest::GENESIS } else { audit_log::digest(self.sql(), after)?.ok_or(VaultError::NotFound)? };
        let query = "SELECT body FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2";
        let mut statement = self.sql().prepare_cached(query)?;
        let (mut links, mut whole) = (Vec::new(), 0);
        for body in statement.query_map(params![after, LONGEST], |row| row.get::<_, Vec<u8>>(0))? {
            let body = String::from_utf8(body?).map_err(|_| VaultError::Unreadable)?;
            let marks = marks(&body);
            links.push(body);
            if marks {
                whole = links.len();
            }
            if whole > 0 && links.len() >= STRETCH {
                break;
            }
        }
        links.truncate(whole);
        Ok(Stretch { after: Head { sequence: u64::try_from(after).map_err(|_| VaultError::Fault)?, digest }, links })
    }

    /// The present epoch's mark, as what a chain that is taken up again begins with.
    ///
    /// # Errors
    /// As [`Self::stretch`].
    pub fn present_stretch(&self, _: &Permit<'_, ClearQuarantine>) -> Result<Stretch, VaultError> {
        let began: Option<i64> = self.sql().prepare_cached("SELECT began FROM audit_epoch")?.query_row([], |row| row.get(0)).optional()?;
        let began = began.ok_or(VaultError::NotFound)?;
        let body: Vec<u8> =
            self.sql().prepare_cached("SELECT body FROM audit WHERE sequence = ?1")?.query_row([began], |row| row.get(0))?;
        let before = began - 1;
        let digest = if before == 0 { Digest::GENESIS } else { audit_log::digest(self.sql(), before)?.ok_or(VaultError::NotFound)? };
        let links = vec![String::from_utf8(body).map_err(|_| VaultError::Unreadable)?];
        Ok(Stretch { after: Head { sequence: u64::try_from(before).map_err(|_| VaultError::Fault)?, digest }, links })
    }

    fn first_mark(&self) -> Result<i64, VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT sequence, body FROM audit ORDER BY sequence")?;
        for row in statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))? {
            let (sequence, body) = row?;
            if std::str::from_utf8(&body).is_ok_and(marks) {
                return Ok(sequence);
            }
        }
        Err(VaultError::NotFound)
    }

    /// The workstation the keys are of.
    #[must_use]
    pub fn device(&self) -> &DeviceId {
        self.keys().device()
    }

    /// How the chain stands to what the server has seen of it. Nothing is entered.
    ///
    /// # Errors
    /// [`VaultError::Fault`] if it is of another workstation than the open keys.
    pub fn standing(&self, seen: &Checked) -> Result<Standing, VaultError> {
        let seen = seen.countersigned();
        if seen.device != *self.keys().device() {
            return Err(VaultError::Fault);
        }
        let here = i64::try_from(seen.sequence).ok().map(|at| audit_log::digest(self.sql(), at)).transpose()?.flatten();
        Ok(Standing::of(seen, here.as_ref(), &self.head()?))
    }

    /// Enters the server's word into the chain, and decides how the chain stands to it: as it looks from here, or else as the server
    /// `says`. One that is behind or forked is quarantined from here on.
    ///
    /// # Errors
    /// As [`Self::standing`].
    pub fn enter_countersignature(&self, permit: &Permit<'_, SendAudit>, seen: &Checked, says: Standing) -> Result<Standing, VaultError> {
        let here = self.standing(seen)?;
        let standing = if here.is_quarantine() { here } else { says };
        let entered = self.take_word_down(permit.actor(), seen.countersigned(), standing)?;
        if standing.is_quarantine() {
            self.sql()
                .prepare_cached("INSERT OR IGNORE INTO audit_quarantine (one, sequence, standing) VALUES (1, ?1, ?2)")?
                .execute(params![entered, standing.as_str()])?;
        } else if self.countersigned()?.is_none_or(|former| former.sequence < seen.countersigned().sequence) {
            self.keep_countersigned(entered)?;
        }
        Ok(standing)
    }

    /// The server has taken the chain up again as it is: the quarantine is over. The entry behind the permit says why.
    ///
    /// # Errors
    /// [`VaultError::Fault`] if the server's word is not of this chain.
    pub fn lift_quarantine(&self, permit: &Permit<'_, ClearQuarantine>, seen: &Checked) -> Result<(), VaultError> {
        if self.standing(seen)?.is_quarantine() {
            return Err(VaultError::Fault);
        }
        let entered = self.take_word_down(permit.actor(), seen.countersigned(), Standing::Follows)?;
        self.keep_countersigned(entered)?;
        self.sql().prepare_cached("DELETE FROM audit_quarantine")?.execute([])?;
        Ok(())
    }

    fn take_word_down(&self, actor: &Actor, seen: &Countersigned, standing: Standing) -> Result<i64, VaultError> {
        let outcome = if standing.is_quarantine() { Outcome::Failed } else { Outcome::Allowed };
        let detail = Some(format!("{} the server's {}", standing.as_str(), seen.sequence));
        let subject = Subject { detail, countersigned: Some(Box::new(seen.clone())), ..Subject::default() };
        let entered = record_by(self, Some(actor.clone()), Action::Countersign, outcome, subject)?.sequence();
        i64::try_from(entered).map_err(|_| VaultError::Fault)
    }

    fn keep_countersigned(&self, entered: i64) -> Result<(), VaultError> {
        self.sql().prepare_cached("INSERT OR REPLACE INTO audit_countersigned (one, sequence) VALUES (1, ?1)")?.execute([entered])?;
        Ok(())
    }

    /// How far the server has vouched for this chain. Positions and digests only, so nothing is recorded.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn countersigned(&self) -> Result<Option<Countersigned>, VaultError> {
        let at: Option<i64> =
            self.sql().prepare_cached("SELECT sequence FROM audit_countersigned")?.query_row([], |row| row.get(0)).optional()?;
        let entry = at.map(|at| audit_log::entry(self.sql(), at)).transpose()?.flatten();
        Ok(entry.and_then(|entry| entry.subject.countersigned).map(|seen| *seen))
    }

    /// Whether an epoch has ended that the server has not vouched for. Positions only, so nothing is recorded.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn is_uncountersigned(&self) -> Result<bool, VaultError> {
        let began: Option<i64> = self.sql().prepare_cached("SELECT began FROM audit_epoch")?.query_row([], |row| row.get(0)).optional()?;
        let began = began.and_then(|began| u64::try_from(began).ok()).unwrap_or(0);
        Ok(self.countersigned()?.map_or(0, |seen| seen.sequence) < began)
    }

    /// Whether, and since when, the server's word and this chain disagree.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn quarantine(&self) -> Result<Option<Quarantine>, VaultError> {
        let query = "SELECT sequence, standing FROM audit_quarantine";
        let found =
            self.sql().prepare_cached(query)?.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).optional()?;
        let Some((sequence, standing)) = found else { return Ok(None) };
        let at = audit_log::entry(self.sql(), sequence)?.map(|entry| entry.at).unwrap_or_default();
        let standing = if standing == Standing::Behind.as_str() { Standing::Behind } else { Standing::Forked };
        Ok(Some(Quarantine { sequence: u64::try_from(sequence).unwrap_or(0), at, standing }))
    }
}

/// Whether an entry carries an epoch's mark. Few do: the action's name is looked for before anything is parsed.
fn marks(body: &str) -> bool {
    body.contains("\"countersign\"") && serde_json::from_str::<Entry>(body).is_ok_and(|entry| entry.subject.epoch.is_some())
}
