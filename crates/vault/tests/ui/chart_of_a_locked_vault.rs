//! While locked there is nothing to steal: a locked vault has no transactions.
use vault::audit::Origin;
use vault::{LockedVault, VaultError};

pub fn read(mut vault: LockedVault, origin: &Origin) -> Result<u32, VaultError> {
    vault.transact(origin, |tx| tx.waiting()) //~ E0599 no method named `transact` found for struct `LockedVault`
        .map(|counts| counts[0])
}
