#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use kernel::{DeviceId, PractitionerId, SiteId, UserId};
use proptest::prelude::*;

use super::*;
use crate::{DeviceSecret, KdfCost, Passphrase, PatientSlot, RecordContext, SealError, WeakPassphrase, WrappedPatientKey};

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

fn device() -> DeviceSecret {
    DeviceSecret::from_bytes([5; 32])
}

fn ada_enrols() -> (KeyFile, OpenKeys) {
    enrol_first(EnrolFirst {
        site: SiteId::new("site-1").unwrap(),
        device: DeviceId::new("ward-3").unwrap(),
        person: person("ada"),
        passphrase: &Passphrase::new(PHRASE),
        device_secret: &device(),
        cost: KdfCost::CHEAP,
    })
    .unwrap()
}

fn ben_enrols(file: &mut KeyFile, open: &OpenKeys) -> Result<(), EnrolError> {
    ben_joins(file, open).map(drop)
}

fn ben_joins(file: &mut KeyFile, open: &OpenKeys) -> Result<Newcomer, EnrolError> {
    let (passphrase, device_secret) = (&Passphrase::new(OTHER_PHRASE), &device());
    open.enrol_another(file, EnrolAnother { person: person("ben"), passphrase, device_secret, cost: KdfCost::CHEAP })
}

fn unlock(file: &KeyFile, id: &str, phrase: &str) -> Result<OpenKeys, UnlockError> {
    file.unlock(&user(id), &Passphrase::new(phrase), &device())
}

/// What the vault's keys do, without what is the user's own: equal for all who hold the same keys.
fn shared_by(open: &OpenKeys) -> (String, [u8; 16], [u8; 32]) {
    (open.with_database_key(str::to_owned), open.tag("code", "8480-6"), open.mac(b"entry"))
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
    assert_eq!(again.with_database_key(str::len), 64);
    assert_eq!((again.user(), again.generation()), (&user("ada"), 1));
    let enrolled = &read.users()[0];
    assert_eq!((enrolled.display_name(), enrolled.role(), enrolled.practitioner().as_str()), ("Dr. ada", "physician", "prac-ada"));
}

#[test]
fn neither_factor_suffices() {
    let (file, _) = ada_enrols();
    assert_eq!(unlock(&file, "ada", OTHER_PHRASE).unwrap_err(), UnlockError::WrongPassphrase);
    assert_eq!(unlock(&file, "ada", "").unwrap_err(), UnlockError::WrongPassphrase, "the keyring alone");
    let other = DeviceSecret::from_bytes([6; 32]);
    let passphrase = Passphrase::new(PHRASE);
    assert_eq!(file.unlock(&user("ada"), &passphrase, &other).unwrap_err(), UnlockError::WrongPassphrase, "the passphrase alone");
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
    let (passphrase, device_secret) = (&Passphrase::new(OTHER_PHRASE), &DeviceSecret::from_bytes([6; 32]));
    let request = EnrolAnother { person: person("ben"), passphrase, device_secret, cost: KdfCost::CHEAP };
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
    let (passphrase, device_secret) = (&Passphrase::new("benbenbenben"), &device());
    let request = EnrolAnother { person: person("ben"), passphrase, device_secret, cost: KdfCost::CHEAP };
    assert_eq!(ada.enrol_another(&mut file, request).err(), Some(EnrolError::Weak(WeakPassphrase::OwnName)));
    let change = |file: &mut KeyFile, old: &str, new: &str| {
        file.change_passphrase(&user("ada"), &Passphrase::new(old), &Passphrase::new(new), &device(), KdfCost::CHEAP)
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
    file.change_passphrase(&user("ada"), &Passphrase::new(PHRASE), &Passphrase::new(OTHER_PHRASE), &device(), KdfCost::CHEAP).unwrap();
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
    assert_eq!(read(&text.replacen("\"format\": 1", "\"format\": 2", 1)), KeyFileError::UnknownFormat);
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
    assert_eq!(format!("{open:?} {:?}", device()), "OpenKeys(redacted) DeviceSecret(redacted)");
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
