//! What every envelope starts with, and what it is bound to.

/// Why bytes could not be sealed or unsealed.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum SealError {
    /// Tampered with, cut short, sealed under another key, or put in another's place: which of them cannot be told.
    #[error("sealed bytes cannot be opened")]
    Unreadable,
    /// A format, algorithm or kind of envelope that this version does not know.
    #[error("unknown envelope format")]
    UnknownFormat,
    /// Sealed under another generation of the key than the one that is open.
    #[error("sealed under key generation {found}")]
    OtherGeneration {
        /// The generation in the envelope's header.
        found: u32,
    },
    /// The record names another patient than the key belongs to; nothing was sealed or opened.
    #[error("record and key belong to different patients")]
    WrongPatient,
    /// More than 4 GiB.
    #[error("too long to seal")]
    TooLong,
    /// The operating system gave no randomness.
    #[error("no randomness available")]
    NoEntropy,
}

/// What an envelope holds. A number, once given, keeps its meaning for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// User master key under the user unlock key.
    MasterKey = 1,
    /// User's private key under the user master key.
    PrivateKey = 2,
    /// One of the vault's keys, to a user's public key.
    VaultKey = 3,
    /// Patient key under a group key.
    PatientKey = 4,
    /// Record under a key derived from the patient key.
    Record = 5,
    /// Bytes of a whole group: the directory's snapshot, say.
    Group = 6,
    /// Bytes of one user.
    Own = 7,
    /// Something that happened while locked, to the door's public key.
    Door = 8,
    /// One of the vault's keys, to a user's public key together with the generation's secret.
    GenerationKey = 9,
    /// The database's key, to the recovery key.
    RecoveryDatabase = 10,
    /// A copy of unsent work, to the recovery key.
    RecoveryCopy = 11,
    /// Former patient key under the one that took its place.
    FormerPatientKey = 12,
    /// What every security key of a person yields, to one of them together with the device's secret.
    SecurityKeyHalf = 13,
    /// A person's former own key under the master key that took the place of its own.
    FormerOwnKey = 14,
    /// Private key of an audit epoch under a key derived from the audit slot.
    AuditEpoch = 20,
}

/// How an envelope is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Algorithm {
    /// AES-256-GCM (SP 800-38D), 96-bit random nonce, 128-bit tag.
    Aes256Gcm = 1,
    /// HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
    Hpke = 2,
    /// The same in PSK mode (RFC 9180 §5.1.2): the private key alone does not open it.
    HpkePsk = 3,
}

impl Kind {
    const fn algorithm(self) -> Algorithm {
        match self {
            Self::VaultKey | Self::Door | Self::RecoveryDatabase | Self::RecoveryCopy => Algorithm::Hpke,
            Self::GenerationKey | Self::SecurityKeyHalf => Algorithm::HpkePsk,
            _ => Algorithm::Aes256Gcm,
        }
    }
}

/// Format, algorithm, kind, key generation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub kind: Kind,
    pub generation: u32,
}

impl Header {
    pub const LEN: usize = 7;
    const FORMAT: u8 = 1;

    pub const fn bytes(self) -> [u8; Self::LEN] {
        let [a, b, c, d] = self.generation.to_be_bytes();
        [Self::FORMAT, self.kind.algorithm() as u8, self.kind as u8, a, b, c, d]
    }

    /// Splits the header off `sealed`, which must be this one.
    pub fn strip(self, sealed: &[u8]) -> Result<&[u8], SealError> {
        let (found, rest) = sealed.split_first_chunk::<{ Self::LEN }>().ok_or(SealError::Unreadable)?;
        let expected = self.bytes();
        if found[..3] != expected[..3] {
            return Err(SealError::UnknownFormat);
        }
        if found != &expected {
            let [.., a, b, c, d] = *found;
            return Err(SealError::OtherGeneration { found: u32::from_be_bytes([a, b, c, d]) });
        }
        Ok(rest)
    }

    /// The generation an envelope names; unauthenticated until it is opened.
    pub fn generation_in(sealed: &[u8]) -> Option<u32> {
        let [.., a, b, c, d] = *sealed.first_chunk::<{ Self::LEN }>()?;
        Some(u32::from_be_bytes([a, b, c, d]))
    }

    /// Associated data: the header, then every field with its length before it, so that no two lists of fields read alike.
    pub fn bind(self, fields: &[&[u8]]) -> Vec<u8> {
        let mut bound = Vec::with_capacity(Self::LEN + fields.iter().map(|f| f.len() + 8).sum::<usize>());
        bound.extend_from_slice(&self.bytes());
        append_fields(&mut bound, fields);
        bound
    }
}

/// Every field with its length (64 bits, big endian) before it.
pub(crate) fn append_fields(out: &mut Vec<u8>, fields: &[&[u8]]) {
    for field in fields {
        out.extend_from_slice(&(field.len() as u64).to_be_bytes());
        out.extend_from_slice(field);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const HEADER: Header = Header { kind: Kind::Record, generation: 3 };

    #[test]
    fn header_is_seven_bytes_and_strips() {
        assert_eq!(HEADER.bytes(), [1, 1, 5, 0, 0, 0, 3]);
        assert_eq!(HEADER.strip(&[1, 1, 5, 0, 0, 0, 3, 9, 9]), Ok(&[9, 9][..]));
        assert_eq!(HEADER.strip(&[1, 1, 5, 0, 0]), Err(SealError::Unreadable));
        assert_eq!(HEADER.strip(&[2, 1, 5, 0, 0, 0, 3]), Err(SealError::UnknownFormat));
        assert_eq!(HEADER.strip(&[1, 2, 5, 0, 0, 0, 3]), Err(SealError::UnknownFormat));
        assert_eq!(HEADER.strip(&[1, 1, 6, 0, 0, 0, 3]), Err(SealError::UnknownFormat));
        assert_eq!(HEADER.strip(&[1, 1, 5, 0, 0, 1, 0]), Err(SealError::OtherGeneration { found: 256 }));
    }

    #[test]
    fn no_two_lists_of_fields_read_alike() {
        assert_ne!(HEADER.bind(&[b"ab", b"c"]), HEADER.bind(&[b"a", b"bc"]));
        assert_ne!(HEADER.bind(&[b"ab"]), HEADER.bind(&[b"ab", b""]));
    }
}
