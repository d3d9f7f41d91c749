//! Opening the database and bringing it to the present form.
use std::fs::OpenOptions;
use std::path::Path;

use keys::OpenKeys;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use zeroize::Zeroizing;

use crate::error::VaultError;

const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("../migrations/0001.sql")), M::up(include_str!("../migrations/0002.sql"))];

/// SQLCipher's page size, its default.
const PAGE: u64 = 4096;

/// Makes the file, readable by its owner alone, and the schema in it.
pub fn create(path: &Path, keys: &OpenKeys) -> Result<Connection, VaultError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    let mut db = connect(path, keys)?;
    migrate(&mut db)?;
    Ok(db)
}

/// Opens a file that [`create`] finished.
pub fn open(path: &Path, keys: &OpenKeys) -> Result<Connection, VaultError> {
    // INVARIANT: a file without a whole page is a vault that was lost, never one to begin in: SQLite would make a new database of it.
    if path.metadata()?.len() < PAGE {
        return Err(VaultError::Unreadable);
    }
    let mut db = connect(path, keys)?;
    match version(&db)? {
        0 => Err(VaultError::Unreadable),
        found if usize::try_from(found).is_ok_and(|found| found <= MIGRATIONS.len()) => {
            migrate(&mut db)?;
            Ok(db)
        }
        _ => Err(VaultError::Newer),
    }
}

fn connect(path: &Path, keys: &OpenKeys) -> Result<Connection, VaultError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // First of all: SQLite's own memory (the key's statement, decrypted pages) is wiped when freed; and SQLCipher does not
    // write to stderr what is told by an error code anyway.
    db.execute_batch("PRAGMA cipher_memory_security = ON; PRAGMA cipher_log_level = NONE;")?;
    // EXPOSE: SQLCipher takes its raw key in a statement; the text is wiped when the closure returns.
    keys.with_database_key(|hex| {
        let mut statement = Zeroizing::new(String::with_capacity(2 * hex.len()));
        for piece in ["PRAGMA key = \"x'", hex, "'\";"] {
            statement.push_str(piece);
        }
        db.execute_batch(&statement)
    })?;
    // SHA-256 has hardware support where SHA-512 has not; 256 bits of MAC are enough (SQLCipher, "cipher_hmac_algorithm").
    // One connection only, so WAL's index stays in memory: no -shm file, nothing another program could share.
    db.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256; PRAGMA locking_mode = EXCLUSIVE;")?;
    // A wrong key shows at the first page read.
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    // WAL with synchronous=FULL: an acknowledged commit survives power loss. The page cache holds a large chart.
    db.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA cache_size = -65536;
         PRAGMA wal_autocheckpoint = 4000;",
    )?;
    db.load_extension_disable()?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(db)
}

fn version(db: &Connection) -> Result<i64, VaultError> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

fn migrate(db: &mut Connection) -> Result<(), VaultError> {
    Migrations::from_slice(MIGRATIONS).to_latest(db).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        _ => VaultError::Fault,
    })
}
