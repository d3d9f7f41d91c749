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
    hashes: HashMap<(String, String), Vec<u8>>,
}

/// What became of a row.
#[derive(Debug, PartialEq, Eq)]
pub enum Put {
    /// Written.
    New,
    /// It was there already, with the same content.
    Same,
    /// Something else was there.
    Other,
}

impl<'a> Rows<'a> {
    /// Begins the transaction.
    pub fn begin(db: &'a mut Connection) -> rusqlite::Result<Self> {
        db.set_prepared_statement_cache_capacity(16);
        let (written, hashes) = (Vec::new(), HashMap::new());
        Ok(Self { tx: db.transaction()?, written, hashes })
    }

    /// Writes version 1 of a resource, unless one is there.
    pub fn put(&mut self, kind: &str, id: &str, resource: &Value) -> rusqlite::Result<Put> {
        let key = (kind.to_owned(), id.to_owned());
        let data = resource.to_string().into_bytes();
        let hash = digest(&SHA256, &data).as_ref().to_vec();
        if let Some(known) = self.known(&key)? {
            return Ok(if known == hash { Put::Same } else { Put::Other });
        }
        let now = Utc::now().to_rfc3339();
        for sql in [
            "INSERT INTO resources (tenant_id, resource_type, id, version_id, data, last_updated, is_deleted, fhir_version)
             VALUES (?1, ?2, ?3, '1', ?4, ?5, 0, '4.0')",
            "INSERT INTO resource_history (tenant_id, resource_type, id, version_id, data, last_updated, is_deleted, fhir_version)
             VALUES (?1, ?2, ?3, '1', ?4, ?5, 0, '4.0')",
        ] {
            self.tx.prepare_cached(sql)?.execute(params![TENANT, kind, id, data, now])?;
        }
        self.hashes.insert(key.clone(), hash);
        self.written.push(key);
        Ok(Put::New)
    }

    /// Commits, and answers what was written as (type, id).
    pub fn commit(self) -> rusqlite::Result<Vec<(String, String)>> {
        self.tx.commit()?;
        Ok(self.written)
    }

    fn known(&self, key: &(String, String)) -> rusqlite::Result<Option<Vec<u8>>> {
        if let Some(hash) = self.hashes.get(key) {
            return Ok(Some(hash.clone()));
        }
        let stored: Option<Vec<u8>> = self
            .tx
            .prepare_cached("SELECT data FROM resources WHERE tenant_id = ?1 AND resource_type = ?2 AND id = ?3")?
            .query_row(params![TENANT, key.0, key.1], |row| row.get(0))
            .optional()?;
        Ok(stored.map(|data| digest(&SHA256, &data).as_ref().to_vec()))
    }
}
