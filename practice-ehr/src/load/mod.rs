//! Loading records from files: bundles and NDJSON, plain or compressed, as a server would take them in.
//!
//! Ids stay what they are in the source, so that a chart can be found again; `urn:uuid:` and conditional references become
//! `Type/id`. What cannot be taken in is listed with its reason, never dropped in silence.

mod care_team;
mod references;
mod report;
mod source;
mod table;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use helios_persistence::search::{ReindexOperation, ReindexRequest, ReindexStatus, ResourceRef};
use helios_persistence::tenant::{TenantContext, TenantId, TenantPermissions};
use rusqlite::Connection;
use serde_json::Value;

use crate::records::{Definitions, RecordsError, TENANT, backend};
use care_team::Teams;
use references::References;
pub use report::{Reason, Report};
use table::Rows;

/// Raised whenever the same files would be stored differently than before.
pub const LOADER_VERSION: u32 = 2;

/// Why nothing could be loaded at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or directory cannot be read.
    #[error("a source to load cannot be read")]
    Unreadable(#[from] std::io::Error),
    /// The FHIR server's database cannot be used.
    #[error("the FHIR server's database cannot be used")]
    Records(#[from] RecordsError),
    /// SQLite refuses.
    #[error("the FHIR server's database refuses the records")]
    Sqlite(#[from] rusqlite::Error),
    /// Helios cannot build its search index.
    #[error("the search index could not be built")]
    Index,
}

/// A load under way: rows first, in one transaction; the search index afterwards, in bulk.
pub struct Load<'a> {
    rows: Rows<'a>,
    definitions: &'a Definitions,
    references: References,
    teams: Teams,
    /// Resources, with the document they are from, that refer to something not seen so far.
    unresolved: Vec<(Value, String)>,
    report: Report,
}

impl<'a> Load<'a> {
    /// Begins a load into Helios' database, whose schema must exist.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn begin(db: &'a mut Connection, definitions: &'a Definitions) -> Result<Self, LoadError> {
        let (references, teams, report) = (References::default(), Teams::default(), Report::default());
        Ok(Self { rows: Rows::begin(db)?, definitions, references, teams, unresolved: Vec::new(), report })
    }

    /// Takes in resources that need nothing resolved, in order.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn resources(&mut self, resources: impl IntoIterator<Item = Value>) -> Result<(), LoadError> {
        for resource in resources {
            self.put(resource, "generated")?;
        }
        Ok(())
    }

    /// Takes in a file, or every file under a directory.
    ///
    /// # Errors
    /// [`LoadError::Unreadable`] when the path cannot be read; what is wrong with single records goes into the report.
    pub fn path(&mut self, path: &Path) -> Result<(), LoadError> {
        for file in source::files(path)? {
            for document in source::documents(&file)? {
                match document {
                    Ok(document) => self.document(document)?,
                    Err(name) => self.report.fail(&name, Reason::NotJson),
                }
            }
        }
        Ok(())
    }

    /// Resolves what referred to something in a later file, gives every loaded patient that nobody of the practice is
    /// related to a care team, and commits. Answers what was written as (type, id).
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn commit(mut self) -> Result<(Report, Vec<(String, String)>), LoadError> {
        for (mut resource, name) in std::mem::take(&mut self.unresolved) {
            match self.references.resolve_conditional(&mut resource) {
                Ok(()) => self.put_from_file(resource, &name)?,
                Err(()) => self.report.fail(&label(&resource, &name), Reason::UnresolvedReference),
            }
        }
        for team in std::mem::take(&mut self.teams).missing() {
            self.put(team, "practice team")?;
        }
        let written = self.rows.commit()?;
        Ok((self.report, written))
    }

    fn document(&mut self, document: source::Document) -> Result<(), LoadError> {
        let name = document.name;
        let resources = references::identified(document.resources);
        let local = references::local_names(&resources);
        for (_, mut resource) in resources {
            references::resolve_local(&mut resource, &local);
            match self.references.resolve_conditional(&mut resource) {
                Ok(()) => self.put_from_file(resource, &name)?,
                Err(()) => self.unresolved.push((resource, name.clone())),
            }
        }
        Ok(())
    }

    fn put_from_file(&mut self, resource: Value, name: &str) -> Result<(), LoadError> {
        self.references.learn(&resource);
        self.teams.see(&resource);
        self.put(resource, name)
    }

    fn put(&mut self, resource: Value, name: &str) -> Result<(), LoadError> {
        let Some(kind) = resource["resourceType"].as_str().filter(|kind| self.definitions.is_resource_type(kind)) else {
            self.report.fail(&label(&resource, name), Reason::NotAResource);
            return Ok(());
        };
        if kind == "AuditEvent" {
            self.report.fail(&label(&resource, name), Reason::AuditEvent);
            return Ok(());
        }
        let Some(id) = resource["id"].as_str().filter(|id| is_id(id)) else {
            self.report.fail(&label(&resource, name), Reason::NoId);
            return Ok(());
        };
        match self.rows.put(kind, id, &resource)? {
            table::Put::New => self.report.count(kind),
            table::Put::Updated => self.report.updated(),
            table::Put::Same => self.report.repeated(),
            table::Put::Taken => self.report.fail(&label(&resource, name), Reason::IdTaken),
        }
        Ok(())
    }
}

/// Builds Helios' search index: of everything, or of the resources given as (type, id).
///
/// # Errors
/// [`LoadError`].
pub async fn index(database: &Path, definitions: &Definitions, only: Option<Vec<(String, String)>>) -> Result<(), LoadError> {
    let backend = Arc::new(backend(database, definitions)?);
    let operation = ReindexOperation::new(Arc::clone(&backend), Arc::clone(backend.tenant_registries()));
    let request = match only {
        None => ReindexRequest::all().with_bulk_index_rebuild(true),
        Some(written) => {
            let named = written.into_iter().map(|(kind, id)| ResourceRef::new(kind, id));
            ReindexRequest::for_resources(named)
        }
    };
    let tenant = TenantContext::new(TenantId::new(TENANT), TenantPermissions::full_access());
    let job = operation.start(tenant, request.with_batch_size(1000), None).await.map_err(|_| LoadError::Index)?;
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let progress = operation.get_progress(&job).await.ok_or(LoadError::Index)?;
        if progress.status.is_finished() {
            return if progress.has_errors() || progress.status != ReindexStatus::Completed { Err(LoadError::Index) } else { Ok(()) };
        }
    }
}

/// What identifies the content of sources without reading it: every file's path, size and time of change.
///
/// # Errors
/// When a path cannot be read.
pub fn fingerprint(paths: &[PathBuf]) -> std::io::Result<Vec<String>> {
    let mut all = Vec::new();
    let mut seen = HashSet::new();
    for path in paths {
        for file in source::files(path)? {
            let about = std::fs::metadata(&file)?;
            let changed = about.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_millis();
            if seen.insert(file.clone()) {
                all.push(format!("{}|{}|{changed}", file.display(), about.len()));
            }
        }
    }
    Ok(all)
}

fn label(resource: &Value, name: &str) -> String {
    match (resource["resourceType"].as_str(), resource["id"].as_str()) {
        (Some(kind), Some(id)) => format!("{kind}/{id}"),
        (Some(kind), None) => format!("{kind} without id in {name}"),
        _ => name.to_owned(),
    }
}

/// FHIR R4 §2.24.0.1, type `id`.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}
