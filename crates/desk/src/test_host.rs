//! A desk without a desktop, EHR or keyring daemon: real vault, real keys, real policies; a clock the test moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use access::Permissions;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Clock, ErrorCode, Instants, Moment, PatientId, Phi, PractitionerId, UserId, VersionId};
use keys::{DeviceSecret, MemoryKeyring, Passphrase, SecretName, SecretStore};
use posture::Found as PolicyFound;
use remote::{Secret, Store as _, Tokens};
use sync::{Commit, Incoming, Member, Tier};
use tempfile::TempDir;

use crate::host::{Host, Notices, Options};
use crate::person::{Person, SignedInPerson};
use crate::state::Desk;
use crate::sync_work::SyncStore;
use crate::view::{DeskView, LockReason, RotationView, SyncView};

/// A clock that stands until moved.
pub struct HandClock(Mutex<Instants>);

impl Clock for HandClock {
    fn now(&self) -> Instants {
        *self.0.lock().unwrap()
    }
}

impl HandClock {
    /// Lets time pass.
    pub fn pass(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.wall += TimeDelta::seconds(i64::try_from(seconds).unwrap());
        now.boot = now.boot.plus_seconds(seconds);
    }
}

/// What the desk said.
#[derive(Default)]
pub struct Heard(pub Mutex<Vec<String>>);

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
    folder: PathBuf,
    owned: Option<TempDir>,
    _runtime: tokio::runtime::Runtime,
}

impl TestHost {
    /// In a fresh profile.
    pub fn new() -> Self {
        let clock = HandClock(Mutex::new(Instants { wall: "2026-03-02T08:00:00Z".parse().unwrap(), boot: Moment(1_000_000) }));
        let owned = tempfile::tempdir().unwrap();
        let mut test = Self::over(owned.path().to_owned(), Arc::new(clock), Ring::default());
        test.owned = Some(owned);
        test
    }

    /// Over a profile that several processes open one after the other, with the secrets that all of them know.
    pub fn at(folder: &Path) -> Self {
        let clock = HandClock(Mutex::new(Instants { wall: "2026-03-02T08:00:00Z".parse().unwrap(), boot: Moment(1_000_000) }));
        let ring = Ring::default();
        for (name, byte) in [(SecretName::Device, 5), (SecretName::Generation(1), 6)] {
            ring.entry(name).store(&DeviceSecret::from_bytes([byte; 32])).unwrap();
        }
        Self::over(folder.to_owned(), Arc::new(clock), ring)
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
        let mut test = Self::over(folder.path().to_owned(), other.clock.clone(), other.ring.clone());
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
        let Self { host, clock, ring, folder, owned, _runtime, heard } = self;
        drop((host, heard, _runtime));
        let mut test = Self::started(folder, clock, ring, policy, idle_seconds);
        test.owned = owned;
        test
    }

    fn over(folder: PathBuf, clock: Arc<HandClock>, ring: Ring) -> Self {
        Self::started(folder, clock, ring, PolicyFound::Absent, None)
    }

    fn started(folder: PathBuf, clock: Arc<HandClock>, ring: Ring, policy: PolicyFound, idle_seconds: Option<u64>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let heard = Arc::new(Heard::default());
        let options = Options { profile: folder.clone(), suggested_ehr: None, further_root: None, idle_seconds, policy };
        let store = ring.clone();
        let keyring = Box::new(move |_: &_, _: &_, name| Box::new(store.entry(name)) as Box<dyn SecretStore>);
        let host = Host::start(options, keyring, clock.clone(), heard.clone(), runtime.handle().clone()).unwrap();
        Self { host, clock, heard, ring, folder, owned: None, _runtime: runtime }
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
        *self.host.signed_in.lock().unwrap() = Some(SignedInPerson { person, tokens });
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
