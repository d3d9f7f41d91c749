//! A session bus that starts nothing by itself, so that a keyring that is gone stays gone.
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use xtask::child;
use zbus::Connection;

use crate::until;

const POLICY: &str = r#"<policy context="default">
  <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy>"#;

/// A D-Bus session bus; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Bus {
    address: String,
    connection: Connection,
    daemon: Child,
}

impl Bus {
    /// Starts one with its socket in `runtime_dir`.
    pub(crate) async fn start(runtime_dir: &Path) -> Self {
        let address = format!("unix:path={}", runtime_dir.join("bus").display());
        let config = runtime_dir.join("bus.conf");
        fs::write(&config, format!("<busconfig><type>session</type><listen>{address}</listen>{POLICY}</busconfig>")).expect("bus.conf");
        let daemon = child::bound("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--nopidfile"])
            .stdin(Stdio::null())
            .spawn()
            .expect("dbus is installed (cargo xtask setup)");
        let connect = async || zbus::connection::Builder::address(address.as_str()).ok()?.build().await.ok();
        let connection = until(connect).await.expect("the session bus answers");
        Self { address, connection, daemon }
    }

    /// As `DBUS_SESSION_BUS_ADDRESS` names it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The harness's own connection.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether some program answers to this name.
    pub(crate) async fn has_owner(&self, name: &str) -> bool {
        let bus = zbus::fdo::DBusProxy::new(&self.connection).await.expect("the bus itself");
        bus.name_has_owner(name.try_into().expect("a bus name")).await.expect("the bus answers")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
