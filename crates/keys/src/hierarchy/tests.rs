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
    open.enrol_another(file, EnrolAnother { person: person("ben"), passphrase, workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 })
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
    let request = EnrolAnother { person: person("ben"), passphrase, workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 };
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
    let request = EnrolAnother { person: person("ben"), passphrase, workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 };
    assert_eq!(ada.enrol_another(&mut file, request).err(), Some(EnrolError::Weak(WeakPassphrase::OwnName)));
    let change = |file: &mut KeyFile, old: &str, new: &str| {
        let (old, new) = (Passphrase::new(old), Passphrase::new(new));
        file.change_passphrase(&user("ada"), &with(&old, &device()), &new, KdfCost::CHEAP)
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
    file.change_passphrase(&user("ada"), &with(&old, &device()), &new, KdfCost::CHEAP).unwrap();
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
    assert_eq!(read(&text.replacen("\"format\": 1", "\"format\": 5", 1)), KeyFileError::UnknownFormat);
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
    let another = EnrolAnother { person: person("ben"), passphrase, workstation: &workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 };
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
    let request = EnrolAnother {
        person: person("cleo"),
        passphrase: &Passphrase::new(PHRASE),
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

/// A workstation with its keyring, whose first clinician may take security keys up.
struct WithKeys {
    workstation: WorkstationSecrets,
    file: KeyFile,
}

/// What a key in software answers: another for every key.
fn answer(key: u8) -> SecurityKeySecret {
    SecurityKeySecret::new(&[key; 32]).unwrap()
}

const SALT: [u8; 32] = [0x5a; 32];

impl WithKeys {
    fn new() -> Self {
        let (ring, file, _) = guarded();
        Self { workstation: WorkstationSecrets::load(&file, &ring.find()).unwrap(), file }
    }

    fn by<R>(&mut self, phrase: &str, key: Option<u8>, act: impl FnOnce(&mut KeyFile, &Factors<'_>) -> R) -> R {
        let (passphrase, secret) = (Passphrase::new(phrase), key.map(answer));
        act(&mut self.file, &Factors { passphrase: &passphrase, workstation: &self.workstation, security_key: secret.as_ref() })
    }

    fn unlock(&mut self, phrase: &str, key: Option<u8>) -> Result<OpenKeys, UnlockError> {
        self.by(phrase, key, |file, factors| file.unlock(&user("ada"), factors))
    }

    fn add(&mut self, by: Option<u8>, new: u8) -> Result<(), SecurityKeyError> {
        let new = NewSecurityKey { id: &[new; 20], salt: &SALT, secret: &answer(new) };
        self.by(PHRASE, by, |file, factors| file.add_security_key(&user("ada"), factors, new, KdfCost::CHEAP))
    }

    fn remove(&mut self, by: Option<u8>, key: u8) -> Result<(), SecurityKeyError> {
        self.by(PHRASE, by, |file, factors| file.remove_security_key(&user("ada"), factors, &[key; 20], KdfCost::CHEAP))
    }
}

#[test]
fn either_of_two_security_keys_unlocks_and_neither_passphrase_nor_key_alone() {
    let mut desk = WithKeys::new();
    let before = desk.unlock(PHRASE, None).unwrap();
    assert!(desk.unlock(PHRASE, Some(7)).is_ok(), "a key that takes no part is left aside");
    assert_eq!(desk.file.security_keys(&user("ada")).count(), 0);
    desk.add(None, 7).unwrap();
    assert_eq!(desk.unlock(PHRASE, None).unwrap_err(), UnlockError::SecurityKeyNeeded);
    assert_eq!(desk.add(None, 8), Err(SecurityKeyError::Unlock(UnlockError::SecurityKeyNeeded)));
    desk.add(Some(7), 8).unwrap();
    let ids: Vec<_> = desk.file.security_keys(&user("ada")).map(|(id, salt)| (id[0], *salt)).collect();
    assert_eq!(ids, [(7, SALT), (8, SALT)]);
    for key in [7, 8] {
        assert_eq!(shared_by(&desk.unlock(PHRASE, Some(key)).unwrap()), shared_by(&before));
        assert_eq!(desk.unlock(OTHER_PHRASE, Some(key)).unwrap_err(), UnlockError::WrongPassphrase);
    }
    assert_eq!(desk.unlock(PHRASE, Some(9)).unwrap_err(), UnlockError::OtherSecurityKey);
    let elsewhere = WithKeys::new();
    desk.workstation = elsewhere.workstation;
    assert_eq!(desk.unlock(PHRASE, Some(7)).unwrap_err(), UnlockError::WrongPassphrase, "on another machine");
}

#[test]
fn a_removed_security_key_ceases_to_unlock_and_the_last_gives_the_passphrase_back() {
    let mut desk = WithKeys::new();
    desk.add(None, 7).unwrap();
    desk.add(Some(7), 8).unwrap();
    assert_eq!(desk.remove(None, 7), Err(SecurityKeyError::Unlock(UnlockError::SecurityKeyNeeded)));
    assert_eq!(desk.remove(Some(8), 9), Err(SecurityKeyError::Unknown));
    let both = desk.file.clone();
    desk.remove(Some(8), 7).unwrap();
    assert_eq!(desk.unlock(PHRASE, Some(7)).unwrap_err(), UnlockError::OtherSecurityKey);
    assert!(desk.unlock(PHRASE, Some(8)).is_ok());
    // Nor with its former envelope put back: what all keys yield is another now, and the list is vouched for.
    let mut forged = desk.file.clone();
    forged.users[0].security_keys.clone_from(&both.users[0].security_keys);
    let kept = std::mem::replace(&mut desk.file, forged);
    assert_eq!(desk.unlock(PHRASE, Some(7)).unwrap_err(), UnlockError::WrongPassphrase);
    desk.file = kept;
    desk.remove(Some(8), 8).unwrap();
    assert!(desk.unlock(PHRASE, None).is_ok());
    assert_eq!(desk.remove(None, 8), Err(SecurityKeyError::Unknown));
    desk.add(None, 7).unwrap();
    assert!(desk.unlock(PHRASE, Some(7)).is_ok());
}

#[test]
fn a_new_passphrase_touches_one_key_and_every_security_key_goes_on_to_unlock() {
    let mut desk = WithKeys::new();
    desk.add(None, 7).unwrap();
    desk.add(Some(7), 8).unwrap();
    let json = |file: &KeyFile| serde_json::from_slice::<serde_json::Value>(&file.to_bytes()).unwrap();
    let before = json(&desk.file);
    let change = |file: &mut KeyFile, factors: &Factors<'_>| {
        file.change_passphrase(&user("ada"), factors, &Passphrase::new(OTHER_PHRASE), KdfCost::CHEAP)
    };
    assert_eq!(desk.by(PHRASE, None, change), Err(ChangeError::Unlock(UnlockError::SecurityKeyNeeded)));
    desk.by(PHRASE, Some(8), change).unwrap();
    let mut after = json(&desk.file);
    for changed in ["master_key", "salt"] {
        assert_ne!(after["users"][0][changed], before["users"][0][changed]);
        after["users"][0][changed] = before["users"][0][changed].clone();
    }
    assert_eq!(after, before);
    for key in [7, 8] {
        assert!(desk.unlock(OTHER_PHRASE, Some(key)).is_ok());
        assert_eq!(desk.unlock(PHRASE, Some(key)).unwrap_err(), UnlockError::WrongPassphrase);
    }
    assert_eq!(desk.unlock(OTHER_PHRASE, None).unwrap_err(), UnlockError::SecurityKeyNeeded);
}

#[test]
fn what_cannot_take_part_changes_nothing() {
    let mut desk = WithKeys::new();
    desk.add(None, 7).unwrap();
    let before = desk.file.clone();
    assert_eq!(desk.add(Some(7), 7), Err(SecurityKeyError::AlreadyThere));
    let with = |desk: &mut WithKeys, id: &[u8], salt: &[u8; 32], key: u8| {
        let new = NewSecurityKey { id, salt, secret: &answer(key) };
        desk.by(PHRASE, Some(7), |file, factors| file.add_security_key(&user("ada"), factors, new, KdfCost::CHEAP))
    };
    assert_eq!(with(&mut desk, &[9; 20], &[1; 32], 9), Err(SecurityKeyError::OtherSalt));
    assert_eq!(with(&mut desk, &[9; 20], &SALT, 7), Err(SecurityKeyError::AlreadyThere), "one key under two names");
    assert_eq!(with(&mut desk, &[], &SALT, 9), Err(SecurityKeyError::NoPlace));
    assert_eq!(with(&mut desk, &[9; 1_024], &SALT, 9), Err(SecurityKeyError::NoPlace));
    assert_eq!(desk.file, before);
    for key in 8..15 {
        desk.add(Some(7), key).unwrap();
    }
    assert_eq!(desk.add(Some(7), 15), Err(SecurityKeyError::NoPlace));
    assert_eq!(KeyFile::from_bytes(&desk.file.to_bytes()), Ok(desk.file));
}

#[test]
fn the_list_of_security_keys_is_vouched_for() {
    let mut desk = WithKeys::new();
    let without = desk.file.users[0].clone();
    desk.add(None, 7).unwrap();
    desk.add(Some(7), 8).unwrap();
    let sound = desk.file.clone();
    let edits: [fn(&mut security_key::SecurityKeys); 5] = [
        |keys| keys.salt = Blob([0; 32]),
        |keys| keys.keys[1].public_key = Blob([9; 32]),
        |keys| keys.keys[1].half.0[20] ^= 1,
        |keys| keys.keys.truncate(1),
        |keys| keys.keys.swap(0, 1),
    ];
    for (number, edit) in edits.into_iter().enumerate() {
        edit(desk.file.users[0].security_keys.as_mut().unwrap());
        assert_eq!(desk.unlock(PHRASE, Some(7)).unwrap_err(), UnlockError::Damaged, "edit {number}");
        assert_eq!(desk.add(Some(7), 9), Err(SecurityKeyError::Unlock(UnlockError::Damaged)), "nothing is sealed to what was edited");
        desk.file = sound.clone();
    }
    // A place from before there was a key, put back: the passphrase alone does not open.
    desk.file.users[0] = without;
    assert_eq!(desk.unlock(PHRASE, None).unwrap_err(), UnlockError::Damaged);
    desk.file = sound.clone();
    desk.file.users[0].security_keys = None;
    assert_eq!(desk.unlock(PHRASE, None).unwrap_err(), UnlockError::Damaged);
    desk.file.users[0].factors = 3;
    assert_eq!(desk.unlock(PHRASE, None).unwrap_err(), UnlockError::WrongPassphrase, "the factors are bound");
    for format in [1, 2] {
        desk.file = sound.clone();
        desk.file.format = format;
        assert_eq!(KeyFile::from_bytes(&desk.file.to_bytes()), Err(KeyFileError::Damaged), "format {format}");
    }
}

#[test]
fn security_keys_outlast_a_rotation_and_can_be_added_amid_it() {
    let (ring, mut file, mut open) = guarded();
    let phrase = Passphrase::new(PHRASE);
    let secrets = |file: &KeyFile| WorkstationSecrets::load(file, &ring.find()).unwrap();
    let add = |file: &mut KeyFile, by: Option<&SecurityKeySecret>, key: u8| {
        let workstation = &secrets(file);
        let factors = Factors { passphrase: &phrase, workstation, security_key: by };
        let new = NewSecurityKey { id: &[key; 20], salt: &SALT, secret: &answer(key) };
        file.add_security_key(&user("ada"), &factors, new, KdfCost::CHEAP).unwrap();
    };
    add(&mut file, None, 7);
    begins(&ring, &mut file, &mut open).unwrap();
    add(&mut file, Some(&answer(7)), 8);
    ends(&mut file, &mut open).unwrap();
    for key in [7, 8] {
        let workstation = &secrets(&file);
        let factors = Factors { passphrase: &phrase, workstation, security_key: Some(&answer(key)) };
        assert_eq!(shared_by(&file.unlock(&user("ada"), &factors).unwrap()), shared_by(&open));
    }
    assert!(opens(&ring, &file, "ben").is_ok(), "who has no key goes on without");
}

#[test]
fn the_recovery_key_opens_the_database_and_copies_without_anything_else() {
    let (ring, mut file, mut open) = guarded();
    assert!(open.recovery().is_none() && file.recovery().is_none());
    let key = RecoveryKey::generate().unwrap();
    let (adopted, seal) = open.adopt_recovery(&file, key.public()).unwrap();
    assert!(open.recovery().is_none(), "until the file is on disk");
    (file, _) = (adopted, open.take_up_recovery(seal));
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

const LATER: i64 = 1_800_000_000;

/// One person's unlock that renews what is due of theirs, up to where the vault would reseal; and what was the person's own.
fn renews(ring: &Arc<MemoryKeyring>, file: &mut KeyFile, id: &str, own_keys: bool, device: bool) -> Result<OpenKeys, RenewError> {
    let mut workstation = WorkstationSecrets::load(file, &ring.find()).unwrap();
    let passphrase = Passphrase::new(PHRASE);
    let mut open = file.unlock(&user(id), &with(&passphrase, &workstation)).unwrap();
    let due = file.due(&user(id), own_keys, device);
    if let Some(number) = due.device_secret {
        workstation = workstation.with_device(number, &ring.find()).unwrap();
    }
    let (changed, renewed) = open.renew(file, &with(&passphrase, &workstation), due, LATER)?;
    *file = KeyFile::from_bytes(&changed.to_bytes()).unwrap();
    open.take_up_renewed(renewed);
    Ok(open)
}

#[test]
fn renewed_own_keys_open_what_was_the_persons_before_until_it_is_resealed_and_no_longer() {
    let (ring, mut file, ada) = guarded();
    let before = file.clone();
    let own = ada.seal_own("desk", b"tabs").unwrap();
    let mut open = renews(&ring, &mut file, "ada", true, false).unwrap();
    assert_eq!(file.users()[0].own_keys_made_at(), Some(LATER));
    assert_eq!(shared_by(&open), shared_by(&ada));
    let keys = |user: &EnrolledUser| [user.public_key.0.to_vec(), user.private_key.0.clone(), user.master_key.0.clone()];
    let kept = keys(&file.users()[0]).iter().filter(|key| keys(&before.users()[0]).contains(key)).count();
    assert_eq!((kept, keys(&file.users()[1])), (0, keys(&before.users()[1])), "the colleague's stay");
    let resealed = open.seal_own("desk", b"tabs").unwrap();
    for open in [&open, &opens(&ring, &file, "ada").unwrap()] {
        assert!(open.has_former_own_key());
        assert_eq!(open.unseal_own("desk", &own).unwrap().as_slice(), b"tabs");
        assert_eq!(open.unseal_own("desk", &resealed).unwrap().as_slice(), b"tabs");
        assert_eq!(open.unseal_own("token", &own), Err(SealError::Unreadable));
    }
    assert_eq!(file.due(&user("ada"), true, false), Due::default(), "not before the former renewal is at its end");
    assert_eq!(renews(&ring, &mut file.clone(), "ada", false, false).map(drop), Ok(()));
    file = open.end_renewal(&file).unwrap();
    open.forget_former_own_key();
    for open in [&open, &opens(&ring, &file, "ada").unwrap()] {
        assert!(!open.has_former_own_key());
        assert!(open.unseal_own("desk", &own).is_err());
        assert_eq!(open.unseal_own("desk", &resealed).unwrap().as_slice(), b"tabs");
    }
    assert_eq!(shared_by(&opens(&ring, &file, "ben").unwrap()), shared_by(&ada));
}

#[test]
fn own_keys_are_renewed_amid_a_rotation_too() {
    let (ring, mut file, mut open) = guarded();
    begins(&ring, &mut file, &mut open).unwrap();
    let ben = renews(&ring, &mut file, "ben", true, false).unwrap();
    assert_eq!(shared_by(&ben), shared_by(&open));
    let mut open = opens(&ring, &file, "ada").unwrap();
    ends(&mut file, &mut open).unwrap();
    ring.entry(crate::SecretName::Generation(1)).delete().unwrap();
    assert_eq!(shared_by(&opens(&ring, &file, "ben").unwrap()), shared_by(&open));
}

#[test]
fn each_moves_to_a_renewed_device_secret_and_the_former_is_spent_once_nobody_is_left() {
    let (ring, mut file, ada) = guarded();
    let (first, second) = (crate::SecretName::Device, crate::SecretName::LaterDevice(2));
    let before = file.clone();
    assert_eq!(file.due(&user("ada"), false, false), Due::default());
    let open = renews(&ring, &mut file, "ada", false, true).unwrap();
    assert_eq!((file.device_secret(), file.device_secret_made_at()), (2, Some(LATER)));
    assert_eq!((file.awaited().collect::<Vec<_>>(), file.spent_device_secret()), (vec![&user("ben")], None));
    assert_eq!(file.due(&user("ada"), false, true), Due::default(), "not a third while somebody is on the first");
    // Whoever is enrolled meanwhile is on the second at once; someone disabled is awaited all the same, and unlocks once enabled.
    open.disable(&mut file, &user("ben")).unwrap();
    let workstation = WorkstationSecrets::load(&file, &ring.find()).unwrap();
    let passphrase = &Passphrase::new(PHRASE);
    let request = EnrolAnother { person: person("cleo"), passphrase, workstation: &workstation, cost: KdfCost::CHEAP, at: LATER };
    open.enrol_another(&mut file, request).unwrap();
    assert_eq!(file.awaited().collect::<Vec<_>>(), [&user("ben")]);
    open.enable(&mut file, &user("ben"), &workstation).unwrap();
    assert_eq!(shared_by(&opens(&ring, &file, "ben").unwrap()), shared_by(&ada));
    assert_eq!(file.due(&user("ben"), false, false), Due { own_keys: false, device_secret: Some(2) });
    renews(&ring, &mut file, "ben", false, false).unwrap();
    assert_eq!(file.spent_device_secret(), Some(first));
    ring.entry(first).delete().unwrap();
    for id in ["ada", "ben", "cleo"] {
        assert_eq!(shared_by(&opens(&ring, &file, id).unwrap()), shared_by(&ada), "{id}");
    }
    assert_eq!(WorkstationSecrets::load(&before, &ring.find()).unwrap_err(), StoreError::Emptied, "an older copy opens for nobody");
    // And someone removed is awaited no more.
    let mut third = file.clone();
    let open = renews(&ring, &mut third, "ada", true, true).unwrap();
    open.remove(&mut third, &user("ben")).unwrap();
    open.remove(&mut third, &user("cleo")).unwrap();
    assert_eq!((third.device_secret(), third.spent_device_secret()), (3, Some(second)));
}

#[test]
fn renewal_takes_a_security_key_and_serves_every_one_of_them() {
    let (ring, mut file, ada) = guarded();
    let workstation = WorkstationSecrets::load(&file, &ring.find()).unwrap();
    let passphrase = Passphrase::new(PHRASE);
    let secrets = [[1; 32], [2; 32]].map(|secret| SecurityKeySecret::new(&secret).unwrap());
    for (at, secret) in secrets.iter().enumerate() {
        let factors = Factors { security_key: Some(&secrets[0]), ..with(&passphrase, &workstation) };
        let new = NewSecurityKey { id: &[at as u8], salt: &[9; 32], secret };
        file.add_security_key(&user("ada"), &factors, new, KdfCost::CHEAP).unwrap();
    }
    let open = file.unlock(&user("ada"), &Factors { security_key: Some(&secrets[1]), ..with(&passphrase, &workstation) }).unwrap();
    let workstation = workstation.with_device(2, &ring.find()).unwrap();
    let (plain, due) = (with(&passphrase, &workstation), Due { own_keys: true, device_secret: Some(2) });
    assert_eq!(open.renew(&file, &plain, due, LATER).err(), Some(RenewError::Unlock(UnlockError::SecurityKeyNeeded)));
    let (file, _) = open.renew(&file, &Factors { security_key: Some(&secrets[1]), ..plain }, due, LATER).unwrap();
    for secret in &secrets {
        let open = file.unlock(&user("ada"), &Factors { security_key: Some(secret), ..plain }).unwrap();
        assert_eq!(shared_by(&open), shared_by(&ada));
    }
    assert_eq!(file.unlock(&user("ada"), &plain).unwrap_err(), UnlockError::SecurityKeyNeeded);
}

#[test]
fn what_is_renewed_cannot_be_turned_back_by_editing() {
    let (ring, mut file, _) = guarded();
    renews(&ring, &mut file, "ada", true, true).unwrap();
    type Edit = fn(&mut KeyFile);
    let edits: &[(&str, Edit)] = &[
        ("device secret", |f| f.device_secret_made_at += 1),
        ("own keys", |f| f.users[1].own_made_at += 1),
        ("own generation", |f| f.users[1].generation += 1),
        ("a colleague moved", |f| f.users[1].device_secret = 2),
        ("former own key", |f| f.users[0].former_own = Some(f.users[0].private_key.clone())),
    ];
    for (what, edit) in edits {
        let mut edited = file.clone();
        edit(&mut edited);
        assert_eq!(opens(&ring, &edited, "ada").unwrap_err(), UnlockError::Damaged, "{what}");
    }
    let edits: &[(&str, Edit)] = &[
        ("a number to come", |f| f.users[1].device_secret = 3),
        ("a number long gone", |f| f.device_secret = 4),
        ("none", |f| f.users[1].device_secret = 0),
        ("an older form", |f| f.format = 3),
    ];
    for (what, edit) in edits {
        let mut edited = file.clone();
        edit(&mut edited);
        assert_eq!(KeyFile::from_bytes(&edited.to_bytes()), Err(KeyFileError::Damaged), "{what}");
    }
    let elsewhere = DeviceSecret::from_bytes([3; 32]);
    let open = opens(&ring, &file, "ada").unwrap();
    let workstation = WorkstationSecrets::load(&file, &ring.find()).unwrap().and_device(2, elsewhere);
    let renewed = open.renew(&file, &with(&Passphrase::new(PHRASE), &workstation), Due::default(), LATER);
    assert_eq!(renewed.err(), Some(RenewError::Roster(RosterError::OtherFile)), "another device's secret under the same number");
    let wrong = Passphrase::new(OTHER_PHRASE);
    let workstation = WorkstationSecrets::load(&file, &ring.find()).unwrap();
    let renewed = open.renew(&file, &with(&wrong, &workstation), Due::default(), LATER);
    assert_eq!(renewed.err(), Some(RenewError::Unlock(UnlockError::WrongPassphrase)));
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
