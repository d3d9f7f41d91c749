//! What the developer commands and the journeys share: where things lie, and how the practice EHR is started.
pub mod child;
pub mod paths;
pub mod practice;

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// What ended a developer command, in words for the developer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A program could not be started, mostly because it is not installed.
    #[error("could not start {program}: {source}")]
    Start {
        /// The program's name.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A program ended with an error.
    #[error("{command} failed ({status})")]
    Command {
        /// The command line.
        command: String,
        /// Its exit status.
        status: std::process::ExitStatus,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Something the developer has to do.
    #[error("{0}")]
    Advice(String),
}

impl Failure {
    /// For `map_err` on an operation on `path`.
    pub fn at(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::File { path, source }
    }

    /// Something the developer has to do, from anything printable.
    pub fn advice(text: impl fmt::Display) -> Self {
        Self::Advice(text.to_string())
    }
}
