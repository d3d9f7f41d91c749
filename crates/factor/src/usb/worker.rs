//! A device on a thread of its own, for its calls block without a limit.
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::authenticator::{AuthenticatorError, Cancel};

/// How often a wait looks whether somebody gave up.
const TICK: Duration = Duration::from_millis(50);

/// What can be told to stop while it is busy.
pub trait Abort: Send + Sync + 'static {
    /// Tells it. May block for as long as the device does.
    fn abort(&self);
}

/// A device and the threads that speak to it.
pub struct Worker<D>(Arc<D>);

impl<D: Abort> Worker<D> {
    /// Opens the device, within `limit`.
    pub fn start(
        open: impl FnOnce() -> Result<D, AuthenticatorError> + Send + 'static,
        limit: Duration,
        cancel: &Cancel,
    ) -> Result<Self, AuthenticatorError> {
        wait(&spawn(open)?, limit, cancel).map(Arc::new).map(Self)
    }

    /// Runs `work` on the device. When time is up, or somebody gives up, the device is told to stop and the call returns at once.
    pub fn run<T: Send + 'static>(
        &self,
        limit: Duration,
        cancel: &Cancel,
        work: impl FnOnce(&D) -> Result<T, AuthenticatorError> + Send + 'static,
    ) -> Result<T, AuthenticatorError> {
        let device = Arc::clone(&self.0);
        let result = wait(&spawn(move || work(&device))?, limit, cancel);
        if matches!(result, Err(AuthenticatorError::TimedOut | AuthenticatorError::Cancelled)) {
            let device = Arc::clone(&self.0);
            // If there is no thread to be had, the device gives up by itself.
            let _ = thread::Builder::new().name("security-key-stop".into()).spawn(move || device.abort());
        }
        result
    }
}

type Answer<T> = Receiver<Result<T, AuthenticatorError>>;

fn spawn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthenticatorError> + Send + 'static,
) -> Result<Answer<T>, AuthenticatorError> {
    let (answer, answered) = channel();
    let run = move || {
        // Whoever waited may have gone.
        let _ = answer.send(work());
    };
    thread::Builder::new().name("security-key".into()).spawn(run).map(|_| answered).map_err(|_| AuthenticatorError::Failed)
}

/// INVARIANT: a thread that dies (the library panics where a device's bytes surprise it) drops its end of the channel, which is
/// [`AuthenticatorError::Failed`].
fn wait<T>(answered: &Answer<T>, limit: Duration, cancel: &Cancel) -> Result<T, AuthenticatorError> {
    let end = Instant::now() + limit;
    while !cancel.is_cancelled() {
        match answered.recv_timeout(TICK) {
            Ok(answer) => return answer,
            Err(RecvTimeoutError::Disconnected) => return Err(AuthenticatorError::Failed),
            Err(RecvTimeoutError::Timeout) if Instant::now() >= end => return Err(AuthenticatorError::TimedOut),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    Err(AuthenticatorError::Cancelled)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::sync::mpsc::{Sender, sync_channel};
    use std::sync::{Mutex, mpsc};

    use super::*;

    /// A device that answers when it is told to stop, and never before.
    struct Stuck(Mutex<Option<Sender<()>>>, Mutex<Receiver<()>>);

    impl Stuck {
        fn new() -> Self {
            let (stop, stopped) = mpsc::channel();
            Self(Mutex::new(Some(stop)), Mutex::new(stopped))
        }
    }

    impl Abort for Stuck {
        fn abort(&self) {
            self.0.lock().unwrap().take();
        }
    }

    fn started() -> Worker<Stuck> {
        Worker::start(|| Ok(Stuck::new()), Duration::from_secs(5), &Cancel::default()).unwrap_or_else(|_| panic!())
    }

    fn stuck(stopped: mpsc::SyncSender<()>) -> impl FnOnce(&Stuck) -> Result<(), AuthenticatorError> + Send {
        move |device| {
            let _ = device.1.lock().unwrap().recv();
            stopped.send(()).unwrap();
            Ok(())
        }
    }

    #[test]
    fn a_stuck_device_is_given_up_and_told_to_stop() {
        let (stopped, heard) = sync_channel(1);
        let result = started().run(Duration::from_millis(120), &Cancel::default(), stuck(stopped));
        assert_eq!(result, Err(AuthenticatorError::TimedOut));
        heard.recv_timeout(Duration::from_secs(5)).unwrap();
    }

    #[test]
    fn giving_up_ends_the_wait_and_tells_the_device() {
        let (cancel, (stopped, heard)) = (Cancel::default(), sync_channel(1));
        let theirs = cancel.clone();
        let other = thread::spawn(move || started().run(Duration::from_secs(60), &theirs, stuck(stopped)));
        cancel.cancel();
        assert_eq!(other.join().unwrap(), Err(AuthenticatorError::Cancelled));
        heard.recv_timeout(Duration::from_secs(5)).unwrap();
    }

    #[test]
    fn a_panic_is_a_failure_and_no_more() {
        let worker = started();
        let result: Result<(), _> = worker.run(Duration::from_secs(5), &Cancel::default(), |_| panic!("as the library may"));
        assert_eq!(result, Err(AuthenticatorError::Failed));
        assert_eq!(worker.run(Duration::from_secs(5), &Cancel::default(), |_| Ok(7)), Ok(7));
    }

    #[test]
    fn what_does_not_open_says_why() {
        let refused = Worker::<Stuck>::start(|| Err(AuthenticatorError::NoDevice), Duration::from_secs(5), &Cancel::default());
        assert_eq!(refused.err(), Some(AuthenticatorError::NoDevice));
    }
}
