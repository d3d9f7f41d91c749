//! Starts the EHR and keeps it running.

use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Serve;
use crate::audit_intake::AuditIntake;
use crate::break_glass::BreakGlass;
use crate::countersign::Countersigning;
use crate::front::Front;
use crate::load::{LoadError, Report};
use crate::records::{Definitions, DefinitionsError, Records, RecordsError};
use crate::seed::{Contents, fill};
use crate::smart::{Smart, jws};
use crate::store::Store;
use crate::{listener, tls};

/// Why the EHR does not start.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ServeError {
    #[error("the data directory or ready file cannot be used, or the port is taken")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Definitions(#[from] DefinitionsError),
    #[error("practice.db cannot be used")]
    Store(#[from] rusqlite::Error),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error(transparent)]
    Key(#[from] jws::KeyError),
    #[error(transparent)]
    Countersigning(#[from] crate::countersign::OpenError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error("there is no randomness")]
    Random(#[from] aws_lc_rs::error::Unspecified),
}

/// Fills the data directory if need be, listens, says so, and serves until SIGTERM or SIGINT.
///
/// # Errors
/// [`ServeError`] when it cannot start; once it listens it does not end with an error.
pub async fn serve(args: Serve) -> Result<(), ServeError> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&args.data_dir)?;
    let data_dir = args.data_dir.canonicalize()?;
    let definitions = Definitions::find(args.definitions.as_deref(), &data_dir)?;
    // The port is taken before the records are filled: a second EHR on the same port fails at once.
    let listener = TcpListener::bind(("127.0.0.1", args.port)).await?;
    let origin = format!("https://localhost:{}", listener.local_addr()?.port());
    let endpoint = tls::endpoint(&data_dir)?;
    let store = Arc::new(Store::open(&data_dir)?);

    let contents = Contents { patients: args.patients, seed: args.seed, today: args.today(), load: args.load.clone() };
    let cache = args.cache.clone().unwrap_or_else(|| data_dir.with_file_name("practice-ehr-cache"));
    let database = data_dir.join("ehr.db");
    let report = fill(&database, &cache, &store, &definitions, &contents).await?;
    tell(&data_dir, &report)?;

    let records = Records::open(database, definitions, format!("{origin}/fhir"))?;
    let smart = Smart::open(&origin, &data_dir, args.token_seconds, Arc::clone(&store))?;
    let break_glass = BreakGlass::new(Arc::clone(&store))?;
    let countersigning = Countersigning::open(&data_dir, Arc::clone(&store))?;
    let front = Front::new(origin, admin_token()?, records, smart, AuditIntake::new(store), break_glass, countersigning);
    ready(&front, &endpoint.ca, args.ready_file.as_deref())?;

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        () = listener::serve(listener, endpoint.acceptor, Arc::new(front)) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// The one line on standard output, and the same in the ready file, which appears complete or not at all.
fn ready(front: &Front, ca: &Path, ready_file: Option<&Path>) -> std::io::Result<()> {
    let line: Value = json!({
        "fhir": format!("{}/fhir", front.origin),
        "ca": ca,
        "admin": format!("{}/_practice", front.origin),
        "admin_token": front.admin_token,
        "pid": std::process::id(),
    });
    if let Some(path) = ready_file {
        let partial = path.with_extension("partial");
        std::fs::write(&partial, format!("{line}\n"))?;
        std::fs::rename(partial, path)?;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Counts go to the log; everything, failures included, to `load-report.json`.
fn tell(data_dir: &Path, report: &Report) -> std::io::Result<()> {
    if report.total() > 0 || !report.failures().is_empty() {
        std::fs::write(data_dir.join("load-report.json"), format!("{:#}\n", report.to_json()))?;
        tracing::info!(stored = report.total(), failures = report.failures().len(), "records loaded");
    }
    for (what, why) in report.failures() {
        tracing::warn!(what, %why, "not loaded");
    }
    Ok(())
}

fn admin_token() -> Result<String, aws_lc_rs::error::Unspecified> {
    let mut bytes = [0; 24];
    rand::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
