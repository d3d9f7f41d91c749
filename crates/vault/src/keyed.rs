//! The integer that clusters records: `patient << 39 | type slot << 34 | code slot << 24 | serial`.
use rusqlite::{OptionalExtension as _, params};

use crate::error::VaultError;
use crate::tx::Tx;

const PATIENT_SHIFT: u32 = 39;
const TYPE_SHIFT: u32 = 34;
const CODE_SHIFT: u32 = 24;
const MAX_PATIENT: i64 = (1 << 24) - 1;
const TYPE_SLOTS: i64 = 31;
const CODE_SLOTS: i64 = 1023;
const MAX_SERIAL: i64 = (1 << CODE_SHIFT) - 1;
const MAX_IN_CHART: i64 = (1 << PATIENT_SHIFT) - 1;

/// First and last key of a chart.
pub const fn chart(patient: i64) -> (i64, i64) {
    (patient << PATIENT_SHIFT, patient << PATIENT_SHIFT | MAX_IN_CHART)
}

/// The patient's row in a key.
pub const fn patient_of(key: i64) -> i64 {
    key >> PATIENT_SHIFT
}

/// First key of a code. Types beyond the last slot share it.
const fn first(patient: i64, kind: i64, code: i64) -> i64 {
    let slot = if kind < TYPE_SLOTS { kind } else { TYPE_SLOTS };
    patient << PATIENT_SHIFT | slot << TYPE_SHIFT | code << CODE_SHIFT
}

impl Tx<'_> {
    /// The number of a type's name; a new name gets the next number.
    pub(crate) fn kind_id(&self, name: &str) -> Result<i64, VaultError> {
        let found = self.sql().prepare_cached("SELECT id FROM kind WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?;
        if let Some(id) = found {
            return Ok(id);
        }
        self.sql().prepare_cached("INSERT INTO kind (id, name) SELECT max(id) + 1, ?1 FROM kind")?.execute([name])?;
        Ok(self.sql().last_insert_rowid())
    }

    /// The key of a record: the one it has, if that lies where the record belongs, otherwise a free one there.
    pub(crate) fn key_for(&self, patient: i64, kind: i64, code: Option<&str>, held: Option<i64>) -> Result<i64, VaultError> {
        if !(0..=MAX_PATIENT).contains(&patient) {
            return Err(VaultError::Fault);
        }
        let code = code.map_or(Ok(0), |code| self.code_slot(kind, code))?;
        let first = first(patient, kind, code);
        let last = first | MAX_SERIAL;
        if let Some(held) = held.filter(|held| (first..=last).contains(held)) {
            return Ok(held);
        }
        let highest: Option<i64> = self
            .sql()
            .prepare_cached("SELECT max(key) FROM record WHERE key BETWEEN ?1 AND ?2")?
            .query_row([first, last], |row| row.get(0))?;
        match highest {
            None => Ok(first),
            Some(key) if key < last => Ok(key + 1),
            Some(_) => Err(VaultError::Fault),
        }
    }

    /// Codes of a type are numbered as they come; beyond the last number they share it, and range scans filter.
    fn code_slot(&self, kind: i64, code: &str) -> Result<i64, VaultError> {
        let hash = self.keys().tag("code", code);
        let find = "SELECT slot FROM code_slot WHERE kind = ?1 AND hash = ?2";
        if let Some(slot) = self.sql().prepare_cached(find)?.query_row(params![kind, hash], |row| row.get(0)).optional()? {
            return Ok(slot);
        }
        let next = "SELECT coalesce(max(slot), 0) + 1 FROM code_slot WHERE kind = ?1";
        let slot: i64 = self.sql().prepare_cached(next)?.query_row([kind], |row| row.get(0))?;
        let slot = slot.min(CODE_SLOTS);
        self.sql().prepare_cached("INSERT INTO code_slot (kind, hash, slot) VALUES (?1, ?2, ?3)")?.execute(params![kind, hash, slot])?;
        Ok(slot)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn persisted_layout_is_frozen() {
        assert_eq!(first(0, 1, 0), 0x0000_0004_0000_0000);
        assert_eq!(first(1, 8, 3), 0x0000_00a0_0300_0000);
        assert_eq!(first(7, 13, 1023), 0x0000_03b7_ff00_0000);
        assert_eq!(first(1, 5_000, 1), first(1, 31, 1));
        assert_eq!(chart(1), (0x0000_0080_0000_0000, 0x0000_00ff_ffff_ffff));
        assert_eq!(chart(MAX_PATIENT).1, i64::MAX);
    }

    proptest! {
        #[test]
        fn a_key_lies_in_its_own_chart_only(patient in 0..=MAX_PATIENT, kind in 0..100_i64, code in 0..=CODE_SLOTS, serial in 0..=MAX_SERIAL) {
            let key = first(patient, kind, code) | serial;
            let (from, to) = chart(patient);
            prop_assert!((from..=to).contains(&key));
            prop_assert_eq!(patient_of(key), patient);
            prop_assert_eq!(first(patient, kind, code) & MAX_SERIAL, 0);
        }
    }
}
