//! Compiles: what the other files change one thing of.
use vault::access::{Gate, Permit, ReadChart, Refusal, Target, User, admit};
use vault::audit::Origin;
use vault::kernel::{PatientId, Phi};
use vault::keys::OpenKeys;
use vault::{ChartRows, LockedVault, OpenVault, Tx, VaultError};

pub enum No {
    Refused(Refusal<VaultError>),
    Vault(VaultError),
}
impl From<Refusal<VaultError>> for No {
    fn from(refusal: Refusal<VaultError>) -> Self {
        Self::Refused(refusal)
    }
}
impl From<VaultError> for No {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

pub fn read(vault: &mut OpenVault, gate: &Gate, user: &User, patient: PatientId, origin: &Origin) -> Result<ChartRows, No> {
    vault.transact(origin, |tx| {
        let permit = admit::<ReadChart, _>(gate, tx, user, Target::chart(patient))?;
        Ok(tx.chart(&permit)?)
    })
}

pub fn read_with<'t>(tx: &'t Tx<'_>, permit: &Permit<'t, ReadChart>) -> Result<ChartRows, VaultError> {
    tx.chart(permit)
}

pub fn lock(vault: OpenVault) -> LockedVault {
    vault.lock()
}

pub fn print(name: &Phi<String>, patient: &PatientId) -> String {
    format!("{name:?} {patient}")
}

pub fn move_keys(keys: OpenKeys) -> OpenKeys {
    keys
}
