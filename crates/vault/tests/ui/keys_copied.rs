//! Open keys are in one place, and go with it.
use vault::keys::OpenKeys;
use vault::OpenVault;

pub fn copied(keys: &OpenKeys) -> OpenKeys {
    keys.clone() //~ E0308 mismatched types
}

pub fn taken_out(vault: &OpenVault) -> OpenKeys {
    *vault.keys() //~ E0507 cannot move out of a shared reference
}
