//! Helios' resource and history tables, written in one transaction.
//!
//! Helios' own create does the same two inserts per resource, plus the search index one resource at a time; here the
//! index is built afterwards in bulk. INVARIANT: tied to the exact Helios version that Cargo.toml pins.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::Utc;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde_json::Value;

use crate::records::TENANT;

/// Rows being written.
pub struct Rows<'a> {
    tx: Transaction<'a>,
    written: Vec<(String, String)>,
    /// Of what this load wrote: the newest version, and its content's SHA-256.
    newest: HashMap<(String, String), (u32, Vec<u8>)>,
}

/// What became of a row.
#[derive(Debug, PartialEq, Eq)]
pub enum Put {
    /// Written as version 1.
    New,
    /// This load wrote other content under the id before; now there is a further version.
    Updated,
    /// It was there already, with the same content.
    Same,
    /// Something else was there before this load, and stays.
    Taken,
}

impl<'a> Rows<'a> {
    /// Begins the transaction.
    pub fn begin(db: &'a mut Connection) -> rusqlite::Result<Self> {
        db.set_prepared_statement_cache_capacity(16);
        Ok(Self { tx: db.transaction()?, written: Vec::new(), newest: HashMap::new() })
    }

    /// Writes a resource as a PUT would, except over what was there before this load.
    pub fn put(&mut self, kind: &str, id: &str, resource: &Value) -> rusqlite::Result<Put> {
        let key = (kind.to_owned(), id.to_owned());
        let data = resource.to_string().into_bytes();
        let hash = digest(&SHA256, &data).as_ref().to_vec();
        let version = match self.newest.get(&key) {
            Some((_, known)) if *known == hash => return Ok(Put::Same),
            Some((version, _)) => version + 1,
            None => match self.stored(kind, id)? {
                Some(known) => return Ok(if known == data { Put::Same } else { Put::Taken }),
                None => 1,
            },
        };
        let now = Utc::now().to_rfc3339();
        let row = params![TENANT, kind, id, version.to_string(), data, now];
        self.tx.prepare_cached(UPSERT)?.execute(row)?;
        self.tx.prepare_cached(INSERT_HISTORY)?.execute(row)?;
        let put = if version == 1 { Put::New } else { Put::Updated };
        if put == Put::New {
            self.written.push(key.clone());
        }
        self.newest.insert(key, (version, hash));
        Ok(put)
    }

    /// Commits, and answers what was written as (type, id).
    pub fn commit(self) -> rusqlite::Result<Vec<(String, String)>> {
        self.tx.commit()?;
        Ok(self.written)
    }

    fn stored(&self, kind: &str, id: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        let mut statement = self.tx.prepare_cached("SELECT data FROM resources WHERE tenant_id = ?1 AND resource_type = ?2 AND id = ?3")?;
        statement.query_row([TENANT, kind, id], |row| row.get(0)).optional()
    }
}

const UPSERT: &str = "INSERT INTO resources (tenant_id, resource_type, id, version_id, data, last_updated, is_deleted, fhir_version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, '4.0')
     ON CONFLICT DO UPDATE SET version_id = excluded.version_id, data = excluded.data, last_updated = excluded.last_updated";
const INSERT_HISTORY: &str =
    "INSERT INTO resource_history (tenant_id, resource_type, id, version_id, data, last_updated, is_deleted, fhir_version)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, '4.0')";
