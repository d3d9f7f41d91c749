//! A desk in use by one command, and its end.
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use desk::view::{DeskView, Stage, TokenView};
use desk::{Host, Passphrase, Problem, parse};
use kernel::ErrorCode;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::stdin;
use crate::terminal::Terminal;

/// What a task that is being stopped gets to finish its commit.
const GRACE: Duration = Duration::from_secs(5);

/// The running core. Dropping it locks the desk, whichever way the command ended.
pub struct Opened {
    host: Arc<Host>,
    runtime: Option<Runtime>,
    /// Of the token that keeps the secret; given to the core before each command that asks for it.
    pin: Option<Zeroizing<String>>,
    _log: Box<dyn Any>,
}

/// A desk just unlocked.
pub struct Unlocked {
    /// The desk.
    pub desk: Opened,
    /// As it opened.
    pub view: DeskView,
    /// For what asks for it again.
    pub passphrase: Zeroizing<String>,
}

impl Terminal {
    /// Unlocks the desk for work on what is here; nothing goes over the network.
    ///
    /// # Errors
    /// The core's; [`Failure::Usage`] without a passphrase or with several clinicians to choose from.
    pub fn unlock(&self) -> Result<Unlocked, Failure> {
        let unlocked = self.unlock_online()?;
        unlocked.desk.ask(|host| desk::cancel_sync(host))?;
        Ok(unlocked)
    }

    /// Unlocks the desk with synchronisation running.
    ///
    /// # Errors
    /// As [`Terminal::unlock`].
    pub fn unlock_online(&self) -> Result<Unlocked, Failure> {
        let mut desk = self.start()?;
        let (user, token) = match desk.ask(|host| desk::stage(host))? {
            Stage::Locked { users, token, .. } => match (self.user(), users.as_slice()) {
                (Some(user), _) => (user.to_owned(), token),
                (None, [only]) => (only.user.clone(), token),
                (None, _) => return Err(Failure::Usage("several clinicians are enrolled here: name one with --user")),
            },
            Stage::FirstRun { .. } => return Err(Failure::named(ErrorCode::NotEnrolled)),
            Stage::Open { .. } => return Err(Failure::named(ErrorCode::Internal)),
        };
        let passphrase = stdin::passphrase("Passphrase", self.passphrase_stdin())?;
        desk.ask_pin(self, token.as_ref())?;
        let view = desk.ask_with_pin(|host| desk::unlock(host, &parse::user(&user)?, &Passphrase::new(passphrase.as_str())))?;
        let view = desk.as_opened(view)?;
        Ok(Unlocked { desk, view, passphrase })
    }
}

impl Opened {
    /// Takes the running core over.
    pub fn new(host: Arc<Host>, runtime: Runtime, log: Box<dyn Any>) -> Self {
        Self { host, runtime: Some(runtime), pin: None, _log: log }
    }

    /// Asks for the token's PIN, where there is a token.
    ///
    /// # Errors
    /// [`Failure::Usage`] without one.
    pub fn ask_pin(&mut self, terminal: &Terminal, token: Option<&TokenView>) -> Result<(), Failure> {
        self.pin = token.map(|token| stdin::pin(token, terminal.passphrase_stdin())).transpose()?;
        Ok(())
    }

    /// The core.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The desk as a terminal shows it: with sync as it stands since it opened, and without what the window keeps for itself, which
    /// may name patients and which nobody asked for here.
    ///
    /// # Errors
    /// [`ErrorCode::Locked`].
    pub fn as_opened(&self, view: DeskView) -> Result<DeskView, Failure> {
        Ok(DeskView { memory: None, sync: self.ask(|host| desk::sync_status(host))?, ..view })
    }

    /// Runs a use-case.
    ///
    /// # Errors
    /// The use-case's.
    pub fn ask<R>(&self, work: impl FnOnce(&Arc<Host>) -> Result<R, Problem>) -> Result<R, Failure> {
        Ok(desk::correlated(|| work(&self.host))?)
    }

    /// A new passphrase, as long as is asked here; whoever types it types it twice. The core judges it.
    ///
    /// # Errors
    /// [`Failure::Usage`] if there is none, or the two differ.
    pub fn new_passphrase(&self, prompt: &str, terminal: &Terminal) -> Result<Zeroizing<String>, Failure> {
        let chars = desk::settings(&self.host).min_passphrase_chars;
        let passphrase = stdin::passphrase(&format!("{prompt} ({chars} characters at least)"), terminal.passphrase_stdin())?;
        if stdin::is_typed() && *stdin::passphrase("Once more", false)? != *passphrase {
            return Err(Failure::Usage("the two passphrases differ"));
        }
        Ok(passphrase)
    }

    /// Runs a use-case that proves anew who is working, or takes keys of the token.
    ///
    /// # Errors
    /// The use-case's.
    pub fn ask_with_pin<R>(&self, work: impl FnOnce(&Arc<Host>) -> Result<R, Problem>) -> Result<R, Failure> {
        if let Some(pin) = &self.pin {
            desk::token_pin(&self.host, pin.to_string());
        }
        self.ask(work)
    }

    /// Waits for the rotation under way to end, and says how far it has come.
    ///
    /// # Errors
    /// The core's.
    pub fn until_rotated(&self, terminal: &Terminal) -> Result<(), Failure> {
        loop {
            let Some(rotation) = self.ask(|host| desk::key_status(host))?.rotation else { return Ok(()) };
            if rotation.paused {
                // It stopped by a fault: the log says which, and the next unlock goes on from here.
                return Err(Failure::named(ErrorCode::Internal));
            }
            terminal.progress(&rotation, |rotation| format!("{} of {} charts under the new keys", rotation.done, rotation.of));
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    /// Runs a use-case that waits for the network.
    ///
    /// # Errors
    /// The use-case's.
    pub fn wait<R>(&self, work: impl AsyncFnOnce(&Arc<Host>) -> Result<R, Problem>) -> Result<R, Failure> {
        let Some(runtime) = &self.runtime else { return Err(Failure::named(ErrorCode::Internal)) };
        Ok(desk::settled(runtime.block_on(work(&self.host)))?)
    }

    /// Runs a sign-in, which a person finishes in the browser, for so long at most.
    ///
    /// # Errors
    /// [`ErrorCode::SignInCancelled`] once the time is up; the use-case's.
    pub fn sign_in<R>(&self, seconds: u64, work: impl AsyncFnOnce(&Arc<Host>) -> Result<R, Problem>) -> Result<R, Failure> {
        self.wait(async |host| {
            let finished = tokio::time::timeout(Duration::from_secs(seconds), work(host)).await;
            finished.unwrap_or_else(|_| {
                desk::cancel_sign_in(host);
                Err(ErrorCode::SignInCancelled.into())
            })
        })
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = desk::cancel_sync(&self.host);
        self.host.lock();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(GRACE);
        }
    }
}
