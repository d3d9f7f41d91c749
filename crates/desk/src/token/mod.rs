//! A vault whose secret a PKCS#11 token keeps: its PIN, its uses, and whether it is still there.
//!
//! ```text
//! window, terminal ── token_pin ──> PIN pad ──> one login ──> the device's secret, and each generation's
//!                                   once, 60 s      │ each use of a key
//!                                                   ▼
//!                                                door.log ── next unlock, or the watch at an open desk ──> audit chain
//! ```
//!
//! INVARIANT: whoever proves who they are gives the PIN anew; what follows in the same piece of work shares that login and no other.
//! What goes on beside the work takes no PIN: it was given for something else.
mod choice;
mod pin;
mod presence;
mod uses;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::{Clock, DeviceId, ErrorCode, SiteId, UserId};
use keys::{DeviceSecret, KeyFile, KeyUseLog, PinPad, PinState, SecretName, SecretStore, StoreError, TokenLogin, TokenStore};
use vault::DoorLog;

pub(crate) use choice::{chosen, of_first_run, of_site};
pub(crate) use presence::watch;
pub(crate) use uses::KeyUses;

use self::pin::{NoPin, PinSlot};
use self::uses::NoUse;
use crate::host::Host;
use crate::problem::Problem;
use crate::profile::{Profile, SiteToken};

/// What the host holds for a token, whichever vault uses one.
pub(crate) struct AtToken {
    pad: Arc<PinSlot>,
}

/// A piece of work that may use the token: one login serves all of it, and ends with it.
pub(crate) struct TokenWork {
    login: TokenLogin,
    /// A person waits for it, and gave the PIN for it.
    may_ask: bool,
    /// Who they say they are.
    claimed: Option<UserId>,
}

impl AtToken {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { pad: Arc::new(PinSlot::new(clock)) }
    }

    /// Forgets a PIN that was not used.
    pub(crate) fn forget_pin(&self) {
        self.pad.clear();
    }
}

impl TokenWork {
    /// Somebody is about to prove who they are.
    pub(crate) fn claimed_by(user: &UserId) -> Self {
        Self { login: TokenLogin::default(), may_ask: true, claimed: Some(user.clone()) }
    }

    /// The same login, for what goes on when whoever logged in has their answer.
    pub(crate) fn left_alone(self) -> Self {
        Self { may_ask: false, ..self }
    }

    /// What goes on by itself, with nobody to ask.
    pub(crate) fn unattended() -> Self {
        Self { login: TokenLogin::default(), may_ask: false, claimed: None }
    }
}

/// Takes a token's PIN for what is about to be done. It is used once or forgotten after a minute, whichever is first.
pub fn token_pin(host: &Host, pin: String) {
    host.token.pad.put(pin);
    let pad = Arc::clone(&host.token.pad);
    host.runtime().spawn(async move {
        tokio::time::sleep(pin::LASTS).await;
        pad.clear_if_stale();
    });
}

impl Host {
    /// Whoever works asks for something that takes keys of the token, and gives no other proof than its PIN.
    ///
    /// Not to be called while the desk is held: it waits for work that is logged in.
    ///
    /// # Errors
    /// The token's; none where a keyring keeps the secret.
    pub(crate) fn token_work(&self) -> Result<TokenWork, Problem> {
        let Some(user) = self.user() else { return Err(Problem::Locked) };
        let work = TokenWork::claimed_by(&user.user);
        let site = self.profile.site()?.ok_or(ErrorCode::VaultUnreadable)?;
        if let Some(token) = &site.token {
            let id = site.id().ok_or(ErrorCode::Internal)?;
            let store = self.token_store(token, (&id, &site.device), SecretName::Device, &work, Arc::new(NoUse));
            store.log_in_ahead().map_err(keyring_problem)?;
        }
        Ok(work)
    }

    /// Where the secrets of this vault's workstation are kept.
    pub(crate) fn secrets_of<'a>(&'a self, file: &KeyFile, work: &'a TokenWork) -> impl Fn(SecretName) -> Box<dyn SecretStore> + use<'a> {
        let door = DoorLog::new(self.profile.vault().door(), file.door());
        let log = Arc::new(self.key_uses(work, Some(door)));
        // Which store it is, is asked of the disk: what cannot be read is no reason to look in another one.
        let kept = match self.profile.site() {
            Ok(site) => Ok(site.and_then(|site| site.token)),
            Err(_) => Err(StoreError::Failed),
        };
        self.secrets_by((file.site().clone(), file.device().clone()), kept, work, log)
    }

    /// The same, of a workstation that may have no vault yet.
    pub(crate) fn secrets_by<'a>(
        &'a self,
        (site, device): (SiteId, DeviceId),
        kept: Result<Option<SiteToken>, StoreError>,
        work: &'a TokenWork,
        log: Arc<KeyUses>,
    ) -> impl Fn(SecretName) -> Box<dyn SecretStore> + use<'a> {
        move |name| match &kept {
            Ok(None) => (self.keyring)(&site, &device, name),
            Ok(Some(token)) => {
                let log = Arc::clone(&log) as Arc<dyn KeyUseLog>;
                Box::new(self.token_store(token, (&site, &device), name, work, log).choosing(token.name.clone()))
            }
            Err(error) => Box::new(NoStore(*error)),
        }
    }

    /// Takes down every use of a key: at the door, or until there is one.
    pub(crate) fn key_uses(&self, work: &TokenWork, door: Option<DoorLog>) -> KeyUses {
        KeyUses::new(self.clock(), self.boot_id().into(), work.claimed.clone(), door)
    }

    fn token_store(
        &self,
        token: &SiteToken,
        (site, device): (&SiteId, &DeviceId),
        name: SecretName,
        work: &TokenWork,
        log: Arc<dyn KeyUseLog>,
    ) -> TokenStore {
        let pad: Arc<dyn PinPad> = if work.may_ask { self.token.pad.clone() } else { Arc::new(NoPin) };
        // The hospital may have moved its module since.
        let policy = self.policy();
        let module = policy.token_module().value.as_ref().unwrap_or(&token.module);
        TokenStore::new(module, &file(&self.profile, name), site, device, pad, log).sharing(&work.login)
    }
}

/// Where the wrapped secret of that name lies: beside the vault's folder, so that an enrolment that was cut off finds it again.
pub(crate) fn file(profile: &Profile, name: SecretName) -> PathBuf {
    profile.folder().join(match name {
        SecretName::Device => "device.token".to_owned(),
        SecretName::LaterDevice(number) => format!("device-{number}.token"),
        SecretName::Generation(generation) => format!("generation-{generation}.token"),
    })
}

/// How the PIN of the token of the vault in this profile stands. Asks nobody and uses no key.
pub(crate) fn pin_state(profile: &Profile, module: &Path) -> Result<PinState, StoreError> {
    let (site, device) = (SiteId::new("none").map_err(|_| StoreError::Failed)?, DeviceId::new("none").map_err(|_| StoreError::Failed)?);
    TokenStore::new(module, &file(profile, SecretName::Device), &site, &device, Arc::new(NoPin), Arc::new(NoUse)).pin_state()
}

/// Nobody knows where the secret is kept.
struct NoStore(StoreError);

impl SecretStore for NoStore {
    fn load(&self) -> Result<DeviceSecret, StoreError> {
        Err(self.0)
    }

    fn store(&self, _: &DeviceSecret) -> Result<(), StoreError> {
        Err(self.0)
    }

    fn delete(&self) -> Result<(), StoreError> {
        Err(self.0)
    }
}

/// Which trouble the keyring or token has. None of them is answered by making a new secret.
pub(crate) fn keyring_problem(error: StoreError) -> Problem {
    match error {
        StoreError::Absent => ErrorCode::KeyringAbsent.into(),
        StoreError::Locked => ErrorCode::KeyringLocked.into(),
        StoreError::Emptied => ErrorCode::KeyringEmptied.into(),
        StoreError::TokenAbsent => ErrorCode::TokenAbsent.into(),
        StoreError::Module(_) => ErrorCode::TokenModule.into(),
        StoreError::PinNeeded => ErrorCode::PinNeeded.into(),
        StoreError::WrongPin { last_try: false } => ErrorCode::WrongPin.into(),
        StoreError::WrongPin { last_try: true } => ErrorCode::WrongPinLastTry.into(),
        StoreError::PinLocked => ErrorCode::PinLocked.into(),
        StoreError::Occupied | StoreError::Unrecorded | StoreError::Failed => ErrorCode::Internal.into(),
    }
}
