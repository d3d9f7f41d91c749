//! A permit does not outlive the transaction that holds its audit entry.
use vault::access::{Gate, Permit, ReadChart, Target, User, admit};
use vault::audit::Origin;
use vault::{OpenVault, VaultError};

pub fn returned(vault: &mut OpenVault, gate: &Gate, user: &User, target: Target, origin: &Origin) {
    let _ = vault.transact(origin, |tx| {
        admit::<ReadChart, _>(gate, tx, user, target).map_err(|_| VaultError::Fault) //~ none lifetime may not live long enough
    });
}

pub fn kept(vault: &mut OpenVault, gate: &Gate, user: &User, target: Target, origin: &Origin) {
    let mut kept: Option<Permit<'_, ReadChart>> = None;
    let _ = vault.transact(origin, |tx| {
        kept = admit::<ReadChart, _>(gate, tx, user, target).ok(); //~ E0521 borrowed data escapes outside of closure
        Ok::<_, VaultError>(())
    });
    drop(kept);
}
