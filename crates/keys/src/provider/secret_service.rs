//! Linux: the freedesktop.org Secret Service over D-Bus.
//!
//! The keyring library reads and writes the entry; but it answers "no bus", "no service" and "locked" alike, and unlocks by a
//! prompt that may never end. So the bus is asked first how things stand, and the library only where nothing is in the way.
use std::collections::HashMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, Proxy, connection};
use zbus::names::BusName;
use zbus::zvariant::OwnedObjectPath;
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

use super::super::own_thread::{self, PATIENCE};
use super::super::{DeviceSecret, Key, StoreError};

const SERVICE: &str = "satchel";
const BUS_NAME: &str = "org.freedesktop.secrets";

/// Asks the bus on a thread of its own.
pub fn on_own_thread<T: Send + 'static>(
    account: &str,
    ask: impl FnOnce(&str) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let account = account.to_owned();
    own_thread::on_own_thread("keyring", move || ask(&account))
}

/// The secret as text: `KWallet` keeps nothing but UTF-8.
pub fn write_down(secret: &DeviceSecret) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(64));
    BASE64_STANDARD.encode_string(secret.key().bytes(), &mut text);
    text
}

pub fn load(account: &str) -> Result<DeviceSecret, StoreError> {
    match entry_state(account)? {
        EntryState::There => {}
        EntryState::None | EntryState::NoCollection => return Err(StoreError::Emptied),
    }
    let text = Zeroizing::new(entry(account)?.get_secret().map_err(told)?);
    let mut bytes = Zeroizing::new([0; 33]);
    match BASE64_STANDARD.decode_slice(text.as_slice(), bytes.as_mut_slice()) {
        Ok(32) => Key::copied(&bytes[..32]).map(DeviceSecret).ok_or(StoreError::Failed),
        _ => Err(StoreError::Failed),
    }
}

pub fn store(account: &str, text: &Zeroizing<String>) -> Result<(), StoreError> {
    match entry_state(account)? {
        EntryState::There => Err(StoreError::Occupied),
        EntryState::None => entry(account)?.set_secret(text.as_bytes()).map_err(told),
        // There is a service but nowhere to put a secret; making a collection would ask for a password of its own.
        EntryState::NoCollection => Err(StoreError::Absent),
    }
}

pub fn delete(account: &str) -> Result<(), StoreError> {
    match entry_state(account)? {
        EntryState::There => entry(account)?.delete_credential().map_err(told),
        EntryState::None | EntryState::NoCollection => Err(StoreError::Emptied),
    }
}

enum EntryState {
    There,
    /// Not there, and what is there is open.
    None,
    /// There is not even a default collection.
    NoCollection,
}

/// How things stand, without unlocking or creating anything.
fn entry_state(account: &str) -> Result<EntryState, StoreError> {
    let bus = session_bus()?;
    let service = Proxy::new(&bus, BUS_NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service").map_err(failed)?;
    let attributes = HashMap::from([("service", SERVICE), ("username", account)]);
    let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = service.call("SearchItems", &(attributes,)).map_err(failed)?;
    if !open.is_empty() {
        return Ok(EntryState::There);
    }
    if !locked.is_empty() {
        return Err(StoreError::Locked);
    }
    let default: OwnedObjectPath = service.call("ReadAlias", &("default",)).map_err(failed)?;
    if default.as_str() == "/" {
        return Ok(EntryState::NoCollection);
    }
    // Some services find nothing in a locked collection: "not there" is believed only of an open one.
    let collection = Proxy::new(&bus, BUS_NAME, default, "org.freedesktop.Secret.Collection").map_err(failed)?;
    if collection.get_property("Locked").map_err(failed)? { Err(StoreError::Locked) } else { Ok(EntryState::None) }
}

fn session_bus() -> Result<Connection, StoreError> {
    let builder = connection::Builder::session().map_err(|_| StoreError::Absent)?;
    let bus = builder.method_timeout(PATIENCE / 2).build().map_err(|_| StoreError::Absent)?;
    let daemon = DBusProxy::new(&bus).map_err(failed)?;
    let name = BusName::try_from(BUS_NAME).map_err(|_| StoreError::Failed)?;
    if !daemon.name_has_owner(name.clone()).map_err(|_| StoreError::Failed)? {
        // It may be one that the bus starts on demand.
        let BusName::WellKnown(name) = name else { return Err(StoreError::Failed) };
        daemon.start_service_by_name(name, 0).map_err(|_| StoreError::Absent)?;
    }
    Ok(bus)
}

fn entry(account: &str) -> Result<Entry, StoreError> {
    Store::new().and_then(|store| store.build(SERVICE, account, None)).map_err(told)
}

fn failed(_: zbus::Error) -> StoreError {
    StoreError::Failed
}

fn told(error: keyring_core::Error) -> StoreError {
    match error {
        keyring_core::Error::NoEntry => StoreError::Emptied,
        keyring_core::Error::NoStorageAccess(_) => StoreError::Locked,
        keyring_core::Error::NoDefaultStore => StoreError::Absent,
        _ => StoreError::Failed,
    }
}
