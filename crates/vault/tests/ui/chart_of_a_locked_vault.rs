//! While locked there is nothing to steal: a locked vault has no transactions.
use vault::audit::Origin;
use vault::kernel::UserId;
use vault::{LockedVault, VaultError};

pub fn read(mut vault: LockedVault, origin: &Origin, user: &UserId) -> Result<u32, VaultError> {
    vault.transact(origin, |tx| tx.waiting(user)) //~ E0599 no method named `transact` found for struct `LockedVault`
        .map(|counts| counts[0])
}
