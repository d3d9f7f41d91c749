//! A desk whose secret a token keeps, for real: SoftHSM with a token of its own, which each test makes.
//!
//! Needs softhsm2; without it the tests say that they skipped, or fail if `CI` is set. OpenSC's pkcs11-spy, where it is there, counts
//! the calls past Satchel.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use kernel::{ErrorCode, UserId};
use keys::{Passphrase, SecretStore as _};
use tempfile::TempDir;

use crate::doctor::FindingState;
use crate::problem::Problem;
use crate::state::Desk;
use crate::test_host::{PASSPHRASE, TestHost};
use crate::view::{AuditQuery, LockReason, Stage, TokenView};

const PIN: &str = "704211";
const HOME: &str = "SATCHEL_DESK_TOKEN_TEST_HOME";
const SPY_LOG: &str = "PKCS11SPY_OUTPUT";
const MODULES: [&str; 3] =
    ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so"];
const SPIES: [&str; 3] =
    ["/usr/lib/x86_64-linux-gnu/pkcs11-spy.so", "/usr/lib/aarch64-linux-gnu/pkcs11-spy.so", "/usr/lib64/pkcs11/pkcs11-spy.so"];

const LOAD: [&str; 3] = ["unwrap done", "read done", "destroy done"];
const STORE: [&str; 4] = ["generate done", "import done", "wrap done", "destroy done"];

fn there(places: &'static [&'static str]) -> Option<&'static Path> {
    places.iter().map(Path::new).find(|path| path.exists())
}

/// The folder that a test's steps share: a profile, and the tokens.
struct Bench(TempDir);

impl Bench {
    fn new() -> Option<Self> {
        if there(&MODULES).is_none() {
            assert!(std::env::var_os("CI").is_none(), "SoftHSM is missing (Debian package softhsm2)");
            eprintln!("skipped: no SoftHSM (Debian package softhsm2)");
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let tokens = home.path().join("tokens");
        std::fs::create_dir(&tokens).unwrap();
        let conf = format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
        std::fs::write(home.path().join("softhsm2.conf"), conf).unwrap();
        let bench = Self(home);
        let mut maker = Command::new("softhsm2-util");
        maker.args(["--init-token", "--free", "--label", "ward", "--pin", PIN, "--so-pin", "93311805"]);
        let made = maker.env("SOFTHSM2_CONF", bench.0.path().join("softhsm2.conf")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(bench)
    }

    /// Runs a step as a process of its own: the module reads where its tokens are from the environment, once.
    fn step(&self, step: &str) {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args(["--exact", "--ignored", "--nocapture", &format!("tests_of_token::{step}")]);
        program.env("SOFTHSM2_CONF", self.0.path().join("softhsm2.conf")).env(HOME, self.0.path());
        if let Some(module) = there(&MODULES) {
            program.env("PKCS11SPY", module).env(SPY_LOG, self.0.path().join("spy.log"));
        }
        let output = program.output().unwrap();
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (said(&output.stdout), said(&output.stderr));
        assert!(output.status.success() && out.contains("test result: ok. 1 passed"), "{step}: {}\n{out}\n{err}", output.status);
    }
}

/// In a step: the desk, and what was done with the token.
struct Ward(TestHost);

impl Ward {
    fn home() -> PathBuf {
        std::env::var_os(HOME).unwrap().into()
    }

    fn new() -> Self {
        Self::by(there(&MODULES).unwrap())
    }

    fn by(module: &Path) -> Self {
        Self(TestHost::on_token(&Self::home().join("profile"), module))
    }

    fn pin(&self, pin: &str) -> &Self {
        crate::token_pin(&self.0.host, pin.into());
        self
    }

    fn enrolled() -> Self {
        let ward = Self::new();
        ward.enrol();
        ward
    }

    fn enrol(&self) {
        self.pin(PIN).0.enrol("physician", &["patient.*", "audit.*"], &["progress_notes", "devices"]);
    }

    fn unlock(&self) -> Result<(), Problem> {
        self.unlock_with(PASSPHRASE)
    }

    fn unlock_with(&self, passphrase: &str) -> Result<(), Problem> {
        crate::unlock(&self.0.host, &UserId::new("dr-1").unwrap(), &Passphrase::new(passphrase)).map(drop)
    }

    fn stage(&self) -> Stage {
        crate::stage(&self.0.host).unwrap()
    }

    /// Until it is so, with what runs in the background running.
    fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(20), "{what}");
            self.0.run_for_a_while();
        }
    }

    fn has(&self, file: &str) -> bool {
        self.0.folder().join(file).exists()
    }

    /// Who did what with keys of the token, as the open desk's chain says, oldest first.
    fn uses(&self) -> Vec<String> {
        let query = AuditQuery { action: Some("use_token".into()), limit: 1000, ..query() };
        let rows = crate::audit_recent(&self.0.host, &query).unwrap();
        rows.iter().rev().map(|row| row.detail.clone().unwrap().split_once("claimed ").unwrap().1.to_owned()).collect()
    }
}

fn query() -> AuditQuery {
    AuditQuery { patient: None, user: None, action: None, unsuccessful: false, from: None, until: None, limit: 0 }
}

fn refused(done: Result<(), Problem>) -> ErrorCode {
    done.expect_err("should have been refused").code()
}

fn ward_token() -> Option<TokenView> {
    Some(TokenView { label: Some("ward".into()) })
}

#[test]
fn a_vault_opens_with_passphrase_token_and_pin() {
    let Some(bench) = Bench::new() else { return };
    bench.step("is_made");
    bench.step("is_opened");
    bench.step("is_looked_at");
    bench.step("is_erased");
}

#[test]
#[ignore = "a step of a_vault_opens_with_passphrase_token_and_pin"]
fn is_made() {
    let ward = Ward::new();
    assert!(matches!(ward.stage(), Stage::FirstRun { token, .. } if token == ward_token()));
    ward.0.sign_in("dr-1", "physician", &["patient.*", "audit.*"], &["progress_notes", "devices"]);
    let enrol = || crate::enrol(&ward.0.host, &Passphrase::new(PASSPHRASE)).map(drop);
    assert_eq!(refused(enrol()), ErrorCode::PinNeeded);
    ward.pin("000000");
    assert_eq!(refused(enrol()), ErrorCode::WrongPin);
    assert!(matches!(ward.stage(), Stage::FirstRun { .. }) && !ward.has("device.token"), "nothing was made");
    ward.pin(PIN);
    enrol().unwrap();
    assert!(ward.has("device.token") && ward.has("generation-1.token"));
    assert_eq!(ward.0.ring.entry(keys::SecretName::Device).load().unwrap_err(), keys::StoreError::Emptied, "and no keyring knows it");
    assert!(matches!(ward.stage(), Stage::Open { desk } if desk.token == ward_token()));
}

#[test]
#[ignore = "a step of a_vault_opens_with_passphrase_token_and_pin"]
fn is_opened() {
    let ward = Ward::new();
    assert!(matches!(ward.stage(), Stage::Locked { token, .. } if token == ward_token()));
    assert_eq!(refused(ward.unlock()), ErrorCode::PinNeeded);
    ward.pin("000000");
    assert_eq!(refused(ward.unlock()), ErrorCode::WrongPin);
    assert_eq!(refused(ward.unlock()), ErrorCode::PinNeeded, "a wrong PIN is not tried again by itself");
    ward.pin(PIN);
    ward.0.clock.pass(60);
    assert_eq!(refused(ward.unlock()), ErrorCode::PinNeeded, "a PIN lasts a minute");
    ward.pin(PIN);
    assert_eq!(refused(ward.unlock_with("some other phrase of words")), ErrorCode::WrongPassphrase);
    ward.pin(PIN).unlock().unwrap();

    // Whatever proves who one is wants it anew, and one is enough for all that follows from it.
    let host = &ward.0.host;
    let change = |old: &str, new: &str| crate::change_passphrase(host, &Passphrase::new(old), &Passphrase::new(new));
    const NEXT: &str = "copper kettle on a slow train";
    assert_eq!(refused(change(PASSPHRASE, NEXT)), ErrorCode::PinNeeded);
    ward.pin(PIN);
    change(PASSPHRASE, NEXT).unwrap();
    ward.pin(PIN);
    change(NEXT, PASSPHRASE).unwrap();
    assert_eq!(refused(crate::step_up(host, &Passphrase::new(PASSPHRASE))), ErrorCode::PinNeeded);
    ward.pin(PIN);
    crate::step_up(host, &Passphrase::new(PASSPHRASE)).unwrap();
    ward.0.sign_in("nurse-1", "nurse", &["patient.*"], &["nursing_notes"]);
    let join = || crate::join(host, &Passphrase::new("seven grey herons at the weir"), None);
    assert_eq!(refused(join()), ErrorCode::PinNeeded);
    ward.pin(PIN);
    join().unwrap();
    // A PIN that was not asked for does not outlive the lock.
    ward.pin(PIN).unlock().unwrap();
    ward.pin(PIN);
    host.lock();
    assert_eq!(refused(ward.unlock()), ErrorCode::PinNeeded);
    // What cannot be read says nothing about where the secret is, and no other place is looked in.
    let site = ward.0.folder().join("site.json");
    let kept = std::fs::read(&site).unwrap();
    std::fs::write(&site, "{").unwrap();
    ward.pin(PIN);
    assert_eq!(refused(ward.unlock()), ErrorCode::Internal);
    std::fs::write(&site, kept).unwrap();
    ward.unlock().unwrap();
}

#[test]
#[ignore = "a step of a_vault_opens_with_passphrase_token_and_pin"]
fn is_looked_at() {
    let profile = crate::profile::Profile::at(&Ward::home().join("profile"));
    let look = |module: &Path| crate::doctor::of_secret(&profile, module);
    let found = look(there(&MODULES).unwrap());
    assert_eq!((found.check, found.state), ("token", FindingState::Ok), "{}", found.detail);
    let fake = Ward::home().join("module.so");
    std::fs::write(&fake, "no library").unwrap();
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o666)).unwrap();
    let found = look(&fake);
    assert_eq!((found.state, found.code), (FindingState::Failed, Some(ErrorCode::TokenModule)));
    assert!(found.detail.contains("may be changed by others"), "{}", found.detail);
    std::fs::rename(Ward::home().join("tokens"), Ward::home().join("pocket")).unwrap();
    let found = look(there(&MODULES).unwrap());
    assert_eq!((found.state, found.code), (FindingState::Failed, Some(ErrorCode::TokenAbsent)), "{}", found.detail);
    std::fs::rename(Ward::home().join("pocket"), Ward::home().join("tokens")).unwrap();
}

#[test]
#[ignore = "a step of a_vault_opens_with_passphrase_token_and_pin"]
fn is_erased() {
    let ward = Ward::new();
    ward.pin(PIN).unlock().unwrap();
    let erase = || crate::erase_workstation(&ward.0.host, &Passphrase::new(PASSPHRASE), false);
    assert_eq!(refused(erase()), ErrorCode::PinNeeded);
    ward.pin(PIN);
    erase().unwrap();
    assert!(!ward.has("device.token") && !ward.has("generation-1.token"));
    assert!(matches!(ward.stage(), Stage::FirstRun { .. }));
    ward.enrol();
}

#[test]
fn a_removed_token_locks_the_desk() {
    let Some(bench) = Bench::new() else { return };
    bench.step("is_taken_away_and_brought_back");
}

#[test]
#[ignore = "a step of a_removed_token_locks_the_desk"]
fn is_taken_away_and_brought_back() {
    let ward = Ward::enrolled();
    let ends = match &*ward.0.host.desk() {
        Desk::Open(open) => open.ends.clone(),
        _ => panic!("just enrolled"),
    };
    // Uses at the open desk come into the chain without another unlock.
    ward.pin(PIN);
    crate::step_up(&ward.0.host, &Passphrase::new(PASSPHRASE)).unwrap();
    let before = ward.uses().len();
    ward.until("the door's log is taken in", || ward.uses().len() == before + 2 * LOAD.len());
    assert!(!ends.is_cancelled(), "the token is there");

    std::fs::rename(Ward::home().join("tokens"), Ward::home().join("pocket")).unwrap();
    ward.until("the desk locks", || matches!(ward.stage(), Stage::Locked { reason: Some(LockReason::TokenRemoved), .. }));
    assert!(ends.is_cancelled(), "what worked for the open desk has ended");
    let told = || ward.0.heard.0.lock().unwrap().iter().filter(|heard| *heard == "locked TokenRemoved").count();
    ward.until("the window is told", || told() > 0);
    ward.pin(PIN);
    assert_eq!(refused(ward.unlock()), ErrorCode::TokenAbsent);
    assert!(matches!(ward.stage(), Stage::Locked { reason: Some(LockReason::TokenRemoved), .. }));
    assert_eq!(told(), 1);

    std::fs::rename(Ward::home().join("pocket"), Ward::home().join("tokens")).unwrap();
    ward.pin(PIN).unlock().unwrap();
    let query = AuditQuery { action: Some("lock".into()), limit: 1, ..query() };
    assert_eq!(crate::audit_recent(&ward.0.host, &query).unwrap()[0].detail.as_deref(), Some("token_removed"));
    assert!(matches!(ward.stage(), Stage::Open { .. }));
}

#[test]
fn every_use_of_a_key_is_one_audit_entry() {
    let Some(bench) = Bench::new() else { return };
    bench.step("is_counted");
}

#[test]
#[ignore = "a step of every_use_of_a_key_is_one_audit_entry"]
fn is_counted() {
    let spy = there(&SPIES);
    let ward = spy.map_or_else(Ward::new, Ward::by);
    let mut expected: Vec<String> = Vec::new();
    let mut expect = |uses: &[&str]| expected.extend(uses.iter().map(|use_| format!("dr-1 {use_}")));
    let (one, two) = ([&STORE[..], &LOAD[..]].concat(), [&LOAD[..], &LOAD[..]].concat());

    ward.enrol();
    expect(&one);
    expect(&one);
    ward.0.host.lock();
    assert_eq!(refused(ward.unlock()), ErrorCode::PinNeeded);
    ward.pin("000000");
    assert_eq!(refused(ward.unlock()), ErrorCode::WrongPin);
    ward.pin(PIN);
    assert_eq!(refused(ward.unlock_with("some other phrase of words")), ErrorCode::WrongPassphrase);
    expect(&two);
    ward.pin(PIN).unlock().unwrap();
    expect(&two);
    assert_eq!(refused(crate::rotate_keys(&ward.0.host, None)), ErrorCode::PinNeeded);
    ward.pin(PIN);
    crate::rotate_keys(&ward.0.host, None).unwrap();
    expect(&two);
    expect(&one);
    ward.until("the rotation ends", || crate::key_status(&ward.0.host).unwrap().rotation.is_none());
    assert!(ward.has("generation-1.token") && ward.has("generation-2.token"), "nobody gave a PIN to delete the former with");
    // Given while the rotation may still be ending: what goes on beside the work does not take it.
    ward.pin(PIN);
    crate::step_up(&ward.0.host, &Passphrase::new(PASSPHRASE)).unwrap();
    expect(&two);
    ward.0.host.lock();
    ward.pin(PIN).unlock().unwrap();
    expect(&two);
    ward.until("the former key is deleted", || !ward.has("generation-1.token"));
    expect(&["destroy done"]);
    ward.0.host.lock();

    // A blob that was changed: the token fails, and that is an entry too.
    let blob = ward.0.folder().join("device.token");
    let good = std::fs::read_to_string(&blob).unwrap();
    let at = good.find(r#""wrapped": ""#).unwrap() + 14;
    let flipped = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
    std::fs::write(&blob, format!("{}{flipped}{}", &good[..at], &good[at + 1..])).unwrap();
    ward.pin(PIN);
    assert_eq!(refused(ward.unlock()), ErrorCode::Internal);
    expect(&["unwrap failed"]);
    std::fs::write(&blob, good).unwrap();
    ward.pin(PIN).unlock().unwrap();
    expect(&two);
    assert_eq!(ward.uses(), expected);
    assert!(crate::audit_verify(&ward.0.host).unwrap().intact);

    match std::env::var_os(SPY_LOG).filter(|_| spy.is_some()) {
        Some(log) => assert_eq!(counted_by_the_spy(Path::new(&log)), expected.len()),
        None => eprintln!("skipped: no pkcs11-spy (Debian package opensc-pkcs11)"),
    }
}

/// The calls that make, use, read or destroy a key. What is called first for the length of its answer alone counts once.
fn counted_by_the_spy(log: &Path) -> usize {
    let log = std::fs::read_to_string(log).unwrap();
    let calls = |name: &str| log.lines().filter(|line| line.trim_end().ends_with(&format!(": {name}"))).count();
    let asked_for_a_value = log
        .split(": C_GetAttributeValue")
        .skip(1)
        .filter(|call| call.split("Returned").next().is_some_and(|of| of.contains("CKA_VALUE ")))
        .count();
    let twice = calls("C_WrapKey") + asked_for_a_value;
    assert!(twice.is_multiple_of(2) && twice > 0, "{twice}");
    ["C_GenerateKey", "C_CreateObject", "C_UnwrapKey", "C_DestroyObject"].map(calls).iter().sum::<usize>() + twice / 2
}
