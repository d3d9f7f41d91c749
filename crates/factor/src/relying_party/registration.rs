//! Enrolling a key.
use kernel::{Instants, UserId};
use webauthn_rs::prelude::{Credential as Verifier, PasskeyRegistration};

use super::{Bounds, RP_ID, RelyingParty, handle, refusal};
use crate::authenticator::{Made, MakeCredential};
use crate::client::{CREATE, client_data, registered};
use crate::credential::{Credential, Placement};
use crate::error::FactorError;
use crate::secret::Salt;

/// A registration that awaits the key's answer.
///
/// INVARIANT: not `Clone`; finishing consumes it, so one challenge is answered once.
#[derive(Debug)]
pub struct Registering {
    bounds: Bounds,
    salt: Salt,
    state: PasskeyRegistration,
    request: MakeCredential,
}

impl Registering {
    /// What to ask the key.
    #[must_use]
    pub const fn request(&self) -> &MakeCredential {
        &self.request
    }
}

impl RelyingParty {
    /// `enrolled` are the keys of this user so far; `fresh` is the salt of a user who has none.
    pub fn begin_registration(
        &self,
        user: &UserId,
        enrolled: &[Credential],
        fresh: Salt,
        now: &Instants,
    ) -> Result<Registering, FactorError> {
        if enrolled.iter().any(|credential| credential.user != *user) {
            return Err(FactorError::OtherUser);
        }
        let exclude: Vec<_> = enrolled.iter().map(|credential| credential.id().to_vec()).collect();
        let handle = handle(user);
        let (options, state) = self
            .0
            .start_passkey_registration(handle, user.as_str(), user.as_str(), Some(exclude.clone()))
            .map_err(|error| refusal(&error))?;
        let request = MakeCredential {
            rp_id: RP_ID.to_owned(),
            rp_name: options.public_key.rp.name,
            user_handle: handle.into_bytes(),
            client_data: client_data(CREATE, &options.public_key.challenge),
            exclude,
        };
        let salt = enrolled.first().map_or(fresh, Credential::salt);
        Ok(Registering { bounds: Bounds { user: user.clone(), begun: now.boot }, salt, state, request })
    }

    /// The record of the new key. Then step up with it ([`crate::Act::KeyOperation`]): that shows that it works, and brings factor S.
    pub fn finish_registration(&self, pending: Registering, user: &UserId, made: &Made, now: &Instants) -> Result<Credential, FactorError> {
        pending.bounds.check(user, now.boot)?;
        let answer = registered(made).ok_or(FactorError::Malformed)?;
        let passkey = self.0.finish_passkey_registration(&answer, &pending.state).map_err(|error| refusal(&error))?;
        if Verifier::from(passkey.clone()).backup_eligible {
            return Err(FactorError::Synced);
        }
        if pending.request.exclude.iter().any(|id| id == passkey.cred_id()) {
            return Err(FactorError::OtherCredential);
        }
        if !made.hmac_secret {
            return Err(FactorError::NoHmacSecret);
        }
        let placement = if made.platform { Placement::Platform } else { Placement::Roaming };
        Credential::from_passkey(pending.bounds.user, passkey, placement, pending.salt).ok_or(FactorError::Malformed)
    }
}
