//! Enrolment: the first clinician makes the vault's keys, every other gets them from one who has them open.
use std::collections::BTreeMap;
use std::sync::Arc;

use hmac::Mac;
use kernel::{DeviceId, PractitionerId, SiteId, UserId};

use super::file::{Blob, EnrolledUser, Envelope, KeyFile};
use super::open::{Corner, OpenKeys};
use super::slot::{Slot, VaultKeys};
use super::unlock::{Factors, Unlocking, bind_private_key, bind_vault_key};
use crate::aead;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError};
use crate::hpke;
use crate::kdf::KdfCost;
use crate::passphrase::{Passphrase, WeakPassphrase};
use crate::patient::Place;
use crate::provider::DeviceSecret;
use crate::secret::Key;

/// Who is enrolled.
#[derive(Clone, Debug)]
pub struct Person {
    /// The user.
    pub user: UserId,
    /// The person on the EHR.
    pub practitioner: PractitionerId,
    /// As the lock screen shows the person.
    pub display_name: String,
    /// As the EHR names it.
    pub role: String,
}

/// The first enrolment of a site on a workstation.
pub struct EnrolFirst<'a> {
    /// The EHR.
    pub site: SiteId,
    /// The workstation.
    pub device: DeviceId,
    /// Who is enrolled.
    pub person: Person,
    /// The person's choice.
    pub passphrase: &'a Passphrase,
    /// This workstation's, from [`DeviceSecret::provision`].
    pub device_secret: &'a DeviceSecret,
    /// [`KdfCost::STANDARD`], outside tests.
    pub cost: KdfCost,
}

/// Every further enrolment.
pub struct EnrolAnother<'a> {
    /// Who is enrolled.
    pub person: Person,
    /// The person's choice.
    pub passphrase: &'a Passphrase,
    /// This workstation's, as it was when the vault was made.
    pub device_secret: &'a DeviceSecret,
    /// [`KdfCost::STANDARD`], outside tests.
    pub cost: KdfCost,
}

/// Why nobody was enrolled. The file is as it was.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum EnrolError {
    /// The passphrase is refused.
    #[error(transparent)]
    Weak(#[from] WeakPassphrase),
    /// The user is enrolled already.
    #[error("user is enrolled already")]
    AlreadyEnrolled,
    /// The file is not the one these keys were opened from, or was edited.
    #[error("key file does not belong to the open keys")]
    OtherFile,
    /// The device secret is not the one the vault was made with: whoever enrolled under it could not unlock later.
    #[error("device secret does not belong to the open keys")]
    OtherDevice,
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Makes a vault's keys and enrols their first holder. The caller writes the file before it makes anything else.
pub fn enrol_first(request: EnrolFirst<'_>) -> Result<(KeyFile, OpenKeys), EnrolError> {
    enrol_first_with(request, &mut OsEntropy)
}

pub(crate) fn enrol_first_with(request: EnrolFirst<'_>, entropy: &mut dyn Entropy) -> Result<(KeyFile, OpenKeys), EnrolError> {
    let EnrolFirst { site, device, person, passphrase, device_secret, cost } = request;
    let (keys, door_public) = VaultKeys::fresh(entropy)?;
    let mut file = KeyFile {
        format: KeyFile::FORMAT,
        site,
        device,
        generation: 1,
        door_public: Blob(door_public),
        users: Vec::new(),
        roster_mac: Blob([0; 32]),
    };
    let user = person.user.clone();
    let request = EnrolAnother { person, passphrase, device_secret, cost };
    let master = add(&mut file, &keys, request, entropy)?;
    let place = Place { site: Arc::new(file.site.clone()), generation: file.generation };
    let open = OpenKeys::new(place, file.device.clone(), user, &master, device_secret, keys)?;
    Ok((file, open))
}

impl OpenKeys {
    /// Gives everything these keys open to one more person. The caller writes the file.
    pub fn enrol_another(&self, file: &mut KeyFile, request: EnrolAnother<'_>) -> Result<Newcomer, EnrolError> {
        if !self.is_from(file) {
            return Err(EnrolError::OtherFile);
        }
        if !self.is_on(request.device_secret)? {
            return Err(EnrolError::OtherDevice);
        }
        if file.enrolled(&request.person.user).is_some() {
            return Err(EnrolError::AlreadyEnrolled);
        }
        let user = request.person.user.clone();
        let master = add(file, self.vault_keys(), request, &mut OsEntropy)?;
        Ok(Newcomer { corner: Corner::new(self.place().clone(), user, &master)? })
    }
}

/// Someone just enrolled. What their sign-in brought can be left for them, though their desk is not open.
pub struct Newcomer {
    corner: Corner,
}

impl Newcomer {
    /// The user.
    #[must_use]
    pub fn user(&self) -> &UserId {
        self.corner.user()
    }

    /// Seals what is theirs alone, as [`OpenKeys::seal_own`] will for them.
    pub fn seal_own(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.corner.seal(purpose, plain, &mut OsEntropy)
    }
}

/// Appends the person to the file; gives back the person's new master key.
fn add(file: &mut KeyFile, keys: &VaultKeys, request: EnrolAnother<'_>, entropy: &mut dyn Entropy) -> Result<Key, EnrolError> {
    let EnrolAnother { person: Person { user, practitioner, display_name, role }, passphrase, device_secret, cost } = request;
    passphrase.check(user.as_str(), &display_name)?;
    let (site, device, generation) = (&file.site, &file.device, file.generation);

    let master = entropy.key()?;
    let place = Unlocking { site, device, user: &user, generation };
    let (salt, master_key) = place.wrap_master(&master, passphrase, device_secret, cost, entropy)?;

    let (private, public) = hpke::key_pair(entropy)?;
    let public_key = Blob(public);
    let header = Header { kind: Kind::PrivateKey, generation };
    let bound = bind_private_key(header, site, device, &user, &public_key);
    let private_key = Envelope(aead::seal(&master, header, &bound, private.bytes(), entropy)?);

    let header = Header { kind: Kind::VaultKey, generation };
    let mut vault_keys = BTreeMap::new();
    for slot in Slot::ALL {
        let bound = bind_vault_key(header, site, device, &user, slot);
        vault_keys.insert(slot, Envelope(hpke::seal_to(&public, header, &bound, keys.get(slot).bytes(), entropy)?));
    }

    let factors = Factors::PASSPHRASE_AND_DEVICE;
    let kdf = cost;
    file.users.push(EnrolledUser {
        user,
        practitioner,
        display_name,
        role,
        factors,
        kdf,
        salt,
        public_key,
        master_key,
        private_key,
        vault_keys,
    });
    file.roster_mac = Blob(file.roster_mac(keys.get(Slot::Roster)).finalize().into_bytes().into());
    Ok(master)
}
