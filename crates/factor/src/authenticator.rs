//! A security key as CTAP sees it: requests in, signed bytes out. Implemented over USB and in software.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use crate::secret::{HmacSecret, Salt};

/// An authenticator (CTAP 2.1). The calls block until the user has touched the key, given up, or time has run out.
pub trait Authenticator: Send + Sync {
    /// What it can do (CTAP 2.1 §6.4).
    fn info(&self) -> Result<Info, AuthenticatorError>;

    /// Makes a credential with hmac-secret, user verified (CTAP 2.1 §6.1).
    fn make_credential(&self, request: &MakeCredential, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Made, AuthenticatorError>;

    /// Signs, user verified, and answers the salt if there is one (CTAP 2.1 §6.2, §12.5).
    fn get_assertion(&self, request: &GetAssertion, prompt: &dyn Prompt, cancel: &Cancel) -> Result<Asserted, AuthenticatorError>;
}

/// Asks the person at the workstation.
pub trait Prompt: Send + Sync {
    /// The key's PIN; `None` if they would rather not. Say how many tries are left before the key locks itself for good.
    fn pin(&self, tries_left: u8) -> Option<Pin>;

    /// The key waits for a touch or a finger. Say so.
    fn touch(&self) {}
}

/// A security key's PIN. Wiped on drop, redacted in `Debug`.
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Takes what was typed.
    #[must_use]
    pub const fn new(typed: Zeroizing<String>) -> Self {
        Self(typed)
    }

    /// What was typed, for the driver alone; write the reason on the line above, as `// EXPOSE: why`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(redacted)")
    }
}

/// Gives a call up from another thread: the dialog's button, or the idle lock.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Gives up. For good: the next call takes a new one.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether somebody gave up.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What an authenticator says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Info {
    /// It makes hmac-secrets.
    pub hmac_secret: bool,
    /// A PIN is set.
    pub pin_set: bool,
    /// What it verifies a user with by itself.
    pub built_in: BuiltIn,
    /// It is a part of this computer, so it is no "device separate from the computer" (21 CFR 1311.115(a)(3)).
    pub platform: bool,
}

/// Verification by the authenticator itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuiltIn {
    /// None, or none set up.
    Absent,
    /// Some; it does not say which, or it may be a code or pattern.
    Unspecified,
    /// A biometric and nothing else (FIDO Registry of Predefined Values §3.1).
    Biometric,
}

/// How the user was verified. The signed flag says only *that* they were; this is the driver's word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verification {
    /// The key's PIN.
    Pin,
    /// By the key itself, unknown how.
    BuiltIn,
    /// By the key itself, with a biometric.
    Biometric,
}

/// What the key is asked to make. `client_data` is the clientDataJSON; the driver hashes it.
#[derive(Clone, Debug)]
pub struct MakeCredential {
    /// Relying party's id.
    pub rp_id: String,
    /// Relying party's name.
    pub rp_name: String,
    /// Opaque handle of the user, never a name.
    pub user_handle: [u8; 16],
    /// clientDataJSON (WebAuthn §5.8.1).
    pub client_data: Vec<u8>,
    /// Credentials of this user: a key that holds one refuses.
    pub exclude: Vec<Vec<u8>>,
}

/// What the key is asked to sign. `client_data` is the clientDataJSON; the driver hashes it.
#[derive(Clone, Debug)]
pub struct GetAssertion {
    /// Relying party's id.
    pub rp_id: String,
    /// clientDataJSON (WebAuthn §5.8.1).
    pub client_data: Vec<u8>,
    /// The credentials that may answer; not empty.
    pub allow: Vec<Vec<u8>>,
    /// To be answered with factor S.
    pub salt: Option<Salt>,
}

/// A new credential, as the key made it.
#[derive(Clone, Debug)]
pub struct Made {
    /// clientDataJSON that was hashed.
    pub client_data: Vec<u8>,
    /// authenticatorData (WebAuthn §6.1), with the credential's id and public key.
    pub auth_data: Vec<u8>,
    /// The key says it can make hmac-secrets with it.
    pub hmac_secret: bool,
    /// The key is a part of this computer.
    pub platform: bool,
}

/// A signature, as the key made it.
#[derive(Debug)]
pub struct Asserted {
    /// The credential that signed.
    pub credential: Vec<u8>,
    /// clientDataJSON that was hashed.
    pub client_data: Vec<u8>,
    /// authenticatorData (WebAuthn §6.1).
    pub auth_data: Vec<u8>,
    /// Over authenticatorData and the hash of clientDataJSON.
    pub signature: Vec<u8>,
    /// Factor S, if a salt was given.
    pub secret: Option<HmacSecret>,
    /// How the user was verified.
    pub verification: Verification,
}

/// Why the key did not do what was asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum AuthenticatorError {
    /// No key is plugged in.
    #[error("no security key")]
    NoDevice,
    /// More than one is: leave one.
    #[error("several security keys")]
    SeveralDevices,
    /// The key holds none of the credentials asked for.
    #[error("not one of this user's keys")]
    NotThisKey,
    /// The key holds a credential of this user already.
    #[error("key is enrolled already")]
    AlreadyEnrolled,
    /// The key can verify nobody: set a PIN on it first.
    #[error("key has no PIN and no fingerprint")]
    NoVerification,
    /// The key makes no hmac-secret.
    #[error("key has no hmac-secret")]
    NoHmacSecret,
    /// Wrong PIN.
    #[error("wrong PIN, {tries_left} tries left")]
    WrongPin {
        /// Tries left before the key locks itself for good.
        tries_left: u8,
    },
    /// Three wrong PINs in a row: take the key out and put it in again.
    #[error("key wants to be plugged in again")]
    Replug,
    /// The PIN is locked for good; only a reset, which forgets every credential, helps.
    #[error("PIN is blocked")]
    PinBlocked,
    /// The finger was not recognised.
    #[error("not recognised")]
    NotRecognised,
    /// Nobody touched it in time.
    #[error("timed out")]
    TimedOut,
    /// Somebody gave up, here or at the key.
    #[error("cancelled")]
    Cancelled,
    /// It is busy with something else.
    #[error("key is busy")]
    Busy,
    /// It answered with something else, or was pulled out.
    #[error("key failed")]
    Failed,
}
