//! Threads of their own for what may block: callers may be inside an async runtime, and must not hang.
use std::cell::Cell;
use std::sync::mpsc;
use std::time::Duration;

use super::StoreError;

/// How long a caller waits for one answer.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `ask` on a thread of its own and waits [`PATIENCE`] for its answer.
pub fn on_own_thread<T: Send + 'static>(
    name: &'static str,
    ask: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (answer, answered) = mpsc::sync_channel(1);
    let asking = std::thread::Builder::new().name(name.into()).spawn(move || {
        // Nobody may be waiting any more; then the answer is dropped, and wiped.
        let _ = answer.send(ask());
    });
    asking.map_err(|_| StoreError::Failed)?;
    answered.recv_timeout(PATIENCE).unwrap_or(Err(StoreError::Failed))
}

/// Something that is made, used and dropped on a thread of its own.
///
/// Dropping this waits until it is dropped there. One that once did not answer in time is neither asked nor waited for again: it
/// is dropped when it has finished, if ever.
pub struct OwnThread<S> {
    jobs: Option<mpsc::Sender<Job<S>>>,
    ended: mpsc::Receiver<()>,
    patience: Duration,
    silent: Cell<bool>,
}

type Job<S> = Box<dyn FnOnce(&S) + Send>;

impl<S: 'static> OwnThread<S> {
    /// Starts the thread and waits until `make` has succeeded there.
    pub fn start(
        name: &'static str,
        patience: Duration,
        make: impl FnOnce() -> Result<S, StoreError> + Send + 'static,
    ) -> Result<Self, StoreError> {
        let (jobs, asked) = mpsc::channel::<Job<S>>();
        let (answer, answered) = mpsc::sync_channel(1);
        let (at_the_end, ended) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || match make() {
            Ok(made) => {
                let _ = answer.send(Ok(()));
                asked.iter().for_each(|job| job(&made));
                drop(made);
                let _ = at_the_end.send(());
            }
            Err(error) => {
                let _ = answer.send(Err(error));
            }
        });
        thread.map_err(|_| StoreError::Failed)?;
        answered.recv_timeout(patience).unwrap_or(Err(StoreError::Failed))?;
        Ok(Self { jobs: Some(jobs), ended, patience, silent: Cell::new(false) })
    }

    /// What `work` answers; `None` if it does not do so in time, and then its answer is dropped whenever it comes.
    pub fn ask<T: Send + 'static>(&self, work: impl FnOnce(&S) -> T + Send + 'static) -> Option<T> {
        if self.silent.get() {
            return None;
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let job = Box::new(move |made: &S| {
            let _ = answer.send(work(made));
        });
        let told = self.jobs.as_ref()?.send(job).ok().and_then(|()| answered.recv_timeout(self.patience).ok());
        self.silent.set(told.is_none());
        told
    }

    /// Whether it once did not answer.
    pub fn is_silent(&self) -> bool {
        self.silent.get()
    }
}

impl<S> Drop for OwnThread<S> {
    fn drop(&mut self) {
        self.jobs = None;
        if !self.silent.get() {
            let _ = self.ended.recv_timeout(self.patience);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    struct TellsItsEnd(mpsc::Sender<()>);

    impl Drop for TellsItsEnd {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }

    #[test]
    fn a_silent_one_keeps_nobody_waiting_and_is_dropped_when_it_ends() {
        let (end, ended) = mpsc::channel();
        let patience = Duration::from_millis(100);
        let thread = OwnThread::start("test", patience, move || Ok(TellsItsEnd(end))).unwrap();
        assert_eq!(thread.ask(|_| 7), Some(7));

        let (go_on, wait) = mpsc::channel::<()>();
        assert_eq!(thread.ask(move |_| wait.recv().is_ok()), None);
        assert_eq!(thread.ask(|_| 7), None, "not asked again");
        drop(thread);
        assert!(ended.try_recv().is_err(), "still at work");
        go_on.send(()).unwrap();
        assert_eq!(ended.recv_timeout(Duration::from_secs(5)), Ok(()));
    }

    #[test]
    fn one_that_answers_is_dropped_before_its_owner_goes_on() {
        let (end, ended) = mpsc::channel();
        drop(OwnThread::start("test", PATIENCE, move || Ok(TellsItsEnd(end))).unwrap());
        assert_eq!(ended.try_recv(), Ok(()));
    }

    #[test]
    fn what_is_not_made_is_not_asked() {
        let refused = OwnThread::<()>::start("test", PATIENCE, || Err(StoreError::TokenAbsent));
        assert_eq!(refused.err(), Some(StoreError::TokenAbsent));
        let patience = Duration::from_millis(50);
        let hanging = OwnThread::<()>::start("test", patience, || {
            std::thread::sleep(Duration::from_millis(500));
            Ok(())
        });
        assert_eq!(hanging.err(), Some(StoreError::Failed));
    }
}
