//! Waiting for something to come true.
use std::time::{Duration, Instant};

use tokio::time::sleep;

/// What a window or a started program gets on a loaded machine before the journey calls it stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer. `None` after a minute without one.
pub async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    until_within(PATIENCE, &mut ask).await
}

/// As [`until`], with another patience.
pub(crate) async fn until_within<T>(patience: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return Some(answer);
        }
        if started.elapsed() > patience {
            return None;
        }
        sleep(POLL).await;
    }
}
