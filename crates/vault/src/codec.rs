//! How a body is packed before it is sealed: `dictionary number (1 byte) ‖ zstd frame`.
use std::cell::RefCell;

use zeroize::Zeroizing;
use zstd::bulk::{Compressor, Decompressor};

use crate::error::VaultError;

/// Dictionaries by number; a number, once given, keeps its dictionary for ever. 0 is none.
///
/// They are trained on the synthetic clinic alone: one trained on real records would carry them past an erase.
const DICTIONARIES: [&[u8]; 2] = [&[], include_bytes!("../dictionaries/v1.zdict")];
/// What is packed now is packed with this one.
const PRESENT: u8 = 1;
const LEVEL: i32 = 1;
/// No record unpacks to more; what came over the network was bounded lower already.
const MAX_UNPACKED: usize = 64 << 20;

/// Packs and unpacks bodies; keeps its tables between calls.
pub struct Codec {
    pack: RefCell<Compressor<'static>>,
    unpack: [RefCell<Decompressor<'static>>; DICTIONARIES.len()],
}

impl Codec {
    pub fn new() -> Result<Self, VaultError> {
        let fault = |_| VaultError::Fault;
        let pack = Compressor::with_dictionary(LEVEL, DICTIONARIES[usize::from(PRESENT)]).map_err(fault)?;
        let unpacker = |number: usize| Decompressor::with_dictionary(DICTIONARIES[number]).map(RefCell::new).map_err(fault);
        Ok(Self { pack: RefCell::new(pack), unpack: [unpacker(0)?, unpacker(1)?] })
    }

    pub fn pack(&self, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let frame = self.pack.borrow_mut().compress(body).map(Zeroizing::new).map_err(|_| VaultError::Fault)?;
        let mut packed = Zeroizing::new(Vec::with_capacity(1 + frame.len()));
        packed.push(PRESENT);
        packed.extend_from_slice(&frame);
        Ok(packed)
    }

    pub fn unpack(&self, packed: &[u8]) -> Result<Zeroizing<String>, VaultError> {
        let (&number, frame) = packed.split_first().ok_or(VaultError::Seal)?;
        let unpack = self.unpack.get(usize::from(number)).ok_or(VaultError::Seal)?;
        let size = zstd::zstd_safe::get_frame_content_size(frame).ok().flatten().ok_or(VaultError::Seal)?;
        let size = usize::try_from(size).ok().filter(|size| *size <= MAX_UNPACKED).ok_or(VaultError::Seal)?;
        let bytes = unpack.borrow_mut().decompress(frame, size).map_err(|_| VaultError::Seal)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                Err(VaultError::Seal)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn packs_and_unpacks() {
        let codec = Codec::new().unwrap();
        for body in ["", "{}", &"{\"resourceType\":\"Observation\"}".repeat(500)] {
            let packed = codec.pack(body.as_bytes()).unwrap();
            assert_eq!(codec.unpack(&packed).unwrap().as_str(), body);
        }
    }

    #[test]
    fn a_packed_form_of_before_still_unpacks() {
        let frozen = *b"\x00\x28\xb5\x2f\xfd\x20\x02\x11\x00\x00{}";
        assert_eq!(Codec::new().unwrap().unpack(&frozen).unwrap().as_str(), "{}");
    }

    #[test]
    fn the_dictionary_of_a_number_never_changes() {
        let digest = audit::Digest::of(DICTIONARIES[1]);
        assert_eq!(String::from(digest), "U6sOVMsO79PZaFXXGC20T7EZI+XeMbCE0GoccyFWHuM");
        let observation = br#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}]}}"#;
        assert!(Codec::new().unwrap().pack(observation).unwrap().len() < observation.len() / 2);
    }

    #[test]
    fn refuses_what_it_did_not_pack() {
        let codec = Codec::new().unwrap();
        for bad in
            [&[][..], &[0], &[1], &[9], &[2, 0x28, 0xb5, 0x2f, 0xfd], b"\x00not a frame", b"\x00\x28\xb5\x2f\xfd\x20\x01\x09\x00\x00\xff"]
        {
            assert_eq!(codec.unpack(bad).unwrap_err(), VaultError::Seal);
        }
        // A frame that claims to unpack to 4 GiB.
        assert_eq!(codec.unpack(b"\x00\x28\xb5\x2f\xfd\xa0\xff\xff\xff\xff\x01\x00\x00").unwrap_err(), VaultError::Seal);
    }
}
