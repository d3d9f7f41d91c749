//! Between the ceremony, which waits, and the person, who answers through another command.
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use factor::{Cancel, Pin, Prompt, Statement};
use kernel::ErrorCode;
use zeroize::Zeroizing;

use crate::host::Host;
use crate::problem::Problem;
use crate::view::{SecurityKeyPrompt, SecurityKeyStep, StatementLine};

/// How often a waiting ceremony looks whether it was given up.
const PULSE: Duration = Duration::from_millis(100);
/// A PIN that is not typed within a minute is not typed.
const PULSES: u32 = 600;

/// What whoever shows the desk answers when asked for a PIN or for another key.
pub enum TypedPin {
    /// Later, by [`answer_security_key`].
    Later,
    /// This PIN; for another key, that it is in.
    Now(Zeroizing<String>),
    /// Nobody will.
    Declined,
}

/// The ceremony under way, one at a time.
#[derive(Default)]
pub(crate) struct Pad(Mutex<Option<Waiting>>);

struct Waiting {
    /// Tells it from the one before: a ceremony that ends leaves its successor alone.
    number: u64,
    cancel: Cancel,
    answers: SyncSender<Option<Pin>>,
}

/// Answers what a ceremony waits for: the PIN, or, without one, that the new key is in.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] if nothing waits.
pub fn answer_security_key(host: &Host, pin: Option<Zeroizing<String>>) -> Result<(), Problem> {
    let waiting = host.pad.waiting();
    let sent = waiting.as_ref().is_some_and(|waiting| waiting.answers.try_send(pin.map(Pin::new)).is_ok());
    if sent { Ok(()) } else { Err(ErrorCode::InvalidRequest.into()) }
}

/// Gives the ceremony under way up, if there is one.
pub fn cancel_security_key(host: &Host) {
    host.pad.cancel();
}

impl Pad {
    /// Gives the ceremony under way up.
    pub fn cancel(&self) {
        if let Some(waiting) = &*self.waiting() {
            waiting.cancel.cancel();
        }
    }

    /// Begins a ceremony. One that is under way is given up: a window that was loaded anew asks anew.
    fn begin(&self) -> (u64, Cancel, Receiver<Option<Pin>>) {
        let (answers, heard) = sync_channel(1);
        let cancel = Cancel::default();
        let mut waiting = self.waiting();
        let number = waiting.as_ref().map_or(0, |former| former.number.wrapping_add(1));
        if let Some(former) = waiting.replace(Waiting { number, cancel: cancel.clone(), answers }) {
            former.cancel.cancel();
        }
        (number, cancel, heard)
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Option<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the person, through whoever shows the desk. Dropped, nothing is asked any more.
pub(super) struct Asking<'a> {
    host: &'a Host,
    statement: &'a Statement,
    number: u64,
    cancel: Cancel,
    state: Mutex<State>,
}

struct State {
    heard: Receiver<Option<Pin>>,
    wrong: bool,
    silent: bool,
}

impl<'a> Asking<'a> {
    pub fn begin(host: &'a Host, statement: &'a Statement) -> Self {
        let (number, cancel, heard) = host.pad.begin();
        Self { host, statement, number, cancel, state: Mutex::new(State { heard, wrong: false, silent: false }) }
    }

    pub const fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The PIN just typed was wrong; the next question says so.
    pub fn was_wrong(&self) {
        self.state().wrong = true;
    }

    /// Whether a question went unanswered for too long.
    pub fn fell_silent(&self) -> bool {
        self.state().silent
    }

    /// Waits until the new key is said to be in; whether it is.
    pub fn insert(&self) -> bool {
        self.ask(SecurityKeyStep::Insert).is_some()
    }

    fn ask(&self, step: SecurityKeyStep) -> Option<Option<Pin>> {
        let prompt = self.prompt(step);
        match self.host.notices.security_key_pin(&prompt) {
            TypedPin::Now(pin) => return Some(Some(Pin::new(pin))),
            TypedPin::Declined => return None,
            TypedPin::Later => {}
        }
        let mut state = self.state();
        // What was answered to an earlier question is no answer to this one.
        while state.heard.try_recv().is_ok() {}
        self.host.notices.security_key(Some(&prompt));
        for _ in 0..PULSES {
            match state.heard.recv_timeout(PULSE) {
                Ok(answer) => return Some(answer),
                Err(RecvTimeoutError::Timeout) if !self.cancel.is_cancelled() => {}
                Err(_) => return None,
            }
        }
        state.silent = true;
        None
    }

    fn prompt(&self, step: SecurityKeyStep) -> SecurityKeyPrompt {
        // EXPOSE: shown to its signer, so that what is signed is what is shown.
        let line = |line: &factor::Line| StatementLine { label: line.label.clone(), value: line.value.expose().clone() };
        SecurityKeyPrompt { act: self.statement.act().as_str().to_owned(), lines: self.statement.lines().iter().map(line).collect(), step }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Prompt for Asking<'_> {
    fn pin(&self, tries_left: u8) -> Option<Pin> {
        let wrong = self.state().wrong;
        self.ask(SecurityKeyStep::Pin { tries_left, wrong })?
    }

    fn touch(&self) {
        self.host.notices.security_key(Some(&self.prompt(SecurityKeyStep::Touch)));
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut waiting = self.host.pad.waiting();
        // What a later ceremony shows stays.
        if waiting.take_if(|waiting| waiting.number == self.number).is_some() {
            drop(waiting);
            self.host.notices.security_key(None);
        }
    }
}
