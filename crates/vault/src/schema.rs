//! Opening the database and bringing it to the present form.
use std::fs::OpenOptions;
use std::path::Path;

use keys::{DatabaseKey, OpenKeys};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use zeroize::Zeroizing;

use crate::error::VaultError;

const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../migrations/0001.sql")),
    M::up(include_str!("../migrations/0002.sql")),
    M::up(include_str!("../migrations/0003.sql")),
    M::up(include_str!("../migrations/0004.sql")),
];

/// SQLCipher's page size, its default.
const PAGE: u64 = 4096;

/// Makes the file, readable by its owner alone, and the schema in it.
pub fn create(path: &Path, keys: &OpenKeys) -> Result<Connection, VaultError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    let key = keys.database_keys().next().ok_or(VaultError::Fault)?;
    let mut db = connect(path, &key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate(&mut db)?;
    Ok(db)
}

/// Opens a file that [`create`] finished, and says whether it is under the newest generation's key.
pub fn open(path: &Path, keys: &OpenKeys) -> Result<(Connection, bool), VaultError> {
    let (mut db, is_newest) = open_with(path, keys.database_keys(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    match version(&db)? {
        0 => Err(VaultError::Unreadable),
        found if usize::try_from(found).is_ok_and(|found| found <= MIGRATIONS.len()) => {
            migrate(&mut db)?;
            Ok((db, is_newest))
        }
        _ => Err(VaultError::Newer),
    }
}

/// Opens a file of the present form for reading alone.
pub fn open_to_read<'k>(path: &Path, keys: impl Iterator<Item = DatabaseKey<'k>>) -> Result<Connection, VaultError> {
    let (db, _) = open_with(path, keys, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.pragma_update(None, "query_only", true)?;
    match usize::try_from(version(&db)?) {
        Ok(found) if found == MIGRATIONS.len() => Ok(db),
        Ok(found) if found > MIGRATIONS.len() => Err(VaultError::Newer),
        _ => Err(VaultError::Unreadable),
    }
}

/// With the first key that fits.
fn open_with<'k>(path: &Path, keys: impl Iterator<Item = DatabaseKey<'k>>, flags: OpenFlags) -> Result<(Connection, bool), VaultError> {
    // INVARIANT: a file without a whole page is a vault that was lost, never one to begin in: SQLite would make a new database of it.
    if path.metadata()?.len() < PAGE {
        return Err(VaultError::Unreadable);
    }
    let mut why = VaultError::Unreadable;
    for (at, key) in keys.enumerate() {
        match connect(path, &key, flags) {
            Ok(db) => return Ok((db, at == 0)),
            Err(VaultError::Unreadable) => {}
            Err(other) => why = other,
        }
    }
    Err(why)
}

/// Puts the whole database under another key, in one transaction, and leaves no page under the former one.
pub fn rekey(db: &Connection, key: &DatabaseKey<'_>) -> Result<(), VaultError> {
    db.flush_prepared_statement_cache();
    give_key(db, "PRAGMA rekey", key)?;
    // What the write-ahead log still holds goes into the file, and the log is cut to nothing.
    let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy == 0 { Ok(()) } else { Err(VaultError::InUse) }
}

/// EXPOSE: SQLCipher takes its raw key in a statement; the text is wiped when the closure returns.
fn give_key(db: &Connection, pragma: &str, key: &DatabaseKey<'_>) -> Result<(), VaultError> {
    key.lend(|hex| {
        let mut statement = Zeroizing::new(String::with_capacity(2 * hex.len()));
        for piece in [pragma, " = \"x'", hex, "'\";"] {
            statement.push_str(piece);
        }
        db.execute_batch(&statement)
    })?;
    Ok(())
}

fn connect(path: &Path, key: &DatabaseKey<'_>, flags: OpenFlags) -> Result<Connection, VaultError> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // First of all: SQLite's own memory (the key's statement, decrypted pages) is wiped when freed; and SQLCipher does not
    // write to stderr what is told by an error code anyway.
    db.execute_batch("PRAGMA cipher_memory_security = ON; PRAGMA cipher_log_level = NONE;")?;
    give_key(&db, "PRAGMA key", key)?;
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
