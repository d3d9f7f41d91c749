//! The security key that someone is enrolled with, where the hospital demands one: it is made, and has shown what it yields, before
//! anything of them is written. A ceremony that comes to nothing leaves nothing.
use access::{ChangeSecurityKeys, DeskMemory, Enrol, Permit, Target, admit};
use audit::Origin;
use factor::Credential;
use keys::{NewSecurityKey, Newcomer, SecurityKeySecret};
use posture::Factors;
use vault::{OpenVault, Tx};

use super::enrol::made_and_shown;
use super::records::{self, Record};
use super::statement;
use crate::host::Host;
use crate::person::Person;
use crate::problem::Problem;

/// A key that is about to be part of someone's unlocking from the first.
pub(crate) struct FirstKey {
    credential: Credential,
    salt: [u8; 32],
    yielded: SecurityKeySecret,
}

/// Has whoever is about to be enrolled make a key theirs, if the hospital demands one; `swap` where another's key is still in. Waits
/// for a hand: nothing is held meanwhile.
///
/// # Errors
/// The key's, each under its own code.
pub(crate) fn first_key(host: &Host, person: &Person, swap: bool) -> Result<Option<FirstKey>, Problem> {
    if host.policy().factors().value != Factors::WithSecurityKey {
        return Ok(None);
    }
    let statement = statement::enrolment(person)?;
    let (credential, yielded) = made_and_shown(host, &statement, &person.user, &[], swap)?;
    Ok(Some(FirstKey { salt: *credential.salt().as_bytes(), credential, yielded }))
}

impl FirstKey {
    /// For the key file.
    pub fn part(&self) -> NewSecurityKey<'_> {
        NewSecurityKey { id: self.credential.id(), salt: &self.salt, secret: &self.yielded }
    }

    /// What it yields for the key hierarchy.
    pub const fn secret(&self) -> &SecurityKeySecret {
        &self.yielded
    }

    /// Keeps its record in the vault that was just made for its owner, with an entry.
    ///
    /// # Errors
    /// The vault's.
    pub fn keep(&self, host: &Host, vault: &mut OpenVault, origin: &Origin, person: &Person) -> Result<(), Problem> {
        let user = person.policy_user(false);
        vault.transact(origin, |tx| {
            admit::<ChangeSecurityKeys, _>(&host.gate, tx, &user, Target::workstation().detail("enrolled with"))?;
            let own = admit::<DeskMemory, _>(&host.gate, tx, &user, Target::workstation().detail("security keys"))?;
            records::keep(tx, &own, &[self.record(origin)])
        })
    }

    /// Leaves its record for a newcomer.
    ///
    /// # Errors
    /// The vault's.
    pub fn leave(&self, tx: &Tx<'_>, permit: &Permit<'_, Enrol>, newcomer: &Newcomer, origin: &Origin) -> Result<(), Problem> {
        records::leave(tx, permit, newcomer, &[self.record(origin)])
    }

    /// Nobody has given it a name yet.
    fn record(&self, origin: &Origin) -> Record {
        Record::new("", &origin.at, self.credential.clone())
    }
}
