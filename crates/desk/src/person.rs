//! The clinician as the EHR's sign-in named them.
use access::{Permissions, User};
use kernel::{Instants, PractitionerId, UserId};
use remote::{EhrKeys, Tokens};
use serde::{Deserialize, Serialize};
use session::{Lease, LeasePolicy};

use crate::view::EnrolledUser;

/// Who signed in, and what they were granted. Kept sealed in the vault for work without the network.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// The enrolled user; named as the practitioner is.
    pub user: UserId,
    /// The practitioner on the EHR.
    pub practitioner: PractitionerId,
    /// Name.
    pub name: String,
    /// First role granted.
    pub role: String,
    /// What was granted.
    pub permissions: Permissions,
}

impl Person {
    /// As policies see the person.
    #[must_use]
    pub fn policy_user(&self, lapsed: bool) -> User {
        User::new(self.user.clone(), self.practitioner.clone(), self.role.clone(), &self.permissions).lapsed(lapsed)
    }

    /// The offline lease that a sign-in just made gives.
    #[must_use]
    pub fn lease(&self, policy: LeasePolicy, now: &Instants, boot_id: &str) -> Lease {
        Lease::granted(policy, now, boot_id).at_most_until(self.permissions.until)
    }

    /// As the screen shows the person.
    #[must_use]
    pub fn view(&self) -> EnrolledUser {
        EnrolledUser { user: self.user.to_string(), name: self.name.clone(), role: self.role.clone(), disabled: false, security_key: false }
    }
}

/// A finished sign-in, not yet tied to a vault.
pub struct SignedInPerson {
    /// Who.
    pub person: Person,
    /// Their tokens.
    pub tokens: Tokens,
    /// The keys by which the EHR signs, from the same sign-in.
    pub keys: EhrKeys,
}
