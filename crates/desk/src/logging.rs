//! Logs without PHI: our own rooms' events only, into files that rotate daily and are kept a fortnight.
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Only rooms whose events were written with [`kernel::Phi`] in mind; libraries might print addresses and bodies.
const OURS: &str = "off,satchel=info,satchel_cli=info,desk=info,remote=info,vault=info,keys=info,sync=info";

/// Logs into the profile's `logs` folder until the guard is dropped. Panics are logged by place alone: their text may quote data.
#[must_use]
pub fn log_to(profile: &Path) -> Option<WorkerGuard> {
    let folder = profile.join("logs");
    vault::Files::new(&folder).make_folder().ok()?;
    let files =
        RollingFileAppender::builder().rotation(Rotation::DAILY).filename_prefix("satchel").filename_suffix("log").max_log_files(14);
    let (writer, guard) = tracing_appender::non_blocking(files.build(folder).ok()?);
    let subscriber = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(OURS)).with_ansi(false).with_writer(writer).finish();
    tracing::subscriber::set_global_default(subscriber).ok()?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
        tracing::error!(place, "panic");
    }));
    Some(guard)
}
