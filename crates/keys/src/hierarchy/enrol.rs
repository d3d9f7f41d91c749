//! Enrolment: the first clinician makes the vault's keys, every other gets them from one who has them open.
use std::collections::BTreeMap;
use std::sync::Arc;

use hmac::Mac;
use kernel::{DeviceId, PractitionerId, SiteId, UserId};

use super::file::{Blob, EnrolledUser, Envelope, KeyFile};
use super::open::{Corner, DeviceTie, OpenKeys, Ring};
use super::security_key::NewSecurityKey;
use super::slot::{Slot, VaultKeys};
use super::unlock::{Factors, Unlocking, bind_private_key, bind_vault_key, mask};
use crate::aead;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError};
use crate::hpke;
use crate::kdf::KdfCost;
use crate::passphrase::{Passphrase, WeakPassphrase};
use crate::patient::Place;
use crate::provider::WorkstationSecrets;
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
    /// The person's security key, where it takes part in unlocking from the first.
    pub security_key: Option<NewSecurityKey<'a>>,
    /// This workstation's, from [`WorkstationSecrets::provision`].
    pub workstation: &'a WorkstationSecrets,
    /// [`KdfCost::STANDARD`], outside tests.
    pub cost: KdfCost,
    /// The time, seconds since 1970.
    pub at: i64,
}

/// Every further enrolment.
pub struct EnrolAnother<'a> {
    /// Who is enrolled.
    pub person: Person,
    /// The person's choice.
    pub passphrase: &'a Passphrase,
    /// The person's security key, where it takes part in unlocking from the first.
    pub security_key: Option<NewSecurityKey<'a>>,
    /// This workstation's, from [`WorkstationSecrets::load`].
    pub workstation: &'a WorkstationSecrets,
    /// [`KdfCost::STANDARD`], outside tests.
    pub cost: KdfCost,
    /// The time, seconds since 1970.
    pub at: i64,
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
    /// The device secret is not the one in use: whoever enrolled under it could not unlock later.
    #[error("device secret does not belong to the open keys")]
    OtherDevice,
    /// The security key's identifier is none.
    #[error("no identifier of a security key")]
    NotAKey,
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Makes a vault's keys and enrols their first holder. The caller writes the file before it makes anything else.
pub fn enrol_first(request: EnrolFirst<'_>) -> Result<(KeyFile, OpenKeys), EnrolError> {
    enrol_first_with(request, &mut OsEntropy)
}

pub(crate) fn enrol_first_with(request: EnrolFirst<'_>, entropy: &mut dyn Entropy) -> Result<(KeyFile, OpenKeys), EnrolError> {
    let EnrolFirst { site, device, person, passphrase, security_key, workstation, cost, at } = request;
    let (keys, door_public) = VaultKeys::fresh(entropy)?;
    let guarded = workstation.generation(1).is_some();
    let mut file = KeyFile {
        format: if guarded { KeyFile::FORMAT_WITH_RENEWAL } else { KeyFile::FIRST_FORMAT },
        site,
        device,
        generation: 1,
        guarded,
        made_at: if guarded { at } else { 0 },
        device_secret: 1,
        device_secret_made_at: if guarded { at } else { 0 },
        door_public: Blob(door_public),
        users: Vec::new(),
        roster_mac: Blob([0; 32]),
        next: None,
        recovery: None,
    };
    let user = person.user.clone();
    let place = Place { site: Arc::new(file.site.clone()), generation: 1 };
    let ring = Ring { place: place.clone(), keys };
    let request = EnrolAnother { person, passphrase, security_key, workstation, cost, at };
    let master = add(&mut file, &[&ring], request, 1, entropy)?;
    let tied = DeviceTie::new(workstation, 1)?;
    let open = OpenKeys::new(file.device.clone(), ring, None, Corner::new(place, user, &master)?, None, tied);
    Ok((file, open))
}

impl OpenKeys {
    /// Gives everything these keys open to one more person. The caller writes the file.
    pub fn enrol_another(&self, file: &mut KeyFile, request: EnrolAnother<'_>) -> Result<Newcomer, EnrolError> {
        if !self.is_from(file) {
            return Err(EnrolError::OtherFile);
        }
        if !self.tied().is_to(request.workstation)? {
            return Err(EnrolError::OtherDevice);
        }
        if file.enrolled(&request.person.user).is_some() {
            return Err(EnrolError::AlreadyEnrolled);
        }
        let user = request.person.user.clone();
        let rings: Vec<_> = self.rings().collect();
        let master = add(file, &rings, request, self.tied().number, &mut OsEntropy)?;
        let place = Place { generation: file.generation, ..self.in_force().place.clone() };
        Ok(Newcomer { corner: Corner::new(place, user, &master)? })
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
fn add(
    file: &mut KeyFile,
    rings: &[&Ring],
    request: EnrolAnother<'_>,
    device_secret: u32,
    entropy: &mut dyn Entropy,
) -> Result<Key, EnrolError> {
    let EnrolAnother { person, passphrase, security_key, workstation, cost, at } = request;
    let Person { user, practitioner, display_name, role } = person;
    passphrase.check(user.as_str(), &display_name)?;
    let (site, device, generation) = (&file.site, &file.device, file.generation);

    let master = entropy.key()?;
    let place = Unlocking { site, device, user: &user, generation, device_secret };
    let factors = Factors { passphrase, workstation, security_key: None };
    // INVARIANT: the first envelope takes the security key already: none that opens with less is ever made.
    let mut security_keys = security_key.map(|new| place.first_key(new)).transpose()?;
    let half = place.renew_half(security_keys.as_mut(), &factors, entropy)?;
    let (salt, master_key) = place.wrap_master(&master, &factors, half.as_ref(), cost, entropy)?;

    let (private, public) = hpke::key_pair(entropy)?;
    let public_key = Blob(public);
    let header = Header { kind: Kind::PrivateKey, generation };
    let bound = bind_private_key(header, site, device, &user, &public_key);
    let private_key = Envelope(aead::seal(&master, header, &bound, private.bytes(), entropy)?);

    if security_keys.is_some() {
        file.format = file.format.max(KeyFile::FORMAT_WITH_SECURITY_KEYS);
    }
    file.users.push(EnrolledUser {
        user: user.clone(),
        practitioner,
        display_name,
        role,
        factors: mask(half.as_ref()),
        kdf: cost,
        salt,
        public_key,
        generation,
        // An older form has no place for it: the keys are renewed once it has.
        own_made_at: if file.format >= KeyFile::FORMAT_WITH_RENEWAL { at } else { 0 },
        device_secret,
        master_key,
        private_key,
        former_own: None,
        security_keys,
        vault_keys: BTreeMap::new(),
    });
    file.give_keys(&user, rings, workstation, entropy)?;
    file.vouch(rings);
    Ok(master)
}

impl KeyFile {
    /// Wraps every open generation's keys to an enrolled person.
    pub(super) fn give_keys(
        &mut self,
        user: &UserId,
        rings: &[&Ring],
        workstation: &WorkstationSecrets,
        entropy: &mut dyn Entropy,
    ) -> Result<(), SealError> {
        for ring in rings {
            let secret = self.guard(ring.place.generation, workstation)?;
            let Some(at) = self.users.iter().position(|enrolled| &enrolled.user == user) else { continue };
            let keys = self.wrapped_for(&self.users[at], ring, secret, entropy)?;
            match &mut self.next {
                Some(next) if next.generation == ring.place.generation => {
                    next.vault_keys.insert(user.clone(), keys);
                }
                _ => self.users[at].vault_keys = keys,
            }
        }
        Ok(())
    }

    /// A generation's keys, wrapped to a person.
    pub(super) fn wrapped_for(
        &self,
        enrolled: &EnrolledUser,
        ring: &Ring,
        secret: Option<&Key>,
        entropy: &mut dyn Entropy,
    ) -> Result<BTreeMap<Slot, Envelope>, SealError> {
        let kind = if secret.is_some() { Kind::GenerationKey } else { Kind::VaultKey };
        let header = Header { kind, generation: ring.place.generation };
        let recipient = hpke::Recipient { public: &enrolled.public_key.0, with: secret };
        let wrap = |slot: Slot| {
            let bound = bind_vault_key(header, &self.site, &self.device, &enrolled.user, slot);
            Ok((slot, Envelope(hpke::seal_for(recipient, header, &bound, ring.keys.get(slot).bytes(), entropy)?)))
        };
        Slot::ALL.into_iter().map(wrap).collect()
    }

    /// The secret that a generation's keys take besides; `None` for a first generation that has none.
    pub(super) fn guard<'w>(&self, generation: u32, workstation: &'w WorkstationSecrets) -> Result<Option<&'w Key>, SealError> {
        if self.guarded_generations().any(|guarded| guarded == generation) {
            workstation.generation(generation).map(Some).ok_or(SealError::Unreadable)
        } else {
            Ok(None)
        }
    }

    /// Makes the MACs over what is plain in the file anew.
    pub(super) fn vouch(&mut self, rings: &[&Ring]) {
        for ring in rings {
            let (generation, roster) = (ring.place.generation, ring.keys.get(Slot::Roster));
            let of = |at, door: &Blob<32>| Blob(self.roster_mac_of(generation, at, door, roster).finalize().into_bytes().into());
            match &self.next {
                Some(next) if next.generation == generation => {
                    let mac = of(next.made_at, &next.door_public);
                    if let Some(next) = &mut self.next {
                        next.roster_mac = mac;
                    }
                }
                _ => self.roster_mac = of(self.made_at, &self.door_public),
            }
        }
    }
}
