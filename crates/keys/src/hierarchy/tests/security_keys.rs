//! Security keys as a further factor.
use super::*;

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
fn whoever_is_enrolled_with_a_security_key_never_unlocks_with_less() {
    let workstation = device();
    let [phrase, other, wrong] = [PHRASE, OTHER_PHRASE, "not this one, nor that"].map(Passphrase::new);
    let first = |id: &[u8]| {
        let (site, device) = (SiteId::new("site-1").unwrap(), DeviceId::new("ward-3").unwrap());
        let security_key = Some(NewSecurityKey { id, salt: &SALT, secret: &answer(7) });
        let (person, workstation, at) = (person("ada"), &workstation, 1_767_225_600);
        enrol_first(EnrolFirst { site, device, person, passphrase: &phrase, security_key, workstation, cost: KdfCost::CHEAP, at })
    };
    assert_eq!(first(&[]).err(), Some(EnrolError::NotAKey));
    let (mut file, open) = first(&[7]).unwrap();
    let another = |file: &mut KeyFile, id: &[u8]| {
        let security_key = Some(NewSecurityKey { id, salt: &SALT, secret: &answer(8) });
        let (person, workstation, at) = (person("ben"), &workstation, 1_767_225_600);
        open.enrol_another(file, EnrolAnother { person, passphrase: &other, security_key, workstation, cost: KdfCost::CHEAP, at })
    };
    let before = file.clone();
    assert_eq!(another(&mut file, &[0; 1024]).err(), Some(EnrolError::NotAKey));
    assert_eq!(file, before);
    another(&mut file, &[8]).unwrap();

    let file = KeyFile::from_bytes(&file.to_bytes()).unwrap();
    for (id, phrase, own, others) in [("ada", &phrase, 7, 8), ("ben", &other, 8, 7)] {
        let by = |passphrase, key: Option<&SecurityKeySecret>| {
            file.unlock(&user(id), &Factors { passphrase, workstation: &workstation, security_key: key })
        };
        assert_eq!(by(phrase, None).unwrap_err(), UnlockError::SecurityKeyNeeded);
        assert_eq!(by(phrase, Some(&answer(others))).unwrap_err(), UnlockError::OtherSecurityKey);
        assert_eq!(by(&wrong, Some(&answer(own))).unwrap_err(), UnlockError::WrongPassphrase);
        assert_eq!(shared_by(&by(phrase, Some(&answer(own))).unwrap()), shared_by(&open));
        // Nor with the list taken out by hand: the envelope itself takes it.
        let mut forged = file.clone();
        for enrolled in &mut forged.users {
            (enrolled.security_keys, enrolled.factors) = (None, 3);
        }
        let plain = Factors { passphrase: phrase, workstation: &workstation, security_key: None };
        assert_eq!(forged.unlock(&user(id), &plain).unwrap_err(), UnlockError::WrongPassphrase);
    }
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
