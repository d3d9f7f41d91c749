//! The relying party: this workstation, through `webauthn-rs`. Pure but for the challenges, which it draws.
mod registration;
mod step_up;

use kernel::{Moment, UserId};
use sha2::{Digest, Sha256};
use url::Url;
use webauthn_rs::prelude::{Uuid, Webauthn, WebauthnBuilder, WebauthnError};

pub use registration::Registering;
pub use step_up::{Asked, SteppedUp, SteppingUp};

use crate::error::FactorError;

/// Relying party's id. `localhost` and all below it belong to the machine itself (RFC 6761 §6.3): nobody can register the name, no
/// certificate names it, and it is the same on every workstation. Keys know it; changing it would orphan every credential.
pub const RP_ID: &str = "satchel.localhost";
/// The one origin an answer may name. A page that something on this machine serves under that name has another: it has a port or
/// no TLS.
pub const ORIGIN: &str = "https://satchel.localhost";
/// Seconds a ceremony lasts, and then its result.
pub const LIFETIME_S: u64 = 120;

/// Begins and finishes ceremonies. User verification is always required.
#[derive(Debug, Clone)]
pub struct RelyingParty(Webauthn);

impl RelyingParty {
    /// The relying party under [`RP_ID`] and [`ORIGIN`] alone: no subdomains, no other port.
    pub fn new() -> Result<Self, FactorError> {
        let origin = Url::parse(ORIGIN).map_err(|_| FactorError::Internal)?;
        let built = WebauthnBuilder::new(RP_ID, &origin).and_then(|builder| builder.rp_name("Satchel").build());
        built.map(Self).map_err(|_| FactorError::Internal)
    }
}

/// Whose a ceremony is and how long it lasts.
#[derive(Debug)]
struct Bounds {
    user: UserId,
    begun: Moment,
}

impl Bounds {
    fn check(&self, user: &UserId, now: Moment) -> Result<(), FactorError> {
        if *user != self.user {
            return Err(FactorError::OtherUser);
        }
        if is_over(self.begun, now) { Err(FactorError::Expired) } else { Ok(()) }
    }
}

/// A clock that stands before the beginning ends it too.
pub(crate) fn is_over(begun: Moment, now: Moment) -> bool {
    now < begun || now >= begun.plus_seconds(LIFETIME_S)
}

/// The user's handle on a key (WebAuthn §5.4.3, opaque): a digest, so that a found key names nobody.
fn handle(user: &UserId) -> Uuid {
    let digest = Sha256::new().chain_update(b"satchel user handle 1\0").chain_update(user.as_str()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}

/// The library's verdict, in the words of this room.
fn refusal(error: &WebauthnError) -> FactorError {
    match error {
        WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash | WebauthnError::CredentialCrossOrigin => FactorError::WrongOrigin,
        WebauthnError::MismatchedChallenge => FactorError::OtherChallenge,
        WebauthnError::UserNotVerified => FactorError::NotVerified,
        WebauthnError::UserNotPresent => FactorError::NotPresent,
        WebauthnError::CredentialPossibleCompromise => FactorError::Cloned,
        WebauthnError::CredentialMayNotBeHardwareBound | WebauthnError::CredentialBackupEligibilityInconsistent => FactorError::Synced,
        WebauthnError::CredentialNotFound => FactorError::OtherCredential,
        WebauthnError::AuthenticationFailure | WebauthnError::SignatureInvalid => FactorError::BadSignature,
        _ => FactorError::Malformed,
    }
}
