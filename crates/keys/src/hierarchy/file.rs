//! The key file: who is enrolled, and everything wrapped. It opens nothing by itself.
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::Mac;
use kernel::{DeviceId, PractitionerId, SiteId, UserId};
use serde::{Deserialize, Serialize};

use super::security_key::SecurityKeys;
use super::slot::Slot;
use crate::door::DoorSeal;
use crate::durable::replace_file;
use crate::envelope::append_fields;
use crate::kdf::{KdfCost, hmac};
use crate::secret::Key;

/// Why a key file could not be read. None of them is a reason to make a new one.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum KeyFileError {
    /// There is none: nobody is enrolled here.
    #[error("no key file")]
    Missing,
    /// The disk would not give it.
    #[error("key file cannot be read")]
    Unreadable,
    /// Written by a version of Satchel that this one does not know.
    #[error("unknown key file format")]
    UnknownFormat,
    /// It is no key file.
    #[error("key file is damaged")]
    Damaged,
}

/// The keys of one site on one workstation, wrapped to each enrolled clinician (JSON).
///
/// Staff names and roles are plain, for the lock screen; nothing about a patient is in it. Everything is bound together by a
/// MAC that an unlock checks, so that nobody is added or renamed by editing the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    pub(super) format: u32,
    pub(super) site: SiteId,
    pub(super) device: DeviceId,
    pub(super) generation: u32,
    /// Whether the vault's keys of this generation take the generation's secret besides the private key.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) guarded: bool,
    /// When this generation was made, seconds since 1970; 0 for vaults of the first form.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) made_at: i64,
    /// Which of the device's secrets is in force, counted from one; the one before may be part of some unlock keys yet.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub(super) device_secret: u32,
    /// When that one was made, seconds since 1970; 0 in older forms.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) device_secret_made_at: i64,
    pub(super) door_public: Blob<32>,
    pub(super) users: Vec<EnrolledUser>,
    pub(super) roster_mac: Blob<32>,
    /// The generation that takes this one's place, while a rotation is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<NextGeneration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) recovery: Option<Recovery>,
}

/// A generation in the making; always guarded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NextGeneration {
    pub generation: u32,
    pub made_at: i64,
    pub door_public: Blob<32>,
    pub vault_keys: BTreeMap<UserId, BTreeMap<Slot, Envelope>>,
    pub roster_mac: Blob<32>,
}

/// What the recovery key opens: the database, by generation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recovery {
    pub public_key: Blob<32>,
    pub database: BTreeMap<u32, Envelope>,
}

/// One enrolled clinician.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolledUser {
    pub(super) user: UserId,
    pub(super) practitioner: PractitionerId,
    pub(super) display_name: String,
    pub(super) role: String,
    /// Which factors the unlock key is made of, as in `unlock::mask`.
    pub(super) factors: u8,
    pub(super) kdf: KdfCost,
    pub(super) salt: Blob<16>,
    pub(super) public_key: Blob<32>,
    /// The generation of the person's own keys: of the two envelopes below, and of what is the person's own. Begins with the vault's
    /// at the enrolment, and counts by itself.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub(super) generation: u32,
    /// When they were made, seconds since 1970; 0 in older forms.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) own_made_at: i64,
    /// Which of the device's secrets is part of the unlock key.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub(super) device_secret: u32,
    pub(super) master_key: Envelope,
    pub(super) private_key: Envelope,
    /// The own key of the generation before, under the master key of this one, until everything is resealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) former_own: Option<Envelope>,
    /// `None` while passphrase and device secret unlock by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) security_keys: Option<SecurityKeys>,
    /// Empty while the person is disabled.
    pub(super) vault_keys: BTreeMap<Slot, Envelope>,
}

const fn first() -> u32 {
    1
}

const fn is_first(generation: &u32) -> bool {
    *generation == first()
}

const fn is_zero(number: &i64) -> bool {
    *number == 0
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl EnrolledUser {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The person on the EHR.
    #[must_use]
    pub fn practitioner(&self) -> &PractitionerId {
        &self.practitioner
    }

    /// As the lock screen shows the person.
    #[must_use]
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// Whether the person has a place here and is kept from using it.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.vault_keys.is_empty()
    }

    /// As the EHR named it at enrolment; for the lock screen. What the person may do comes from the EHR's sign-in.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }
}

impl KeyFile {
    /// The form of files whose vault was made before generations had secrets, and which did not change since.
    pub(super) const FIRST_FORMAT: u32 = 1;
    pub(super) const FORMAT: u32 = 2;
    /// The form of files in which somebody has, or had, a security key.
    pub(super) const FORMAT_WITH_SECURITY_KEYS: u32 = 3;
    /// The form of files that know when a person's own keys and the device's secret were made.
    pub(super) const FORMAT_WITH_RENEWAL: u32 = 4;
    /// A file of a thousand users is below this.
    const MAX_BYTES: usize = 8 << 20;

    /// The EHR the vault belongs to.
    #[must_use]
    pub fn site(&self) -> &SiteId {
        &self.site
    }

    /// The workstation it belongs to.
    #[must_use]
    pub fn device(&self) -> &DeviceId {
        &self.device
    }

    /// The generation of the vault's keys in force; while a rotation is under way, the one that goes.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The generation that comes, while a rotation is under way.
    #[must_use]
    pub fn next_generation(&self) -> Option<u32> {
        self.next.as_ref().map(|next| next.generation)
    }

    /// When the generation in force was made, seconds since 1970; `None` for vaults of the first form.
    #[must_use]
    pub fn made_at(&self) -> Option<i64> {
        (self.made_at != 0).then_some(self.made_at)
    }

    /// The generations that take a secret of their own to open.
    pub(crate) fn guarded_generations(&self) -> impl Iterator<Item = u32> + use<> {
        self.guarded.then_some(self.generation).into_iter().chain(self.next_generation())
    }

    /// Who is enrolled, in the order of enrolment.
    #[must_use]
    pub fn users(&self) -> &[EnrolledUser] {
        &self.users
    }

    /// Seals what happens while locked.
    #[must_use]
    pub fn door(&self) -> DoorSeal {
        let (public, generation) = match &self.next {
            Some(next) => (next.door_public.0, next.generation),
            None => (self.door_public.0, self.generation),
        };
        DoorSeal { public, site: self.site.clone(), device: self.device.clone(), generation }
    }

    /// Reads a key file's JSON.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyFileError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        if bytes.len() > Self::MAX_BYTES {
            return Err(KeyFileError::Damaged);
        }
        let Format { format } = serde_json::from_slice(bytes).map_err(|_| KeyFileError::Damaged)?;
        if !(Self::FIRST_FORMAT..=Self::FORMAT_WITH_RENEWAL).contains(&format) {
            return Err(KeyFileError::UnknownFormat);
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|_| KeyFileError::Damaged)?;
        if format == Self::FIRST_FORMAT && (file.guarded || file.made_at != 0 || file.next.is_some() || file.recovery.is_some()) {
            return Err(KeyFileError::Damaged);
        }
        let may_have_keys = format >= Self::FORMAT_WITH_SECURITY_KEYS;
        if file.users.iter().filter_map(|user| user.security_keys.as_ref()).any(|keys| !may_have_keys || !keys.is_sound()) {
            return Err(KeyFileError::Damaged);
        }
        if !file.is_renewal_sound() {
            return Err(KeyFileError::Damaged);
        }
        let twice = |(at, user): (usize, &EnrolledUser)| file.users[..at].iter().any(|other| other.user == user.user);
        if file.users.iter().enumerate().any(twice) { Err(KeyFileError::Damaged) } else { Ok(file) }
    }

    /// The file's JSON.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plain structs with string keys: serialising them has no way to fail.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Reads the file at `path`.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        match std::fs::read(path) {
            Ok(bytes) => Self::from_bytes(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KeyFileError::Missing),
            Err(_) => Err(KeyFileError::Unreadable),
        }
    }

    /// Replaces the file at `path`, as [`replace_file`] does.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        replace_file(path, &self.to_bytes())
    }

    pub(super) fn enrolled(&self, user: &UserId) -> Option<&EnrolledUser> {
        self.users.iter().find(|enrolled| &enrolled.user == user)
    }

    /// MAC over what is plain in the file and must not be edited: place, generation, door, who is enrolled as what and with which
    /// security keys, how old own keys and device secret are, and whom unsent work can be recovered by.
    pub(super) fn roster_mac(&self, key: &Key) -> hmac::Hmac<sha2::Sha256> {
        self.roster_mac_of(self.generation, self.made_at, &self.door_public, key)
    }

    pub(super) fn roster_mac_of(&self, generation: u32, made_at: i64, door_public: &Blob<32>, key: &Key) -> hmac::Hmac<sha2::Sha256> {
        let is_first_format = self.format == Self::FIRST_FORMAT;
        let with_security_keys = self.format >= Self::FORMAT_WITH_SECURITY_KEYS;
        let with_renewal = self.format >= Self::FORMAT_WITH_RENEWAL;
        let mut roster = match self.format {
            Self::FIRST_FORMAT => b"satchel roster 1".to_vec(),
            Self::FORMAT => b"satchel roster 2".to_vec(),
            Self::FORMAT_WITH_SECURITY_KEYS => b"satchel roster 3".to_vec(),
            _ => b"satchel roster 4".to_vec(),
        };
        let (site, device) = (self.site.as_str().as_bytes(), self.device.as_str().as_bytes());
        append_fields(&mut roster, &[site, device, &generation.to_be_bytes(), &door_public.0]);
        if !is_first_format {
            let recovery = self.recovery.as_ref().map_or(&[][..], |recovery| &recovery.public_key.0);
            append_fields(&mut roster, &[&made_at.to_be_bytes(), recovery]);
        }
        if with_renewal {
            append_fields(&mut roster, &[&self.device_secret.to_be_bytes(), &self.device_secret_made_at.to_be_bytes()]);
        }
        for user in &self.users {
            let (id, practitioner) = (user.user.as_str().as_bytes(), user.practitioner.as_str().as_bytes());
            append_fields(&mut roster, &[id, practitioner, user.display_name.as_bytes(), user.role.as_bytes(), &user.public_key.0]);
            if with_security_keys {
                append_fields(&mut roster, &[&[user.factors]]);
                user.security_keys.iter().for_each(|keys| keys.append_to(&mut roster));
            }
            if with_renewal {
                let numbers = [user.generation.to_be_bytes(), user.device_secret.to_be_bytes()].concat();
                append_fields(&mut roster, &[&numbers, &user.own_made_at.to_be_bytes()]);
            }
        }
        hmac(key).chain_update(&roster)
    }
}

/// Bytes of fixed length that are not secret, as base64.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Blob<const N: usize>(pub [u8; N]);

impl<const N: usize> TryFrom<String> for Blob<N> {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| "not base64")?;
        Ok(Self(bytes.try_into().map_err(|_| "wrong length")?))
    }
}

impl<const N: usize> From<Blob<N>> for String {
    fn from(blob: Blob<N>) -> String {
        BASE64_STANDARD.encode(blob.0)
    }
}

impl<const N: usize> fmt::Debug for Blob<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob<{N}>")
    }
}

/// Bytes that are not secret, as base64.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Bytes(pub Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        BASE64_STANDARD.decode(text).map(Self).map_err(|_| "not base64")
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> String {
        BASE64_STANDARD.encode(bytes.0)
    }
}

/// A closed envelope, as base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Envelope(pub Vec<u8>);

impl TryFrom<String> for Envelope {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        BASE64_STANDARD.decode(text).map(Self).map_err(|_| "not base64")
    }
}

impl From<Envelope> for String {
    fn from(envelope: Envelope) -> String {
        BASE64_STANDARD.encode(envelope.0)
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Envelope")
    }
}
