//! What every use-case runs on: the profile, the clocks, the gate, and the desk, which is in exactly one state.
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use access::{Gate, User};
use audit::{Actor, Device, Origin};
use kernel::{Clock, CorrelationId, DeviceId, ErrorCode, Instants, PatientId, SiteId};
use keys::{OsKeyring, SecretName, SecretStore};
use posture::{Choice, Effective, Found, LastKnown};
use tokio::runtime::Handle;

use crate::person::SignedInPerson;
use crate::problem::Problem;
use crate::profile::{Profile, Site};
use crate::security_key::{Pad, SecurityKeys, TypedPin};
use crate::state::{Desk, Open};
use crate::token::AtToken;
use crate::towards_ehr::TowardsEhr;
use crate::view::{LockReason, RotationView, SecurityKeyPrompt, SyncView};

/// How this run was started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of this profile.
    pub profile: PathBuf,
    /// EHR offered at first run.
    pub suggested_ehr: Option<String>,
    /// Further root certificate to trust for the EHR (PEM), e.g. a hospital's own authority.
    pub further_root: Option<PathBuf>,
    /// Idle limit in seconds; shortens, never lengthens.
    pub idle_seconds: Option<u64>,
    /// PKCS#11 module of the token that keeps the secret of a workstation enrolled now.
    pub token_module: Option<PathBuf>,
    /// Which token, by its label.
    pub token_label: Option<String>,
    /// What stands where the hospital's policy belongs: [`Found::on_this_machine`].
    pub policy: Found,
}

impl Options {
    /// What holds: the hospital's policy, tightened by how this run was started.
    #[must_use]
    pub(crate) fn effective(&self) -> Effective {
        Effective::resolve(&self.policy, LastKnown::Nothing, &self.choice())
    }

    fn choice(&self) -> Choice {
        let Self { suggested_ehr, further_root, idle_seconds, token_module, token_label, policy: _, profile: _ } = self;
        Choice {
            idle_seconds: *idle_seconds,
            ehr: suggested_ehr.clone(),
            further_root: further_root.clone(),
            token_module: token_module.clone(),
            token_label: token_label.clone(),
        }
    }
}

/// What the desk tells whoever shows it. Called from any thread; must not call back into the host.
pub trait Notices: Send + Sync {
    /// Where sync stands.
    fn sync(&self, view: &SyncView);
    /// The lock is near (seconds), or no longer.
    fn idle_warning(&self, seconds_left: Option<u32>);
    /// The desk has locked: destroy everything shown.
    fn locked(&self, reason: LockReason);
    /// How far a rotation of the keys has come; `None` once it has ended.
    fn rotation(&self, view: Option<RotationView>);
    /// What is asked of whoever holds a security key; `None` once nothing is.
    fn security_key(&self, prompt: Option<&SecurityKeyPrompt>);
    /// Asks for the key's PIN, or for another key, where that can be answered on the spot; [`Notices::security_key`] is told otherwise.
    fn security_key_pin(&self, _: &SecurityKeyPrompt) -> TypedPin {
        TypedPin::Later
    }
    /// Records of a chart changed.
    fn chart_changed(&self, patient: &PatientId);
    /// Open this address in the system's browser.
    ///
    /// # Errors
    /// [`ErrorCode::SignInFailed`] if there is none.
    fn browse(&self, url: &str) -> Result<(), ErrorCode>;
}

/// Finds a keyring entry of a vault.
pub type Keyring = Box<dyn Fn(&SiteId, &DeviceId, SecretName) -> Box<dyn SecretStore> + Send + Sync>;

/// The running program, without a window.
pub struct Host {
    pub(crate) profile: Profile,
    /// What stands where the policy belongs, what was asked at the start, and what follows from both and from the vault.
    policy: (Found, Choice, Mutex<Arc<Effective>>),
    pub(crate) keyring: Keyring,
    pub(crate) token: AtToken,
    pub(crate) security_keys: SecurityKeys,
    /// Where a security key's ceremony waits for its holder.
    pub(crate) pad: Pad,
    pub(crate) notices: Arc<dyn Notices>,
    pub(crate) gate: Gate,
    pub(crate) signed_in: Mutex<Option<SignedInPerson>>,
    pub(crate) sign_in: Mutex<Option<tokio_util::sync::CancellationToken>>,
    /// Rings when emergency access was begun or ended.
    pub(crate) emergency_changed: tokio::sync::Notify,
    runtime: Handle,
    clock: Arc<dyn Clock>,
    boot_id: Box<str>,
    workstation: Box<str>,
    system: Box<str>,
    towards_ehr: Arc<TowardsEhr>,
    desk: Mutex<Desk>,
}

impl Host {
    /// Reads what stands in the profile. The desk begins locked, or without a vault.
    ///
    /// # Errors
    /// [`Problem`] if the profile's folder cannot be made. A vault that cannot be used is for [`crate::stage`] to say.
    pub fn start(
        options: Options,
        keyring: Keyring,
        security_keys: SecurityKeys,
        clock: Arc<dyn Clock>,
        notices: Arc<dyn Notices>,
        runtime: Handle,
    ) -> Result<Arc<Self>, Problem> {
        let profile = Profile::open(&options.profile)?;
        let policy = options.effective();
        crate::policy::log(&policy);
        let policy = (options.policy.clone(), options.choice(), Mutex::new(Arc::new(policy)));
        if security_keys.are_practice() {
            tracing::error!("PRACTICE BUILD: a file stands in the security key's place; whoever copies it has the key");
        }
        let gate = Gate::new().map_err(|_| Problem::Named(ErrorCode::Internal))?;
        let desk = Desk::found(&profile).unwrap_or_else(Desk::Closed);
        let (signed_in, sign_in, emergency_changed) = Default::default();
        let boot_id = boot_id().into();
        let workstation = workstation_name().into();
        let (system, towards_ehr) = (system_name().into(), Arc::default());
        let (desk, token) = (Mutex::new(desk), AtToken::new(Arc::clone(&clock)));
        Ok(Arc::new(Self {
            profile,
            policy,
            keyring,
            token,
            security_keys,
            pad: Pad::default(),
            notices,
            gate,
            signed_in,
            sign_in,
            emergency_changed,
            runtime,
            clock,
            boot_id,
            workstation,
            system,
            towards_ehr,
            desk,
        }))
    }

    /// The operating system's keyring.
    #[must_use]
    pub fn os_keyring() -> Keyring {
        Box::new(|site, device, name| Box::new(OsKeyring::new(site, device, name)))
    }

    /// What holds of the hospital's policy.
    pub(crate) fn policy(&self) -> Arc<Effective> {
        Arc::clone(&self.policy.2.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holds the policy against what the vault knows to have been in force.
    pub(crate) fn hold_policy_to(&self, last: LastKnown<'_>) -> Arc<Effective> {
        let (found, choice, holds) = &self.policy;
        let policy = Arc::new(Effective::resolve(found, last, choice));
        *holds.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&policy);
        policy
    }

    /// Both clocks, now.
    #[must_use]
    pub fn now(&self) -> Instants {
        self.clock.now()
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    pub(crate) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(crate) fn boot_id(&self) -> &str {
        &self.boot_id
    }

    /// The workstation's name, for audit and print.
    #[must_use]
    pub fn workstation(&self) -> &str {
        &self.workstation
    }

    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        // A panic while holding the lock leaves the state as it was taken: `Desk::Moving` counts as locked.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What every audit entry of one command at this site's vault shares.
    pub(crate) fn origin(&self, actor: Option<Actor>, site: &Site) -> Origin {
        let at = self.now();
        Origin {
            actor,
            address: self.towards_ehr.address(&site.ehr, at.boot, &self.runtime),
            device: Some(Device { id: site.device.clone(), system: self.system.to_string() }),
            at,
            boot_id: self.boot_id.clone(),
            correlation: crate::answer::correlation(),
            workstation: self.workstation.clone(),
            client: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Does a piece of work on the open desk.
    ///
    /// INVARIANT: no answer after the deadline. The idle lock is asked first, with the clock as it is now.
    pub(crate) fn work<R>(&self, work: impl FnOnce(&mut Open, &Gate, &Origin) -> Result<R, Problem>) -> Result<R, Problem> {
        self.lock_if_due(None);
        let mut desk = self.desk();
        let Desk::Open(open) = &mut *desk else { return Err(Problem::Locked) };
        let origin = self.origin(Some(open.actor()), &open.site);
        open.lapse_if_due(&origin);
        work(open, &self.gate, &origin)
    }

    /// Who is working, if the desk is open.
    #[must_use]
    pub fn user(&self) -> Option<User> {
        match &*self.desk() {
            Desk::Open(open) => Some(open.user.clone()),
            _ => None,
        }
    }
}

/// Identifies the present boot, so that boot-clock times of another one are not compared with this one's.
#[cfg(target_os = "linux")]
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map_or_else(|_| CorrelationId::random().to_string(), |id| id.trim().to_owned())
}

/// Elsewhere the boot clock starts with the process, so the process is the boot.
#[cfg(not(target_os = "linux"))]
fn boot_id() -> String {
    CorrelationId::random().to_string()
}

/// The operating system and its release, as the kernel calls itself.
fn system_name() -> String {
    let name = rustix::system::uname();
    format!("{} {}", name.sysname().to_string_lossy(), name.release().to_string_lossy())
}

fn workstation_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if name.is_empty() { "workstation".to_owned() } else { name }
}
