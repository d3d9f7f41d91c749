//! Opening the database and bringing it to the present form.
use std::path::Path;

use keys::OpenKeys;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::error::VaultError;

const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("../migrations/0001.sql"))];

/// Opens the file with the raw key. `create` only for a vault that does not exist yet.
pub fn connect(path: &Path, keys: &OpenKeys, create: bool) -> Result<Connection, VaultError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    } else if !path.exists() {
        return Err(VaultError::Missing);
    }
    let mut db = Connection::open_with_flags(path, flags)?;
    // EXPOSE: SQLCipher takes its raw key in a statement; the text is wiped when the closure returns.
    keys.with_database_key(|hex| db.execute_batch(&zeroize::Zeroizing::new(format!("PRAGMA key = \"x'{hex}'\";"))))?;
    // SHA-256 has hardware support where SHA-512 has not; 256 bits of MAC are enough (SQLCipher, "cipher_hmac_algorithm").
    db.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256;")?;
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
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    migrate(&mut db)?;
    Ok(db)
}

fn migrate(db: &mut Connection) -> Result<(), VaultError> {
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if usize::try_from(found).is_ok_and(|found| found > MIGRATIONS.len()) {
        return Err(VaultError::Newer);
    }
    Migrations::from_slice(MIGRATIONS).to_latest(db).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        _ => VaultError::Fault,
    })
}
