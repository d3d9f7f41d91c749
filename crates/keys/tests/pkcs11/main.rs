//! A device secret kept by a PKCS#11 token, for real: SoftHSM with tokens of its own, which each test makes.
//!
//! Needs libsofthsm2; without it the tests say that they skipped, or fail if `CI` is set.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod bench;

use std::path::Path;

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeInfo, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use keys::{DeviceSecret, ModuleError, SecretStore, StoreError, UnlockError};

use bench::{Bench, Station, intruder, make_token, module, named};

const LOAD: [&str; 3] = ["unwrap done", "read done", "destroy done"];
const STORE: [&str; 4] = ["generate done", "import done", "wrap done", "destroy done"];

#[test]
fn a_vault_opens_with_passphrase_token_and_pin_together() {
    let Some(bench) = Bench::new() else { return };
    bench.step("tokens", "set_up");
    // Another start of Satchel.
    bench.step("tokens", "opens_again");
    // The profile was copied to where the token is not.
    bench.step("elsewhere", "opens_nothing");
    bench.step("tokens", "is_forgotten");
}

#[test]
#[ignore = "a step of a_vault_opens_with_passphrase_token_and_pin_together"]
fn set_up() {
    use std::os::unix::fs::PermissionsExt;

    let station = Station::new();
    assert!(!station.store().token_present(), "nothing is kept yet");
    assert_eq!(DeviceSecret::provision(&station.store()).unwrap_err(), StoreError::TokenAbsent, "none was chosen");
    assert!(station.was_quiet());

    let store = station.store().choosing(make_token("ward"));
    let secret = DeviceSecret::provision(&store).unwrap();
    assert_eq!(station.uses(), [&STORE[..], &LOAD[..]].concat());
    assert_eq!(station.asked(), [false, false]);
    assert_eq!(store.store(&secret), Err(StoreError::Occupied));
    assert!(station.was_quiet(), "refused before the token is asked");
    let mode = std::fs::metadata(station.token_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    station.enrol(secret);
    assert_eq!(station.unlock(store.load().unwrap()), Ok(()));
    // The file of another workstation's profile is not this one's.
    let neighbour = station.store_by(module().unwrap(), "ward-4");
    assert_eq!(neighbour.load().unwrap_err(), StoreError::Failed);
}

#[test]
#[ignore = "a step of a_vault_opens_with_passphrase_token_and_pin_together"]
fn opens_again() {
    let station = Station::new();
    let store = station.store();
    assert!(store.token_present());
    assert!(station.was_quiet(), "presence is free");
    assert_eq!(station.unlock(store.load().unwrap()), Ok(()));
    assert_eq!(station.uses(), LOAD);

    // Several at once wait for each other; and callable from inside an async runtime.
    std::thread::scope(|scope| {
        let loads: Vec<_> = (0..4).map(|_| scope.spawn(|| store.load().map(drop))).collect();
        for load in loads {
            assert_eq!(load.join().unwrap(), Ok(()));
        }
    });
    assert_eq!(zbus::block_on(async { store.load().map(drop) }), Ok(()));
    assert_eq!(station.uses().len(), 5 * LOAD.len());
}

#[test]
#[ignore = "a step of a_vault_opens_with_passphrase_token_and_pin_together"]
fn opens_nothing() {
    let station = Station::new();
    assert!(!station.store().token_present());
    assert_eq!(station.store().load().unwrap_err(), StoreError::TokenAbsent);
    assert_eq!(DeviceSecret::provision(&station.store()).unwrap_err(), StoreError::TokenAbsent, "and nothing new is made");
    // Not even a token of the same name will do.
    let impostor = make_token("ward");
    assert_eq!(station.store().choosing(impostor).load().unwrap_err(), StoreError::TokenAbsent);
    assert!(station.was_quiet());
}

#[test]
#[ignore = "a step of a_vault_opens_with_passphrase_token_and_pin_together"]
fn is_forgotten() {
    let station = Station::new();
    let store = station.store();
    let copy = std::fs::read(station.token_file()).unwrap();
    assert_eq!(store.delete(), Ok(()));
    assert_eq!(station.uses(), ["destroy done"]);
    assert_eq!(store.load().unwrap_err(), StoreError::Emptied);
    assert_eq!(store.delete().unwrap_err(), StoreError::Emptied);
    assert_eq!(wrapping_keys(&intruder("ward")), []);

    // A copy of the file is worth nothing now, and goes the same way.
    std::fs::write(station.token_file(), copy).unwrap();
    assert_eq!(store.load().unwrap_err(), StoreError::Emptied);
    assert_eq!(DeviceSecret::provision(&store.choosing(named("ward").unwrap())).unwrap_err(), StoreError::Occupied);
    assert_eq!(station.store().delete(), Ok(()));
    assert!(!station.token_file().exists());
    assert!(station.used_no_key());
}

#[test]
fn the_wrapping_key_never_leaves_the_token() {
    let Some(bench) = Bench::new() else { return };
    bench.step("tokens", "wraps_and_unwraps_only");
}

#[test]
#[ignore = "a step of the_wrapping_key_never_leaves_the_token"]
fn wraps_and_unwraps_only() {
    use AttributeType as T;

    let station = Station::new();
    let store = station.store().choosing(make_token("ward"));
    DeviceSecret::provision(&store).unwrap();

    let session = intruder("ward");
    let keys = wrapping_keys(&session);
    let [key] = keys[..] else { panic!("one key, not {keys:?}") };
    assert_eq!(session.find_objects(&[Attribute::Token(false)]).unwrap(), [], "the secret's session object is gone");

    let expected = [
        (T::Token, Attribute::Token(true)),
        (T::Private, Attribute::Private(true)),
        (T::Sensitive, Attribute::Sensitive(true)),
        (T::AlwaysSensitive, Attribute::AlwaysSensitive(true)),
        (T::Extractable, Attribute::Extractable(false)),
        (T::NeverExtractable, Attribute::NeverExtractable(true)),
        (T::Local, Attribute::Local(true)),
        (T::Wrap, Attribute::Wrap(true)),
        (T::Unwrap, Attribute::Unwrap(true)),
        (T::Encrypt, Attribute::Encrypt(false)),
        (T::Decrypt, Attribute::Decrypt(false)),
        (T::Sign, Attribute::Sign(false)),
        (T::Verify, Attribute::Verify(false)),
        (T::Derive, Attribute::Derive(false)),
        (T::Modifiable, Attribute::Modifiable(false)),
        (T::Copyable, Attribute::Copyable(false)),
        (T::ValueLen, Attribute::ValueLen(32.into())),
        (T::Label, Attribute::Label(b"satchel site-1/ward-3".to_vec())),
    ];
    for (kind, attribute) in expected {
        assert_eq!(session.get_attributes(key, &[kind]).unwrap(), [attribute]);
    }

    assert!(matches!(session.get_attribute_info(key, &[T::Value]).unwrap()[..], [AttributeInfo::Sensitive]));
    assert_eq!(session.get_attributes(key, &[T::Value]).unwrap(), []);
    for mechanism in [Mechanism::AesKeyWrap, Mechanism::AesKeyWrapPad] {
        assert!(session.wrap_key(&mechanism, key, key).is_err(), "wrapped by itself");
    }
    assert!(session.encrypt(&Mechanism::AesEcb, key, &[0; 16]).is_err());
    assert!(session.decrypt(&Mechanism::AesEcb, key, &[0; 16]).is_err());
    for change in [Attribute::Extractable(true), Attribute::Sensitive(false), Attribute::Decrypt(true)] {
        assert!(session.update_attributes(key, std::slice::from_ref(&change)).is_err(), "{change:?}");
        assert!(session.copy_object(key, &[Attribute::Token(false), change]).is_err());
    }
}

#[test]
fn pins_are_asked_for_once_and_their_troubles_told_apart() {
    let Some(bench) = Bench::new() else { return };
    bench.step("tokens", "wrong_pins");
    set_flags(&bench.tokens("tokens"), CKF_USER_PIN_FINAL_TRY);
    bench.step("tokens", "the_last_try");
    set_flags(&bench.tokens("tokens"), CKF_USER_PIN_LOCKED);
    bench.step("tokens", "a_locked_pin");
}

#[test]
#[ignore = "a step of pins_are_asked_for_once_and_their_troubles_told_apart"]
fn wrong_pins() {
    let station = Station::new();
    let store = station.store().choosing(make_token("ward"));
    let give = |pin| station.pad.gives.lock().unwrap().push_back(pin);
    let secret = {
        for nobody in [None, Some("")] {
            give(nobody);
            assert_eq!(DeviceSecret::provision(&store).unwrap_err(), StoreError::PinNeeded);
        }
        give(Some("000000"));
        assert_eq!(DeviceSecret::provision(&store).unwrap_err(), StoreError::WrongPin { last_try: false });
        assert_eq!((station.asked().len(), station.uses()), (3, vec![]));
        assert!(!station.token_file().exists());
        DeviceSecret::provision(&store).unwrap()
    };
    station.enrol(secret);
    assert_eq!((station.asked().len(), station.uses().len()), (2, STORE.len() + LOAD.len()));

    // Too short, too long, and wrong by one digit.
    for wrong in
        ["1", "7042117042117042117042117042117042117042117042117042117042117042117042117042117042117042117042117042117042", "704212"]
    {
        give(Some(wrong));
        assert_eq!(store.load().unwrap_err(), StoreError::WrongPin { last_try: false });
        give(Some(wrong));
        assert_eq!(store.delete().unwrap_err(), StoreError::WrongPin { last_try: false });
    }
    give(None);
    assert_eq!(store.load().unwrap_err(), StoreError::PinNeeded);
    assert_eq!((station.asked().len(), station.uses()), (7, vec![]));
    assert_eq!(station.unlock(store.load().unwrap()), Ok(()), "the right one still opens");
}

#[test]
#[ignore = "a step of pins_are_asked_for_once_and_their_troubles_told_apart"]
fn the_last_try() {
    let station = Station::new();
    station.pad.gives.lock().unwrap().push_back(Some("000000"));
    assert_eq!(station.store().load().unwrap_err(), StoreError::WrongPin { last_try: true });
    assert_eq!(station.asked(), [true], "and whoever is asked knows it");
}

#[test]
#[ignore = "a step of pins_are_asked_for_once_and_their_troubles_told_apart"]
fn a_locked_pin() {
    let station = Station::new();
    assert_eq!(station.store().load().unwrap_err(), StoreError::PinLocked);
    assert_eq!(station.store().delete().unwrap_err(), StoreError::PinLocked);
    assert!(station.was_quiet(), "nobody is asked in vain");
    assert!(station.store().token_present());
}

#[test]
fn one_pin_serves_every_secret_of_one_piece_of_work() {
    let Some(bench) = Bench::new() else { return };
    bench.step("tokens", "one_login");
}

#[test]
#[ignore = "a step of one_pin_serves_every_secret_of_one_piece_of_work"]
fn one_login() {
    use keys::TokenLogin;

    let station = Station::new();
    let ward = make_token("ward");
    let login = TokenLogin::default();
    let store = |file: &str, login: &TokenLogin| {
        let file = station.home.join("profile").join(file);
        station.store_in(module().unwrap(), "ward-3", &file).choosing(ward.clone()).sharing(login)
    };
    let (device, generation) = (store("device.token", &login), store("generation-1.token", &login));
    station.pad.gives.lock().unwrap().push_back(Some("000000"));
    assert_eq!(DeviceSecret::provision(&device).unwrap_err(), StoreError::WrongPin { last_try: false });
    assert_eq!(station.asked().len(), 1, "a refused PIN opens nothing for the next store either");
    let secret = DeviceSecret::provision(&device).unwrap();
    DeviceSecret::provision(&generation).unwrap();
    assert_eq!(station.asked().len(), 1);
    assert_eq!(station.uses(), [&STORE[..], &LOAD[..], &STORE[..], &LOAD[..]].concat(), "every use is one record all the same");

    // A failure ends it, and whatever it left in the session.
    *station.tape.torn_at.lock().unwrap() = Some(2);
    assert_eq!(device.load().unwrap_err(), StoreError::Unrecorded);
    *station.tape.torn_at.lock().unwrap() = None;
    station.pad.gives.lock().unwrap().push_back(None);
    assert_eq!(generation.load().unwrap_err(), StoreError::PinNeeded);
    assert_eq!(generation.delete(), Ok(()));
    assert_eq!((station.asked().len(), station.uses().len()), (2, 3));

    // And so does the end of the last that shares it.
    drop((device, generation, login));
    let login = TokenLogin::default();
    station.enrol(secret);
    assert_eq!(station.unlock(store("device.token", &login).load().unwrap()), Ok(()));
    assert_eq!(station.asked().len(), 1);
    assert_eq!(
        wrapping_keys(&{
            drop(login);
            intruder("ward")
        })
        .len(),
        1
    );
}

#[test]
fn what_was_tampered_with_opens_nothing() {
    let Some(bench) = Bench::new() else { return };
    bench.step("tokens", "tampered");
}

#[test]
#[ignore = "a step of what_was_tampered_with_opens_nothing"]
fn tampered() {
    let station = Station::new();
    let store = station.store().choosing(make_token("ward"));
    station.enrol(DeviceSecret::provision(&store).unwrap());
    let good = std::fs::read(station.token_file()).unwrap();
    station.uses();

    // The wrapped secret: its first, a middle and its last character, and its length.
    for at in [0, 27, 52] {
        station.edit_token_file(|file| {
            let mut wrapped = file["wrapped"].as_str().unwrap().to_owned().into_bytes();
            wrapped[at] = if wrapped[at] == b'A' { b'B' } else { b'A' };
            file["wrapped"] = String::from_utf8(wrapped).unwrap().into();
        });
        assert_eq!(store.load().unwrap_err(), StoreError::Failed);
        assert_eq!(station.uses(), ["unwrap failed"]);
        std::fs::write(station.token_file(), &good).unwrap();
    }
    for (field, value) in [("wrapped", "AAAA"), ("format", "1")] {
        station.edit_token_file(|file| file[field] = value.into());
        assert_eq!(store.load().unwrap_err(), StoreError::Failed);
        assert!(!store.token_present());
        std::fs::write(station.token_file(), &good).unwrap();
    }

    // Another key of the same token, and another token with a key of the same name: never the same secret.
    station.edit_token_file(|file| file["key"]["id"] = "AAAAAAAAAAAAAAAAAAAAAA==".into());
    assert_eq!(store.load().unwrap_err(), StoreError::Emptied);
    std::fs::write(station.token_file(), &good).unwrap();
    let other = make_token("other");
    station.edit_token_file(|file| {
        file["token"]["serial"] = other.serial.clone().into();
        file["token"]["label"] = "other".into();
    });
    assert_eq!(store.load().unwrap_err(), StoreError::Emptied);
    assert!(station.used_no_key());
    let named_alike = |session: &Session, id: Vec<u8>| {
        let (label, id) = (Attribute::Label(b"satchel site-1/ward-3".to_vec()), Attribute::Id(id));
        let template = [Attribute::Token(true), Attribute::ValueLen(32.into()), Attribute::Unwrap(true), label, id];
        session.generate_key(&Mechanism::AesKeyGen, &template).unwrap()
    };
    let ward = intruder("ward");
    let id = ward.get_attributes(wrapping_keys(&ward)[0], &[AttributeType::Id]).unwrap().pop();
    let Some(Attribute::Id(id)) = id else { panic!("no id") };
    named_alike(&intruder("other"), id.clone());
    drop(ward);
    assert_eq!(store.load().unwrap_err(), StoreError::Failed);
    assert_eq!(station.uses(), ["unwrap failed"]);

    // Two keys of one name: neither is tried.
    std::fs::write(station.token_file(), &good).unwrap();
    assert_eq!(station.unlock(store.load().unwrap()), Ok(()));
    station.uses();
    named_alike(&intruder("ward"), id);
    assert_eq!(store.load().unwrap_err(), StoreError::Failed);
    assert!(station.used_no_key());

    // A whole other secret under the right names opens nothing either.
    std::fs::remove_file(station.token_file()).unwrap();
    let foreign = DeviceSecret::provision(&store).unwrap();
    assert_eq!(station.unlock(foreign), Err(UnlockError::WrongPassphrase));
}

#[test]
fn a_token_that_is_taken_away_is_missed_at_once() {
    let Some(bench) = Bench::new() else { return };
    bench.step("tokens", "taken_away_and_brought_back_and_taken_at_the_prompt");
}

#[test]
#[ignore = "a step of a_token_that_is_taken_away_is_missed_at_once"]
fn taken_away_and_brought_back_and_taken_at_the_prompt() {
    let station = Station::new();
    let store = station.store().choosing(make_token("ward"));
    station.enrol(DeviceSecret::provision(&store).unwrap());
    assert!(store.token_present());
    let _ = (station.asked(), station.uses());

    std::fs::rename(station.home.join("tokens"), station.home.join("pocket")).unwrap();
    assert!(!store.token_present());
    assert_eq!(store.load().unwrap_err(), StoreError::TokenAbsent);
    assert_eq!(store.delete().unwrap_err(), StoreError::TokenAbsent);
    assert!(station.was_quiet());

    std::fs::rename(station.home.join("pocket"), station.home.join("tokens")).unwrap();
    assert_eq!(station.unlock(store.load().unwrap()), Ok(()));
    station.uses();

    let (place, away) = (station.home.join("tokens"), station.home.join("pocket"));
    *station.pad.when_asked.lock().unwrap() = Some(Box::new(move || std::fs::rename(place, away).unwrap()));
    let error = store.load().unwrap_err();
    assert!(matches!(error, StoreError::TokenAbsent | StoreError::Failed), "{error}");
    assert!(station.used_no_key());
    assert_eq!(store.load().unwrap_err(), StoreError::TokenAbsent);
}

#[test]
fn a_use_that_cannot_be_recorded_gives_nothing() {
    let Some(bench) = Bench::new() else { return };
    bench.step("tokens", "unrecorded");
}

#[test]
#[ignore = "a step of a_use_that_cannot_be_recorded_gives_nothing"]
fn unrecorded() {
    let station = Station::new();
    let store = station.store().choosing(make_token("ward"));
    let tear_at = |number| *station.tape.torn_at.lock().unwrap() = number;

    for number in 1..=STORE.len() {
        tear_at(Some(number));
        assert_eq!(DeviceSecret::provision(&store).unwrap_err(), StoreError::Unrecorded);
        let uses = station.uses();
        assert_eq!(uses, [&STORE[..number], &["destroy done"]].concat(), "the new key goes again, and that is recorded");
        assert!(!station.token_file().exists());
        assert_eq!(wrapping_keys(&intruder("ward")), []);
    }
    tear_at(None);
    station.enrol(DeviceSecret::provision(&store).unwrap());
    station.uses();

    for number in 1..=LOAD.len() {
        tear_at(Some(number));
        assert_eq!(store.load().unwrap_err(), StoreError::Unrecorded);
        assert_eq!(station.uses(), LOAD[..number]);
        assert_eq!(intruder("ward").find_objects(&[Attribute::Token(false)]).unwrap(), []);
    }
    tear_at(None);
    assert_eq!(station.unlock(store.load().unwrap()), Ok(()));
}

#[test]
fn what_an_earlier_satchel_wrapped_opens() {
    let Some(bench) = Bench::new() else { return };
    bench.step("tokens", "frozen");
}

/// `vectors/device_token.json` under its wrapping key, put into a token from outside, opens `vectors/key_file.json`.
#[test]
#[ignore = "a step of what_an_earlier_satchel_wrapped_opens"]
fn frozen() {
    use cryptoki::object::KeyType;
    use kernel::UserId;
    use keys::{Factors, KeyFile, Passphrase};

    let vector = |name: &str| -> serde_json::Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let (token, keys) = (vector("device_token.json"), vector("key_file.json"));
    let unhex =
        |text: &str| -> Vec<u8> { (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect() };

    let station = Station::new();
    let made = make_token("ward");
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Token(true),
        Attribute::Unwrap(true),
        Attribute::Label(b"satchel site-1/ward-3".to_vec()),
        Attribute::Id(unhex(token["key_id"].as_str().unwrap())),
        Attribute::Value(unhex(token["wrapping_key"].as_str().unwrap())),
    ];
    intruder("ward").create_object(&template).unwrap();
    std::fs::write(station.token_file(), token["device_token"].to_string()).unwrap();
    station.edit_token_file(|file| file["token"] = serde_json::to_value(&made).unwrap());

    let secret = station.store().load().unwrap();
    let file = KeyFile::from_bytes(keys["key_file"].to_string().as_bytes()).unwrap();
    let user = UserId::new(keys["user"].as_str().unwrap()).unwrap();
    let (passphrase, workstation) = (&Passphrase::new(keys["passphrase"].as_str().unwrap()), &secret.into());
    file.unlock(&user, &Factors { passphrase, workstation, security_key: None }).unwrap();
}

#[test]
fn only_a_trustworthy_module_is_loaded() {
    use std::os::unix::fs::PermissionsExt;

    let Some(bench) = Bench::new() else { return };
    let station = Station { home: bench.profile().parent().unwrap().to_owned(), pad: Default::default(), tape: Default::default() };
    let fake = bench.profile().join("module.so");
    std::fs::write(&fake, "no library").unwrap();
    let tokens = |module: &Path| keys::TokenStore::tokens(module).unwrap_err();
    assert_eq!(tokens(&fake), ModuleError::Broken.into());
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(tokens(&fake), ModuleError::Unsafe.into());
    assert_eq!(tokens(Path::new("libsofthsm2.so")), ModuleError::NotAbsolute.into());
    assert_eq!(tokens(Path::new("/nonexistent/module.so")), ModuleError::Missing.into());

    let frozen = include_str!("../../vectors/device_token.json");
    let frozen: serde_json::Value = serde_json::from_str(frozen).unwrap();
    std::fs::write(station.token_file(), frozen["device_token"].to_string()).unwrap();
    let store = station.store_by(&fake, "ward-3");
    assert!(!store.token_present());
    assert_eq!(store.load().unwrap_err(), ModuleError::Unsafe.into());
    assert!(station.was_quiet());
}

fn wrapping_keys(session: &Session) -> Vec<ObjectHandle> {
    session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Token(true)]).unwrap()
}

const CKF_USER_PIN_FINAL_TRY: u64 = 0x0002_0000;
const CKF_USER_PIN_LOCKED: u64 = 0x0004_0000;

/// SoftHSM counts no wrong PINs, so the flags of a token that does are written into the one token's file: after the attribute's
/// number and kind stands its value, each 8 bytes, big-endian.
fn set_flags(tokens: &Path, flags: u64) {
    const TOKEN_FLAGS: u64 = 0x8000_534b;
    const IS_NUMBER: u64 = 2;
    let token = std::fs::read_dir(tokens).unwrap().next().unwrap().unwrap().path().join("token.object");
    let mut bytes = std::fs::read(&token).unwrap();
    let head = [TOKEN_FLAGS.to_be_bytes(), IS_NUMBER.to_be_bytes()].concat();
    let at = bytes.windows(head.len()).position(|window| window == head).unwrap() + head.len();
    let former = u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
    bytes[at..at + 8].copy_from_slice(&(former | flags).to_be_bytes());
    std::fs::write(&token, bytes).unwrap();
}
