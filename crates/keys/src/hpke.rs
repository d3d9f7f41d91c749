//! HPKE (RFC 9180), in base mode or with a pre-shared key: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Header ‖ encapsulated key ‖ ciphertext.
use ::hpke::aead::AesGcm256;
use ::hpke::kdf::HkdfSha256;
use ::hpke::kem::X25519HkdfSha256;
use ::hpke::{Deserializable, Kem, OpModeR, OpModeS, PskBundle, Serializable, single_shot_open, single_shot_seal_with_rng};
use zeroize::Zeroizing;

use crate::aead::{pad_into, padded_len, unpad};
use crate::entropy::{Drawn, Entropy};
use crate::envelope::{Header, SealError};
use crate::secret::Key;

const INFO: &[u8] = b"satchel hpke 1";
const PSK_ID: &[u8] = b"satchel generation secret 1";
const ENCAPSULATED: usize = 32;

/// A fresh key pair: the private key's bytes and the public key.
pub(crate) fn key_pair(entropy: &mut dyn Entropy) -> Result<(Key, [u8; 32]), SealError> {
    let (private, public) = X25519HkdfSha256::gen_keypair_with_rng(&mut Drawn::from(entropy)?);
    let private = Key::filled(|out| {
        private.write_exact(out);
        Ok::<(), SealError>(())
    })?;
    Ok((private, public.to_bytes().into()))
}

/// The public key of a private one.
pub(crate) fn public_of(private: &Key) -> Result<[u8; 32], SealError> {
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(private.bytes()).map_err(|_| SealError::Unreadable)?;
    Ok(X25519HkdfSha256::sk_to_pk(&private).to_bytes().into())
}

/// Whom something is sealed to.
#[derive(Clone, Copy)]
pub(crate) struct Recipient<'a> {
    /// The public key.
    pub public: &'a [u8; 32],
    /// A secret that it takes besides the private key.
    pub with: Option<&'a Key>,
}

/// Seals `plain` to the holder of `public`'s private key. `bound` is [`Header::bind`]'s.
pub(crate) fn seal_to(
    public: &[u8; 32],
    header: Header,
    bound: &[u8],
    plain: &[u8],
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    seal_for(Recipient { public, with: None }, header, bound, plain, entropy)
}

/// Seals `plain` to the holder of the private key, and of the secret besides if there is one.
pub(crate) fn seal_for(
    recipient: Recipient<'_>,
    header: Header,
    bound: &[u8],
    plain: &[u8],
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    let public = recipient.public;
    let mode = match recipient.with {
        Some(secret) => OpModeS::Psk(psk(secret)?),
        None => OpModeS::Base,
    };
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public).map_err(|_| SealError::Unreadable)?;
    let padded_len = padded_len(plain.len())?;
    let mut padded = Zeroizing::new(Vec::with_capacity(padded_len));
    pad_into(&mut padded, plain, padded_len)?;
    let (encapsulated, body) = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &mode,
        &public,
        INFO,
        &padded,
        bound,
        &mut Drawn::from(entropy)?,
    )
    // A public key of low order has no shared secret.
    .map_err(|_| SealError::Unreadable)?;
    Ok([header.bytes().as_slice(), &encapsulated.to_bytes(), &body].concat())
}

/// Opens what [`seal_to`] closed.
pub(crate) fn open_with(private: &Key, header: Header, bound: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    open_by(private, None, header, bound, sealed)
}

/// Opens what [`seal_for`] closed, with the same secret.
pub(crate) fn open_by(
    private: &Key,
    with: Option<&Key>,
    header: Header,
    bound: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mode = match with {
        Some(secret) => OpModeR::Psk(psk(secret)?),
        None => OpModeR::Base,
    };
    let unreadable = |_| SealError::Unreadable;
    let rest = header.strip(sealed)?;
    let (encapsulated, body) = rest.split_first_chunk::<ENCAPSULATED>().ok_or(SealError::Unreadable)?;
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(private.bytes()).map_err(unreadable)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(unreadable)?;
    let plain = single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(&mode, &private, &encapsulated, INFO, body, bound);
    let mut plain = Zeroizing::new(plain.map_err(unreadable)?);
    unpad(&mut plain)?;
    Ok(plain)
}

fn psk(secret: &Key) -> Result<PskBundle<'_>, SealError> {
    PskBundle::new(secret.bytes(), PSK_ID).map_err(|_| SealError::Unreadable)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::entropy::{OsEntropy, fixed::Dry};
    use crate::envelope::Kind;

    const HEADER: Header = Header { kind: Kind::Door, generation: 1 };

    #[test]
    fn any_flipped_bit_another_key_or_another_binding_opens_nothing() {
        let (private, public) = key_pair(&mut OsEntropy).unwrap();
        let (other, _) = key_pair(&mut OsEntropy).unwrap();
        let sealed = seal_to(&public, HEADER, b"bound", b"entry", &mut OsEntropy).unwrap();
        assert_eq!(open_with(&private, HEADER, b"bound", &sealed).unwrap().as_slice(), b"entry");
        assert_eq!(open_with(&other, HEADER, b"bound", &sealed), Err(SealError::Unreadable));
        assert_eq!(open_with(&private, HEADER, b"other", &sealed), Err(SealError::Unreadable));
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut flipped = sealed.clone();
                flipped[at] ^= 1 << bit;
                // RFC 7748 §5: the top bit of an X25519 coordinate is ignored, but the KEM binds the bytes as sent.
                assert!(open_with(&private, HEADER, b"bound", &flipped).is_err(), "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn what_takes_a_secret_besides_opens_with_both_only() {
        const HEADER: Header = Header { kind: Kind::GenerationKey, generation: 2 };
        let (private, public) = key_pair(&mut OsEntropy).unwrap();
        let (secret, other) = (OsEntropy.key().unwrap(), OsEntropy.key().unwrap());
        let recipient = Recipient { public: &public, with: Some(&secret) };
        let sealed = seal_for(recipient, HEADER, b"bound", b"key", &mut OsEntropy).unwrap();
        assert_eq!(open_by(&private, Some(&secret), HEADER, b"bound", &sealed).unwrap().as_slice(), b"key");
        assert_eq!(open_by(&private, Some(&other), HEADER, b"bound", &sealed), Err(SealError::Unreadable));
        assert_eq!(open_by(&private, None, HEADER, b"bound", &sealed), Err(SealError::Unreadable));
        assert_eq!(open_by(&other, Some(&secret), HEADER, b"bound", &sealed), Err(SealError::Unreadable));
    }

    #[test]
    fn low_order_points_and_a_broken_generator_are_errors() {
        let (_, public) = key_pair(&mut OsEntropy).unwrap();
        assert_eq!(seal_to(&[0; 32], HEADER, b"", b"x", &mut OsEntropy), Err(SealError::Unreadable));
        assert_eq!(seal_to(&public, HEADER, b"", b"x", &mut Dry), Err(SealError::NoEntropy));
        assert!(key_pair(&mut Dry).is_err());
    }
}
