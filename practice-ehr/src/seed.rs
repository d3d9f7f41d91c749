//! What a fresh EHR holds: the practice's directory, its synthetic patients, and whatever was asked to be loaded.
//!
//! A filled database is kept in a cache beside the data directory, named by everything that went into it, so that the
//! next EHR with the same content starts by copying a file.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{NaiveDate, Utc};
use clinic::{Clinic, ClinicSpec, GENERATOR_VERSION};
use rusqlite::Connection;
use serde_json::Value;

use crate::load::{LOADER_VERSION, Load, LoadError, Report, fingerprint, index};
use crate::records::{Definitions, backend};
use crate::store::Store;

const STALE_ENTRY: Duration = Duration::from_secs(3 * 24 * 3600);
const STALE_BUILD: Duration = Duration::from_secs(3600);

/// What to fill a fresh database with.
#[derive(Clone, Debug)]
pub struct Contents {
    /// How many synthetic patients.
    pub patients: u32,
    /// What they are drawn from.
    pub seed: u64,
    /// The day of the schedule.
    pub today: NaiveDate,
    /// Files and directories to load besides.
    pub load: Vec<PathBuf>,
}

/// Fills `database` when it is absent; takes in what `load` names and was not taken in before.
///
/// # Errors
/// [`LoadError`].
pub async fn fill(
    database: &Path,
    cache: &Path,
    store: &Store,
    definitions: &Definitions,
    contents: &Contents,
) -> Result<Report, LoadError> {
    let sources = fingerprint(&contents.load)?;
    let report = if database.exists() {
        add(database, store, definitions, contents, &sources).await?
    } else {
        std::fs::create_dir_all(cache)?;
        sweep(cache)?;
        let kept = cache.join(format!("{}.db", key(contents, &sources)));
        let report = match std::fs::read(kept.with_extension("json")).ok().filter(|_| kept.exists()) {
            Some(report) => Report::from_json(&serde_json::from_slice(&report).unwrap_or_default()),
            None => build(&kept, definitions, contents).await?,
        };
        let partial = database.with_extension("partial");
        std::fs::copy(&kept, &partial)?;
        for used in [&kept, &kept.with_extension("json")] {
            // If this fails the entry is only swept sooner.
            let _ = File::options().append(true).open(used).and_then(|file| file.set_modified(SystemTime::now()));
        }
        std::fs::rename(partial, database)?;
        report
    };
    let db = store.lock();
    for source in sources {
        db.execute("INSERT OR IGNORE INTO loaded (source) VALUES (?1)", [source])?;
    }
    Ok(report)
}

/// Makes a filled database at `kept`, and its report beside it.
async fn build(kept: &Path, definitions: &Definitions, contents: &Contents) -> Result<Report, LoadError> {
    // Two EHRs may build the same at the same time; the last rename wins and both are right.
    let partial = kept.with_extension(format!("{}.partial", std::process::id()));
    drop(backend(&partial, definitions)?);
    let mut db = Connection::open(&partial)?;
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")?;
    let mut load = Load::begin(&mut db, definitions)?;
    let now = contents.today.and_hms_opt(23, 59, 59).map_or_else(Utc::now, |end| end.and_utc().min(Utc::now()));
    let clinic = Clinic::new(ClinicSpec { seed: contents.seed, patients: contents.patients, today: contents.today, now });
    load.resources(clinic.directory())?;
    for batch in (0..contents.patients).collect::<Vec<_>>().chunks(64) {
        load.resources(charts(&clinic, batch))?;
    }
    for path in &contents.load {
        load.path(path)?;
    }
    let (report, _) = load.commit()?;
    drop(db);
    index(&partial, definitions, None).await?;
    settle(&partial)?;
    std::fs::write(kept.with_extension("json"), report.to_json().to_string())?;
    std::fs::rename(&partial, kept)?;
    Ok(report)
}

/// Removes what was not used for some days (every day has its own schedule, hence its own entry) and what killed builds left.
fn sweep(cache: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(cache)? {
        let entry = entry?;
        let left = entry.file_name().to_string_lossy().contains(".partial");
        let unused = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if unused > if left { STALE_BUILD } else { STALE_ENTRY } {
            // Another EHR may be sweeping, too.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Takes new sources into a database that is already in use.
async fn add(
    database: &Path,
    store: &Store,
    definitions: &Definitions,
    contents: &Contents,
    sources: &[String],
) -> Result<Report, LoadError> {
    let known =
        |source: &String| store.lock().query_row("SELECT count(*) FROM loaded WHERE source = ?1", [source], |row| row.get::<_, bool>(0));
    let mut fresh = false;
    for source in sources {
        fresh |= !known(source)?;
    }
    if !fresh {
        return Ok(Report::default());
    }
    let mut db = Connection::open(database)?;
    let mut load = Load::begin(&mut db, definitions)?;
    for path in &contents.load {
        load.path(path)?;
    }
    let (report, written) = load.commit()?;
    drop(db);
    if !written.is_empty() {
        index(database, definitions, Some(written)).await?;
    }
    Ok(report)
}

/// Charts of these patients, generated on every core, in order.
fn charts(clinic: &Clinic, patients: &[u32]) -> Vec<Value> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = patients.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = patients
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().flat_map(|patient| clinic.patient(*patient)).collect::<Vec<_>>()))
            .collect();
        // A panic in the generator is a defect; carrying it on is the honest thing.
        parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// Leaves one file without a write-ahead log, fit to be copied.
fn settle(database: &Path) -> Result<(), LoadError> {
    let db = Connection::open(database)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    db.execute_batch("PRAGMA optimize;")?;
    db.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    Ok(())
}

fn key(contents: &Contents, sources: &[String]) -> String {
    let parts =
        format!("{GENERATOR_VERSION}|{LOADER_VERSION}|{}|{}|{}|{}", contents.patients, contents.seed, contents.today, sources.join("|"));
    let hash = digest(&SHA256, parts.as_bytes());
    hash.as_ref()[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}
