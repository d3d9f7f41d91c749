//! The record of an enrolled key. It holds no secret: whoever reads it learns that a key exists, and can ask nobody else's.
use kernel::UserId;
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{COSEAlgorithm, COSEKey, COSEKeyType, Credential as Verifier, ECDSACurve, Passkey};
use webauthn_rs_proto::UserVerificationPolicy;

use crate::secret::Salt;

/// An enrolled security key of one clinician. Keep it sealed: at unlock the key is asked by its id, and the answer held against the
/// record once the vault is open ([`crate::Answered`]).
///
/// After every step-up the counter has changed: write the record before what was stepped up for.
#[derive(Clone, Debug)]
pub struct Credential {
    pub(crate) user: UserId,
    pub(crate) passkey: Passkey,
    pub(crate) counter: u32,
    pub(crate) placement: Placement,
    pub(crate) salt: Salt,
}

/// Where the key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// It goes in and out: a device separate from the computer.
    Roaming,
    /// It is a part of this computer.
    Platform,
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum CredentialError {
    /// It was written by a later Satchel.
    #[error("credential record is of a later version")]
    Later,
    /// It is not a credential's record.
    #[error("credential record is unreadable")]
    Unreadable,
}

/// Version 1 of the record: everything but the P-256 key (SEC 1 coordinates) that verification takes is a constant, so a change of
/// the library's own form does not touch what is on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    version: u32,
    user: UserId,
    id: String,
    algorithm: String,
    x: String,
    y: String,
    counter: u32,
    placement: Placement,
    salt: Salt,
}

const VERSION: u32 = 1;
/// ECDSA over P-256 with SHA-256 (RFC 9053 §2.1), the one every FIDO2 key has.
const ALGORITHM: &str = "ES256";

impl Credential {
    /// `None` unless the key is P-256, bound to one device and asked with verification.
    pub(crate) fn from_passkey(user: UserId, passkey: Passkey, placement: Placement, salt: Salt) -> Option<Self> {
        let verifier = Verifier::from(passkey.clone());
        let es256 = verifier.cred.type_ == COSEAlgorithm::ES256 && matches!(verifier.cred.key, COSEKeyType::EC_EC2(_));
        (es256 && !verifier.backup_eligible).then_some(Self { user, passkey, counter: verifier.counter, placement, salt })
    }

    /// Whose it is.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// The credential's id.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        self.passkey.cred_id()
    }

    /// How often the key has signed, as far as is known; zero for ever on a key that does not count.
    #[must_use]
    pub const fn counter(&self) -> u32 {
        self.counter
    }

    /// Where the key is.
    #[must_use]
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    /// What it is asked for factor S with; one for all keys of a user.
    #[must_use]
    pub const fn salt(&self) -> Salt {
        self.salt
    }

    /// The record, JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CredentialError> {
        let key = self.passkey.get_public_key();
        let COSEKeyType::EC_EC2(point) = &key.key else { return Err(CredentialError::Unreadable) };
        let record = Record {
            version: VERSION,
            user: self.user.clone(),
            id: crate::client::base64url(self.id()),
            algorithm: ALGORITHM.to_owned(),
            x: crate::client::base64url(&point.x),
            y: crate::client::base64url(&point.y),
            counter: self.counter,
            placement: self.placement,
            salt: self.salt,
        };
        serde_json::to_vec(&record).map_err(|_| CredentialError::Unreadable)
    }

    /// Reads [`Credential::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CredentialError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = serde_json::from_slice(bytes).map_err(|_| CredentialError::Unreadable)?;
        if version > VERSION {
            return Err(CredentialError::Later);
        }
        let record: Record = serde_json::from_slice(bytes).map_err(|_| CredentialError::Unreadable)?;
        record.read().ok_or(CredentialError::Unreadable)
    }
}

impl Record {
    fn read(self) -> Option<Credential> {
        let coordinate = |text: &str| crate::client::from_base64url(text).filter(|bytes| bytes.len() == 32);
        let id = crate::client::from_base64url(&self.id).filter(|id| !id.is_empty())?;
        let point = webauthn_rs::prelude::COSEEC2Key { curve: ECDSACurve::SECP256R1, x: coordinate(&self.x)?, y: coordinate(&self.y)? };
        if self.version != VERSION || self.algorithm != ALGORITHM {
            return None;
        }
        let verifier = Verifier {
            cred_id: id,
            cred: COSEKey { type_: COSEAlgorithm::ES256, key: COSEKeyType::EC_EC2(point) },
            counter: self.counter,
            transports: None,
            user_verified: true,
            backup_eligible: false,
            backup_state: false,
            registration_policy: UserVerificationPolicy::Required,
            extensions: Default::default(),
            attestation: Default::default(),
            attestation_format: webauthn_rs::prelude::AttestationFormat::None,
        };
        Some(Credential { user: self.user, counter: self.counter, passkey: verifier.into(), placement: self.placement, salt: self.salt })
    }
}
