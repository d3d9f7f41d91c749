//! The records: Helios FHIR Server in this process, with a gate in front so that it can be stopped, copied and put back.

pub mod backdate;
mod definitions;
pub mod snapshot;

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use helios_persistence::backends::sqlite::{SqliteBackend, SqliteBackendConfig};
use helios_rest::ServerConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::RwLock;
use tower::ServiceExt as _;

use crate::outcome::FHIR_JSON;
pub use definitions::{Definitions, DefinitionsError};

/// The tenant under which everything is stored.
pub const TENANT: &str = "default";

/// Largest page a search may ask for.
const MAX_PAGE: usize = 1000;

/// The running FHIR server.
pub struct Records {
    database: PathBuf,
    definitions: Definitions,
    fhir_base: String,
    /// Requests share it; whatever must not be seen half done takes it alone.
    app: RwLock<Router>,
}

/// Why the records cannot be served, copied or put back.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// Helios cannot open its database.
    #[error("the FHIR server cannot open its database")]
    Helios(#[from] helios_persistence::error::StorageError),
    /// SQLite refuses.
    #[error("the FHIR server's database cannot be used")]
    Sqlite(#[from] rusqlite::Error),
    /// A file cannot be read or written.
    #[error("a file of the FHIR server cannot be read or written")]
    File(#[from] std::io::Error),
    /// No snapshot has this name.
    #[error("there is no such snapshot")]
    NoSnapshot,
}

impl Records {
    /// Serves `database`, creating it when absent, as `fhir_base`.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be opened.
    pub fn open(database: PathBuf, definitions: Definitions, fhir_base: String) -> Result<Self, RecordsError> {
        let app = RwLock::new(app(&database, &definitions, &fhir_base)?);
        Ok(Self { database, definitions, fhir_base, app })
    }

    /// Lets Helios answer; the request's path is relative to the FHIR base.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let app = self.app.read().await;
        as_fhir(never_fails(app.clone().oneshot(request).await))
    }

    /// Lets Helios carry out a write that arrived at `arrived`, and dates it back to then before anyone can see it.
    ///
    /// # Errors
    /// [`RecordsError`] when the written rows cannot be dated back.
    pub async fn answer_late(
        &self,
        request: Request<Body>,
        arrived: chrono::DateTime<chrono::Utc>,
    ) -> Result<Response<Body>, RecordsError> {
        let app = self.app.write().await;
        let path = request.uri().path().to_owned();
        let response = as_fhir(never_fails(app.clone().oneshot(request).await));
        backdate::backdate(&self.database, &path, response, arrived).await
    }

    /// Stops and starts Helios on the same database, as after a crash of the server.
    ///
    /// # Errors
    /// [`RecordsError`] when the database cannot be opened again.
    pub async fn restart(&self) -> Result<(), RecordsError> {
        let mut app = self.app.write().await;
        *app = Router::new();
        *app = self::app(&self.database, &self.definitions, &self.fhir_base)?;
        Ok(())
    }

    /// Live resources by type.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn counts(&self) -> Result<std::collections::BTreeMap<String, u64>, RecordsError> {
        let db = Connection::open_with_flags(&self.database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut statement =
            db.prepare("SELECT resource_type, count(*) FROM resources WHERE tenant_id = ?1 AND is_deleted = 0 GROUP BY 1")?;
        let rows = statement.query_map([TENANT], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Helios' storage on `database`, with the definitions that make `patient=` and the rest of R4's search parameters work.
///
/// # Errors
/// [`RecordsError::Helios`].
pub fn backend(database: &Path, definitions: &Definitions) -> Result<SqliteBackend, RecordsError> {
    let config = SqliteBackendConfig { data_dir: Some(definitions.dir().to_owned()), ..SqliteBackendConfig::default() };
    let backend = SqliteBackend::with_config(database, config)?;
    backend.init_schema()?;
    Ok(backend)
}

fn app(database: &Path, definitions: &Definitions, fhir_base: &str) -> Result<Router, RecordsError> {
    let config = ServerConfig {
        base_url: fhir_base.to_owned(),
        default_tenant: TENANT.to_owned(),
        data_dir: Some(definitions.dir().to_owned()),
        max_page_size: MAX_PAGE,
        enable_cors: false,
        ui_enabled: false,
        nl_search_enabled: false,
        sof_enabled: false,
        seed_conformance: false,
        request_timeout: 120,
        ..ServerConfig::default()
    };
    Ok(helios_rest::create_app_with_config(backend(database, definitions)?, config))
}

/// Helios calls its bundles `application/json`; FHIR R4 §3.1.0.1.9 has its own media type.
fn as_fhir(mut response: Response<Body>) -> Response<Body> {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") || kind.starts_with("application/fhir+json") {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(FHIR_JSON));
    }
    response
}

fn never_fails<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
        Err(never) => match never {},
    }
}
