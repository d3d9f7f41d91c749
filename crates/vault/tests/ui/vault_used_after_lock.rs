//! Locking takes the open vault away.
use vault::audit::Origin;
use vault::kernel::UserId;
use vault::{OpenVault, VaultError};

pub fn read(mut vault: OpenVault, origin: &Origin, user: &UserId) -> Result<[u32; 4], VaultError> {
    let _locked = vault.lock();
    vault.transact(origin, |tx| tx.waiting(user)) //~ E0382 borrow of moved value: `vault`
}
