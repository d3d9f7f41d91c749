//! A desk without a desktop, EHR or keyring daemon: real vault, real keys, real policies; a clock the test moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use access::Permissions;
use chrono::{DateTime, TimeDelta, Utc};
use factor::testing::SoftKey;
use factor::{Asserted, Authenticator, AuthenticatorError, Cancel, GetAssertion, Info, Made, MakeCredential, Prompt};
use kernel::{Clock, ErrorCode, Instants, Moment, PatientId, Phi, PractitionerId, UserId, VersionId};
use keys::{DeviceSecret, MemoryKeyring, Passphrase, SecretName, SecretStore};
use posture::Found as PolicyFound;
use remote::{Secret, Store as _, Tokens};
use sync::{Commit, Incoming, Member, Tier};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::host::{Host, Notices, Options};
use crate::person::{Person, SignedInPerson};
use crate::security_key::{SecurityKeys, TypedPin};
use crate::state::Desk;
use crate::sync_work::SyncStore;
use crate::view::{DeskView, LockReason, RotationView, SecurityKeyPrompt, SecurityKeyStep, SyncView};

/// A clock that stands until moved.
pub struct HandClock(Mutex<Instants>);

impl Clock for HandClock {
    fn now(&self) -> Instants {
        *self.0.lock().unwrap()
    }
}

impl HandClock {
    /// Eight in the morning.
    pub fn at_eight() -> Self {
        Self(Mutex::new(Instants { wall: "2026-03-02T08:00:00Z".parse().unwrap(), boot: Moment(1_000_000) }))
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.wall += TimeDelta::seconds(i64::try_from(seconds).unwrap());
        now.boot = now.boot.plus_seconds(seconds);
    }
}

/// What the desk said.
pub struct Heard(pub Mutex<Vec<String>>, Hands);

/// The hands at the workstation: what they plug in, what they type, and what they were shown.
#[derive(Clone, Default)]
pub struct Hands(Arc<Mutex<InHand>>);

#[derive(Default)]
pub struct InHand {
    /// What is plugged in.
    pub port: Option<Arc<SoftKey>>,
    /// What is put in once another key is asked for.
    pub next: Option<Arc<SoftKey>>,
    /// What is typed in turn, before the right PIN is.
    pub pins: VecDeque<&'static str>,
    /// Nobody answers.
    pub away: bool,
    /// Nobody answers again after a wrong PIN.
    pub gives_up_after_wrong: bool,
    /// It is answered by another command.
    pub later: bool,
    /// Stands between the program and the key.
    pub astray: Option<Arc<dyn Authenticator>>,
    /// What stood on the screen.
    pub shown: Vec<SecurityKeyPrompt>,
}

impl Hands {
    pub fn set(&self, change: impl FnOnce(&mut InHand)) {
        change(&mut self.0.lock().unwrap());
    }

    /// Plugs a key in.
    pub fn plug(&self, key: &Arc<SoftKey>) {
        self.set(|hands| hands.port = Some(key.clone()));
    }

    /// What was shown since the last time this was asked.
    pub fn shown(&self) -> Vec<SecurityKeyPrompt> {
        std::mem::take(&mut self.0.lock().unwrap().shown)
    }

    fn answer(&self, prompt: &SecurityKeyPrompt) -> TypedPin {
        let mut hands = self.0.lock().unwrap();
        hands.shown.push(prompt.clone());
        let wrong = matches!(prompt.step, SecurityKeyStep::Pin { wrong: true, .. });
        if hands.away || (wrong && hands.gives_up_after_wrong) {
            return TypedPin::Declined;
        }
        if hands.later {
            return TypedPin::Later;
        }
        match prompt.step {
            SecurityKeyStep::Insert => {
                hands.port = hands.next.take();
                TypedPin::Now(Zeroizing::new(String::new()))
            }
            _ => TypedPin::Now(Zeroizing::new(hands.pins.pop_front().unwrap_or("1234").to_owned())),
        }
    }

    fn key(&self) -> Result<Arc<dyn Authenticator>, AuthenticatorError> {
        let hands = self.0.lock().unwrap();
        let plugged_in = hands.port.clone().map(|key| key as Arc<dyn Authenticator>);
        hands.astray.clone().or(plugged_in).ok_or(AuthenticatorError::NoDevice)
    }
}

impl Authenticator for Hands {
    fn info(&self) -> Result<Info, AuthenticatorError> {
        self.key()?.info()
    }
    fn make_credential(&self, request: &MakeCredential, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Made, AuthenticatorError> {
        self.key()?.make_credential(request, prompt, cancel)
    }
    fn get_assertion(&self, request: &GetAssertion, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Asserted, AuthenticatorError> {
        self.key()?.get_assertion(request, prompt, cancel)
    }
}

impl Notices for Heard {
    fn sync(&self, view: &SyncView) {
        self.0.lock().unwrap().push(format!("sync {}", view.waiting.local_only));
    }
    fn idle_warning(&self, seconds_left: Option<u32>) {
        self.0.lock().unwrap().push(format!("warning {seconds_left:?}"));
    }
    fn locked(&self, reason: LockReason) {
        self.0.lock().unwrap().push(format!("locked {reason:?}"));
    }
    fn security_key(&self, prompt: Option<&SecurityKeyPrompt>) {
        self.0.lock().unwrap().push(format!("security key {:?}", prompt.map(|prompt| prompt.step)));
    }
    fn security_key_pin(&self, prompt: &SecurityKeyPrompt) -> TypedPin {
        self.1.answer(prompt)
    }
    fn rotation(&self, view: Option<RotationView>) {
        self.0.lock().unwrap().push(format!("rotation {view:?}"));
    }
    fn chart_changed(&self, patient: &PatientId) {
        self.0.lock().unwrap().push(format!("changed {patient}"));
    }
    fn browse(&self, _: &str) -> Result<(), ErrorCode> {
        Err(ErrorCode::SignInFailed)
    }
}

/// A keyring that outlives the host, as the real one does.
pub type Ring = Arc<MemoryKeyring>;

/// The passphrase of everyone here.
pub const PASSPHRASE: &str = "lantern harbour violet nine";

/// A desk, and everything around it that outlives it.
pub struct TestHost {
    pub host: Arc<Host>,
    pub clock: Arc<HandClock>,
    pub heard: Arc<Heard>,
    pub ring: Ring,
    pub hands: Hands,
    folder: PathBuf,
    owned: Option<TempDir>,
    _runtime: tokio::runtime::Runtime,
}

impl TestHost {
    /// In a fresh profile.
    pub fn new() -> Self {
        let clock = HandClock::at_eight();
        let owned = tempfile::tempdir().unwrap();
        let mut test = Self::over(owned.path().to_owned(), Arc::new(clock), Ring::default(), Hands::default());
        test.owned = Some(owned);
        test
    }

    /// Over a profile that several processes open one after the other, with the secrets that all of them know.
    pub fn at(folder: &Path) -> Self {
        let clock = HandClock::at_eight();
        let ring = Ring::default();
        for (name, byte) in [(SecretName::Device, 5), (SecretName::Generation(1), 6)] {
            ring.entry(name).store(&DeviceSecret::from_bytes([byte; 32])).unwrap();
        }
        Self::over(folder.to_owned(), Arc::new(clock), ring, Hands::default())
    }

    /// Over a profile whose secret a token called "ward" is to keep, or keeps.
    pub fn on_token(folder: &Path, module: &Path) -> Self {
        Self::started(folder.to_owned(), Arc::new(HandClock::at_eight()), Default::default(), PolicyFound::Absent, None, Some(module))
    }

    /// A physician's open desk.
    pub fn open() -> Self {
        let test = Self::new();
        test.enrol("physician", &["patient.*"], &["progress_notes"]);
        test
    }

    /// Waits for a use-case that asks the network, which is not there.
    pub fn wait<R>(&self, work: impl Future<Output = R>) -> R {
        self._runtime.block_on(work)
    }

    /// Lets what runs in the background run.
    pub fn run_for_a_while(&self) {
        self._runtime.block_on(async { tokio::time::sleep(std::time::Duration::from_millis(10)).await });
    }

    /// The profile's files as they stand, elsewhere.
    pub fn copy_of_profile(&self) -> TempDir {
        fn copy(from: &std::path::Path, to: &std::path::Path) {
            std::fs::create_dir_all(to).unwrap();
            for entry in std::fs::read_dir(from).unwrap() {
                let (path, place) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
                if path.is_dir() { copy(&path, &place) } else { std::fs::copy(&path, &place).map(drop).unwrap() }
            }
        }
        let copied = tempfile::tempdir().unwrap();
        copy(&self.folder, copied.path());
        copied
    }

    /// A desk over copied files, with another's keyring and clock.
    pub fn at_copy(folder: TempDir, other: &Self) -> Self {
        let mut test = Self::over(folder.path().to_owned(), other.clock.clone(), other.ring.clone(), other.hands.clone());
        test.owned = Some(folder);
        test
    }

    /// The program ends without a goodbye and is started again.
    pub fn restart(self) -> Self {
        self.restart_with(PolicyFound::Absent, None)
    }

    /// The same, after the administrator wrote this as the policy.
    pub fn restart_under(self, policy: &str) -> Self {
        self.restart_with(PolicyFound::Read { bytes: policy.as_bytes().to_vec(), administrators_alone: true }, None)
    }

    /// The same, whatever stands in the policy's place, with an idle limit of whoever starts it.
    pub fn restart_with(self, policy: PolicyFound, idle_seconds: Option<u64>) -> Self {
        let Self { host, clock, ring, hands, folder, owned, _runtime, heard } = self;
        drop((host, heard, _runtime));
        let mut test = Self::started(folder, clock, (ring, hands), policy, idle_seconds, None);
        test.owned = owned;
        test
    }

    fn over(folder: PathBuf, clock: Arc<HandClock>, ring: Ring, hands: Hands) -> Self {
        Self::started(folder, clock, (ring, hands), PolicyFound::Absent, None, None)
    }

    fn started(
        folder: PathBuf,
        clock: Arc<HandClock>,
        (ring, hands): (Ring, Hands),
        policy: PolicyFound,
        idle_seconds: Option<u64>,
        token_module: Option<&Path>,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let heard = Arc::new(Heard(Mutex::default(), hands.clone()));
        let options = Options {
            profile: folder.clone(),
            suggested_ehr: None,
            further_root: None,
            idle_seconds,
            token_module: token_module.map(Path::to_owned),
            token_label: token_module.map(|_| "ward".to_owned()),
            policy,
        };
        let store = ring.clone();
        let keyring = Box::new(move |_: &_, _: &_, name| Box::new(store.entry(name)) as Box<dyn SecretStore>);
        let plugged_in = hands.clone();
        let security_keys = SecurityKeys::found_by(move || Box::new(plugged_in.clone()));
        let host = Host::start(options, keyring, security_keys, clock.clone(), heard.clone(), runtime.handle().clone()).unwrap();
        Self { host, clock, heard, ring, hands, folder, owned: None, _runtime: runtime }
    }

    /// Signs in (as an EHR would have said) and makes the vault.
    pub fn enrol(&self, role: &str, read: &[&str], write: &[&str]) -> DeskView {
        self.sign_in("dr-1", role, read, write);
        crate::enrol(&self.host, &Passphrase::new(PASSPHRASE)).unwrap()
    }

    /// What remains of a sign-in at the EHR.
    pub fn sign_in(&self, practitioner: &str, role: &str, read: &[&str], write: &[&str]) {
        if matches!(&*self.host.desk(), Desk::FirstRun) {
            let ehr = "https://ehr.example/fhir".parse().unwrap();
            self.host.profile.keep_site(ehr, "ehr.example".into(), "4.0.1".into()).unwrap();
        }
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        self.sign_in_with(practitioner, role, Permissions { ehr_read: own(read), ehr_write: own(write), ..Permissions::default() });
    }

    /// The same, of whatever the EHR granted.
    pub fn sign_in_with(&self, practitioner: &str, role: &str, permissions: Permissions) {
        let person = Person {
            user: UserId::new(practitioner).unwrap(),
            practitioner: PractitionerId::new(practitioner).unwrap(),
            name: "Dr Test".into(),
            role: role.into(),
            permissions,
        };
        let tokens = Tokens { access: Secret::new("access".into()), expires_at: None, refresh: None };
        *self.host.signed_in.lock().unwrap() = Some(SignedInPerson { person, tokens, keys: ehr_keys("keys") });
    }

    /// Unlocks as the enrolled physician.
    pub fn unlock(&self) -> DeskView {
        crate::unlock(&self.host, &UserId::new("dr-1").unwrap(), &Passphrase::new(PASSPHRASE)).unwrap()
    }

    /// The folder of the profile.
    pub fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Takes records as if they came from the EHR in one page.
    pub fn receive(&self, bodies: &[&str]) {
        let ends = match &*self.host.desk() {
            Desk::Open(open) => open.ends.child_token(),
            _ => panic!("the desk is locked"),
        };
        let records: Vec<Incoming> = bodies.iter().map(|body| incoming(body)).collect();
        let members = records.iter().filter(|r| r.kind.as_str() == "Patient").map(|r| Member {
            patient: PatientId::new(r.id.as_str()).unwrap(),
            tier: Tier::Practice,
            complete: true,
        });
        let commit = Commit { members: members.collect(), records, tombstones: Vec::new(), checkpoint: Phi::new("{}".into()) };
        SyncStore::new(&self.host, ends).commit(commit).unwrap();
    }
}

/// Keys of an EHR: `keys`, `next` after it changed one, `stranger` of someone else.
pub fn ehr_keys(name: &str) -> remote::EhrKeys {
    let frozen: serde_json::Value = serde_json::from_str(include_str!("../vectors/break_glass_grant.json")).unwrap();
    serde_json::from_value(frozen[name].clone()).unwrap()
}

/// A record as the drivers hand it over.
pub fn incoming(body: &str) -> Incoming {
    let index = fhir::Index::read(body).unwrap();
    let updated: Option<DateTime<Utc>> = index.last_updated.as_deref().and_then(|at| at.parse().ok());
    Incoming {
        kind: index.resource_type.clone(),
        id: index.id.clone().unwrap(),
        version: index.version_id.clone().or(Some(VersionId::new("1"))),
        last_updated: updated,
        patient: index.patient.clone(),
        body: Phi::new(body.into()),
    }
}

/// A patient.
pub const PATIENT: &str = r#"{"resourceType":"Patient","id":"pat-1","name":[{"family":"Okonkwo","given":["Adaeze"]}],"gender":"female","birthDate":"1961-03-12"}"#;
/// The physician's care team around that patient.
pub const TEAM: &str = r#"{"resourceType":"CareTeam","id":"team-1","status":"active","subject":{"reference":"Patient/pat-1"},"participant":[{"member":{"reference":"Practitioner/dr-1"}}]}"#;
/// A patient nobody here looks after.
pub const STRANGER: &str =
    r#"{"resourceType":"Patient","id":"pat-2","name":[{"family":"Lindqvist","given":["Åsa"]}],"gender":"female","birthDate":"1980-01-02"}"#;

/// The patient's id.
pub fn patient() -> PatientId {
    PatientId::new("pat-1").unwrap()
}

/// The other one's.
pub fn stranger() -> PatientId {
    PatientId::new("pat-2").unwrap()
}
