//! Generations follow one another; who is disabled or removed meanwhile.
use super::*;
use crate::{RecordContext, SealError, SecretStore, StoreError};

#[test]
fn a_rotation_opens_both_generations_then_the_new_one_alone() {
    let (ring, mut file, mut open) = guarded();
    let first = file.clone();
    let old_card = open.seal_group(Group::Directory, "card", "1", b"name").unwrap();
    let (old_key, patient) = open.new_patient_key(Group::Care, &SLOT).unwrap();
    let record = RecordContext { patient: 7, kind: "Observation", tag: [2; 16], version: "1" };
    let old_record = patient.seal(&record, b"120/80").unwrap();
    let (tag, mac) = (open.tag("code", "8480-6"), open.mac(b"entry"));

    assert_eq!(begins(&ring, &mut file, &mut open), Ok(2));
    assert_eq!(begins(&ring, &mut file.clone(), &mut open), Err(RosterError::Rotation));
    for keys in [&open, &opens(&ring, &file, "ada").unwrap(), &opens(&ring, &file, "ben").unwrap()] {
        assert_eq!((keys.generation(), keys.is_rotating(), keys.database_keys().count()), (2, true, 2));
        assert_eq!(keys.unseal_group(Group::Directory, "card", "1", &old_card).unwrap().as_slice(), b"name");
        assert_eq!(keys.open_patient_key(&old_key, &SLOT).unwrap().unseal(&record, &old_record).unwrap().as_slice(), b"120/80");
        assert_eq!((keys.tag("code", "8480-6"), keys.mac(b"entry")), (tag, mac), "carried over");
        assert!(!keys.is_newest(&old_card) && keys.is_newest(&keys.seal_group(Group::Directory, "card", "1", b"name").unwrap()));
    }
    let new_card = open.seal_group(Group::Directory, "card", "1", b"name").unwrap();
    let at_the_door = file.door().seal(b"", b"wrong passphrase").unwrap();

    assert_eq!(ends(&mut file, &mut open), Ok(()));
    assert_eq!(ends(&mut file, &mut open), Err(RosterError::Rotation));
    ring.entry(crate::SecretName::Generation(1)).delete().unwrap();
    let read = KeyFile::from_bytes(&file.to_bytes()).unwrap();
    for keys in [&open, &opens(&ring, &read, "ada").unwrap(), &opens(&ring, &read, "ben").unwrap()] {
        assert_eq!((keys.generation(), keys.is_rotating(), keys.database_keys().count()), (2, false, 1));
        assert_eq!(keys.unseal_group(Group::Directory, "card", "1", &new_card).unwrap().as_slice(), b"name");
        assert_eq!(keys.unseal_group(Group::Directory, "card", "1", &old_card), Err(SealError::OtherGeneration { found: 1 }));
        assert_eq!(keys.open_door(b"", &at_the_door).unwrap().as_slice(), b"wrong passphrase");
    }
    // An older copy of the file, the right passphrase and the keyring as it is now: nothing.
    assert_eq!(WorkstationSecrets::load(&first, &ring.find()).unwrap_err(), StoreError::Emptied);
}

#[test]
fn what_is_ones_own_outlives_a_rotation() {
    let (ring, mut file, mut open) = guarded();
    let own = opens(&ring, &file, "ben").unwrap().seal_own("desk", b"tabs").unwrap();
    begins(&ring, &mut file, &mut open).unwrap();
    ends(&mut file, &mut open).unwrap();
    let workstation = WorkstationSecrets::load(&file, &ring.find()).unwrap();
    let request = EnrolAnother {
        person: person("cleo"),
        passphrase: &Passphrase::new(PHRASE),
        security_key: None,
        workstation: &workstation,
        cost: KdfCost::CHEAP,
        at: 1_767_225_600,
    };
    let left = open.enrol_another(&mut file, request).unwrap().seal_own("desk", b"hers").unwrap();
    assert_eq!(opens(&ring, &file, "ben").unwrap().unseal_own("desk", &own).unwrap().as_slice(), b"tabs");
    assert_eq!(opens(&ring, &file, "cleo").unwrap().unseal_own("desk", &left).unwrap().as_slice(), b"hers");
    begins(&ring, &mut file, &mut open).unwrap();
    ends(&mut file, &mut open).unwrap();
    assert_eq!(opens(&ring, &file, "cleo").unwrap().unseal_own("desk", &left).unwrap().as_slice(), b"hers");
}

#[test]
fn a_vault_of_the_first_form_rotates_into_a_guarded_one() {
    let (mut file, mut open) = ada_enrols();
    let ring = Arc::new(MemoryKeyring::default());
    ring.entry(crate::SecretName::Device).store(&DeviceSecret::from_bytes([5; 32])).unwrap();
    begins(&ring, &mut file, &mut open).unwrap();
    assert!(opens(&ring, &file, "ada").unwrap().is_rotating());
    ends(&mut file, &mut open).unwrap();
    assert_eq!(opens(&ring, &file, "ada").unwrap().generation(), 2);
    assert_eq!(unlock(&file, "ada", PHRASE).unwrap_err(), UnlockError::Damaged, "the device's secret alone");
}

#[test]
fn someone_disabled_waits_and_someone_removed_is_gone() {
    let (ring, mut file, mut open) = guarded();
    let before = file.clone();
    assert_eq!(open.disable(&mut file, &user("ada")), Err(RosterError::Oneself));
    assert_eq!(open.remove(&mut file, &user("eve")), Err(RosterError::UnknownUser));
    open.disable(&mut file, &user("ben")).unwrap();
    assert_eq!(opens(&ring, &file, "ben").unwrap_err(), UnlockError::Disabled);
    assert!(file.users()[1].is_disabled() && opens(&ring, &file, "ada").is_ok());
    begins(&ring, &mut file, &mut open).unwrap();
    assert_eq!(opens(&ring, &file, "ben").unwrap_err(), UnlockError::Disabled);
    let workstation = WorkstationSecrets::load(&file, &ring.find()).unwrap();
    open.enable(&mut file, &user("ben"), &workstation).unwrap();
    assert!(opens(&ring, &file, "ben").unwrap().is_rotating());
    open.remove(&mut file, &user("ben")).unwrap();
    assert_eq!(opens(&ring, &file, "ben").unwrap_err(), UnlockError::UnknownUser);
    ends(&mut file, &mut open).unwrap();
    ring.entry(crate::SecretName::Generation(1)).delete().unwrap();
    assert!(opens(&ring, &file, "ada").is_ok());
    // The file put back as it was opens for nobody any more.
    assert_eq!(WorkstationSecrets::load(&before, &ring.find()).unwrap_err(), StoreError::Emptied);
    // Nor does someone's former place, copied into the new file.
    let mut forged = file.clone();
    forged.users.push(before.users[1].clone());
    assert_eq!(opens(&ring, &forged, "ben").unwrap_err(), UnlockError::Damaged);
    assert_eq!(opens(&ring, &forged, "ada").unwrap_err(), UnlockError::Damaged);
}
