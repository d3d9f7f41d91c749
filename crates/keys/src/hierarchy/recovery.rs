//! The recovery key: printed once, kept by the organisation. It opens the database and the copies of unsent work in it, and no
//! chart; it takes neither a passphrase nor the keyring, which is what it is for.
use std::fmt;

use kernel::{DeviceId, SiteId};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::file::{Blob, Envelope, KeyFile, Recovery};
use super::open::{DatabaseKey, OpenKeys, Ring};
use super::rotate::RosterError;
use super::slot::Slot;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError};
use crate::hpke;
use crate::secret::Key;

/// The private half.
pub struct RecoveryKey {
    private: Key,
    public: RecoveryPublic,
}

/// The public half, as it stands in the key file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecoveryPublic([u8; 32]);

/// Why a written code is no recovery key.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("not a recovery code")]
pub struct NotACode;

/// Crockford's base 32: no I, L, O, U, so that nothing read from paper is another letter.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECK: usize = 3;

impl RecoveryKey {
    /// A fresh one.
    pub fn generate() -> Result<Self, SealError> {
        Self::generate_with(&mut OsEntropy)
    }

    pub(crate) fn generate_with(entropy: &mut dyn Entropy) -> Result<Self, SealError> {
        let (private, public) = hpke::key_pair(entropy)?;
        Ok(Self { private, public: RecoveryPublic(public) })
    }

    /// Its public half.
    #[must_use]
    pub const fn public(&self) -> RecoveryPublic {
        self.public
    }

    /// The code to print: 14 groups of four letters and digits; the last five detect a misreading.
    #[must_use]
    pub fn code(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; 32 + CHECK]);
        bytes[..32].copy_from_slice(self.private.bytes());
        let check = check(self.private.bytes());
        bytes[32..].copy_from_slice(&check);
        let mut code = Zeroizing::new(String::with_capacity(56 + 13));
        for (at, group) in bytes.chunks(5).enumerate() {
            let mut five = [0; 8];
            five[3..].copy_from_slice(group);
            let bits = u64::from_be_bytes(five);
            for place in (0..8).rev() {
                if (at, place) != (0, 7) && place % 4 == 3 {
                    code.push('-');
                }
                code.push(char::from(DIGITS[usize::try_from(bits >> (5 * place) & 31).unwrap_or(0)]));
            }
        }
        code
    }

    /// Reads a code as a person types it: any case, any spaces and hyphens, O for 0, I and L for 1.
    pub fn from_code(code: &str) -> Result<Self, NotACode> {
        let mut bytes = Zeroizing::new([0_u8; 32 + CHECK]);
        let (mut bits, mut held, mut at) = (0_u16, 0, 0);
        for letter in code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
            let value = value(letter).ok_or(NotACode)?;
            bits = bits << 5 | u16::from(value);
            held += 5;
            if held >= 8 {
                held -= 8;
                *bytes.get_mut(at).ok_or(NotACode)? = u8::try_from(bits >> held & 0xff).map_err(|_| NotACode)?;
                at += 1;
            }
        }
        if at != bytes.len() || held != 0 {
            return Err(NotACode);
        }
        let private = Key::copied(&bytes[..32]).ok_or(NotACode)?;
        if check(private.bytes()) != bytes[32..] {
            return Err(NotACode);
        }
        let public = RecoveryPublic(hpke::public_of(&private).map_err(|_| NotACode)?);
        Ok(Self { private, public })
    }

    /// The database keys of a key file that was made for this recovery key, the newest first.
    pub fn database_keys(&self, file: &KeyFile) -> Result<RecoveredKeys, SealError> {
        let recovery = file.recovery.as_ref().filter(|recovery| recovery.public_key.0 == self.public.0).ok_or(SealError::Unreadable)?;
        let open = |(generation, envelope): (&u32, &Envelope)| {
            let header = Header { kind: Kind::RecoveryDatabase, generation: *generation };
            let bound = header.bind(&[file.site.as_str().as_bytes(), file.device.as_str().as_bytes()]);
            let key = hpke::open_with(&self.private, header, &bound, &envelope.0)?;
            Key::copied(&key).ok_or(SealError::Unreadable)
        };
        recovery.database.iter().rev().map(open).collect::<Result<_, _>>().map(RecoveredKeys)
    }

    /// Opens what [`RecoverySeal::seal`] closed under the same binding.
    pub fn unseal(&self, file: &KeyFile, about: &[&[u8]], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (header, bound) = copy(&file.site, &file.device, about);
        hpke::open_with(&self.private, header, &bound, sealed)
    }
}

/// The database's keys, recovered.
pub struct RecoveredKeys(Vec<Key>);

impl RecoveredKeys {
    /// As [`OpenKeys::database_keys`].
    pub fn database_keys(&self) -> impl Iterator<Item = DatabaseKey<'_>> {
        self.0.iter().map(DatabaseKey)
    }
}

/// Seals copies of unsent work to the recovery key.
#[derive(Clone, Debug)]
pub struct RecoverySeal {
    public: [u8; 32],
    site: SiteId,
    device: DeviceId,
}

impl RecoverySeal {
    /// Seals `plain`; `about` says what it is and is bound.
    pub fn seal(&self, about: &[&[u8]], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_with(about, plain, &mut OsEntropy)
    }

    pub(crate) fn seal_with(&self, about: &[&[u8]], plain: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        let (header, bound) = copy(&self.site, &self.device, about);
        hpke::seal_to(&self.public, header, &bound, plain, entropy)
    }
}

impl KeyFile {
    /// Whom unsent work can be recovered by, if a recovery key was made.
    #[must_use]
    pub fn recovery(&self) -> Option<RecoveryPublic> {
        self.recovery.as_ref().map(|recovery| RecoveryPublic(recovery.public_key.0))
    }

    /// Wraps a generation's database key to the recovery key, if there is one.
    pub(super) fn let_recover(&mut self, ring: &Ring, entropy: &mut dyn Entropy) -> Result<(), SealError> {
        let Some(recovery) = &mut self.recovery else { return Ok(()) };
        let header = Header { kind: Kind::RecoveryDatabase, generation: ring.place.generation };
        let bound = header.bind(&[self.site.as_str().as_bytes(), self.device.as_str().as_bytes()]);
        let key = ring.keys.get(Slot::Database);
        let envelope = hpke::seal_to(&recovery.public_key.0, header, &bound, key.bytes(), entropy)?;
        recovery.database.insert(ring.place.generation, Envelope(envelope));
        Ok(())
    }
}

impl OpenKeys {
    /// Lets the holder of a recovery key open the database, in the place of any former one. The caller writes the file, then has the
    /// key taken up: until then copies are sealed to the former one, for whose holder the file on disk is.
    pub fn adopt_recovery(&self, file: &KeyFile, public: RecoveryPublic) -> Result<(KeyFile, RecoverySeal), RosterError> {
        self.adopt_recovery_with(file, public, &mut OsEntropy)
    }

    /// Copies are sealed to this recovery key from here on.
    pub fn take_up_recovery(&mut self, seal: RecoverySeal) {
        self.recovery = Some(seal);
    }

    pub(crate) fn adopt_recovery_with(
        &self,
        file: &KeyFile,
        public: RecoveryPublic,
        entropy: &mut dyn Entropy,
    ) -> Result<(KeyFile, RecoverySeal), RosterError> {
        if !self.is_from(file) {
            return Err(RosterError::OtherFile);
        }
        let mut changed = file.clone();
        changed.format = changed.format.max(KeyFile::FORMAT);
        changed.recovery = Some(Recovery { public_key: Blob(public.0), database: Default::default() });
        let rings: Vec<_> = self.rings().collect();
        for ring in &rings {
            changed.let_recover(ring, entropy)?;
        }
        changed.vouch(&rings);
        let seal = RecoverySeal { public: public.0, site: file.site.clone(), device: file.device.clone() };
        Ok((changed, seal))
    }

    /// Seals copies of unsent work, if a recovery key was made.
    #[must_use]
    pub const fn recovery(&self) -> Option<&RecoverySeal> {
        self.recovery.as_ref()
    }
}

impl KeyFile {
    pub(super) fn recovery_seal(&self) -> Option<RecoverySeal> {
        let public = self.recovery.as_ref()?.public_key.0;
        Some(RecoverySeal { public, site: self.site.clone(), device: self.device.clone() })
    }
}

fn copy(site: &SiteId, device: &DeviceId, about: &[&[u8]]) -> (Header, Vec<u8>) {
    // A copy outlives the generations of the vault's keys.
    let header = Header { kind: Kind::RecoveryCopy, generation: 0 };
    (header, header.bind(&[&[site.as_str().as_bytes(), device.as_str().as_bytes()], about].concat()))
}

fn check(private: &[u8; 32]) -> [u8; CHECK] {
    let digest = Sha256::new().chain_update(b"satchel recovery code 1").chain_update(private).finalize();
    [digest[0], digest[1], digest[2]]
}

fn value(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    DIGITS.iter().position(|digit| char::from(*digit) == letter).and_then(|at| u8::try_from(at).ok())
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(redacted)")
    }
}
