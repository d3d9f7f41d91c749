//! `device.token`: the device's secret, wrapped by a key in a token. It opens nothing without that token and its PIN.
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::TokenName;
use crate::durable::replace_file;
use crate::hierarchy::Blob;
use crate::provider::StoreError;

/// The file (JSON). Format 1: `wrapped` is 32 bytes under RFC 3394 with a 256-bit key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenFile {
    pub format: u32,
    pub token: TokenName,
    pub key: KeyName,
    pub wrapped: Blob<40>,
}

/// Which key in the token.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyName {
    /// For people: the site and the workstation.
    pub label: String,
    /// Random, so that no key ever takes another's place.
    pub id: Blob<16>,
}

impl TokenFile {
    pub const FORMAT: u32 = 1;
    const MAX_BYTES: u64 = 4 << 10;

    /// Reads the file. [`StoreError::Emptied`] if there is none; whatever else is wrong with it is no reason to make another.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(StoreError::Emptied),
            Ok(about) if about.len() <= Self::MAX_BYTES => {}
            _ => return Err(StoreError::Failed),
        }
        let bytes = std::fs::read(path).map_err(|_| StoreError::Failed)?;
        Self::from_bytes(&bytes)
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let file: Self = serde_json::from_slice(bytes).map_err(|_| StoreError::Failed)?;
        if file.format == Self::FORMAT { Ok(file) } else { Err(StoreError::Failed) }
    }

    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|_| StoreError::Failed)?;
        replace_file(path, &bytes).map_err(|_| StoreError::Failed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_a_missing_file_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("device.token");
        assert_eq!(TokenFile::read(&path), Err(StoreError::Emptied));
        for damage in ["", "{}", "null", r#"{"format": 2}"#, &" ".repeat(5_000)] {
            std::fs::write(&path, damage).unwrap();
            assert_eq!(TokenFile::read(&path), Err(StoreError::Failed), "{damage:.20}");
        }
    }
}
