//! Copies of the records under a name, and the way back: an EHR restored from backup has forgotten what came later.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::{Records, RecordsError, app};

impl Records {
    /// Copies the records as they are now.
    ///
    /// # Errors
    /// [`RecordsError`] when the copy cannot be written.
    pub async fn snapshot(&self, name: &str) -> Result<(), RecordsError> {
        let _still = self.app.write().await;
        let path = self.snapshot_path(name);
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let partial = path.with_extension("partial");
        let _ = std::fs::remove_file(&partial);
        copy(&Connection::open(&self.database)?, &mut Connection::open(&partial)?)?;
        std::fs::rename(partial, path)?;
        Ok(())
    }

    /// Puts the records back as they were. The audit intake is another system and forgets nothing.
    ///
    /// # Errors
    /// [`RecordsError::NoSnapshot`], or another when the copy cannot be read.
    pub async fn restore(&self, name: &str) -> Result<(), RecordsError> {
        let path = self.snapshot_path(name);
        if !path.is_file() {
            return Err(RecordsError::NoSnapshot);
        }
        let mut running = self.app.write().await;
        copy(&Connection::open(&path)?, &mut Connection::open(&self.database)?)?;
        *running = app(&self.database, &self.definitions, &self.fhir_base)?;
        Ok(())
    }

    fn snapshot_path(&self, name: &str) -> PathBuf {
        // The name comes from a URL: only what cannot leave the directory is kept of it.
        let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        self.database.with_file_name("snapshots").join(format!("{name}.db"))
    }
}

fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    to.busy_timeout(Duration::from_secs(30))?;
    // All pages in one step: nothing may be written in between.
    Backup::new(from, to)?.run_to_completion(i32::MAX, Duration::ZERO, None)
}
