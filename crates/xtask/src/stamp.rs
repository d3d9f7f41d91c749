//! "Only when it changed": what a step last saw, kept as a note in the build directory.
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use xtask::{Failure, paths};

/// What a step depends on, as it is now; [`Stamp::keep`] after the step has succeeded.
pub struct Stamp {
    note: PathBuf,
    seen: String,
}

impl Stamp {
    /// The names, sizes and times of every file under `sources`; absent ones count as absent.
    pub fn of(step: &str, sources: &[PathBuf]) -> Result<Self, Failure> {
        let mut lines = Vec::new();
        for source in sources {
            list(source, &mut lines)?;
        }
        lines.sort();
        Ok(Self { note: paths::notes().join(format!("{step}.stamp")), seen: lines.join("\n") })
    }

    /// The whole content of one file.
    pub fn of_content(step: &str, file: &Path) -> Result<Self, Failure> {
        let seen = fs::read_to_string(file).map_err(Failure::at(file))?;
        Ok(Self { note: paths::notes().join(format!("{step}.stamp")), seen })
    }

    /// Whether the step saw exactly this the last time it succeeded.
    pub fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.note).is_ok_and(|kept| kept == self.seen)
    }

    /// Remembers it.
    pub fn keep(&self) -> Result<(), Failure> {
        fs::create_dir_all(paths::notes()).map_err(Failure::at(paths::notes()))?;
        fs::write(&self.note, &self.seen).map_err(Failure::at(&self.note))
    }
}

fn list(path: &Path, lines: &mut Vec<String>) -> Result<(), Failure> {
    let Ok(about) = fs::metadata(path) else { return Ok(()) };
    if about.is_dir() {
        for entry in fs::read_dir(path).map_err(Failure::at(path))? {
            list(&entry.map_err(Failure::at(path))?.path(), lines)?;
        }
        return Ok(());
    }
    let changed = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    lines.push(format!("{} {} {}", path.display(), about.len(), changed.as_nanos()));
    Ok(())
}
