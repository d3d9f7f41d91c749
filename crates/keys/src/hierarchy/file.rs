//! The key file: who is enrolled, and everything wrapped. It opens nothing by itself.
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::Mac;
use kernel::{DeviceId, PractitionerId, SiteId, UserId};
use serde::{Deserialize, Serialize};

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
    pub(super) door_public: Blob<32>,
    pub(super) users: Vec<EnrolledUser>,
    pub(super) roster_mac: Blob<32>,
}

/// One enrolled clinician.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolledUser {
    pub(super) user: UserId,
    pub(super) practitioner: PractitionerId,
    pub(super) display_name: String,
    pub(super) role: String,
    /// Which factors the unlock key is made of, as in `unlock::Factors`.
    pub(super) factors: u8,
    pub(super) kdf: KdfCost,
    pub(super) salt: Blob<16>,
    pub(super) public_key: Blob<32>,
    pub(super) master_key: Envelope,
    pub(super) private_key: Envelope,
    pub(super) vault_keys: BTreeMap<Slot, Envelope>,
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

    /// As the EHR named it at enrolment; for the lock screen. What the person may do comes from the EHR's sign-in.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }
}

impl KeyFile {
    pub(super) const FORMAT: u32 = 1;
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

    /// The generation of the vault's keys.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Who is enrolled, in the order of enrolment.
    #[must_use]
    pub fn users(&self) -> &[EnrolledUser] {
        &self.users
    }

    /// Seals what happens while locked.
    #[must_use]
    pub fn door(&self) -> DoorSeal {
        DoorSeal { public: self.door_public.0, site: self.site.clone(), device: self.device.clone(), generation: self.generation }
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
        if format != Self::FORMAT {
            return Err(KeyFileError::UnknownFormat);
        }
        let file: Self = serde_json::from_slice(bytes).map_err(|_| KeyFileError::Damaged)?;
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

    /// MAC over what is plain in the file and must not be edited: place, generation, door, and who is enrolled as what.
    pub(super) fn roster_mac(&self, key: &Key) -> hmac::Hmac<sha2::Sha256> {
        let mut roster = b"satchel roster 1".to_vec();
        let (site, device) = (self.site.as_str().as_bytes(), self.device.as_str().as_bytes());
        append_fields(&mut roster, &[site, device, &self.generation.to_be_bytes(), &self.door_public.0]);
        for user in &self.users {
            let (id, practitioner) = (user.user.as_str().as_bytes(), user.practitioner.as_str().as_bytes());
            append_fields(&mut roster, &[id, practitioner, user.display_name.as_bytes(), user.role.as_bytes(), &user.public_key.0]);
        }
        hmac(key).chain_update(&roster)
    }
}

/// Bytes of fixed length that are not secret, as base64.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Blob<const N: usize>(pub [u8; N]);

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
