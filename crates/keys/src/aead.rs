//! AES-256-GCM envelopes: header ‖ nonce ‖ ciphertext ‖ tag, the length of what is inside rounded up to steps.
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::envelope::{Header, SealError};
use crate::secret::Key;

const NONCE: usize = 12;
const TAG: usize = 16;

/// Seals `plain` under `key`. `bound` is [`Header::bind`]'s.
pub(crate) fn seal(key: &Key, header: Header, bound: &[u8], plain: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
    let padded = padded_len(plain.len())?;
    let start = Header::LEN + NONCE;
    let mut out = Vec::with_capacity(start + padded + TAG);
    out.extend_from_slice(&header.bytes());
    let mut nonce = [0; NONCE];
    entropy.fill(&mut nonce)?;
    out.extend_from_slice(&nonce);
    pad_into(&mut out, plain, padded)?;
    let tag = cipher(key).encrypt_inout_detached(&nonce.into(), bound, (&mut out[start..]).into());
    // Only a length beyond GCM's own limit gets here; what lies in `out` may still be plain.
    let Ok(tag) = tag else {
        drop(Zeroizing::new(out));
        return Err(SealError::TooLong);
    };
    out.extend_from_slice(&tag);
    Ok(out)
}

/// Opens what [`seal`] closed with the same key, header and binding.
pub(crate) fn unseal(key: &Key, header: Header, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let rest = header.strip(sealed)?;
    let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(SealError::Unreadable)?;
    let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(SealError::Unreadable)?;
    let mut plain = Zeroizing::new(body.to_vec());
    cipher(key)
        .decrypt_inout_detached(&(*nonce).into(), bound, plain.as_mut_slice().into(), &(*tag).into())
        .map_err(|_| SealError::Unreadable)?;
    unpad(&mut plain)?;
    Ok(plain)
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(key.bytes().into())
}

const LENGTH: usize = size_of::<u32>();

/// The length inside an envelope for `len` bytes and the four that name it: steps of 64 bytes to 1 KiB, of 256 to 8 KiB, of a
/// sixteenth of the power of two below it from there on, so that a size betrays little and costs at most that much.
pub(crate) fn padded_len(len: usize) -> Result<usize, SealError> {
    let wanted = u32::try_from(len).ok().and_then(|_| len.checked_add(LENGTH)).ok_or(SealError::TooLong)?;
    let step = match wanted {
        ..=1024 => 64,
        1025..=8192 => 256,
        _ => (1_usize << wanted.ilog2()) / 16,
    };
    wanted.checked_next_multiple_of(step).ok_or(SealError::TooLong)
}

/// Appends `plain`, zeros, and the true length, `padded` bytes in all.
pub(crate) fn pad_into(out: &mut Vec<u8>, plain: &[u8], padded: usize) -> Result<(), SealError> {
    let length = u32::try_from(plain.len()).map_err(|_| SealError::TooLong)?;
    let end = out.len() + padded;
    out.extend_from_slice(plain);
    out.resize(end - LENGTH, 0);
    out.extend_from_slice(&length.to_be_bytes());
    Ok(())
}

/// Cuts `padded` back to its true length.
pub(crate) fn unpad(padded: &mut Vec<u8>) -> Result<(), SealError> {
    let (_, length) = padded.split_last_chunk::<LENGTH>().ok_or(SealError::Unreadable)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| SealError::Unreadable)?;
    if padded_len(length)? != padded.len() {
        return Err(SealError::Unreadable);
    }
    padded.truncate(length);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;
    use crate::entropy::{OsEntropy, fixed::Dry};
    use crate::envelope::Kind;

    const HEADER: Header = Header { kind: Kind::Own, generation: 1 };

    #[test]
    fn lengths_are_padded_to_steps() {
        for (len, padded) in [(0, 64), (60, 64), (61, 128), (1020, 1024), (1021, 1280), (8188, 8192), (8189, 8704), (100_000, 102_400)] {
            assert_eq!(padded_len(len), Ok(padded), "{len}");
        }
    }

    #[test]
    fn a_broken_generator_seals_nothing() {
        let key = Key::copied(&[1; 32]).unwrap();
        assert_eq!(seal(&key, HEADER, b"", b"x", &mut Dry), Err(SealError::NoEntropy));
    }

    #[test]
    fn every_seal_has_its_own_nonce() {
        let key = Key::copied(&[1; 32]).unwrap();
        let seal = || seal(&key, HEADER, b"", b"same", &mut OsEntropy).unwrap();
        assert_ne!(seal(), seal());
    }

    proptest! {
        #[test]
        fn any_bytes_come_back_and_any_flipped_bit_is_noticed(
            plain in prop::collection::vec(any::<u8>(), 0..3000), key: [u8; 32], bound: Vec<u8>, flip: prop::sample::Index, bit in 0..8_u32,
        ) {
            let key = Key::copied(&key).unwrap();
            let mut sealed = seal(&key, HEADER, &bound, &plain, &mut OsEntropy).unwrap();
            prop_assert_eq!(sealed.len(), 7 + 12 + padded_len(plain.len()).unwrap() + 16);
            let opened = unseal(&key, HEADER, &bound, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
            let at = flip.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert!(unseal(&key, HEADER, &bound, &sealed).is_err());
        }

        #[test]
        fn padding_wastes_little(len in 1024..50_000_000_usize) {
            let padded = padded_len(len).unwrap();
            prop_assert!(padded >= len + 4 && padded - len <= len / 4 + 4);
            prop_assert!(padded_len(padded - 4).unwrap() == padded, "a padded length is its own step");
        }
    }
}
