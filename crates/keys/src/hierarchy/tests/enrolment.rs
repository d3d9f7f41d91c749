//! Who is enrolled, and what opens for them.
use super::*;
use crate::{RecordContext, SealError, WeakPassphrase};

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
    let request =
        EnrolAnother { person: person("ben"), passphrase, security_key: None, workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 };
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
    let request =
        EnrolAnother { person: person("ben"), passphrase, security_key: None, workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 };
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
