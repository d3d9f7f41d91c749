//! Frozen envelopes: `vectors/*.json` hold one of every kind, made with bytes that count upwards in randomness' place.
//!
//! Each is made again byte for byte, and opened. What a released Satchel has sealed must open for ever: a vector is never
//! changed, a new format gets a new file beside it. A missing file is written when `SATCHEL_WRITE_VECTORS` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::fmt::Write;
use std::path::Path;

use kernel::{DeviceId, PractitionerId, SiteId, UserId};
use serde_json::{Value, json};

use crate::entropy::fixed::Counting;
use crate::envelope::{Header, Kind};
use crate::hierarchy::{Blob, Slot, enrol_first_with};
use crate::provider::pkcs11::{KeyName, TokenFile, TokenName};
use crate::secret::Key;
use crate::{
    DeviceSecret, Due, EnrolFirst, Factors, Group, KdfCost, KeyFile, NewSecurityKey, OpenKeys, Passphrase, PatientSlot, Person,
    RecordContext, RecoveryKey, SecurityKeySecret, WorkstationSecrets, WrappedPatientKey, aead, hpke,
};

const PHRASE: &str = "Regen auf dem Da\u{308}chlein";
const DEVICE_SECRET: [u8; 32] = [0xd5; 32];
const GENERATION_SECRET: [u8; 32] = [0xe6; 32];
const SLOT: PatientSlot = PatientSlot { patient: 4711, tag: [0xa1; 16] };
const RECORD: RecordContext<'static> = RecordContext { patient: 4711, kind: "Observation", tag: [0xb2; 16], version: "v3" };

fn vault() -> (KeyFile, OpenKeys) {
    let person = Person {
        user: UserId::new("user-1").unwrap(),
        practitioner: PractitionerId::new("practitioner-1").unwrap(),
        display_name: "Dr. Ada Okonkwo".into(),
        role: "physician".into(),
    };
    let (site, device) = (SiteId::new("site-1").unwrap(), DeviceId::new("ward-3").unwrap());
    let (passphrase, workstation) = (&Passphrase::new(PHRASE), &DeviceSecret::from_bytes(DEVICE_SECRET).into());
    let request =
        EnrolFirst { site, device, person, passphrase, security_key: None, workstation, cost: KdfCost::STANDARD, at: 1_767_225_600 };
    enrol_first_with(request, &mut Counting(1)).unwrap()
}

fn key_of(open: &OpenKeys, slot: Slot) -> String {
    hex(open.vault_keys().get(slot).bytes())
}

#[test]
fn key_file() {
    let (file, open) = vault();
    let keys: serde_json::Map<_, _> = Slot::ALL.map(|slot| (slot.name().to_owned(), key_of(&open, slot).into())).into_iter().collect();
    let file: Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    let frozen = frozen(
        "key_file",
        json!({ "passphrase": PHRASE, "device_secret": hex(&DEVICE_SECRET), "user": "user-1", "opens": keys, "key_file": file }),
    );
    let file = KeyFile::from_bytes(frozen["key_file"].to_string().as_bytes()).unwrap();
    let (passphrase, workstation) = (&Passphrase::new(PHRASE), &DeviceSecret::from_bytes(DEVICE_SECRET).into());
    let open = file.unlock(&UserId::new("user-1").unwrap(), &Factors { passphrase, workstation, security_key: None }).unwrap();
    for slot in Slot::ALL {
        assert_eq!(key_of(&open, slot), frozen["opens"][slot.name()], "{slot:?}");
    }
    open.database_keys().for_each(|key| key.lend(|key| assert_eq!(key, frozen["opens"]["database"])));
}

#[test]
fn patient_key_and_record() {
    let (_, open) = vault();
    let (wrapped, key) = open.new_patient_key_with(Group::Care, &SLOT, &mut Counting(50)).unwrap();
    let records: Vec<_> = [0, 60, 61, 1_100]
        .map(|len| {
            let plain: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            json!({ "plain": hex(&plain), "sealed": hex(&key.seal_with(&RECORD, &plain, &mut Counting(9)).unwrap()) })
        })
        .into();
    let frozen = frozen(
        "patient_key_and_record",
        json!({
            "site": "site-1", "generation": 1, "group": "care", "group_key": key_of(&open, Slot::Care),
            "patient": SLOT.patient, "patient_tag": hex(&SLOT.tag), "wrapped": hex(wrapped.as_bytes()),
            "kind": RECORD.kind, "tag": hex(&RECORD.tag), "version": RECORD.version, "records": records,
        }),
    );
    let wrapped = WrappedPatientKey::from_bytes(unhex(&frozen["wrapped"])).unwrap();
    let key = open.open_patient_key(&wrapped, &SLOT).unwrap();
    for record in frozen["records"].as_array().unwrap() {
        assert_eq!(key.unseal(&RECORD, &unhex(&record["sealed"])).unwrap().as_slice(), unhex(&record["plain"]));
    }
}

#[test]
fn group_own_and_door() {
    let (file, open) = vault();
    let group = open.seal_group_with(Group::Directory, "index", "7", b"names", &mut Counting(3)).unwrap();
    let own = open.seal_own_with("desk", b"tabs", &mut Counting(4)).unwrap();
    let door = file.door().seal_with(b"entry 1", b"failed unlock", &mut Counting(5)).unwrap();
    let frozen = frozen(
        "group_own_and_door",
        json!({
            "site": "site-1", "device": "ward-3", "user": "user-1", "generation": 1,
            "group": { "group": "directory", "key": key_of(&open, Slot::Directory), "kind": "index", "version": "7", "plain": hex(b"names"), "sealed": hex(&group) },
            "own": { "purpose": "desk", "plain": hex(b"tabs"), "sealed": hex(&own) },
            "door": { "private_key": key_of(&open, Slot::Door), "aad": hex(b"entry 1"), "plain": hex(b"failed unlock"), "sealed": hex(&door) },
        }),
    );
    let sealed = |of: &str| unhex(&frozen[of]["sealed"]);
    assert_eq!(open.unseal_group(Group::Directory, "index", "7", &sealed("group")).unwrap().as_slice(), b"names");
    assert_eq!(open.unseal_own("desk", &sealed("own")).unwrap().as_slice(), b"tabs");
    assert_eq!(open.open_door(b"entry 1", &sealed("door")).unwrap().as_slice(), b"failed unlock");
}

#[test]
fn tags_and_macs() {
    let (_, open) = vault();
    frozen(
        "tags_and_macs",
        json!({
            "index_key": key_of(&open, Slot::Index), "domain": "code", "text": "8480-6", "tag": hex(&open.tag("code", "8480-6")),
            "audit_key": key_of(&open, Slot::Audit), "bytes": hex(b"entry"), "mac": hex(&open.mac(b"entry")),
        }),
    );
}

/// The file beside the vault, and what a token makes of it (RFC 3394): `tests/pkcs11` has one unwrap it.
#[test]
fn device_token() {
    let (key_id, wrapping_key): (Vec<u8>, Vec<u8>) = ((0xe0..0xf0).collect(), (0..32).collect());
    let [manufacturer, model, serial, label] = ["SoftHSM project", "SoftHSM v2", "5f1f8a70c24c3b1e", "ward"].map(String::from);
    let wrapped = "4d4f15fb5516fb129c490836527496790fe6a051356a0990203e54ffe4a1c597c2bb44cb59efdd6a";
    let file = TokenFile {
        format: TokenFile::FORMAT,
        token: TokenName { manufacturer, model, serial, label },
        key: KeyName { label: "satchel site-1/ward-3".into(), id: Blob(key_id.clone().try_into().unwrap()) },
        wrapped: Blob(unhex(&wrapped.into()).try_into().unwrap()),
    };
    let made = json!({
        "device_secret": hex(&DEVICE_SECRET), "wrapping_key": hex(&wrapping_key), "key_id": hex(&key_id),
        "device_token": serde_json::to_value(&file).unwrap(),
    });
    let frozen = frozen("device_token", made);
    assert_eq!(TokenFile::from_bytes(frozen["device_token"].to_string().as_bytes()), Ok(file));
}

#[test]
fn audit_epoch() {
    let (_, open) = vault();
    let key = open.new_signing_key_with(&mut Counting(90)).unwrap();
    let sealed = open.seal_signing_key_with(3, &key, &mut Counting(6)).unwrap();
    let frozen = frozen(
        "audit_epoch",
        json!({
            "site": "site-1", "device": "ward-3", "generation": 1, "epoch": 3, "audit_key": key_of(&open, Slot::Audit),
            "public_key": hex(key.public()), "sealed": hex(&sealed), "bytes": hex(b"entry"), "signature": hex(&key.sign(b"entry")),
        }),
    );
    let (public, sealed) = (unhex(&frozen["public_key"]).try_into().unwrap(), unhex(&frozen["sealed"]));
    let opened = open.open_signing_key(3, &public, &sealed).unwrap();
    assert_eq!(hex(&opened.sign(b"entry")), frozen["signature"]);
    assert!(open.open_signing_key(4, &public, &sealed).is_err(), "of another epoch");
    assert!(open.open_signing_key(3, &[9; 32], &sealed).is_err(), "of another public key");
}

/// Every kind of envelope by itself, under keys of one repeated byte.
#[test]
fn bare_envelopes() {
    let key = Key::copied(&[0x11; 32]).unwrap();
    let (private, public) = hpke::key_pair(&mut Counting(77)).unwrap();
    let kinds = [Kind::MasterKey, Kind::PrivateKey, Kind::VaultKey, Kind::PatientKey, Kind::Record, Kind::Group, Kind::Own, Kind::Door];
    let envelopes: Vec<_> = kinds
        .map(|kind| {
            let header = Header { kind, generation: 0x0102_0304 };
            let bound = header.bind(&[b"one", b"", b"three"]);
            let is_hpke = matches!(kind, Kind::VaultKey | Kind::Door);
            let sealed = if is_hpke {
                hpke::seal_to(&public, header, &bound, b"what is inside", &mut Counting(1)).unwrap()
            } else {
                aead::seal(&key, header, &bound, b"what is inside", &mut Counting(1)).unwrap()
            };
            json!({ "kind": kind as u8, "bound": hex(&bound), "sealed": hex(&sealed) })
        })
        .into();
    let frozen = frozen(
        "bare_envelopes",
        json!({
            "key": hex(key.bytes()), "private_key": hex(private.bytes()), "public_key": hex(&public), "plain": hex(b"what is inside"),
            "envelopes": envelopes,
        }),
    );
    for (kind, envelope) in kinds.into_iter().zip(frozen["envelopes"].as_array().unwrap()) {
        let header = Header { kind, generation: 0x0102_0304 };
        let (bound, sealed) = (unhex(&envelope["bound"]), unhex(&envelope["sealed"]));
        let opened = match kind {
            Kind::VaultKey | Kind::Door => hpke::open_with(&private, header, &bound, &sealed),
            _ => aead::unseal(&key, header, &bound, &sealed),
        };
        assert_eq!(opened.unwrap().as_slice(), b"what is inside", "{kind:?}");
    }
}

/// A key file amid a rotation, with a recovery key; every generation of it opens.
#[test]
fn key_file_2() {
    let (mut file, mut open) = vault();
    let workstation = WorkstationSecrets::from(DeviceSecret::from_bytes(DEVICE_SECRET)).and(2, DeviceSecret::from_bytes(GENERATION_SECRET));
    let (begun, next) = open.begin_generation_with(&file, &workstation, 1_770_000_000, &mut Counting(33)).unwrap();
    file = begun;
    open.take_up(next);
    let recovery = RecoveryKey::generate_with(&mut Counting(66)).unwrap();
    let (file, seal) = open.adopt_recovery_with(&file, recovery.public(), &mut Counting(44)).unwrap();
    open.take_up_recovery(seal);
    let copy = open.recovery().unwrap().seal_with(&[b"outbox", b"1"], b"an order", &mut Counting(55)).unwrap();
    let rings: Vec<_> = open.database_keys().map(|key| key.lend(str::to_owned)).collect();
    let file: Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    let frozen = frozen(
        "key_file_2",
        json!({
            "passphrase": PHRASE, "device_secret": hex(&DEVICE_SECRET), "generation_2_secret": hex(&GENERATION_SECRET), "user": "user-1",
            "recovery_code": *recovery.code(), "databases": rings, "about": ["outbox", "1"], "copy": hex(&copy), "key_file": file,
        }),
    );
    let file = KeyFile::from_bytes(frozen["key_file"].to_string().as_bytes()).unwrap();
    let recovery = RecoveryKey::from_code(frozen["recovery_code"].as_str().unwrap()).unwrap();
    let passphrase = &Passphrase::new(PHRASE);
    let open =
        file.unlock(&UserId::new("user-1").unwrap(), &Factors { passphrase, workstation: &workstation, security_key: None }).unwrap();
    assert_eq!(json!(open.database_keys().map(|key| key.lend(str::to_owned)).collect::<Vec<_>>()), frozen["databases"]);
    let recovered = recovery.database_keys(&file).unwrap();
    assert_eq!(json!(recovered.database_keys().map(|key| key.lend(str::to_owned)).collect::<Vec<_>>()), frozen["databases"]);
    assert_eq!(recovery.unseal(&file, &[b"outbox", b"1"], &unhex(&frozen["copy"])).unwrap().as_slice(), b"an order");
    assert_eq!(open.end_generation(&file).map(|file| file.generation()), Ok(2));
}

/// A key file in which a person unlocks with either of two security keys.
#[test]
fn key_file_3() {
    let (mut file, open) = vault();
    let user = UserId::new("user-1").unwrap();
    let (passphrase, workstation) = (&Passphrase::new(PHRASE), &DeviceSecret::from_bytes(DEVICE_SECRET).into());
    let factors = Factors { passphrase, workstation, security_key: None };
    let answers = [[0xa7; 32], [0xa8; 32]];
    let [first, second] = answers.map(|answer| SecurityKeySecret::new(&answer).unwrap());
    let mut add = |factors: &Factors<'_>, id: &[u8], secret, from| {
        let new = NewSecurityKey { id, salt: &[0x5a; 32], secret };
        file.add_security_key_with(&user, factors, new, KdfCost::STANDARD, &mut Counting(from)).unwrap();
    };
    add(&factors, b"first key", &first, 20);
    add(&Factors { security_key: Some(&first), ..factors }, b"second key", &second, 120);
    let file: Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    let keys = json!([
        { "id": hex(b"first key"), "answers": hex(&answers[0]) },
        { "id": hex(b"second key"), "answers": hex(&answers[1]) },
    ]);
    let frozen = frozen(
        "key_file_3",
        json!({
            "passphrase": PHRASE, "device_secret": hex(&DEVICE_SECRET), "user": "user-1", "salt": hex(&[0x5a; 32]), "security_keys": keys,
            "database": open.database_keys().next().unwrap().lend(str::to_owned), "key_file": file,
        }),
    );
    let file = KeyFile::from_bytes(frozen["key_file"].to_string().as_bytes()).unwrap();
    let listed = file.security_keys(&user).map(|(id, salt)| (hex(id), hex(salt)));
    for ((id, salt), key) in listed.zip(frozen["security_keys"].as_array().unwrap()) {
        assert_eq!((json!(id), json!(salt)), (key["id"].clone(), frozen["salt"].clone()));
        let secret = SecurityKeySecret::new(&unhex(&key["answers"]).try_into().unwrap()).unwrap();
        let open = file.unlock(&user, &Factors { security_key: Some(&secret), ..factors }).unwrap();
        open.database_keys().for_each(|key| key.lend(|key| assert_eq!(key, frozen["database"])));
    }
}

/// A key file in which a person with a security key has renewed keys and a renewed device's secret, and what is the person's own is
/// not resealed yet.
#[test]
fn key_file_4() {
    let (mut file, open) = vault();
    let user = UserId::new("user-1").unwrap();
    let workstation = WorkstationSecrets::from(DeviceSecret::from_bytes(DEVICE_SECRET)).and_device(2, DeviceSecret::from_bytes([0xd6; 32]));
    let (passphrase, answer) = (&Passphrase::new(PHRASE), [0xa7; 32]);
    let secret = SecurityKeySecret::new(&answer).unwrap();
    let factors = Factors { passphrase, workstation: &workstation, security_key: Some(&secret) };
    let own = open.seal_own_with("desk", b"tabs", &mut Counting(4)).unwrap();
    let new = NewSecurityKey { id: b"first key", salt: &[0x5a; 32], secret: &secret };
    file.add_security_key_with(&user, &factors, new, KdfCost::STANDARD, &mut Counting(20)).unwrap();
    let due = Due { own_keys: true, device_secret: Some(2) };
    let (file, _) = open.renew_with(&file, &factors, due, 1_800_000_000, &mut Counting(140)).unwrap();
    let file: Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    let frozen = frozen(
        "key_file_4",
        json!({
            "passphrase": PHRASE, "device_secret_2": hex(&[0xd6; 32]), "user": "user-1", "security_key_answers": hex(&answer),
            "purpose": "desk", "plain": hex(b"tabs"), "own": hex(&own),
            "database": open.database_keys().next().unwrap().lend(str::to_owned), "key_file": file,
        }),
    );
    let file = KeyFile::from_bytes(frozen["key_file"].to_string().as_bytes()).unwrap();
    assert_eq!((file.device_secret(), file.spent_device_secret()), (2, Some(crate::SecretName::Device)));
    let open = file.unlock(&user, &factors).unwrap();
    open.database_keys().for_each(|key| key.lend(|key| assert_eq!(key, frozen["database"])));
    assert_eq!(open.unseal_own("desk", &unhex(&frozen["own"])).unwrap().as_slice(), b"tabs");
    let later = open.end_renewal(&file).unwrap().unlock(&user, &factors).unwrap();
    assert!(later.unseal_own("desk", &unhex(&frozen["own"])).is_err());
}

/// What `vectors/<name>.json` says, which must be what was made now.
fn frozen(name: &str, made: Value) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name).with_extension("json");
    if !path.exists() && std::env::var_os("SATCHEL_WRITE_VECTORS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let frozen: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(made, frozen, "{name}: what is sealed today differs from what was");
    frozen
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn unhex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
