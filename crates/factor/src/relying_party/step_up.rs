//! Stepping up: a signature over a statement.
//!
//! WebAuthn signs a challenge; here the challenge *is* the statement: `SHA-256(domain ‖ nonce ‖ digest of the statement)`, where the
//! nonce is 32 random bytes. `webauthn-rs` offers no way to name a challenge, so it is put into the request and, in the place of the
//! one the library drew, into its pending state, through that state's serialised form.
//!
//! INVARIANT: the challenge in the state is the one derived from the very statement and nonce kept beside it: [`rebind`] refuses to
//! exchange anything but the challenge the library drew, and `finish_step_up` derives the challenge afresh from the statement it is
//! given and compares it with the signed client data, whatever the library thought.
use kernel::{Instants, UserId};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication};

use super::{Bounds, RP_ID, RelyingParty, is_over, refusal};
use crate::authenticator::{Asserted, GetAssertion, Verification};
use crate::client::{GET, asserted, base64url, challenge_of, client_data};
use crate::credential::{Credential, Placement};
use crate::error::FactorError;
use crate::secret::Salt;
use crate::statement::{Act, Statement};

/// What a key was asked, before it is known against which records its answer will be held: at unlock they are still sealed.
///
/// INVARIANT: not `Clone`; [`Asked::of`] consumes it, so one challenge is answered once.
#[derive(Debug)]
pub struct Asked {
    bounds: Bounds,
    digest: [u8; 32],
    nonce: [u8; 32],
    request: GetAssertion,
}

impl Asked {
    /// What to ask the key.
    #[must_use]
    pub const fn request(&self) -> &GetAssertion {
        &self.request
    }

    /// The answer is to be held against these records, now that they are at hand.
    pub fn of(self, relying_party: &RelyingParty, enrolled: &[Credential]) -> Result<SteppingUp, FactorError> {
        let Self { bounds, digest, nonce, request } = self;
        if enrolled.is_empty() {
            return Err(FactorError::NoCredential);
        }
        if enrolled.iter().any(|credential| credential.user != bounds.user) {
            return Err(FactorError::OtherUser);
        }
        let passkeys: Vec<Passkey> = enrolled.iter().map(|credential| credential.passkey.clone()).collect();
        let (options, state) = relying_party.0.start_passkey_authentication(&passkeys).map_err(|error| refusal(&error))?;
        let state = rebind(&state, &options.public_key.challenge, &challenge(&nonce, &digest)).ok_or(FactorError::Internal)?;
        Ok(SteppingUp { bounds, digest, nonce, state, request })
    }
}

/// A step-up that awaits the key's answer.
///
/// INVARIANT: not `Clone`; finishing consumes it, so one challenge is answered once.
///
/// ```compile_fail,E0382
/// # use factor::{Asserted, Credential, RelyingParty, Statement, SteppingUp};
/// # fn twice(rp: RelyingParty, pending: SteppingUp, shown: Statement, answer: Asserted, keys: &mut [Credential], now: kernel::Instants) {
/// let first = rp.finish_step_up(pending, &shown, &answer, keys, &now);
/// let again = rp.finish_step_up(pending, &shown, &answer, keys, &now);
/// # }
/// ```
#[derive(Debug)]
pub struct SteppingUp {
    bounds: Bounds,
    digest: [u8; 32],
    nonce: [u8; 32],
    state: PasskeyAuthentication,
    request: GetAssertion,
}

impl SteppingUp {
    /// What to ask the key.
    #[must_use]
    pub const fn request(&self) -> &GetAssertion {
        &self.request
    }
}

/// Proof that a user's key signed one statement just now.
///
/// INVARIANT: made here alone, and not `Clone`: [`crate::decide`] consumes it, so it serves one act.
///
/// ```compile_fail,E0451
/// # use factor::{Act, SteppedUp};
/// # fn forge(other: SteppedUp) -> SteppedUp {
/// SteppedUp { act: Act::Export, ..other }
/// # }
/// ```
///
/// ```compile_fail,E0382
/// # use factor::{Granted, Policy, Presented, Refusal, Requirement, Statement, SteppedUp, decide};
/// # fn twice(key: SteppedUp, shown: Statement, policy: Policy, now: kernel::Instants) -> Result<Granted, Refusal> {
/// let first = Presented { passphrase: true, key: Some(key) };
/// let again = Presented { passphrase: true, key: Some(key) };
/// # drop(first);
/// # decide(Requirement::Key, &policy, again, &shown, &now)
/// # }
/// ```
#[derive(Debug)]
pub struct SteppedUp {
    user: UserId,
    act: Act,
    digest: [u8; 32],
    credential: Vec<u8>,
    placement: Placement,
    verification: Verification,
    at: Instants,
}

impl SteppedUp {
    /// Who stepped up.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// For what.
    #[must_use]
    pub const fn act(&self) -> Act {
        self.act
    }

    /// Digest of what was shown.
    #[must_use]
    pub const fn statement_digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// Id of the credential that signed.
    #[must_use]
    pub fn credential(&self) -> &[u8] {
        &self.credential
    }

    /// Where that key is.
    #[must_use]
    pub const fn placement(&self) -> Placement {
        self.placement
    }

    /// How the user was verified.
    #[must_use]
    pub const fn verification(&self) -> Verification {
        self.verification
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> &Instants {
        &self.at
    }

    pub(crate) fn is_over(&self, now: &Instants) -> bool {
        is_over(self.at.boot, now.boot)
    }
}

impl RelyingParty {
    /// Asks the keys of `statement`'s signer, `enrolled`, to sign it.
    pub fn begin_step_up(&self, statement: &Statement, enrolled: &[Credential], now: &Instants) -> Result<SteppingUp, FactorError> {
        let user = statement.who();
        let salt = enrolled.first().ok_or(FactorError::NoCredential)?.salt;
        if enrolled.iter().any(|credential| credential.user != *user || credential.salt != salt) {
            return Err(FactorError::OtherUser);
        }
        let ids = enrolled.iter().map(|credential| credential.id().to_vec()).collect();
        self.ask(statement, ids, salt, now)?.of(self, enrolled)
    }

    /// Asks the keys of `statement`'s signer by their credentials' ids, `allow`, to sign it.
    pub fn ask(&self, statement: &Statement, allow: Vec<Vec<u8>>, salt: Salt, now: &Instants) -> Result<Asked, FactorError> {
        if allow.is_empty() {
            return Err(FactorError::NoCredential);
        }
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce).map_err(|_| FactorError::NoEntropy)?;
        let digest = statement.digest();
        let request = GetAssertion {
            rp_id: RP_ID.to_owned(),
            client_data: client_data(GET, &challenge(&nonce, &digest)),
            allow,
            salt: statement.act().takes_secret().then_some(salt),
        };
        Ok(Asked { bounds: Bounds { user: statement.who().clone(), begun: now.boot }, digest, nonce, request })
    }

    /// Verifies the answer over `statement`, which is what is about to be done, and moves the counter of the credential that
    /// signed. Write `enrolled` before anything else.
    pub fn finish_step_up(
        &self,
        pending: SteppingUp,
        statement: &Statement,
        answer: &Asserted,
        enrolled: &mut [Credential],
        now: &Instants,
    ) -> Result<SteppedUp, FactorError> {
        pending.bounds.check(statement.who(), now.boot)?;
        let digest = statement.digest();
        if digest != pending.digest {
            return Err(FactorError::OtherStatement);
        }
        let signed = challenge_of(&answer.client_data).ok_or(FactorError::Malformed)?;
        if !bool::from(signed.ct_eq(&challenge(&pending.nonce, &digest))) {
            return Err(FactorError::OtherChallenge);
        }
        if !pending.request.allow.contains(&answer.credential) {
            return Err(FactorError::OtherCredential);
        }
        let result = self.0.finish_passkey_authentication(&asserted(answer), &pending.state).map_err(|error| refusal(&error))?;
        if result.backup_eligible() {
            return Err(FactorError::Synced);
        }
        // INVARIANT: the record is compared as it is *now*, not as it was when the ceremony began: two ceremonies at once must not
        // both pass with one value of the counter.
        let credential = enrolled
            .iter_mut()
            .find(|credential| credential.user == pending.bounds.user && credential.id() == result.cred_id().as_slice())
            .ok_or(FactorError::OtherCredential)?;
        if (result.counter() > 0 || credential.counter > 0) && result.counter() <= credential.counter {
            return Err(FactorError::Cloned);
        }
        credential.passkey.update_credential(&result);
        credential.counter = result.counter();
        Ok(SteppedUp {
            user: pending.bounds.user,
            act: statement.act(),
            digest,
            credential: answer.credential.clone(),
            placement: credential.placement,
            verification: answer.verification,
            at: *now,
        })
    }
}

fn challenge(nonce: &[u8], digest: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(b"satchel step-up 1\0").chain_update(nonce).chain_update(digest).finalize().into()
}

/// The pending state with `challenge` in `nonce`'s place; `None` if it is not exactly there.
fn rebind(state: &PasskeyAuthentication, nonce: &[u8], challenge: &[u8; 32]) -> Option<PasskeyAuthentication> {
    let mut json = serde_json::to_value(state).ok()?;
    let held = json.get_mut("ast")?.get_mut("challenge")?;
    if held.as_str()? != base64url(nonce) {
        return None;
    }
    *held = base64url(challenge).into();
    serde_json::from_value(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_nonce_and_statement() {
        let (nonce, digest) = ([1; 32], [2; 32]);
        let spelt_out = Sha256::digest([b"satchel step-up 1\0".as_slice(), &nonce, &digest].concat());
        assert_eq!(challenge(&nonce, &digest), <[u8; 32]>::from(spelt_out));
        assert_ne!(challenge(&nonce, &digest), challenge(&nonce, &[3; 32]));
        assert_ne!(challenge(&nonce, &digest), challenge(&[3; 32], &digest));
    }
}
