//! Each clinician's own keys and the device's secret, renewed.
use super::*;
use crate::{SealError, SecretStore, StoreError};

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
    let request =
        EnrolAnother { person: person("cleo"), passphrase, security_key: None, workstation: &workstation, cost: KdfCost::CHEAP, at: LATER };
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
