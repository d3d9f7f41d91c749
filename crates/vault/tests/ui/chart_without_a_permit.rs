//! No PHI is read without a decision.
use vault::{ChartRows, Tx, VaultError};

pub fn read(tx: &Tx<'_>) -> Result<ChartRows, VaultError> {
    tx.chart() //~ E0061 this method takes 1 argument but 0 arguments were supplied
}
