//! What happens while locked is sealed to the door's public key; only an open vault reads it.
use kernel::{DeviceId, SiteId};

use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError};
use crate::hpke;

/// Seals while locked. From [`KeyFile::door`](crate::KeyFile::door).
///
/// It keeps what it seals secret; it cannot prove who sealed it: anyone who reads the key file can. The caller's chain
/// must make gaps and insertions visible.
#[derive(Clone, Debug)]
pub struct DoorSeal {
    pub(crate) public: [u8; 32],
    pub(crate) site: SiteId,
    pub(crate) device: DeviceId,
    pub(crate) generation: u32,
}

impl DoorSeal {
    /// Seals `plain` so that only [`OpenKeys::open_door`](crate::OpenKeys::open_door) with the same `aad` opens it.
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_with(aad, plain, &mut OsEntropy)
    }

    pub(crate) fn seal_with(&self, aad: &[u8], plain: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        let header = header(self.generation);
        hpke::seal_to(&self.public, header, &bind(header, &self.site, &self.device, aad), plain, entropy)
    }
}

pub(crate) fn header(generation: u32) -> Header {
    Header { kind: Kind::Door, generation }
}

pub(crate) fn bind(header: Header, site: &SiteId, device: &DeviceId, aad: &[u8]) -> Vec<u8> {
    header.bind(&[site.as_str().as_bytes(), device.as_str().as_bytes(), aad])
}
