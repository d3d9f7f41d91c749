//! Whole ceremonies, from request to verdict: the driver's side. Every call blocks until the key has answered.
use kernel::{Clock, Instants, UserId};

use crate::authenticator::{Asserted, Authenticator, AuthenticatorError, Cancel, Prompt};
use crate::credential::Credential;
use crate::error::FactorError;
use crate::relying_party::{Asked, RelyingParty, SteppedUp};
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

    /// Asks the keys of the statement's signer whose records are not at hand yet, by their credentials' ids.
    pub fn ask(&self, statement: &Statement, allow: Vec<Vec<u8>>, salt: Salt) -> Result<Answered, FactorError> {
        let asked = self.relying_party.ask(statement, allow, salt, &self.clock.now())?;
        let mut answer = self.authenticator.get_assertion(asked.request(), self.prompt, self.cancel)?;
        match (statement.act().takes_secret(), answer.secret.take()) {
            (true, None) => Err(FactorError::NoHmacSecret),
            (true, secret) => Ok(Answered { asked, answer, secret }),
            (false, _) => Ok(Answered { asked, answer, secret: None }),
        }
    }

    /// Has the statement's signer step up with one of their keys. Factor S comes with the acts that take it
    /// ([`crate::Act::takes_secret`]), and only once the signature is verified. Write `enrolled` before anything else.
    pub fn step_up(&self, statement: &Statement, enrolled: &mut [Credential]) -> Result<(SteppedUp, Option<HmacSecret>), FactorError> {
        let salt = enrolled.first().ok_or(FactorError::NoCredential)?.salt();
        if enrolled.iter().any(|credential| credential.user() != statement.who() || credential.salt() != salt) {
            return Err(FactorError::OtherUser);
        }
        let allow = enrolled.iter().map(|credential| credential.id().to_vec()).collect();
        self.ask(statement, allow, salt)?.verify(self.relying_party, statement, enrolled, &self.clock.now())
    }
}

/// A key's answer that nobody has verified yet.
#[derive(Debug)]
pub struct Answered {
    asked: Asked,
    answer: Asserted,
    secret: Option<HmacSecret>,
}

impl Answered {
    /// Factor S, for the acts that take it. Until [`Answered::verify`] has passed it is good for one thing: to open what the records
    /// are sealed in, which is closed again if it does not pass.
    #[must_use]
    pub const fn secret(&self) -> Option<&HmacSecret> {
        self.secret.as_ref()
    }

    /// Verifies the answer over `statement` and moves the counter of the credential that signed. Write `enrolled` before anything
    /// else.
    pub fn verify(
        self,
        relying_party: &RelyingParty,
        statement: &Statement,
        enrolled: &mut [Credential],
        now: &Instants,
    ) -> Result<(SteppedUp, Option<HmacSecret>), FactorError> {
        let pending = self.asked.of(relying_party, enrolled)?;
        let stepped_up = relying_party.finish_step_up(pending, statement, &self.answer, enrolled, now)?;
        Ok((stepped_up, self.secret))
    }
}
