#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod enrolment;
mod key_file;
mod open_keys;
mod recovery;
mod renewal;
mod rotation;
mod security_keys;

use std::sync::Arc;

use kernel::{DeviceId, PractitionerId, SiteId, UserId};

use super::*;
use crate::{DeviceSecret, KdfCost, MemoryKeyring, Passphrase, PatientSlot, WorkstationSecrets};

const PHRASE: &str = "rain on the ward roof";
const OTHER_PHRASE: &str = "blue kettle, no steam";
const SLOT: PatientSlot = PatientSlot { patient: 7, tag: [1; 16] };

fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

fn person(id: &str) -> Person {
    Person {
        user: user(id),
        practitioner: PractitionerId::new(format!("prac-{id}")).unwrap(),
        display_name: format!("Dr. {id}"),
        role: "physician".into(),
    }
}

/// Of a vault made before generations had secrets.
fn device() -> WorkstationSecrets {
    DeviceSecret::from_bytes([5; 32]).into()
}

fn with<'a>(passphrase: &'a Passphrase, workstation: &'a WorkstationSecrets) -> Factors<'a> {
    Factors { passphrase, workstation, security_key: None }
}

fn ada_enrols() -> (KeyFile, OpenKeys) {
    enrol_first(EnrolFirst {
        site: SiteId::new("site-1").unwrap(),
        device: DeviceId::new("ward-3").unwrap(),
        person: person("ada"),
        passphrase: &Passphrase::new(PHRASE),
        security_key: None,
        workstation: &device(),
        cost: KdfCost::CHEAP,
        at: 1_767_225_600,
    })
    .unwrap()
}

fn ben_enrols(file: &mut KeyFile, open: &OpenKeys) -> Result<(), EnrolError> {
    ben_joins(file, open).map(drop)
}

fn ben_joins(file: &mut KeyFile, open: &OpenKeys) -> Result<Newcomer, EnrolError> {
    let (passphrase, workstation) = (&Passphrase::new(OTHER_PHRASE), &device());
    open.enrol_another(
        file,
        EnrolAnother { person: person("ben"), passphrase, security_key: None, workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 },
    )
}

fn unlock(file: &KeyFile, id: &str, phrase: &str) -> Result<OpenKeys, UnlockError> {
    file.unlock(&user(id), &with(&Passphrase::new(phrase), &device()))
}

/// What the vault's keys do, without what is the user's own: equal for all who hold the same keys.
fn shared_by(open: &OpenKeys) -> (String, [u8; 16], [u8; 32]) {
    (open.database_keys().next().unwrap().lend(str::to_owned), open.tag("code", "8480-6"), open.mac(b"entry"))
}

/// A vault as it is made today.
fn guarded() -> (Arc<MemoryKeyring>, KeyFile, OpenKeys) {
    let ring = Arc::new(MemoryKeyring::default());
    let workstation = WorkstationSecrets::provision(&ring.find()).unwrap();
    let (site, device) = (SiteId::new("site-1").unwrap(), DeviceId::new("ward-3").unwrap());
    let passphrase = &Passphrase::new(PHRASE);
    let request = EnrolFirst {
        site,
        device,
        person: person("ada"),
        passphrase,
        security_key: None,
        workstation: &workstation,
        cost: KdfCost::CHEAP,
        at: 1_767_225_600,
    };
    let (mut file, open) = enrol_first(request).unwrap();
    let another = EnrolAnother {
        person: person("ben"),
        passphrase,
        security_key: None,
        workstation: &workstation,
        cost: KdfCost::CHEAP,
        at: 1_767_225_600,
    };
    open.enrol_another(&mut file, another).unwrap();
    (ring, file, open)
}

fn opens(ring: &Arc<MemoryKeyring>, file: &KeyFile, id: &str) -> Result<OpenKeys, UnlockError> {
    let workstation = WorkstationSecrets::load(file, &ring.find()).unwrap();
    file.unlock(&user(id), &with(&Passphrase::new(PHRASE), &workstation))
}

fn begins(ring: &Arc<MemoryKeyring>, file: &mut KeyFile, open: &mut OpenKeys) -> Result<u32, RosterError> {
    let workstation = WorkstationSecrets::load(file, &ring.find()).unwrap().with_generation(file.generation() + 1, &ring.find()).unwrap();
    let (begun, next) = open.begin_generation(file, &workstation, 1_770_000_000)?;
    *file = begun;
    open.take_up(next);
    Ok(open.generation())
}

fn ends(file: &mut KeyFile, open: &mut OpenKeys) -> Result<(), RosterError> {
    *file = open.end_generation(file)?;
    open.step_over();
    Ok(())
}
