//! Synchronisation, until there is nothing left to do.
use std::time::Duration;

use chrono::DateTime;
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
        let (begun, until) = (desk.host().now().wall.timestamp(), now().plus_seconds(self.timeout));
        let mut view = desk.ask(desk::sync_now)?;
        let mut quiet_since = now();
        let mut told = String::new();
        loop {
            let line = show::progress(&view);
            if line != told {
                terminal.progress(&view, |_| line.clone());
                told = line;
            }
            if is_busy(&view) {
                quiet_since = now();
            }
            let settled = now().since(quiet_since) >= SETTLED_MS;
            let ended = outcome(&view, settled, begun).or_else(|| (now() >= until).then_some(Err(ErrorCode::SyncRunning)));
            if let Some(ended) = ended {
                terminal.answer(&view, show::sync)?;
                return ended.map_err(Failure::named);
            }
            if settled {
                // Quiet, but not current: the round that ended was one cut off before, or a token is being renewed.
                quiet_since = now();
                desk.ask(desk::sync_now)?;
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

/// How the run that began at `begun` (seconds since 1970) ended, once it has. `settled`: nothing was going on for a while.
///
/// INVARIANT: it ended well only if a round that began since did: quiet alone may be a token being renewed.
fn outcome(view: &SyncView, settled: bool, begun: i64) -> Option<Result<(), ErrorCode>> {
    match view.connection {
        Connection::Offline => Some(Err(ErrorCode::EhrUnreachable)),
        Connection::SignInNeeded => Some(Err(ErrorCode::SignInNeeded)),
        // Neither tried nor refused yet, unless the vault itself stopped it.
        Connection::Unknown => view.last_error.map(Err),
        Connection::Online if !settled || is_busy(view) => None,
        Connection::Online => match view.last_error {
            Some(code) => Some(Err(code)),
            // Nothing is taken in; what waited is sent.
            None if view.quarantine.is_some() => Some(Err(ErrorCode::AuditBroken)),
            None if !is_current(view, begun) => None,
            None if view.waiting.rejected + view.waiting.conflict > 0 => Some(Err(ErrorCode::EhrRefused)),
            None => Some(Ok(())),
        },
    }
}

fn is_current(view: &SyncView, begun: i64) -> bool {
    let success = view.last_success.as_deref().and_then(|success| DateTime::parse_from_rfc3339(success).ok());
    success.is_some_and(|success| success.timestamp() >= begun)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T10:28:50Z.
    const BEGUN: i64 = 1_795_343_330;

    fn view(connection: Connection, running: bool, waiting: Waiting, last_error: Option<ErrorCode>) -> SyncView {
        SyncView {
            connection,
            offline_since: None,
            running,
            charts_ready: 0,
            charts_total: 0,
            records_received: 0,
            tier: None,
            last_success: Some("2026-11-22T10:28:53Z".to_owned()),
            last_error,
            missing: Vec::new(),
            waiting,
            reviews: None,
            quarantine: None,
        }
    }

    #[test]
    fn it_is_over_when_nothing_runs_and_nothing_waits() {
        let nothing = Waiting::default();
        let one_to_send = Waiting { local_only: 1, ..nothing };
        let outcome = |connection, running, waiting, settled| outcome(&view(connection, running, waiting, None), settled, BEGUN);
        assert_eq!(outcome(Connection::Unknown, false, nothing, true), None, "not begun");
        assert_eq!(outcome(Connection::Online, true, nothing, true), None, "fetching");
        assert_eq!(outcome(Connection::Online, false, nothing, false), None, "between two steps");
        assert_eq!(outcome(Connection::Online, false, one_to_send, true), None, "to be sent");
        assert_eq!(outcome(Connection::Online, false, nothing, true), Some(Ok(())));
    }

    #[test]
    fn quiet_without_a_round_that_ended_well_is_not_the_end() {
        let end = |last_success: Option<&str>| {
            let quiet = view(Connection::Online, false, Waiting::default(), None);
            outcome(&SyncView { last_success: last_success.map(str::to_owned), ..quiet }, true, BEGUN)
        };
        assert_eq!(end(None), None);
        assert_eq!(end(Some("2026-11-22T10:28:49Z")), None, "a round that began before");
        assert_eq!(end(Some("2026-11-22T10:28:50Z")), Some(Ok(())), "in the same second");
    }

    #[test]
    fn what_keeps_it_from_ending_well_is_said() {
        let nothing = Waiting::default();
        let end = |connection, waiting, error| outcome(&view(connection, false, waiting, error), true, BEGUN);
        assert_eq!(end(Connection::Offline, nothing, None), Some(Err(ErrorCode::EhrUnreachable)));
        assert_eq!(end(Connection::SignInNeeded, nothing, None), Some(Err(ErrorCode::SignInNeeded)));
        assert_eq!(end(Connection::Unknown, nothing, Some(ErrorCode::DiskFull)), Some(Err(ErrorCode::DiskFull)));
        assert_eq!(end(Connection::Online, nothing, Some(ErrorCode::EhrBadAnswer)), Some(Err(ErrorCode::EhrBadAnswer)));
        for stuck in [Waiting { rejected: 1, ..nothing }, Waiting { conflict: 1, ..nothing }] {
            assert_eq!(end(Connection::Online, stuck, None), Some(Err(ErrorCode::EhrRefused)));
        }
    }
}
