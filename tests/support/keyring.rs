//! The operating system's keyring: gnome-keyring on a session bus of its own, with every trouble a clinician's can have.
use std::fs::{self, DirBuilder};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use xtask::child;
use zbus::Proxy;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::bus::Bus;
use crate::until;

/// gnome-keyring makes no keyring without one.
const LOGIN_PASSWORD: &[u8] = b"login password of the workstation";
const SERVICE: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";

/// (session, parameters, value, content type), as the Secret Service specification writes a secret.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// A logged-in user's keyring: home, runtime directory, session bus, Secret Service. Dropping it ends and removes all of it.
#[derive(Debug)]
pub struct Keyring {
    daemon: Option<Child>,
    bus: Bus,
    root: tempfile::TempDir,
}

impl Keyring {
    /// Starts bus and keyring, and waits until its default collection is open.
    pub async fn start() -> Self {
        let root = tempfile::Builder::new().prefix("satchel-user-").tempdir().expect("a temporary directory");
        for name in ["home", "run", "tmp"] {
            DirBuilder::new().mode(0o700).create(root.path().join(name)).expect("a directory of the user");
        }
        let bus = Bus::start(&root.path().join("run")).await;
        let mut keyring = Self { daemon: None, bus, root };
        keyring.log_in().await;
        keyring
    }

    /// The user's home directory.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// The directory this user's programs use for temporary files.
    pub fn temporary(&self) -> PathBuf {
        self.root.path().join("tmp")
    }

    /// Everything of this user.
    pub fn everything(&self) -> &Path {
        self.root.path()
    }

    /// What a program of this session finds in its environment.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let at = |name: &str| self.root.path().join(name).display().to_string();
        vec![
            ("HOME", at("home")),
            ("XDG_RUNTIME_DIR", at("run")),
            ("TMPDIR", at("tmp")),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.address().to_owned()),
        ]
    }

    /// The user logs in: the keyring starts and opens with the login password.
    pub async fn log_in(&mut self) {
        assert!(self.daemon.is_none(), "the keyring runs already");
        let mut daemon = self.in_session(child::bound("gnome-keyring-daemon"));
        daemon.args(["--unlock", "--components=secrets", "--foreground"]);
        let mut daemon = daemon
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring is installed (cargo xtask setup)");
        // Closing the pipe ends the password.
        daemon.stdin.take().expect("piped").write_all(LOGIN_PASSWORD).expect("the keyring takes the password");
        self.daemon = Some(daemon);
        until(async || self.bus.has_owner(SERVICE).await.then_some(())).await.expect("the keyring answers on the bus");
        until(async || self.default_collection().await).await.expect("the keyring has a default collection");
    }

    /// The keyring's program ends; nothing answers until [`Keyring::log_in`].
    pub async fn stop(&mut self) {
        let mut daemon = self.daemon.take().expect("the keyring runs");
        daemon.kill().expect("the keyring ends");
        daemon.wait().expect("the keyring ended");
        until(async || (!self.bus.has_owner(SERVICE).await).then_some(())).await.expect("the bus sees the keyring gone");
    }

    /// Locks the default collection: secrets are there, but not to be had.
    pub async fn lock(&self) {
        let collection = self.default_collection().await.expect("a default collection");
        let locked: (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.service().await.call("Lock", &(vec![collection],)).await.expect("the keyring locks");
        assert_eq!(locked.0.len(), 1, "locked without asking anybody");
    }

    /// Removes every secret.
    pub async fn empty(&self) {
        for item in self.items().await {
            let item = Proxy::new(self.bus.connection(), SERVICE, item, "org.freedesktop.Secret.Item").await.expect("an item");
            let _: OwnedObjectPath = item.call("Delete", &()).await.expect("the keyring removes it");
        }
    }

    /// How many secrets it holds.
    pub async fn count(&self) -> usize {
        self.items().await.len()
    }

    /// Every secret, as the programs wrote it.
    pub async fn secrets(&self) -> Vec<Vec<u8>> {
        let session = self.session().await;
        let mut secrets = Vec::new();
        for item in self.items().await {
            let item = Proxy::new(self.bus.connection(), SERVICE, item, "org.freedesktop.Secret.Item").await.expect("an item");
            let secret: (Secret,) = item.call("GetSecret", &(&session,)).await.expect("an open keyring");
            secrets.push(secret.0.2);
        }
        secrets
    }

    async fn session(&self) -> OwnedObjectPath {
        let opened: (OwnedValue, OwnedObjectPath) =
            self.service().await.call("OpenSession", &("plain", Value::from(""))).await.expect("a session");
        opened.1
    }

    async fn items(&self) -> Vec<OwnedObjectPath> {
        let collection = self.default_collection().await.expect("a default collection");
        let collection = Proxy::new(self.bus.connection(), SERVICE, collection, "org.freedesktop.Secret.Collection").await.expect("it");
        collection.get_property("Items").await.expect("its items")
    }

    async fn default_collection(&self) -> Option<OwnedObjectPath> {
        let path: OwnedObjectPath = self.service().await.call("ReadAlias", &("default",)).await.ok()?;
        (*path != ObjectPath::from_static_str_unchecked("/")).then_some(path)
    }

    async fn service(&self) -> Proxy<'static> {
        Proxy::new(self.bus.connection(), SERVICE, SERVICE_PATH, "org.freedesktop.Secret.Service").await.expect("a proxy")
    }

    fn in_session(&self, mut command: Command) -> Command {
        command.envs(self.environment()).env_remove("GNOME_KEYRING_CONTROL").env_remove("XDG_DATA_HOME");
        command
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        // The bus goes with its field; what it left in the directory goes with the directory.
        let _ = fs::remove_file(self.root.path().join("run/bus"));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    async fn store(keyring: &Keyring, value: &[u8]) {
        let collection = keyring.default_collection().await.unwrap();
        let collection = Proxy::new(keyring.bus.connection(), SERVICE, collection, "org.freedesktop.Secret.Collection").await.unwrap();
        let label = HashMap::from([("org.freedesktop.Secret.Item.Label", Value::from("a secret"))]);
        let secret: Secret = (keyring.session().await, Vec::new(), value.to_vec(), "text/plain".to_owned());
        let created: (OwnedObjectPath, OwnedObjectPath) = collection.call("CreateItem", &(label, secret, true)).await.unwrap();
        assert_ne!(created.0.as_str(), "/");
    }

    async fn look_up(keyring: &Keyring) -> zbus::Result<Vec<u8>> {
        let item = keyring.items().await.remove(0);
        let item = Proxy::new(keyring.bus.connection(), SERVICE, item, "org.freedesktop.Secret.Item").await?;
        let secret: (Secret,) = item.call("GetSecret", &(keyring.session().await,)).await?;
        Ok(secret.0.2)
    }

    #[tokio::test]
    async fn keeps_a_secret_over_logins_and_has_every_trouble_on_demand() {
        let mut keyring = Keyring::start().await;
        store(&keyring, b"secret of the device").await;
        assert_eq!(look_up(&keyring).await.unwrap(), b"secret of the device");

        keyring.lock().await;
        assert_eq!(keyring.count().await, 1, "there, but not to be had");
        assert!(look_up(&keyring).await.is_err());

        keyring.stop().await;
        assert!(keyring.default_collection().await.is_none(), "nothing starts it again by itself");

        keyring.log_in().await;
        assert_eq!(look_up(&keyring).await.unwrap(), b"secret of the device");

        keyring.empty().await;
        assert_eq!(keyring.count().await, 0);
    }
}
