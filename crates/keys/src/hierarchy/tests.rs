#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::sync::Arc;

use kernel::{DeviceId, PractitionerId, SiteId, UserId};
use proptest::prelude::*;

use super::*;
use crate::{
    DeviceSecret, KdfCost, MemoryKeyring, Passphrase, PatientSlot, RecordContext, SealError, SecretStore, StoreError, WeakPassphrase,
    WorkstationSecrets, WrappedPatientKey,
};

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
    open.enrol_another(file, EnrolAnother { person: person("ben"), passphrase, workstation, cost: KdfCost::CHEAP })
}

fn unlock(file: &KeyFile, id: &str, phrase: &str) -> Result<OpenKeys, UnlockError> {
    file.unlock(&user(id), &with(&Passphrase::new(phrase), &device()))
}

/// What the vault's keys do, without what is the user's own: equal for all who hold the same keys.
fn shared_by(open: &OpenKeys) -> (String, [u8; 16], [u8; 32]) {
    (open.database_keys().next().unwrap().lend(str::to_owned), open.tag("code", "8480-6"), open.mac(b"entry"))
}

#[test]
fn enrol_write_read_unlock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    assert_eq!(KeyFile::read(&path), Err(KeyFileError::Missing));
    let (file, open) = ada_enrols();
    file.write(&path).unwrap();
    let read = KeyFile::read(&path).unwrap();
    assert_eq!(read, file);
    let again = unlock(&read, "ada", PHRASE).unwrap();
    assert_eq!(shared_by(&again), shared_by(&open));
    assert_eq!(again.database_keys().map(|key| key.lend(str::len)).collect::<Vec<_>>(), [64]);
    assert_eq!((again.user(), again.generation()), (&user("ada"), 1));
    let enrolled = &read.users()[0];
    assert_eq!((enrolled.display_name(), enrolled.role(), enrolled.practitioner().as_str()), ("Dr. ada", "physician", "prac-ada"));
}

#[test]
fn neither_factor_suffices() {
    let (file, _) = ada_enrols();
    assert_eq!(unlock(&file, "ada", OTHER_PHRASE).unwrap_err(), UnlockError::WrongPassphrase);
    assert_eq!(unlock(&file, "ada", "").unwrap_err(), UnlockError::WrongPassphrase, "the keyring alone");
    let other = DeviceSecret::from_bytes([6; 32]).into();
    let passphrase = Passphrase::new(PHRASE);
    assert_eq!(file.unlock(&user("ada"), &with(&passphrase, &other)).unwrap_err(), UnlockError::WrongPassphrase, "the passphrase alone");
    assert_eq!(unlock(&file, "eve", PHRASE).unwrap_err(), UnlockError::UnknownUser);
}

#[test]
fn a_second_clinician_gets_the_same_vault_and_an_own_corner() {
    let (mut file, ada) = ada_enrols();
    ben_enrols(&mut file, &ada).unwrap();
    assert_eq!(ben_enrols(&mut file, &ada), Err(EnrolError::AlreadyEnrolled));
    let ben = unlock(&file, "ben", OTHER_PHRASE).unwrap();
    assert_eq!(shared_by(&ben), shared_by(&ada));
    assert_eq!(unlock(&file, "ben", PHRASE).unwrap_err(), UnlockError::WrongPassphrase);

    let (wrapped, key) = ada.new_patient_key(Group::Care, &SLOT).unwrap();
    let record = RecordContext { patient: 7, kind: "Observation", tag: [2; 16], version: "1" };
    let sealed = key.seal(&record, b"120/80").unwrap();
    assert_eq!(ben.open_patient_key(&wrapped, &SLOT).unwrap().unseal(&record, &sealed).unwrap().as_slice(), b"120/80");

    let own = ada.seal_own("desk", b"tabs").unwrap();
    assert_eq!(ben.unseal_own("desk", &own), Err(SealError::Unreadable));
    assert_eq!(ada.unseal_own("token", &own), Err(SealError::Unreadable));
    assert_eq!(unlock(&file, "ada", PHRASE).unwrap().unseal_own("desk", &own).unwrap().as_slice(), b"tabs");
}

#[test]
fn what_is_left_for_a_newcomer_is_the_newcomers_alone() {
    let (mut file, ada) = ada_enrols();
    let newcomer = ben_joins(&mut file, &ada).unwrap();
    let left = newcomer.seal_own("tokens", b"access").unwrap();
    assert_eq!(newcomer.user(), &user("ben"));
    assert_eq!(ada.unseal_own("tokens", &left), Err(SealError::Unreadable));
    assert_eq!(unlock(&file, "ben", OTHER_PHRASE).unwrap().unseal_own("tokens", &left).unwrap().as_slice(), b"access");
}

#[test]
fn nobody_is_enrolled_with_another_device_secret_or_into_an_edited_file() {
    let (mut file, ada) = ada_enrols();
    let (passphrase, workstation) = (&Passphrase::new(OTHER_PHRASE), &DeviceSecret::from_bytes([6; 32]).into());
    let request = EnrolAnother { person: person("ben"), passphrase, workstation, cost: KdfCost::CHEAP };
    assert_eq!(ada.enrol_another(&mut file, request).err(), Some(EnrolError::OtherDevice));
    file.users[0].role = "administrator".into();
    assert_eq!(ben_enrols(&mut file, &ada), Err(EnrolError::OtherFile));
    let (mut elsewhere, _) = ada_enrols();
    assert_eq!(ben_enrols(&mut elsewhere, &ada), Err(EnrolError::OtherFile), "same names, other keys");
}

#[test]
fn weak_passphrases_enrol_nobody_and_change_nothing() {
    let (mut file, ada) = ada_enrols();
    let before = file.clone();
    let (passphrase, workstation) = (&Passphrase::new("benbenbenben"), &device());
    let request = EnrolAnother { person: person("ben"), passphrase, workstation, cost: KdfCost::CHEAP };
    assert_eq!(ada.enrol_another(&mut file, request).err(), Some(EnrolError::Weak(WeakPassphrase::OwnName)));
    let change = |file: &mut KeyFile, old: &str, new: &str| {
        let (old, new) = (Passphrase::new(old), Passphrase::new(new));
        file.change_factors(&user("ada"), &with(&old, &device()), &with(&new, &device()), KdfCost::CHEAP)
    };
    assert_eq!(change(&mut file, PHRASE, "short"), Err(ChangeError::Weak(WeakPassphrase::TooShort)));
    assert_eq!(change(&mut file, OTHER_PHRASE, OTHER_PHRASE), Err(ChangeError::Unlock(UnlockError::WrongPassphrase)));
    assert_eq!(file, before);
}

#[test]
fn changing_a_passphrase_rewraps_exactly_one_key() {
    let (mut file, ada) = ada_enrols();
    ben_enrols(&mut file, &ada).unwrap();
    let before: serde_json::Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    let (old, new) = (Passphrase::new(PHRASE), Passphrase::new(OTHER_PHRASE));
    file.change_factors(&user("ada"), &with(&old, &device()), &with(&new, &device()), KdfCost::CHEAP).unwrap();
    let mut after: serde_json::Value = serde_json::from_slice(&file.to_bytes()).unwrap();

    assert_eq!(unlock(&file, "ada", PHRASE).unwrap_err(), UnlockError::WrongPassphrase);
    assert_eq!(shared_by(&unlock(&file, "ada", OTHER_PHRASE).unwrap()), shared_by(&ada));
    for changed in ["master_key", "salt"] {
        assert_ne!(after["users"][0][changed], before["users"][0][changed]);
        after["users"][0][changed] = before["users"][0][changed].clone();
    }
    assert_eq!(after, before);
}

#[test]
fn an_edited_file_does_not_unlock() {
    let (mut file, ada) = ada_enrols();
    ben_enrols(&mut file, &ada).unwrap();
    type Edit = fn(&mut KeyFile);
    let edits: &[(&str, Edit)] = &[
        ("role", |f| f.users[0].role = "administrator".into()),
        ("name", |f| f.users[1].display_name = "Dr. eve".into()),
        ("practitioner", |f| f.users[1].practitioner = PractitionerId::new("eve").unwrap()),
        ("door", |f| f.door_public.0[0] ^= 1),
        ("another's public key", |f| f.users[1].public_key.0[0] ^= 1),
        ("a user less", |f| {
            f.users.pop();
        }),
        ("order", |f| f.users.swap(0, 1)),
        ("generation", |f| f.generation = 2),
        ("a key less", |f| {
            f.users[0].vault_keys.remove(&slot::Slot::Audit);
        }),
        ("factors", |f| f.users[0].factors = 1),
        ("slots swapped", |f| {
            let keys = &mut f.users[0].vault_keys;
            let (care, restricted) = (keys[&slot::Slot::Care].clone(), keys[&slot::Slot::Restricted].clone());
            keys.insert(slot::Slot::Care, restricted);
            keys.insert(slot::Slot::Restricted, care);
        }),
        ("another's keys", |f| f.users[0].vault_keys = f.users[1].vault_keys.clone()),
    ];
    for (what, edit) in edits {
        let mut edited = file.clone();
        edit(&mut edited);
        assert_eq!(unlock(&edited, "ada", PHRASE).unwrap_err(), UnlockError::Damaged, "{what}");
    }
    let edits: &[(&str, Edit)] = &[
        ("site", |f| f.site = SiteId::new("site-2").unwrap()),
        ("device", |f| f.device = DeviceId::new("ward-4").unwrap()),
        ("salt", |f| f.users[0].salt.0[0] ^= 1),
        ("another's master key", |f| f.users[0].master_key = f.users[1].master_key.clone()),
    ];
    for (what, edit) in edits {
        let mut edited = file.clone();
        edit(&mut edited);
        assert_eq!(unlock(&edited, "ada", PHRASE).unwrap_err(), UnlockError::WrongPassphrase, "{what}");
    }
}

#[test]
fn unknown_formats_and_broken_files_are_refused() {
    let (file, _) = ada_enrols();
    let text = String::from_utf8(file.to_bytes()).unwrap();
    let read = |text: &str| KeyFile::from_bytes(text.as_bytes()).unwrap_err();
    assert_eq!(read(&text.replacen("\"format\": 1", "\"format\": 3", 1)), KeyFileError::UnknownFormat);
    assert_eq!(read(&text.replacen("\"generation\"", "\"guarded\": true, \"generation\"", 1)), KeyFileError::Damaged);
    assert_eq!(read(&text.replacen("\"generation\"", "\"extra\": 1, \"generation\"", 1)), KeyFileError::Damaged);
    for len in 0..text.len() - 1 {
        assert_eq!(read(&text[..len]), KeyFileError::Damaged, "cut at {len}");
    }
    let mut twice = file;
    twice.users.push(twice.users[0].clone());
    assert_eq!(KeyFile::from_bytes(&twice.to_bytes()).unwrap_err(), KeyFileError::Damaged);
}

#[test]
fn patient_keys_open_only_for_their_patient_and_group() {
    let (_, open) = ada_enrols();
    let (wrapped, _) = open.new_patient_key(Group::Restricted, &SLOT).unwrap();
    assert_eq!(wrapped.group(), Ok(Group::Restricted));
    let wrapped = WrappedPatientKey::from_bytes(wrapped.as_bytes().to_vec()).unwrap();
    assert_eq!(open.open_patient_key(&wrapped, &SLOT).unwrap().patient(), 7);
    for other in [PatientSlot { patient: 8, ..SLOT }, PatientSlot { tag: [2; 16], ..SLOT }] {
        assert_eq!(open.open_patient_key(&wrapped, &other).unwrap_err(), SealError::Unreadable);
    }
    for at in 0..wrapped.as_bytes().len() {
        for bit in 0..8 {
            let mut flipped = wrapped.as_bytes().to_vec();
            flipped[at] ^= 1 << bit;
            let opened = WrappedPatientKey::from_bytes(flipped).and_then(|wrapped| open.open_patient_key(&wrapped, &SLOT));
            assert!(opened.is_err(), "byte {at} bit {bit}");
        }
    }
    assert_eq!(WrappedPatientKey::from_bytes(vec![]).unwrap_err(), SealError::Unreadable);
    assert_eq!(WrappedPatientKey::from_bytes(vec![9, 1]).unwrap_err(), SealError::UnknownFormat);
}

#[test]
fn groups_domains_and_aads_do_not_mix() {
    let (file, open) = ada_enrols();
    let sealed = open.seal_group(Group::Directory, "index", "1", b"names").unwrap();
    assert_eq!(open.unseal_group(Group::Directory, "index", "1", &sealed).unwrap().as_slice(), b"names");
    for (group, kind, version) in [(Group::Care, "index", "1"), (Group::Directory, "banner", "1"), (Group::Directory, "index", "2")] {
        assert_eq!(open.unseal_group(group, kind, version, &sealed), Err(SealError::Unreadable));
    }
    assert_ne!(open.tag("ab", "c"), open.tag("a", "bc"));
    assert!(open.verify_mac(b"entry", &open.mac(b"entry")));
    assert!(!open.verify_mac(b"other", &open.mac(b"entry")));
    assert!(!open.verify_mac(b"entry", &open.mac(b"entry")[..31]));

    let entry = file.door().seal(b"seq 1", b"failed unlock").unwrap();
    assert_eq!(open.open_door(b"seq 1", &entry).unwrap().as_slice(), b"failed unlock");
    assert_eq!(open.open_door(b"seq 2", &entry), Err(SealError::Unreadable));
}

#[test]
fn nothing_secret_is_in_debug() {
    let (file, open) = ada_enrols();
    assert_eq!(format!("{open:?} {:?}", device()), "OpenKeys(redacted) WorkstationSecrets(redacted)");
    let json: serde_json::Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    let printed = format!("{file:?}");
    for envelope in [&json["users"][0]["master_key"], &json["users"][0]["salt"], &json["users"][0]["vault_keys"]["database"]] {
        assert!(!printed.contains(envelope.as_str().unwrap()));
    }
}

#[test]
fn open_keys_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<OpenKeys>();
    shared::<crate::PatientKey>();
}

/// A vault as it is made today.
fn guarded() -> (Arc<MemoryKeyring>, KeyFile, OpenKeys) {
    let ring = Arc::new(MemoryKeyring::default());
    let workstation = WorkstationSecrets::provision(&ring.find()).unwrap();
    let (site, device) = (SiteId::new("site-1").unwrap(), DeviceId::new("ward-3").unwrap());
    let passphrase = &Passphrase::new(PHRASE);
    let request =
        EnrolFirst { site, device, person: person("ada"), passphrase, workstation: &workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 };
    let (mut file, open) = enrol_first(request).unwrap();
    let another = EnrolAnother { person: person("ben"), passphrase, workstation: &workstation, cost: KdfCost::CHEAP };
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
    let request =
        EnrolAnother { person: person("cleo"), passphrase: &Passphrase::new(PHRASE), workstation: &workstation, cost: KdfCost::CHEAP };
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

#[test]
fn a_security_key_takes_part_in_the_unlocking() {
    let (ring, mut file, _) = guarded();
    let workstation = WorkstationSecrets::load(&file, &ring.find()).unwrap();
    let phrase = Passphrase::new(PHRASE);
    let (key, other) = (SecurityKeySecret::new(&[7; 32]), SecurityKeySecret::new(&[8; 32]));
    let plain = with(&phrase, &workstation);
    let strong = Factors { security_key: key.as_ref(), ..plain };
    assert!(file.unlock(&user("ada"), &strong).is_ok(), "a key that takes no part yet is left aside");
    file.change_factors(&user("ada"), &plain, &strong, KdfCost::CHEAP).unwrap();
    assert!(file.unlock(&user("ada"), &strong).is_ok());
    assert_eq!(file.unlock(&user("ada"), &plain).unwrap_err(), UnlockError::SecurityKeyNeeded);
    let wrong = Factors { security_key: other.as_ref(), ..plain };
    assert_eq!(file.unlock(&user("ada"), &wrong).unwrap_err(), UnlockError::WrongPassphrase);
    let mut edited = file.clone();
    edited.users[0].factors = 3;
    assert_eq!(edited.unlock(&user("ada"), &plain).unwrap_err(), UnlockError::WrongPassphrase, "the factors are bound");
    file.change_factors(&user("ada"), &strong, &plain, KdfCost::CHEAP).unwrap();
    assert!(file.unlock(&user("ada"), &plain).is_ok());
}

#[test]
fn the_recovery_key_opens_the_database_and_copies_without_anything_else() {
    let (ring, mut file, mut open) = guarded();
    assert!(open.recovery().is_none() && file.recovery().is_none());
    let key = RecoveryKey::generate().unwrap();
    open.adopt_recovery(&mut file, key.public()).unwrap();
    assert_eq!(opens(&ring, &file, "ben").unwrap().recovery().is_some(), file.recovery() == Some(key.public()));
    let copy = open.recovery().unwrap().seal(&[b"outbox", b"1"], b"an order").unwrap();
    let database = |file: &KeyFile, key: &RecoveryKey| Some(key.database_keys(file).ok()?.database_keys().next()?.lend(str::to_owned));
    let held = |open: &OpenKeys| open.database_keys().next().map(|key| key.lend(str::to_owned));
    assert_eq!(database(&file, &key), held(&open));
    begins(&ring, &mut file, &mut open).unwrap();
    assert_eq!((database(&file, &key), key.database_keys(&file).unwrap().database_keys().count()), (held(&open), 2));
    ends(&mut file, &mut open).unwrap();
    assert_eq!((database(&file, &key), key.database_keys(&file).unwrap().database_keys().count()), (held(&open), 1));

    let read = RecoveryKey::from_code(&key.code()).unwrap();
    assert_eq!(read.unseal(&file, &[b"outbox", b"1"], &copy).unwrap().as_slice(), b"an order");
    assert_eq!(read.unseal(&file, &[b"outbox", b"2"], &copy), Err(SealError::Unreadable));
    assert_eq!(database(&file, &RecoveryKey::generate().unwrap()), None, "another recovery key");
    let mut swapped = file.clone();
    swapped.recovery.as_mut().unwrap().public_key.0[0] ^= 1;
    assert_eq!(opens(&ring, &swapped, "ada").unwrap_err(), UnlockError::Damaged, "copies would go to whoever edited the file");
}

#[test]
fn a_recovery_code_is_read_as_people_write_and_misread_it() {
    let key = RecoveryKey::generate().unwrap();
    let code = key.code();
    assert_eq!((code.len(), code.split('-').count()), (69, 14));
    for written in [code.to_lowercase(), code.replace('-', ""), code.replace('0', "O").replace('1', "l"), code.replace('-', " \n")] {
        assert_eq!(RecoveryKey::from_code(&written).unwrap().public(), key.public());
    }
    for at in (0..code.len()).filter(|at| code.as_bytes()[*at] != b'-') {
        let mut wrong = code.as_bytes().to_vec();
        wrong[at] = if wrong[at] == b'7' { b'8' } else { b'7' };
        let wrong = String::from_utf8(wrong).unwrap();
        assert!(RecoveryKey::from_code(&wrong).is_err(), "letter {at}");
        assert!(RecoveryKey::from_code(&code[..at]).is_err(), "cut at {at}");
    }
    assert!(RecoveryKey::from_code(&format!("{}0", &*code)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_flipped_bit_in_the_key_file_is_noticed(at: prop::sample::Index, bit in 0..8_u32) {
        let (file, open) = ada_enrols();
        let mut bytes = file.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // White space may change; whatever still opens opens the very same keys of the very same roster.
        if let Ok(flipped) = KeyFile::from_bytes(&bytes) && flipped != file {
            prop_assert!(unlock(&flipped, "ada", PHRASE).is_err());
        } else if let Ok(flipped) = KeyFile::from_bytes(&bytes) {
            prop_assert_eq!(shared_by(&unlock(&flipped, "ada", PHRASE).unwrap()), shared_by(&open));
        }
    }
}
