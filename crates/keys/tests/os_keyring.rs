//! The operating system's keyring, for real: a Secret Service of its own (private bus, private home), never the developer's.
//!
//! Needs `dbus-run-session` and `gnome-keyring-daemon`; without them it says that it skipped, or fails if
//! `SATCHEL_TEST_KEYRING=1`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use kernel::{DeviceId, PractitionerId, SiteId, UserId};
use keys::{
    DeviceSecret, EnrolFirst, Factors, KdfCost, KeyFile, OsKeyring, Passphrase, Person, SecretName, SecretStore, StoreError,
    WorkstationSecrets, enrol_first,
};
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::OwnedObjectPath;

const PHRASE: &str = "rain on the ward roof";
const KEY_FILE: &str = "SATCHEL_KEYRING_TEST_FILE";

/// The steps below run as tests of this same program, inside the private session.
const SESSION: &str = r#"
set -eu
step() { "$TEST_PROGRAM" --exact --ignored --nocapture "$1"; }
keyring() { printf %s "a keyring password" | gnome-keyring-daemon --unlock --components=secrets --foreground & daemon=$!; }
keyring
step open_emptied_then_locked
kill $daemon
wait $daemon || true
keyring
step kept_over_a_restart
kill $daemon
wait $daemon || true
"#;

#[test]
fn a_real_secret_service_keeps_the_secret_and_its_troubles_are_told_apart() {
    if ["dbus-run-session", "gnome-keyring-daemon"].into_iter().any(missing) {
        assert!(std::env::var("SATCHEL_TEST_KEYRING").is_err(), "dbus-run-session or gnome-keyring-daemon is missing");
        eprintln!("skipped: no dbus-run-session or no gnome-keyring-daemon");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", SESSION]).env("TEST_PROGRAM", std::env::current_exe().unwrap());
    session.env("HOME", home.path()).env("XDG_RUNTIME_DIR", home.path()).env(KEY_FILE, home.path().join("keys.json"));
    for inherited in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "GNOME_KEYRING_CONTROL", "DISPLAY", "WAYLAND_DISPLAY"] {
        session.env_remove(inherited);
    }
    let output = session.output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", said(&output.stdout), said(&output.stderr));
    let passed = said(&output.stdout).matches("test result: ok. 1 passed").count();
    assert_eq!(passed, 2, "both steps ran: {}", said(&output.stdout));
}

#[test]
fn without_a_bus_the_keyring_is_absent() {
    let mut alone = Command::new(std::env::current_exe().unwrap());
    alone.args(["--exact", "--ignored", "no_bus"]).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let output = alone.output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
#[ignore = "a step of without_a_bus_the_keyring_is_absent"]
fn no_bus() {
    assert_eq!(keyring().load().unwrap_err(), StoreError::Absent);
    assert_eq!(keyring().delete().unwrap_err(), StoreError::Absent);
    assert_eq!(DeviceSecret::provision(&keyring()).unwrap_err(), StoreError::Absent);
}

#[test]
#[ignore = "a step of a_real_secret_service_keeps_the_secret_and_its_troubles_are_told_apart"]
fn open_emptied_then_locked() {
    let default = wait_for_default_collection();
    let (keyring, path) = (keyring(), std::env::var(KEY_FILE).unwrap());

    // Nothing yet; then provisioned once and kept.
    assert_eq!(keyring.load().unwrap_err(), StoreError::Emptied);
    assert_eq!(keyring.delete().unwrap_err(), StoreError::Emptied);
    let secret = DeviceSecret::provision(&keyring).unwrap();
    assert_eq!(keyring.store(&secret), Err(StoreError::Occupied));
    let file = enrol(&WorkstationSecrets::provision(&find).unwrap());
    file.write(path.as_ref()).unwrap();
    unlocks(&path);

    // The secret of a generation is an entry of its own; without it the vault's keys stay closed.
    let generation = find(SecretName::Generation(1));
    let kept = generation.load().unwrap();
    generation.delete().unwrap();
    assert_eq!(WorkstationSecrets::load(&file, &find).unwrap_err(), StoreError::Emptied);
    generation.store(&kept).unwrap();
    unlocks(&path);

    // Another site's or device's secret is another entry.
    let neighbour = OsKeyring::new(&SiteId::new("site-1").unwrap(), &DeviceId::new("ward-4").unwrap(), SecretName::Device);
    assert_eq!(neighbour.load().unwrap_err(), StoreError::Emptied);

    // Emptied by hand: told so, never made anew by `load`; what is stored again opens again.
    keyring.delete().unwrap();
    assert_eq!(keyring.load().unwrap_err(), StoreError::Emptied);
    keyring.store(&secret).unwrap();

    // Callable from inside an async runtime, too.
    let runtime = zbus::block_on(async { keyring.load().map(drop) });
    assert_eq!(runtime, Ok(()));

    lock(&default);
    assert_eq!(keyring.load().unwrap_err(), StoreError::Locked);
    assert_eq!(keyring.store(&secret), Err(StoreError::Locked));
    assert_eq!(keyring.delete(), Err(StoreError::Locked));
    assert_eq!(DeviceSecret::provision(&keyring).unwrap_err(), StoreError::Locked);
    assert_eq!(neighbour.load().unwrap_err(), StoreError::Locked, "what is not seen while locked may be there");
}

#[test]
#[ignore = "a step of a_real_secret_service_keeps_the_secret_and_its_troubles_are_told_apart"]
fn kept_over_a_restart() {
    wait_for_default_collection();
    unlocks(&std::env::var(KEY_FILE).unwrap());
}

fn keyring() -> OsKeyring {
    entry(SecretName::Device)
}

fn entry(name: SecretName) -> OsKeyring {
    OsKeyring::new(&SiteId::new("site-1").unwrap(), &DeviceId::new("ward-3").unwrap(), name)
}

fn find(name: SecretName) -> Box<dyn SecretStore> {
    Box::new(entry(name))
}

fn enrol(workstation: &WorkstationSecrets) -> KeyFile {
    let person = Person {
        user: UserId::new("ada").unwrap(),
        practitioner: PractitionerId::new("prac-ada").unwrap(),
        display_name: "Dr. Ada".into(),
        role: "physician".into(),
    };
    let (site, device) = (SiteId::new("site-1").unwrap(), DeviceId::new("ward-3").unwrap());
    let passphrase = &Passphrase::new(PHRASE);
    enrol_first(EnrolFirst {
        site,
        device,
        person,
        passphrase,
        security_key: None,
        workstation,
        cost: KdfCost::STANDARD,
        at: 1_767_225_600,
    })
    .unwrap()
    .0
}

fn unlocks(path: &str) {
    let file = KeyFile::read(path.as_ref()).unwrap();
    let workstation = &WorkstationSecrets::load(&file, &find).unwrap();
    let passphrase = &Passphrase::new(PHRASE);
    file.unlock(&UserId::new("ada").unwrap(), &Factors { passphrase, workstation, security_key: None }).unwrap();
}

fn service(bus: &Connection) -> Proxy<'_> {
    Proxy::new(bus, "org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service").unwrap()
}

fn wait_for_default_collection() -> OwnedObjectPath {
    let bus = Connection::session().unwrap();
    let daemon = DBusProxy::new(&bus).unwrap();
    for _ in 0..200 {
        // Asked before it is there, the bus would start a second, empty one.
        if daemon.name_has_owner("org.freedesktop.secrets".try_into().unwrap()).unwrap() {
            let path: OwnedObjectPath = service(&bus).call("ReadAlias", &("default",)).unwrap();
            if path.as_str() != "/" {
                return path;
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no default collection after 10 s");
}

fn lock(collection: &OwnedObjectPath) {
    let bus = Connection::session().unwrap();
    let (locked, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = service(&bus).call("Lock", &(vec![collection],)).unwrap();
    assert_eq!((locked, prompt.as_str()), (vec![collection.clone()], "/"));
}

fn missing(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    !std::env::split_paths(&folders).any(|folder| folder.join(program).exists())
}
