//! A PKCS#11 token: a smart card, a USB key, a hardware security module.
//!
//! The token makes a wrapping key that never leaves it. The device's secret lies in a file beside the vault, wrapped by that key,
//! and is unwrapped only by the token, after its PIN.
mod file;
mod key_use;
mod keys;
mod module;
mod pin;
mod session;
mod token;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use kernel::{DeviceId, SiteId};

pub(crate) use file::{KeyName, TokenFile};
pub use key_use::{KeyOperation, KeyOutcome, KeyUse, KeyUseLog, NotRecorded};
pub use module::ModuleError;
pub use pin::{Pin, PinPad, PinPrompt};
pub use session::TokenLogin;
pub use token::{PinState, TokenName};

use self::module::Module;
use self::session::{Access, LoggedIn};
use super::own_thread::on_own_thread;
use super::{DeviceSecret, SecretStore, StoreError};
use crate::entropy::{Entropy, OsEntropy};
use crate::hierarchy::Blob;
use crate::secret::Key;

/// One secret of a site on a workstation ([`SecretName`](crate::SecretName)) under a key in a PKCS#11 token.
pub struct TokenStore {
    module: PathBuf,
    file: PathBuf,
    key_label: String,
    chosen: Option<TokenName>,
    shared: Option<TokenLogin>,
    pin_pad: Arc<dyn PinPad>,
    log: Arc<dyn KeyUseLog>,
}

impl TokenStore {
    /// The store of `site` on `device`: `module` is the absolute path of the token's PKCS#11 library, `file` where the wrapped secret
    /// is kept. Nothing is loaded or asked yet.
    #[must_use]
    pub fn new(module: &Path, file: &Path, site: &SiteId, device: &DeviceId, pin_pad: Arc<dyn PinPad>, log: Arc<dyn KeyUseLog>) -> Self {
        let key_label = format!("satchel {site}/{device}");
        Self { module: module.to_owned(), file: file.to_owned(), key_label, chosen: None, shared: None, pin_pad, log }
    }

    /// Chooses the token that a *new* secret is to be kept by. A kept secret stays with its token.
    #[must_use]
    pub fn choosing(self, token: TokenName) -> Self {
        Self { chosen: Some(token), ..self }
    }

    /// Logs in together with every other store that shares `login`, so that the PIN is asked for once for all of them.
    #[must_use]
    pub fn sharing(self, login: &TokenLogin) -> Self {
        Self { shared: Some(login.clone()), ..self }
    }

    /// The tokens that are there and could be chosen.
    pub fn tokens(module: &Path) -> Result<Vec<TokenName>, StoreError> {
        let module = module.to_owned();
        on_own_thread("token", move || Module::load(&module)?.tokens())
    }

    /// Whether the token that keeps the secret is there. Needs no PIN and uses no key; cheap enough to ask every second or two.
    /// Any trouble counts as *not there*: what depends on the token is to be locked.
    #[must_use]
    pub fn token_present(&self) -> bool {
        self.pin_state().is_ok()
    }

    /// How the PIN of the token that keeps the secret stands, as far as the token tells. Needs no PIN and uses no key.
    pub fn pin_state(&self) -> Result<PinState, StoreError> {
        let kept = TokenFile::read(&self.file)?;
        let module = self.module.clone();
        on_own_thread("token", move || Ok(Module::load(&module)?.find(&kept.token)?.pin))
    }

    /// Logs in now, for whatever shares the login. Uses no key.
    pub fn log_in_ahead(&self) -> Result<(), StoreError> {
        self.with(&TokenFile::read(&self.file)?.token, Access::Read, |_| Ok(()))
    }

    /// Does something with the token, logged in: for this alone, or together with others.
    fn with<R>(&self, token: &TokenName, access: Access, work: impl FnOnce(&LoggedIn) -> Result<R, StoreError>) -> Result<R, StoreError> {
        let Some(TokenLogin(shared)) = &self.shared else { return work(&self.log_in(token, access)?) };
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.as_ref().is_none_or(|(name, _)| name != token) {
            // Ended before another begins: they exclude each other.
            *shared = None;
            *shared = Some((token.clone(), self.log_in(token, Access::Change)?));
        }
        let done = shared.as_ref().map_or(Err(StoreError::Failed), |(_, logged_in)| work(logged_in));
        if !matches!(done, Ok(_) | Err(StoreError::Emptied)) {
            // The end of the session ends whatever a failure left in it.
            *shared = None;
        }
        done
    }

    /// Asks for the PIN, and logs in.
    fn log_in(&self, token: &TokenName, access: Access) -> Result<LoggedIn, StoreError> {
        let (path, wanted) = (self.module.clone(), token.clone());
        let (module, found) = on_own_thread("token", move || {
            let module = Module::load(&path)?;
            let found = match module.find(&wanted) {
                Err(StoreError::TokenAbsent) => {
                    // Some do not even start without a token.
                    module.restart().map_err(|_| StoreError::TokenAbsent)?;
                    module.find(&wanted)?
                }
                found => found?,
            };
            Ok((module, found))
        })?;
        if found.pin == PinState::Locked {
            return Err(StoreError::PinLocked);
        }
        let prompt = PinPrompt { token: token.clone(), last_try: found.pin == PinState::LastTry };
        // An empty PIN means something else to some modules: to ask on the reader itself.
        let pin = self.pin_pad.ask(&prompt).filter(|pin| !pin.is_empty()).ok_or(StoreError::PinNeeded)?;
        LoggedIn::open(module, found.slot, access, pin)
    }
}

impl SecretStore for TokenStore {
    fn load(&self) -> Result<DeviceSecret, StoreError> {
        let kept = TokenFile::read(&self.file)?;
        if kept.key.label != self.key_label {
            return Err(StoreError::Failed);
        }
        let TokenFile { token, key, wrapped, .. } = kept;
        self.with(&token, Access::Read, |token| {
            let wrapping = token.ask(move |session| keys::find(session, &key))?.ok_or(StoreError::Emptied)?;
            let log = &*self.log;
            let secret = token.used(log, KeyOperation::Unwrap, move |session| keys::unwrap(session, wrapping, &wrapped.0))?;
            let value = token.used(log, KeyOperation::Read, move |session| keys::read(session, secret))?;
            token.used(log, KeyOperation::Destroy, move |session| session.destroy_object(secret))?;
            Ok(DeviceSecret(value))
        })
    }

    fn store(&self, secret: &DeviceSecret) -> Result<(), StoreError> {
        match TokenFile::read(&self.file) {
            Err(StoreError::Emptied) => {}
            Ok(_) => return Err(StoreError::Occupied),
            Err(error) => return Err(error),
        }
        let chosen = self.chosen.clone().ok_or(StoreError::TokenAbsent)?;
        let secret = Key::copied(secret.key().bytes()).ok_or(StoreError::Failed)?;
        let mut id = Blob([0; 16]);
        OsEntropy.fill(&mut id.0).map_err(|_| StoreError::Failed)?;
        let key = KeyName { label: self.key_label.clone(), id };
        let name = chosen.clone();
        self.with(&name, Access::Change, |token| {
            let kept = wrap_under_new_key(token, &*self.log, key.clone(), secret)
                .and_then(|wrapped| TokenFile { format: TokenFile::FORMAT, token: chosen, key: key.clone(), wrapped }.write(&self.file));
            if kept.is_err() {
                // Nothing is wrapped by that key. Should this fail as well, it stays in the token, of use to nobody.
                let _ = destroy(token, &*self.log, key);
            }
            kept
        })
    }

    fn delete(&self) -> Result<(), StoreError> {
        let TokenFile { token, key, .. } = TokenFile::read(&self.file)?;
        // The key first: without it every copy of the file is worthless.
        match self.with(&token, Access::Change, |token| destroy(token, &*self.log, key)) {
            Ok(()) | Err(StoreError::Emptied) => fs::remove_file(&self.file).map_err(|_| StoreError::Failed),
            Err(error) => Err(error),
        }
    }
}

fn wrap_under_new_key(token: &LoggedIn, log: &dyn KeyUseLog, name: KeyName, secret: Key) -> Result<Blob<40>, StoreError> {
    let wrapping = token.used(log, KeyOperation::Generate, move |session| keys::generate(session, &name))?;
    if !token.ask(move |session| keys::is_as_promised(session, wrapping))? {
        return Err(StoreError::Failed);
    }
    let imported = token.used(log, KeyOperation::Import, move |session| keys::import(session, &secret))?;
    let wrapped = token.used(log, KeyOperation::Wrap, move |session| keys::wrap(session, wrapping, imported))?;
    token.used(log, KeyOperation::Destroy, move |session| session.destroy_object(imported))?;
    Ok(Blob(wrapped))
}

fn destroy(token: &LoggedIn, log: &dyn KeyUseLog, name: KeyName) -> Result<(), StoreError> {
    let key = token.ask(move |session| keys::find(session, &name))?.ok_or(StoreError::Emptied)?;
    token.used(log, KeyOperation::Destroy, move |session| session.destroy_object(key))
}
