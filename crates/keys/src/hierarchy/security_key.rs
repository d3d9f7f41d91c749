//! Security keys as part of unlocking: several per person, and any one of them together with passphrase and device secret opens.
//!
//! ```text
//! S of key 1 ─ HKDF ─► X25519 key 1 ─┐
//! S of key 2 ─ HKDF ─► X25519 key 2 ─┼─ HPKE, PSK of K_dev ─► H   32 random bytes, S's part in the unlock key
//!                                    ┘                        UUK = HKDF(A ‖ K_dev ‖ H)
//! ```
//!
//! `H` is what keeps keys and passphrase apart. A new passphrase rewraps the master key alone and takes one key, whichever is at
//! hand. Sealing to a key's public half takes no key at all, so that `H` is drawn anew whenever the list changes: a removed key
//! does not open the new file, though it once knew `H`, and the keys in drawers need not be fetched.
use kernel::UserId;
use serde::{Deserialize, Serialize};

use super::enrol::EnrolError;
use super::file::{Blob, Bytes, EnrolledUser, Envelope, KeyFile};
use super::unlock::{Factors, UnlockError, Unlocking};
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError, append_fields};
use crate::hpke;
use crate::kdf::{KdfCost, derive};
use crate::provider::WorkstationSecrets;
use crate::secret::Key;

/// `S`: the 32 bytes a FIDO2 authenticator derives for this person and workstation (CTAP 2.1 §12.5, `hmac-secret`).
pub struct SecurityKeySecret(Key);

impl SecurityKeySecret {
    /// Takes the authenticator's output; the caller wipes its own copy.
    #[must_use]
    pub fn new(output: &[u8; 32]) -> Option<Self> {
        Key::copied(output).map(Self)
    }
}

/// Why a person's security keys were not changed. The file is as it was.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum SecurityKeyError {
    /// What is in force does not unlock.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The key takes part already.
    #[error("security key takes part already")]
    AlreadyThere,
    /// A key is asked with one salt per person, and this is another.
    #[error("security key was asked with another salt")]
    OtherSalt,
    /// As many as fit, or an identifier that is none.
    #[error("no place for the security key")]
    NoPlace,
    /// No such key takes part.
    #[error("no such security key")]
    Unknown,
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A key that is to take part in unlocking.
#[derive(Clone, Copy)]
pub struct NewSecurityKey<'a> {
    /// The credential's identifier (WebAuthn §6.5.1), 1 to 1,023 bytes.
    pub id: &'a [u8],
    /// What it was asked with; one for all keys of a person.
    pub salt: &'a [u8; 32],
    /// What it answered.
    pub secret: &'a SecurityKeySecret,
}

/// A person's keys; not empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecurityKeys {
    /// What each of them is asked with. No secret.
    pub salt: Blob<32>,
    pub keys: Vec<SecurityKeySlot>,
}

/// One key: what the lock screen asks it by, and `H` sealed to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecurityKeySlot {
    pub id: Bytes,
    pub public_key: Blob<32>,
    pub half: Envelope,
}

/// A drawerful; the file stays small.
const MOST_KEYS: usize = 8;
/// CTAP 2.1 §6.4, `maxCredentialIdLength` of what is in use is far below.
const LONGEST_ID: usize = 1_023;

impl SecurityKeys {
    /// Whether it is a list this room would write.
    pub fn is_sound(&self) -> bool {
        let ids = || self.keys.iter().map(|key| &key.id.0);
        let twice = |(at, id): (usize, &Vec<u8>)| ids().take(at).any(|other| other == id);
        (1..=MOST_KEYS).contains(&self.keys.len()) && ids().all(|id| fits(id)) && !ids().enumerate().any(twice)
    }

    /// Everything in the list, for the roster's MAC.
    pub fn append_to(&self, roster: &mut Vec<u8>) {
        append_fields(roster, &[&self.salt.0, &(self.keys.len() as u64).to_be_bytes()]);
        for SecurityKeySlot { id, public_key, half } in &self.keys {
            append_fields(roster, &[&id.0, &public_key.0, &half.0]);
        }
    }
}

impl EnrolledUser {
    /// Whether unlocking takes one of the person's security keys.
    #[must_use]
    pub const fn needs_security_key(&self) -> bool {
        self.security_keys.is_some()
    }
}

impl KeyFile {
    /// The security keys that take part in a person's unlocking, any one of which suffices: identifiers, and what to ask them with.
    /// Readable while locked, and vouched for only once unlocked.
    pub fn security_keys(&self, user: &UserId) -> impl Iterator<Item = (&[u8], &[u8; 32])> {
        let keys = self.enrolled(user).and_then(|enrolled| enrolled.security_keys.as_ref());
        keys.into_iter().flat_map(|keys| keys.keys.iter().map(|key| (key.id.0.as_slice(), &keys.salt.0)))
    }

    /// Makes a key part of a person's unlocking. With the first one, passphrase and device secret alone cease to unlock. `factors`
    /// are those in force: once there is a key, one that is there already. The caller writes the file.
    pub fn add_security_key(
        &mut self,
        user: &UserId,
        factors: &Factors<'_>,
        new: NewSecurityKey<'_>,
        cost: KdfCost,
    ) -> Result<(), SecurityKeyError> {
        self.add_security_key_with(user, factors, new, cost, &mut OsEntropy)
    }

    /// Takes a key out of a person's unlocking; with the last one, passphrase and device secret unlock again. `factors` are those in
    /// force, by this key or another. The caller writes the file. As after a change of passphrase, an older copy of the file
    /// still takes what it took.
    pub fn remove_security_key(&mut self, user: &UserId, factors: &Factors<'_>, id: &[u8], cost: KdfCost) -> Result<(), SecurityKeyError> {
        self.change_security_keys(user, factors, cost, &mut OsEntropy, |keys, _| {
            let keys = keys.as_mut().ok_or(SecurityKeyError::Unknown)?;
            let at = keys.keys.iter().position(|key| key.id.0 == id).ok_or(SecurityKeyError::Unknown)?;
            keys.keys.remove(at);
            Ok(())
        })
    }

    pub(crate) fn add_security_key_with(
        &mut self,
        user: &UserId,
        factors: &Factors<'_>,
        new: NewSecurityKey<'_>,
        cost: KdfCost,
        entropy: &mut dyn Entropy,
    ) -> Result<(), SecurityKeyError> {
        self.change_security_keys(user, factors, cost, entropy, |keys, place| {
            if !fits(new.id) {
                return Err(SecurityKeyError::NoPlace);
            }
            let slot = place.slot_of(new)?;
            let keys = keys.get_or_insert_with(|| SecurityKeys { salt: Blob(*new.salt), keys: Vec::new() });
            if keys.salt.0 != *new.salt {
                return Err(SecurityKeyError::OtherSalt);
            }
            if keys.keys.iter().any(|key| key.id == slot.id || key.public_key == slot.public_key) {
                return Err(SecurityKeyError::AlreadyThere);
            }
            if keys.keys.len() >= MOST_KEYS {
                return Err(SecurityKeyError::NoPlace);
            }
            keys.keys.push(slot);
            Ok(())
        })
    }

    /// Changes the list, draws `H` anew, seals it to every key, and rewraps the master key with it.
    fn change_security_keys(
        &mut self,
        user: &UserId,
        factors: &Factors<'_>,
        cost: KdfCost,
        entropy: &mut dyn Entropy,
        change: impl FnOnce(&mut Option<SecurityKeys>, Unlocking<'_>) -> Result<(), SecurityKeyError>,
    ) -> Result<(), SecurityKeyError> {
        let at = self.users.iter().position(|enrolled| &enrolled.user == user).ok_or(UnlockError::UnknownUser)?;
        let master = self.master_key(&self.users[at], factors)?;
        // INVARIANT: the list is vouched for before it is sealed to: nobody slips a key of their own in by editing the file.
        let open = self.open(&self.users[at], &master, factors.workstation)?;

        let mut enrolled = self.users[at].clone();
        let place = self.unlocking(&self.users[at]);
        change(&mut enrolled.security_keys, place)?;
        enrolled.security_keys = enrolled.security_keys.filter(|keys| !keys.keys.is_empty());
        let half = place.renew_half(enrolled.security_keys.as_mut(), factors, entropy)?;
        enrolled.wrap_master(place, &master, factors, half.as_ref(), cost, entropy)?;
        self.users[at] = enrolled;
        self.format = self.format.max(Self::FORMAT_WITH_SECURITY_KEYS);
        self.vouch(&open.rings().collect::<Vec<_>>());
        Ok(())
    }

    /// `H`, by whichever of the person's keys answered; `None` for whoever has none.
    pub(super) fn half(&self, enrolled: &EnrolledUser, factors: &Factors<'_>) -> Result<Option<Key>, UnlockError> {
        let Some(keys) = &enrolled.security_keys else { return Ok(None) };
        let secret = factors.security_key.ok_or(UnlockError::SecurityKeyNeeded)?;
        let place = self.unlocking(enrolled);
        let private = place.key_of(secret).map_err(|_| UnlockError::Damaged)?;
        let public = hpke::public_of(&private).map_err(|_| UnlockError::Damaged)?;
        let slot = keys.keys.iter().find(|key| key.public_key.0 == public).ok_or(UnlockError::OtherSecurityKey)?;
        let (header, bound) = place.bind_half(&slot.id);
        let with = place.device_part(factors.workstation).map_err(|_| UnlockError::Damaged)?;
        match hpke::open_by(&private, Some(&with), header, &bound, &slot.half.0) {
            Ok(half) => Key::copied(&half).map(Some).ok_or(UnlockError::Damaged),
            // The key is one of them, so it is the device secret that is another; it cannot be told from the passphrase elsewhere.
            Err(SealError::Unreadable) => Err(UnlockError::WrongPassphrase),
            Err(_) => Err(UnlockError::Damaged),
        }
    }
}

impl Unlocking<'_> {
    /// The key pair's private half that `S` stands for.
    fn key_of(self, secret: &SecurityKeySecret) -> Result<Key, SealError> {
        derive(&secret.0, "satchel security key 1", &self.names())
    }

    /// The device secret's part in `H`'s envelopes: they are worth nothing on another machine.
    fn device_part(self, workstation: &WorkstationSecrets) -> Result<Key, SealError> {
        derive(self.device_key(workstation)?, "satchel security key device part 1", &self.names())
    }

    /// The list of someone whose first key this is; `H` is not sealed to it yet.
    pub fn first_key(self, new: NewSecurityKey<'_>) -> Result<SecurityKeys, EnrolError> {
        if !fits(new.id) {
            return Err(EnrolError::NotAKey);
        }
        Ok(SecurityKeys { salt: Blob(*new.salt), keys: vec![self.slot_of(new)?] })
    }

    /// The key's place in the list; `H` is not sealed to it yet.
    fn slot_of(self, new: NewSecurityKey<'_>) -> Result<SecurityKeySlot, SealError> {
        let public_key = Blob(hpke::public_of(&self.key_of(new.secret)?)?);
        Ok(SecurityKeySlot { id: Bytes(new.id.to_vec()), public_key, half: Envelope(Vec::new()) })
    }

    /// Draws `H` anew and seals it to each of the person's keys; `None` for whoever has none.
    pub fn renew_half(
        self,
        keys: Option<&mut SecurityKeys>,
        factors: &Factors<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<Key>, SealError> {
        let Some(keys) = keys else { return Ok(None) };
        let half = entropy.key()?;
        let with = self.device_part(factors.workstation)?;
        for key in &mut keys.keys {
            let recipient = hpke::Recipient { public: &key.public_key.0, with: Some(&with) };
            let (header, bound) = self.bind_half(&key.id);
            key.half = Envelope(hpke::seal_for(recipient, header, &bound, half.bytes(), entropy)?);
        }
        Ok(Some(half))
    }

    fn bind_half(self, id: &Bytes) -> (Header, Vec<u8>) {
        let header = Header { kind: Kind::SecurityKeyHalf, generation: self.generation };
        (header, header.bind(&[self.site.as_str().as_bytes(), self.user.as_str().as_bytes(), self.device.as_str().as_bytes(), &id.0]))
    }

    fn names(self) -> Vec<u8> {
        let mut names = Vec::new();
        append_fields(&mut names, &[self.site.as_str().as_bytes(), self.user.as_str().as_bytes(), self.device.as_str().as_bytes()]);
        names
    }
}

fn fits(id: &[u8]) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
}
