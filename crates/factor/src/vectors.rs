//! Frozen forms: what a released Satchel has written or signed must read and hash the same for ever. A vector is never changed; a new
//! version gets a file beside it. A missing file is written when `SATCHEL_WRITE_VECTORS` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::fmt::Write;
use std::path::Path;

use chrono::DateTime;
use kernel::{Instants, Moment, Phi, UserId};
use serde_json::{Value, json};

use crate::testing::{SoftKey, Types};
use crate::{Act, Authenticator, Cancel, Credential, CredentialError, Line, Placement, RelyingParty, Statement};

/// The record reads, verifies a signature of the key it names, and is written again byte for byte.
#[test]
fn credential() {
    let key = SoftKey::new(0x5a);
    let now = Instants { wall: DateTime::UNIX_EPOCH, boot: Moment(0) };
    let rp = RelyingParty::new().unwrap();
    let frozen = frozen("credential_1", || {
        let user = UserId::new("user-1").unwrap();
        let salt = crate::Salt::from_bytes(std::array::from_fn(|at| u8::try_from(at).unwrap()));
        let pending = rp.begin_registration(&user, &[], salt, &now).unwrap();
        let made = key.make_credential(pending.request(), &Types("1234"), &Cancel::default()).unwrap();
        let credential = rp.finish_registration(pending, &user, &made, &now).unwrap();
        json!({ "record": String::from_utf8(credential.to_bytes().unwrap()).unwrap() })
    });
    let record = frozen["record"].as_str().unwrap();
    let mut enrolled = [Credential::from_bytes(record.as_bytes()).unwrap()];
    assert_eq!(enrolled[0].to_bytes().unwrap(), record.as_bytes());
    assert_eq!((enrolled[0].user().as_str(), enrolled[0].counter(), enrolled[0].placement()), ("user-1", 1, Placement::Roaming));
    key.set(|state| state.counter = 1);
    let statement = Statement::new(Act::Unlock, enrolled[0].user().clone(), None, vec![line("Open", "Satchel")]).unwrap();
    let pending = rp.begin_step_up(&statement, &enrolled, &now).unwrap();
    let answer = key.get_assertion(pending.request(), &Types("1234"), &Cancel::default()).unwrap();
    rp.finish_step_up(pending, &statement, &answer, &mut enrolled, &now).unwrap();
    assert_eq!(enrolled[0].counter(), 2);
}

#[test]
fn credential_of_another_form() {
    let record = frozen("credential_1", || panic!("written by `credential`"))["record"].as_str().unwrap().to_owned();
    let read = |text: &str| Credential::from_bytes(text.as_bytes()).map(|_| ());
    assert_eq!(read(&record), Ok(()));
    assert_eq!(read(&record.replace("\"version\":1", "\"version\":2")), Err(CredentialError::Later));
    for (from, to) in [
        ("\"version\":1", "\"version\":0"),
        ("ES256", "RS256"),
        ("\"x\":\"", "\"x\":\"AA"),
        ("roaming", "elsewhere"),
        ("\"counter\"", "\"unknown\":1,\"counter\""),
        ("\"counter\":1", "\"counter\":-1"),
        ("{", ""),
    ] {
        assert!(record.contains(from), "{from}");
        assert_eq!(read(&record.replacen(from, to, 1)), Err(CredentialError::Unreadable), "{from} -> {to}");
    }
}

#[test]
fn statement() {
    let made = |act, patient, lines| {
        let statement = Statement::new(act, UserId::new("user-1").unwrap(), patient, lines).unwrap();
        // EXPOSE: nobody's.
        json!({ "act": act.as_str(), "canonical": hex(statement.canonical().expose()), "digest": hex(&statement.digest()) })
    };
    let lines = vec![line("Patient", "Zoë Müller"), line("Drug", "Oxycodone 5 mg"), line("Directions", "")];
    let frozen_now = json!({
        "user": "user-1",
        "patient": hex(&[0xa1; 16]),
        "lines": [["Patient", "Zoë Müller"], ["Drug", "Oxycodone 5 mg"], ["Directions", ""]],
        "with_patient": Act::ALL.map(|act| made(act, Some([0xa1; 16]), lines.clone())),
        "without_patient": made(Act::Export, None, lines.clone()),
    });
    let frozen = frozen("statement_1", || frozen_now.clone());
    assert_eq!(frozen_now, frozen, "what is signed today differs from what was");
}

fn line(label: &str, value: &str) -> Line {
    Line { label: label.into(), value: Phi::new(value.into()) }
}

/// What `vectors/<name>.json` says.
fn frozen(name: &str, make: impl FnOnce() -> Value) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name).with_extension("json");
    if !path.exists() && std::env::var_os("SATCHEL_WRITE_VECTORS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&make()).unwrap() + "\n").unwrap();
    }
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
