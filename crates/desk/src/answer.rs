//! How a command's result leaves the core: a view, or a code with the id that finds its log line and audit entry.
use std::cell::Cell;

use kernel::{CorrelationId, ErrorCode};

use crate::problem::Problem;
use crate::view::CommandError;

thread_local! {
    static CURRENT: Cell<Option<CorrelationId>> = const { Cell::new(None) };
}

/// Runs a use-case under one correlation id: its audit entries, its log line and its error carry the same.
///
/// # Errors
/// The use-case's, as the window gets it.
pub fn correlated<R>(work: impl FnOnce() -> Result<R, Problem>) -> Result<R, CommandError> {
    let id = CorrelationId::random();
    CURRENT.set(Some(id));
    let done = work();
    CURRENT.set(None);
    done.map_err(|problem| failed(problem, id))
}

/// The result of a use-case that waits for the network.
///
/// # Errors
/// The use-case's, as the window gets it.
pub fn settled<R>(done: Result<R, Problem>) -> Result<R, CommandError> {
    done.map_err(|problem| failed(problem, CorrelationId::random()))
}

/// The result of a use-case run on another thread.
///
/// # Errors
/// The use-case's; [`ErrorCode::Internal`] if it panicked.
pub fn answer<R, E>(joined: Result<Result<R, CommandError>, E>) -> Result<R, CommandError> {
    joined.unwrap_or_else(|_| Err(failed(ErrorCode::Internal.into(), CorrelationId::random())))
}

/// The id of the command at hand, or a fresh one for work of the core's own.
pub(crate) fn correlation() -> CorrelationId {
    CURRENT.get().unwrap_or_else(CorrelationId::random)
}

fn failed(problem: Problem, id: CorrelationId) -> CommandError {
    tracing::warn!(code = problem.code().as_str(), correlation = %id, "command failed");
    problem.shown(id)
}
