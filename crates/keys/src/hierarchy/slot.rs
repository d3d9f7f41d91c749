//! The vault's keys by name. Callers name a slot; the bytes stay here.
use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::envelope::SealError;
use crate::secret::Key;

/// Who may normally see a chart; each group has a key that wraps its patients' keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Ordinary charts.
    Care,
    /// Charts and records with a restricting sensitivity label.
    Restricted,
    /// What it takes to find a patient: banners, search index, schedule.
    Directory,
}

impl Group {
    /// Stable name, bound into envelopes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.slot().name()
    }

    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Care => 1,
            Self::Restricted => 2,
            Self::Directory => 3,
        }
    }

    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Care),
            2 => Some(Self::Restricted),
            3 => Some(Self::Directory),
            _ => None,
        }
    }

    pub(crate) const fn slot(self) -> Slot {
        match self {
            Self::Care => Slot::Care,
            Self::Restricted => Slot::Restricted,
            Self::Directory => Slot::Directory,
        }
    }
}

/// One of the vault's keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Slot {
    /// SQLCipher's raw key.
    Database,
    /// Group key.
    Care,
    /// Group key.
    Restricted,
    /// Group key.
    Directory,
    /// MACs of the audit chain.
    Audit,
    /// Keyed tags.
    Index,
    /// Private key behind the door's public key.
    Door,
    /// MAC of the key file's roster.
    Roster,
}

impl Slot {
    pub const ALL: [Self; 8] =
        [Self::Database, Self::Care, Self::Restricted, Self::Directory, Self::Audit, Self::Index, Self::Door, Self::Roster];

    /// Whether the next generation has the same key here.
    const fn is_carried_over(self) -> bool {
        matches!(self, Self::Audit | Self::Index)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Care => "care",
            Self::Restricted => "restricted",
            Self::Directory => "directory",
            Self::Audit => "audit",
            Self::Index => "index",
            Self::Door => "door",
            Self::Roster => "roster",
        }
    }
}

/// Every slot's key, in the order of [`Slot::ALL`].
pub(crate) struct VaultKeys([Key; 8]);

impl VaultKeys {
    /// Fresh keys for a new vault, and the door's public key.
    pub fn fresh(entropy: &mut dyn Entropy) -> Result<(Self, [u8; 32]), SealError> {
        let mut public = [0; 32];
        let keys = Self::try_each(|slot| {
            if slot != Slot::Door {
                return entropy.key();
            }
            let (private, door) = crate::hpke::key_pair(entropy)?;
            public = door;
            Ok(private)
        })?;
        Ok((keys, public))
    }

    /// The keys of the next generation, and the door's public key. What looks things up and what vouches for the chain is carried
    /// over: new ones would rewrite every tag, and history.
    pub fn next(&self, entropy: &mut dyn Entropy) -> Result<(Self, [u8; 32]), SealError> {
        let (fresh, door) = Self::fresh(entropy)?;
        let keys = Self::try_each(|slot| {
            let from = if slot.is_carried_over() { self } else { &fresh };
            Key::copied(from.get(slot).bytes()).ok_or(SealError::Unreadable)
        })?;
        Ok((keys, door))
    }

    /// Whether none of them can be swapped out.
    pub fn are_locked(&self) -> bool {
        self.0.iter().all(Key::is_locked)
    }

    /// Asks for every slot's key in turn.
    pub fn try_each<E>(mut key: impl FnMut(Slot) -> Result<Key, E>) -> Result<Self, E> {
        let mut key = |slot| key(slot).map(Key::lasting);
        let [a, b, c, d, e, f, g, h] = Slot::ALL;
        Ok(Self([key(a)?, key(b)?, key(c)?, key(d)?, key(e)?, key(f)?, key(g)?, key(h)?]))
    }

    pub fn get(&self, slot: Slot) -> &Key {
        &self.0[slot as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_stand_where_their_number_says_and_names_are_the_files() {
        for (number, slot) in Slot::ALL.into_iter().enumerate() {
            assert_eq!(slot as usize, number);
            assert_eq!(serde_json::to_value(slot).ok(), Some(slot.name().into()));
        }
        for group in [Group::Care, Group::Restricted, Group::Directory] {
            assert_eq!(Group::from_number(group.number()), Some(group));
        }
        assert_eq!(Group::from_number(0), None);
    }
}
