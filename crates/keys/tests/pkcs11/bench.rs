//! SoftHSM with a folder of its own, and what a test plugs into a token store.
use std::collections::VecDeque;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use kernel::{DeviceId, PractitionerId, SiteId, UserId};
use keys::{
    DeviceSecret, EnrolFirst, Factors, KdfCost, KeyFile, KeyUse, KeyUseLog, NotRecorded, Passphrase, Person, Pin, PinPad, PinPrompt,
    StoreError, TokenName, TokenStore, UnlockError, enrol_first,
};

pub const PIN: &str = "704211";
const SO_PIN: &str = "93311805";
const PHRASE: &str = "rain on the ward roof";
const HOME: &str = "SATCHEL_TOKEN_TEST_HOME";

/// Where Debian (and most others) put it.
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];

/// The folder that a test's steps share: a profile, and the tokens.
pub struct Bench {
    home: tempfile::TempDir,
}

impl Bench {
    /// `None` if there is no SoftHSM here, which is said, and forgiven outside CI alone.
    pub fn new() -> Option<Self> {
        if module().is_none() {
            assert!(std::env::var_os("CI").is_none(), "SoftHSM is missing (Debian package softhsm2)");
            eprintln!("skipped: no SoftHSM (Debian package softhsm2)");
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        std::fs::create_dir(home.path().join("profile")).unwrap();
        Some(Self { home })
    }

    /// Runs a step as a process of its own, with the tokens in the folder of that name: the module reads where they are from the
    /// environment, once.
    pub fn step(&self, tokens: &str, step: &str) {
        let folder = self.tokens(tokens);
        std::fs::create_dir_all(&folder).unwrap();
        let conf = self.home.path().join(format!("{tokens}.conf"));
        let text = format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", folder.display());
        std::fs::write(&conf, text).unwrap();
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args(["--exact", "--ignored", "--nocapture", step]).env("SOFTHSM2_CONF", conf).env(HOME, self.home.path());
        let output = program.output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (said(&output.stdout), said(&output.stderr));
        assert!(output.status.success() && out.contains("test result: ok. 1 passed"), "{step}: {}\n{out}\n{err}", output.status);
    }

    pub fn tokens(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn profile(&self) -> PathBuf {
        self.home.path().join("profile")
    }
}

pub fn module() -> Option<&'static Path> {
    MODULES.into_iter().map(Path::new).find(|path| path.exists())
}

/// In a step: a store whose PIN pad and record the test holds.
pub struct Station {
    pub home: PathBuf,
    pub pad: Arc<Pad>,
    pub tape: Arc<Tape>,
}

impl Station {
    pub fn new() -> Self {
        Self { home: std::env::var_os(HOME).unwrap().into(), pad: Arc::default(), tape: Arc::default() }
    }

    pub fn store(&self) -> TokenStore {
        self.store_by(module().unwrap(), "ward-3")
    }

    pub fn store_by(&self, module: &Path, device: &str) -> TokenStore {
        self.store_in(module, device, &self.token_file())
    }

    pub fn store_in(&self, module: &Path, device: &str, file: &Path) -> TokenStore {
        let (site, device) = (SiteId::new("site-1").unwrap(), DeviceId::new(device).unwrap());
        TokenStore::new(module, file, &site, &device, self.pad.clone(), self.tape.clone())
    }

    pub fn token_file(&self) -> PathBuf {
        self.home.join("profile/device.token")
    }

    pub fn key_file(&self) -> PathBuf {
        self.home.join("profile/keys.json")
    }

    /// The names of the keys' uses since the last look, as `operation outcome`.
    pub fn uses(&self) -> Vec<String> {
        let uses = std::mem::take(&mut *self.tape.uses.lock().unwrap());
        uses.iter().map(|KeyUse { operation, outcome }| format!("{} {}", operation.as_str(), outcome.as_str())).collect()
    }

    /// What people were asked since the last look: whether it was the last try.
    pub fn asked(&self) -> Vec<bool> {
        std::mem::take(&mut *self.pad.asked.lock().unwrap()).into_iter().map(|prompt| prompt.last_try).collect()
    }

    /// Nobody was asked and no key was used since the last look.
    pub fn was_quiet(&self) -> bool {
        self.asked().is_empty() && self.used_no_key()
    }

    pub fn used_no_key(&self) -> bool {
        self.uses().is_empty()
    }

    pub fn enrol(&self, secret: DeviceSecret) {
        let person = Person {
            user: UserId::new("ada").unwrap(),
            practitioner: PractitionerId::new("prac-ada").unwrap(),
            display_name: "Dr. Ada".into(),
            role: "physician".into(),
        };
        let (site, device) = (SiteId::new("site-1").unwrap(), DeviceId::new("ward-3").unwrap());
        let (passphrase, workstation) = (&Passphrase::new(PHRASE), &secret.into());
        let request = EnrolFirst { site, device, person, passphrase, security_key: None, workstation, cost: KdfCost::STANDARD, at: 0 };
        enrol_first(request).unwrap().0.write(&self.key_file()).unwrap();
    }

    pub fn unlock(&self, secret: DeviceSecret) -> Result<(), UnlockError> {
        let file = KeyFile::read(&self.key_file()).unwrap();
        let (passphrase, workstation) = (&Passphrase::new(PHRASE), &secret.into());
        file.unlock(&UserId::new("ada").unwrap(), &Factors { passphrase, workstation, security_key: None }).map(drop)
    }

    /// `device.token` with something else in it.
    pub fn edit_token_file(&self, edit: impl FnOnce(&mut serde_json::Value)) {
        let mut file = serde_json::from_slice(&std::fs::read(self.token_file()).unwrap()).unwrap();
        edit(&mut file);
        std::fs::write(self.token_file(), file.to_string()).unwrap();
    }
}

/// Gives [`PIN`] when it has been given nothing else to give.
#[derive(Default)]
pub struct Pad {
    pub gives: Mutex<VecDeque<Option<&'static str>>>,
    pub asked: Mutex<Vec<PinPrompt>>,
    pub when_asked: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl PinPad for Pad {
    fn ask(&self, prompt: &PinPrompt) -> Option<Pin> {
        self.asked.lock().unwrap().push(prompt.clone());
        if let Some(happens) = self.when_asked.lock().unwrap().take() {
            happens();
        }
        self.gives.lock().unwrap().pop_front().unwrap_or(Some(PIN)).map(Pin::new)
    }
}

/// Keeps what it is told, and fails at the use of the given number, counted from the last look.
#[derive(Default)]
pub struct Tape {
    pub uses: Mutex<Vec<KeyUse>>,
    pub torn_at: Mutex<Option<usize>>,
}

impl KeyUseLog for Tape {
    fn record(&self, key_use: KeyUse) -> Result<(), NotRecorded> {
        let mut uses = self.uses.lock().unwrap();
        uses.push(key_use);
        if *self.torn_at.lock().unwrap() == Some(uses.len()) { Err(NotRecorded) } else { Ok(()) }
    }
}

/// The module without Satchel.
pub fn bare() -> Pkcs11 {
    let pkcs11 = Pkcs11::new(module().unwrap()).unwrap();
    // Satchel's own use may have begun already.
    let _ = pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    pkcs11
}

/// Makes a token with [`PIN`], and names it as Satchel does.
pub fn make_token(label: &str) -> TokenName {
    let pkcs11 = bare();
    let blank = |slot: &Slot| !pkcs11.get_token_info(*slot).unwrap().token_initialized();
    let slot = pkcs11.get_slots_with_token().unwrap().into_iter().find(blank).unwrap();
    pkcs11.init_token(slot, &AuthPin::from(SO_PIN), label).unwrap();
    let session = pkcs11.open_rw_session(slot_of(&pkcs11, label)).unwrap();
    session.login(UserType::So, Some(&AuthPin::from(SO_PIN))).unwrap();
    session.init_pin(&AuthPin::from(PIN)).unwrap();
    session.logout().unwrap();
    named(label).unwrap()
}

pub fn named(label: &str) -> Result<TokenName, StoreError> {
    let tokens = TokenStore::tokens(module().unwrap())?;
    tokens.into_iter().find(|token| token.label == label).ok_or(StoreError::TokenAbsent)
}

/// A session with the token, past Satchel, by someone who knows the PIN.
pub fn intruder(label: &str) -> Session {
    let pkcs11 = bare();
    let session = pkcs11.open_rw_session(slot_of(&pkcs11, label)).unwrap();
    session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
    session
}

fn slot_of(pkcs11: &Pkcs11, label: &str) -> Slot {
    let is_it = |slot: &Slot| pkcs11.get_token_info(*slot).is_ok_and(|about| about.label() == label);
    pkcs11.get_slots_with_token().unwrap().into_iter().find(is_it).unwrap()
}
