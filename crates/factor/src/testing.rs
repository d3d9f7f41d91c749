//! A security key in software, for tests and practice: ES256 signatures, a counter, hmac-secret, PIN and fingerprint, each to be led astray.
//!
//! It keeps nothing of a credential: like many a real key, it derives them from one master secret and the credential's id.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "for tests alone")]
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::authenticator::{
    Asserted, Authenticator, AuthenticatorError, BuiltIn, Cancel, GetAssertion, Info, Made, MakeCredential, Pin, Prompt, Verification,
};
use crate::secret::HmacSecret;

/// A key in software.
#[derive(Debug)]
pub struct SoftKey {
    master: [u8; 32],
    state: Mutex<State>,
}

/// What a test may set.
#[derive(Clone, Debug)]
pub struct State {
    /// Signatures so far; zero and `counts` off is a key that does not count.
    pub counter: u32,
    /// Whether it counts.
    pub counts: bool,
    /// The PIN, if one is set.
    pub pin: Option<String>,
    /// Wrong PINs it still takes.
    pub tries_left: u8,
    /// Its own verification; with anything but `Absent` the PIN is not asked.
    pub built_in: BuiltIn,
    /// It is a part of the computer.
    pub platform: bool,
    /// It claims that its credentials can be copied.
    pub synced: bool,
    /// It makes hmac-secrets.
    pub hmac_secret: bool,
    /// Leaves the flag "user verified" out.
    pub forget_verification: bool,
    /// Leaves the flag "user present" out.
    pub forget_presence: bool,
    /// It is not plugged in.
    pub absent: bool,
}

impl SoftKey {
    /// A key with PIN `1234`, told from others by its `seed`.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        let state = State {
            counter: 0,
            counts: true,
            pin: Some("1234".into()),
            tries_left: 8,
            built_in: BuiltIn::Absent,
            platform: false,
            synced: false,
            hmac_secret: true,
            forget_verification: false,
            forget_presence: false,
            absent: false,
        };
        Self { master: [seed; 32], state: Mutex::new(state) }
    }

    /// A copy with all secrets and the counter as it is now.
    #[must_use]
    pub fn cloned(&self) -> Self {
        Self { master: self.master, state: Mutex::new(self.state.lock().unwrap().clone()) }
    }

    /// Changes what a test may set.
    pub fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    fn derive(&self, purpose: &str, about: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.master).unwrap();
        mac.update(purpose.as_bytes());
        mac.update(about);
        mac.finalize().into_bytes().into()
    }

    fn signing_key(&self, id: &[u8]) -> SigningKey {
        // One in 2^32 digests is no scalar of P-256; then another test seed is to be taken.
        SigningKey::from_slice(&self.derive("signing key", id)).unwrap()
    }

    fn id(&self, rp_id: &str, nonce: &[u8]) -> Vec<u8> {
        [nonce, &self.derive("id", &[nonce, rp_id.as_bytes()].concat())[..16]].concat()
    }

    fn verify(&self, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Verification, AuthenticatorError> {
        if cancel.is_cancelled() {
            return Err(AuthenticatorError::Cancelled);
        }
        let mut state = self.state.lock().unwrap();
        let Some(expected) = state.pin.clone().filter(|_| state.built_in == BuiltIn::Absent) else {
            prompt.touch();
            return match state.built_in {
                BuiltIn::Absent => Err(AuthenticatorError::NoVerification),
                BuiltIn::Unspecified => Ok(Verification::BuiltIn),
                BuiltIn::Biometric => Ok(Verification::Biometric),
            };
        };
        if state.tries_left == 0 {
            return Err(AuthenticatorError::PinBlocked);
        }
        let pin = prompt.pin(state.tries_left).ok_or(AuthenticatorError::Cancelled)?;
        // EXPOSE: compared.
        if pin.expose() != expected {
            state.tries_left -= 1;
            return Err(AuthenticatorError::WrongPin { tries_left: state.tries_left });
        }
        state.tries_left = 8;
        prompt.touch();
        Ok(Verification::Pin)
    }

    fn present(&self) -> Result<State, AuthenticatorError> {
        let state = self.state.lock().unwrap().clone();
        if state.absent { Err(AuthenticatorError::NoDevice) } else { Ok(state) }
    }

    /// authenticatorData (WebAuthn §6.1) up to the counter, which advances.
    fn auth_data(&self, rp_id: &str, further_flags: u8) -> Vec<u8> {
        let mut state = self.state.lock().unwrap();
        if state.counts {
            state.counter += 1;
        }
        let flags =
            u8::from(!state.forget_presence) | u8::from(!state.forget_verification) << 2 | u8::from(state.synced) << 3 | further_flags;
        [Sha256::digest(rp_id).as_slice(), &[flags], &state.counter.to_be_bytes()].concat()
    }
}

impl Authenticator for SoftKey {
    fn info(&self) -> Result<Info, AuthenticatorError> {
        let state = self.present()?;
        Ok(Info { hmac_secret: state.hmac_secret, pin_set: state.pin.is_some(), built_in: state.built_in, platform: state.platform })
    }

    fn make_credential(&self, request: &MakeCredential, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Made, AuthenticatorError> {
        let state = self.present()?;
        if request.exclude.iter().any(|id| id.get(..16).is_some_and(|nonce| self.id(&request.rp_id, nonce) == *id)) {
            return Err(AuthenticatorError::AlreadyEnrolled);
        }
        self.verify(prompt, cancel)?;
        let id = self.id(&request.rp_id, &Sha256::digest(&request.client_data)[..16]);
        let mut auth_data = self.auth_data(&request.rp_id, 0x40 | u8::from(state.hmac_secret) << 7);
        auth_data.extend([0; 16]);
        auth_data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        auth_data.extend(&id);
        // COSE_Key (RFC 9053 §7.1.1): kty 2, alg -7, crv 1, x, y.
        let point = self.signing_key(&id).verifying_key().to_sec1_point(false);
        auth_data.extend(b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
        auth_data.extend(&point.as_bytes()[1..33]);
        auth_data.extend(b"\x22\x58\x20");
        auth_data.extend(&point.as_bytes()[33..65]);
        if state.hmac_secret {
            auth_data.extend(b"\xa1\x6bhmac-secret\xf5");
        }
        Ok(Made { client_data: request.client_data.clone(), auth_data, hmac_secret: state.hmac_secret, platform: state.platform })
    }

    fn get_assertion(&self, request: &GetAssertion, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Asserted, AuthenticatorError> {
        let state = self.present()?;
        let mine = |id: &&Vec<u8>| id.get(..16).is_some_and(|nonce| self.id(&request.rp_id, nonce) == **id);
        let id = request.allow.iter().find(mine).ok_or(AuthenticatorError::NotThisKey)?;
        let verification = self.verify(prompt, cancel)?;
        let salt = request.salt.filter(|_| state.hmac_secret);
        let mut auth_data = self.auth_data(&request.rp_id, u8::from(salt.is_some()) << 7);
        // CTAP 2.1 §12.5: HMAC-SHA-256 of the salt under the credential's random key for verified users.
        let secret = salt.map(|salt| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.derive("CredRandomWithUV", id)).unwrap();
            mac.update(salt.as_bytes());
            HmacSecret::taken(&mut mac.finalize().into_bytes().into())
        });
        if secret.is_some() {
            // On the wire the secret is enciphered under the session's key, which the relying party does not have.
            auth_data.extend(b"\xa1\x6bhmac-secret\x58\x30");
            auth_data.extend([0xee; 48]);
        }
        let signed = [auth_data.as_slice(), &Sha256::digest(&request.client_data)].concat();
        let signature: Signature = self.signing_key(id).sign(&signed);
        Ok(Asserted {
            credential: id.clone(),
            client_data: request.client_data.clone(),
            signature: signature.to_der().as_bytes().to_vec(),
            auth_data,
            secret,
            verification,
        })
    }
}

/// A key in software that is kept in a file, read and written anew at every use: whoever moves the file away pulls the key out, and
/// whoever copies it has cloned the key.
///
/// INVARIANT: for practice and tests. Its secrets are in the file.
#[derive(Debug, Clone)]
pub struct FileKey(PathBuf);

/// The file: JSON. `seed` tells keys apart.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    seed: u8,
    counter: u32,
    pin: String,
    tries_left: u8,
}

impl FileKey {
    /// The key in the file at `path`, if there is one when it is used.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Makes a key with PIN `1234` at `path`.
    ///
    /// # Errors
    /// The disk's.
    pub fn make(path: &Path, seed: u8) -> io::Result<()> {
        write(path, &Kept { seed, counter: 0, pin: "1234".into(), tries_left: 8 })
    }

    /// Does something with the key and keeps what became of it, also where it failed.
    fn used<T>(&self, act: impl FnOnce(&SoftKey) -> Result<T, AuthenticatorError>) -> Result<T, AuthenticatorError> {
        let bytes = fs::read(&self.0).map_err(|_| AuthenticatorError::NoDevice)?;
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| AuthenticatorError::Failed)?;
        let key = SoftKey::new(kept.seed);
        key.set(|state| (state.counter, state.pin, state.tries_left) = (kept.counter, Some(kept.pin.clone()), kept.tries_left));
        let done = act(&key);
        let state = key.present()?;
        write(&self.0, &Kept { counter: state.counter, tries_left: state.tries_left, ..kept }).map_err(|_| AuthenticatorError::Failed)?;
        done
    }
}

fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    fs::write(path, serde_json::to_vec(kept)?)
}

impl Authenticator for FileKey {
    fn info(&self) -> Result<Info, AuthenticatorError> {
        self.used(SoftKey::info)
    }

    fn make_credential(&self, request: &MakeCredential, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Made, AuthenticatorError> {
        self.used(|key| key.make_credential(request, prompt, cancel))
    }

    fn get_assertion(&self, request: &GetAssertion, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Asserted, AuthenticatorError> {
        self.used(|key| key.get_assertion(request, prompt, cancel))
    }
}

/// Types one PIN whenever asked.
#[derive(Clone, Copy, Debug)]
pub struct Types(pub &'static str);

impl Prompt for Types {
    fn pin(&self, _: u8) -> Option<Pin> {
        Some(Pin::new(Zeroizing::new(self.0.to_owned())))
    }
}

/// Would rather not.
#[derive(Clone, Copy, Debug)]
pub struct Declines;

impl Prompt for Declines {
    fn pin(&self, _: u8) -> Option<Pin> {
        None
    }
}
