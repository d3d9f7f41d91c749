//! A logged-in session with a token, on a thread of its own; every use of a key through it is recorded.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cryptoki::error::{Error, Result as Answer, RvError};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;

use super::key_use::{KeyOperation, KeyOutcome, KeyUse, KeyUseLog};
use super::module::Module;
use super::pin::Pin;
use super::token::{PinState, TokenName, told};
use crate::provider::StoreError;
use crate::provider::own_thread::{OwnThread, PATIENCE};

/// One login for several stores: whichever uses the token first asks for the PIN, and what is left of it ends with the last of them.
///
/// Whoever holds one uses keys of its token without a further PIN, so it lives for one piece of work and no longer.
#[derive(Clone, Default)]
pub struct TokenLogin(pub(super) Arc<Mutex<Option<(TokenName, LoggedIn)>>>);

impl std::fmt::Debug for TokenLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenLogin")
    }
}

/// Dropping it logs out and closes the session, which ends every session object.
pub(super) struct LoggedIn {
    session: OwnThread<Login>,
}

/// Whether the session may change what is kept in the token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Change,
}

impl LoggedIn {
    /// Logs in, trying `pin` once.
    pub fn open(module: Module, slot: Slot, access: Access, pin: Pin) -> Result<Self, StoreError> {
        let session = OwnThread::start("token", PATIENCE, move || Login::open(&module, slot, access, &pin))?;
        Ok(Self { session })
    }

    /// Asks the token for something that uses no key.
    pub fn ask<T: Send + 'static>(&self, work: impl FnOnce(&Session) -> Answer<T> + Send + 'static) -> Result<T, StoreError> {
        self.answer(work).unwrap_or(Err(StoreError::Failed))
    }

    /// Has the token use a key.
    ///
    /// INVARIANT: one call, one record, before the answer goes anywhere; an answer without a record is dropped, and wiped.
    pub fn used<T: Send + 'static>(
        &self,
        log: &dyn KeyUseLog,
        operation: KeyOperation,
        work: impl FnOnce(&Session) -> Answer<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.session.is_silent() {
            // No call is made, so there is nothing to record.
            return Err(StoreError::Failed);
        }
        let answer = self.answer(work);
        let outcome = match answer {
            Some(Ok(_)) => KeyOutcome::Done,
            Some(Err(_)) => KeyOutcome::Failed,
            None => KeyOutcome::Unanswered,
        };
        log.record(KeyUse { operation, outcome }).map_err(|_| StoreError::Unrecorded)?;
        answer.unwrap_or(Err(StoreError::Failed))
    }

    fn answer<T: Send + 'static>(&self, work: impl FnOnce(&Session) -> Answer<T> + Send + 'static) -> Option<Result<T, StoreError>> {
        self.session.ask(move |login| work(&login.session).map_err(told))
    }
}

/// The session itself. A login counts for the whole process, hence one at a time.
struct Login {
    session: Session,
    // INVARIANT: after `session`, so that the next one logs in to a token that is logged out.
    _alone: MutexGuard<'static, ()>,
}

impl Login {
    fn open(module: &Module, slot: Slot, access: Access, pin: &Pin) -> Result<Self, StoreError> {
        let alone = module.login.lock().unwrap_or_else(PoisonError::into_inner);
        let session = match access {
            Access::Read => module.pkcs11.open_ro_session(slot),
            Access::Change => module.pkcs11.open_rw_session(slot),
        };
        let session = session.map_err(told)?;
        match session.login(UserType::User, Some(&pin.for_login())) {
            Ok(()) => Ok(Self { session, _alone: alone }),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
                Err(match module.pin_state(slot)? {
                    PinState::Open => StoreError::WrongPin { last_try: false },
                    PinState::LastTry => StoreError::WrongPin { last_try: true },
                    PinState::Locked => StoreError::PinLocked,
                })
            }
            Err(error) => Err(told(error)),
        }
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        // Closing the only session logs out as well; a token that is gone answers neither.
        let _ = self.session.logout();
    }
}
