//! Synchronisation, until there is nothing left to do.
use std::time::Duration;

use clap::Args;
use desk::view::{Connection, SyncView, Waiting};
use kernel::ErrorCode;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

const POLL: Duration = Duration::from_millis(250);
/// Between two steps of a round nothing runs for a moment; a round that is over stays so.
const SETTLED_MS: u64 = 1_500;

/// Fetch what changed and send what waits, until both are done.
///
/// Progress goes to stderr. A run that is cut short, by --timeout or the idle limit, is taken up by the next one where it ended.
#[derive(Args)]
pub struct Sync {
    /// Seconds it may take. The idle limit (15 minutes, or --idle-seconds) ends it too.
    #[arg(long, value_name = "SECONDS", default_value_t = 840)]
    timeout: u64,
}

impl Sync {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, .. } = terminal.unlock_online()?;
        let now = || desk.host().now().boot;
        let until = now().plus_seconds(self.timeout);
        let mut quiet_since = now();
        let mut told = String::new();
        let mut view = desk.ask(desk::sync_now)?;
        loop {
            let line = show::progress(&view);
            if line != told {
                terminal.progress(&view, |_| line.clone());
                told = line;
            }
            if is_busy(&view) {
                quiet_since = now();
            }
            let ended = outcome(&view, now().since(quiet_since) >= SETTLED_MS);
            let ended = ended.or_else(|| (now() >= until).then_some(Err(ErrorCode::SyncRunning)));
            if let Some(ended) = ended {
                terminal.answer(&view, show::sync)?;
                return ended.map_err(Failure::named);
            }
            std::thread::sleep(POLL);
            view = desk.ask(|host| desk::sync_status(host))?;
        }
    }
}

/// Something is being fetched or sent, or is about to be.
fn is_busy(view: &SyncView) -> bool {
    let Waiting { local_only, sending, .. } = view.waiting;
    view.running || local_only + sending > 0
}

/// How the run ended, once it has. `settled`: nothing was going on for a while.
fn outcome(view: &SyncView, settled: bool) -> Option<Result<(), ErrorCode>> {
    match view.connection {
        Connection::Offline => Some(Err(ErrorCode::EhrUnreachable)),
        Connection::SignInNeeded => Some(Err(ErrorCode::SignInNeeded)),
        // Neither tried nor refused yet, unless the vault itself stopped it.
        Connection::Unknown => view.last_error.map(Err),
        Connection::Online if !settled || is_busy(view) => None,
        Connection::Online => Some(match view.last_error {
            Some(code) => Err(code),
            None if view.waiting.rejected + view.waiting.conflict > 0 => Err(ErrorCode::EhrRefused),
            None => Ok(()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(connection: Connection, running: bool, waiting: Waiting, last_error: Option<ErrorCode>) -> SyncView {
        SyncView {
            connection,
            offline_since: None,
            running,
            charts_ready: 0,
            charts_total: 0,
            records_received: 0,
            tier: None,
            last_success: None,
            last_error,
            missing: Vec::new(),
            waiting,
        }
    }

    #[test]
    fn it_is_over_when_nothing_runs_and_nothing_waits() {
        let nothing = Waiting::default();
        let one_to_send = Waiting { local_only: 1, ..nothing };
        assert_eq!(outcome(&view(Connection::Unknown, false, nothing, None), true), None, "not begun");
        assert_eq!(outcome(&view(Connection::Online, true, nothing, None), true), None, "fetching");
        assert_eq!(outcome(&view(Connection::Online, false, nothing, None), false), None, "between two steps");
        assert_eq!(outcome(&view(Connection::Online, false, one_to_send, None), true), None, "to be sent");
        assert_eq!(outcome(&view(Connection::Online, false, nothing, None), true), Some(Ok(())));
    }

    #[test]
    fn what_keeps_it_from_ending_well_is_said() {
        let nothing = Waiting::default();
        let end = |connection, waiting, error| outcome(&view(connection, false, waiting, error), true);
        assert_eq!(end(Connection::Offline, nothing, None), Some(Err(ErrorCode::EhrUnreachable)));
        assert_eq!(end(Connection::SignInNeeded, nothing, None), Some(Err(ErrorCode::SignInNeeded)));
        assert_eq!(end(Connection::Unknown, nothing, Some(ErrorCode::DiskFull)), Some(Err(ErrorCode::DiskFull)));
        assert_eq!(end(Connection::Online, nothing, Some(ErrorCode::EhrBadAnswer)), Some(Err(ErrorCode::EhrBadAnswer)));
        for stuck in [Waiting { rejected: 1, ..nothing }, Waiting { conflict: 1, ..nothing }] {
            assert_eq!(end(Connection::Online, stuck, None), Some(Err(ErrorCode::EhrRefused)));
        }
    }
}
