//! What is kept of a clinician's keys, sealed among their own things: names, public keys, counters.
use access::{DeskMemory, Enrol, Permit};
use chrono::SecondsFormat;
use factor::Credential;
use kernel::{ErrorCode, Instants};
use keys::Newcomer;
use serde::{Deserialize, Serialize};
use vault::Tx;

use crate::problem::Problem;

const PURPOSE: &str = "security_keys";

/// One of them.
#[derive(Clone)]
pub(super) struct Record {
    pub name: String,
    /// RFC 3339.
    pub enrolled_at: String,
    pub credential: Credential,
}

impl Record {
    /// Of a key enrolled just now.
    pub fn new(name: &str, now: &Instants, credential: Credential) -> Self {
        Self { name: name.to_owned(), enrolled_at: now.wall.to_rfc3339_opts(SecondsFormat::Secs, true), credential }
    }
}

/// INVARIANT: frozen; a new form gets a new version.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    keys: Vec<WrittenKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    name: String,
    enrolled_at: String,
    /// [`Credential::to_bytes`], which is JSON and has a version of its own.
    credential: serde_json::Value,
}

const VERSION: u32 = 1;

/// The records, in the order of enrolment.
pub(super) fn kept(tx: &Tx<'_>, permit: &Permit<'_, DeskMemory>) -> Result<Vec<Record>, Problem> {
    tx.own(permit, PURPOSE)?.map_or_else(|| Ok(Vec::new()), |bytes| read(&bytes))
}

/// Keeps the records in the place of former ones.
pub(super) fn keep(tx: &Tx<'_>, permit: &Permit<'_, DeskMemory>, records: &[Record]) -> Result<(), Problem> {
    Ok(tx.keep_own(permit, PURPOSE, &written(records)?)?)
}

/// Leaves the records for a newcomer, as [`keep`] keeps them.
pub(super) fn leave(tx: &Tx<'_>, permit: &Permit<'_, Enrol>, newcomer: &Newcomer, records: &[Record]) -> Result<(), Problem> {
    Ok(tx.leave_for(permit, newcomer, PURPOSE, &written(records)?)?)
}

/// The credentials by themselves.
pub(super) fn credentials(records: &[Record]) -> Vec<Credential> {
    records.iter().map(|record| record.credential.clone()).collect()
}

/// The records with their credentials as they are after a ceremony.
pub(super) fn with(records: Vec<Record>, credentials: Vec<Credential>) -> Vec<Record> {
    records.into_iter().zip(credentials).map(|(record, credential)| Record { credential, ..record }).collect()
}

fn read(bytes: &[u8]) -> Result<Vec<Record>, Problem> {
    let unreadable = || Problem::Named(ErrorCode::VaultUnreadable);
    let written: Written = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
    if written.version != VERSION {
        return Err(unreadable());
    }
    let record = |WrittenKey { name, enrolled_at, credential }| {
        let credential = Credential::from_bytes(credential.to_string().as_bytes()).map_err(|_| unreadable())?;
        Ok(Record { name, enrolled_at, credential })
    };
    written.keys.into_iter().map(record).collect()
}

fn written(records: &[Record]) -> Result<Vec<u8>, Problem> {
    let internal = || Problem::Named(ErrorCode::Internal);
    let key = |record: &Record| {
        let bytes = record.credential.to_bytes().map_err(|_| internal())?;
        let credential = serde_json::from_slice(&bytes).map_err(|_| internal())?;
        Ok(WrittenKey { name: record.name.clone(), enrolled_at: record.enrolled_at.clone(), credential })
    };
    let keys = records.iter().map(key).collect::<Result<_, Problem>>()?;
    serde_json::to_vec(&Written { version: VERSION, keys }).map_err(|_| internal())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// INVARIANT: never changed.
    const FROZEN: &str = r#"{"version":1,"keys":[{"name":"blue","enrolled_at":"2026-03-02T08:00:00Z","credential":{"algorithm":"ES256","counter":7,"id":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","placement":"roaming","salt":"WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo","user":"dr-1","version":1,"x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}}]}"#;

    #[test]
    fn the_frozen_records_read_and_are_written_the_same() {
        let records = read(FROZEN.as_bytes()).unwrap();
        assert_eq!((records[0].name.as_str(), records[0].credential.counter(), records[0].credential.id().len()), ("blue", 7, 32));
        // The order of a JSON object's members says nothing.
        let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
        assert_eq!(json(&written(&records).unwrap()), json(FROZEN.as_bytes()));
        let later = FROZEN.replacen("\"version\":1", "\"version\":2", 1);
        assert_eq!(read(later.as_bytes()).err(), Some(ErrorCode::VaultUnreadable.into()));
    }
}
