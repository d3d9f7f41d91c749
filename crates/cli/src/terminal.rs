//! Where a command runs: its profile, its form of answer.
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use desk::{Host, Options, PolicyFound, SecurityKeys};
use kernel::{ErrorCode, SystemClock};
use serde::Serialize;

use crate::answers;
use crate::arguments::Common;
use crate::failure::Failure;
use crate::notices;
use crate::opened::Opened;
use crate::page::Page;

/// What every command gets.
pub struct Terminal {
    options: Options,
    json: bool,
    passphrase_stdin: bool,
    user: Option<String>,
    answers: File,
}

impl Terminal {
    /// From the options every command shares.
    ///
    /// # Errors
    /// [`Failure::Usage`] if there is no profile folder; [`Failure::Output`].
    pub fn new(common: Common) -> Result<Self, Failure> {
        let Common { profile, json, passphrase_stdin, user, idle_seconds, ca } = common;
        let profile = profile.or_else(desk::default_profile).ok_or(Failure::Usage("no profile: name a folder with --profile"))?;
        let options = Options {
            profile,
            suggested_ehr: None,
            further_root: ca,
            idle_seconds,
            token_module: None,
            token_label: None,
            policy: PolicyFound::on_this_machine(),
        };
        Ok(Self { options, json, passphrase_stdin, user, answers: answers::set_apart()? })
    }

    /// Whether answers are JSON.
    pub const fn json(&self) -> bool {
        self.json
    }

    /// How this run was started.
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// The profile's folder.
    pub fn profile(&self) -> &Path {
        &self.options.profile
    }

    /// The user named for unlocking.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Whether the passphrase stands on standard input's first line.
    pub const fn passphrase_stdin(&self) -> bool {
        self.passphrase_stdin
    }

    /// Starts on a profile that is there; a mistyped one is not made.
    ///
    /// # Errors
    /// [`ErrorCode::NotEnrolled`] without one.
    pub fn start(&self) -> Result<Opened, Failure> {
        if self.profile().is_dir() { self.start_or_make() } else { Err(Failure::named(ErrorCode::NotEnrolled)) }
    }

    /// Starts on a profile, made if it is not there.
    ///
    /// # Errors
    /// The core's.
    pub fn start_or_make(&self) -> Result<Opened, Failure> {
        self.start_as(self.options.clone())
    }

    /// The same, started otherwise.
    ///
    /// # Errors
    /// The core's.
    pub fn start_as(&self, options: Options) -> Result<Opened, Failure> {
        let log = desk::log_to(self.profile());
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "start");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let started = Host::start(
            options,
            Host::os_keyring(),
            SecurityKeys::of_this_machine(),
            Arc::new(SystemClock),
            Arc::new(notices::Terminal),
            runtime.handle().clone(),
        );
        let host = desk::settled(started)?;
        Ok(Opened::new(host, runtime, Box::new(log)))
    }

    /// Where answers go, for one that is given piece by piece; flushed by whoever is done.
    pub fn output(&self) -> impl Write + '_ {
        BufWriter::new(&self.answers)
    }

    /// Gives the answer: the view as one line of JSON, or a page for a person.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn answer<T: Serialize>(&self, view: &T, page: impl FnOnce(&T, &mut Page)) -> Result<(), Failure> {
        let mut out = self.output();
        if self.json {
            serde_json::to_writer(&mut out, view).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            let mut written = Page::default();
            page(view, &mut written);
            out.write_all(written.as_str().as_bytes())?;
        }
        Ok(out.flush()?)
    }

    /// Says how it goes, on stderr: the view as one line of JSON, or one line for a person.
    pub fn progress<T: Serialize>(&self, view: &T, line: impl FnOnce(&T) -> String) {
        let text = if self.json { serde_json::to_string(view).unwrap_or_default() } else { line(view) };
        let _ = writeln!(io::stderr(), "{text}");
    }
}
