//! Locking takes the open vault away.
use vault::audit::Origin;
use vault::{OpenVault, VaultError};

pub fn read(mut vault: OpenVault, origin: &Origin) -> Result<[u32; 4], VaultError> {
    let _locked = vault.lock();
    vault.transact(origin, |tx| tx.waiting()) //~ E0382 borrow of moved value: `vault`
}
