//! A decision for one act is none for another.
use vault::access::{Permit, SignNote};
use vault::{ChartRows, Tx, VaultError};

pub fn read(tx: &Tx<'_>, permit: &Permit<'_, SignNote>) -> Result<ChartRows, VaultError> {
    tx.chart(permit) //~ E0308 mismatched types
}
