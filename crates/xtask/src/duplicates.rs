//! Libraries that the lockfile holds in more than one version: each costs build time and review.
use std::fs;

use xtask::{Failure, paths};

use crate::shell;

/// Writes `cargo tree --duplicates` beside the build and answers how many there are.
pub fn report() -> Result<String, Failure> {
    let mut ask = shell::cargo(&["tree", "--workspace", "--duplicates", "--depth", "0", "--prefix", "none"]);
    let said = ask.output().map_err(|source| shell::cannot_start(&ask, source))?;
    if !said.status.success() {
        return Err(Failure::Command { command: "cargo tree".to_owned(), status: said.status });
    }
    let listed = String::from_utf8_lossy(&said.stdout);
    let note = paths::notes().join("duplicates.txt");
    fs::create_dir_all(paths::notes()).map_err(Failure::at(paths::notes()))?;
    fs::write(&note, listed.as_bytes()).map_err(Failure::at(&note))?;
    Ok(format!("{} libraries ({})", names(&listed), note.display()))
}

fn names(listed: &str) -> usize {
    let mut names: Vec<&str> = listed.lines().filter_map(|line| line.split_once(' ').map(|(name, _)| name)).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_a_library_once_however_many_versions_it_has() {
        assert_eq!(names("base64 v0.21.7\nbase64 v0.22.1\n\nsyn v1.0.109\nsyn v2.0.1\n"), 2);
    }
}
