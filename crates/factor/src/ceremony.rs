//! Whole ceremonies, from request to verdict: the driver's side. Every call blocks until the key has answered.
use kernel::{Clock, UserId};

use crate::authenticator::{Authenticator, AuthenticatorError, Cancel, Prompt};
use crate::credential::Credential;
use crate::error::FactorError;
use crate::relying_party::{RelyingParty, SteppedUp};
use crate::secret::{HmacSecret, Salt};
use crate::statement::Statement;

/// Everything a ceremony needs besides what it is about.
#[derive(Clone, Copy)]
pub struct Ceremony<'a> {
    /// The relying party.
    pub relying_party: &'a RelyingParty,
    /// The key.
    pub authenticator: &'a dyn Authenticator,
    /// Who asks the person.
    pub prompt: &'a dyn Prompt,
    /// Gives up from another thread.
    pub cancel: &'a Cancel,
    /// Time.
    pub clock: &'a dyn Clock,
}

impl Ceremony<'_> {
    /// Enrols a key for `user`, who has `enrolled` so far. Keep the record only once a [`Ceremony::step_up`] with it has brought
    /// factor S and the keys are wrapped with it.
    pub fn enrol(&self, user: &UserId, enrolled: &[Credential]) -> Result<Credential, FactorError> {
        if !self.authenticator.info()?.hmac_secret {
            return Err(AuthenticatorError::NoHmacSecret.into());
        }
        let pending = self.relying_party.begin_registration(user, enrolled, Salt::random()?, &self.clock.now())?;
        let made = self.authenticator.make_credential(pending.request(), self.prompt, self.cancel)?;
        self.relying_party.finish_registration(pending, user, &made, &self.clock.now())
    }

    /// Has the statement's signer step up with one of their keys. Factor S comes with the acts that take it
    /// ([`crate::Act::takes_secret`]), and only once the signature is verified. Write `enrolled` before anything else.
    pub fn step_up(&self, statement: &Statement, enrolled: &mut [Credential]) -> Result<(SteppedUp, Option<HmacSecret>), FactorError> {
        let pending = self.relying_party.begin_step_up(statement, enrolled, &self.clock.now())?;
        let mut answer = self.authenticator.get_assertion(pending.request(), self.prompt, self.cancel)?;
        let secret = answer.secret.take();
        let stepped_up = self.relying_party.finish_step_up(pending, statement, &answer, enrolled, &self.clock.now())?;
        match (statement.act().takes_secret(), secret) {
            (true, None) => Err(FactorError::NoHmacSecret),
            (true, Some(secret)) => Ok((stepped_up, Some(secret))),
            (false, _) => Ok((stepped_up, None)),
        }
    }
}
