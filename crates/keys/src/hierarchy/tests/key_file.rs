//! The key file: edited, cut, of another format.
use proptest::prelude::*;

use super::*;

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
fn nothing_secret_is_in_debug() {
    let (file, open) = ada_enrols();
    assert_eq!(format!("{open:?} {:?}", device()), "OpenKeys(redacted) WorkstationSecrets(redacted)");
    let json: serde_json::Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    let printed = format!("{file:?}");
    for envelope in [&json["users"][0]["master_key"], &json["users"][0]["salt"], &json["users"][0]["vault_keys"]["database"]] {
        assert!(!printed.contains(envelope.as_str().unwrap()));
    }
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
