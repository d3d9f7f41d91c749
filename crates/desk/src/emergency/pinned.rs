//! The EHR's signing keys, pinned in the vault, and numbers held against them before they go into the book.
//!
//! ```text
//! sign-in ──> pinned <── a set that still has one of the pinned keys (the EHR changes its keys in turn)
//! number ──verify──> book
//!           └──────> incident: not signed by a pinned key, or not to this clinician and workstation
//! ```
//!
//! INVARIANT: that there is no good number hinders no emergency access; it is then unnumbered, as when none is left.
use std::collections::BTreeSet;

use access::{DeskMemory, GrantNumber, Ingest, IssuedNumber, Permit, Target, admit};
use audit::{Action, Outcome, Subject, record};
use kernel::{ErrorCode, Phi};
use remote::EhrKeys;
use vault::{Tx, VaultError};

use super::book::{keep, kept_or_new};
use super::numbers::{Fault, Holder, verify};
use crate::host::Host;
use crate::problem::Problem;

/// One set for the site, whoever is working: the EHR signs for all.
const NAME: &str = "ehr keys";

/// What is pinned.
#[derive(Clone)]
pub enum Pinned {
    /// Nothing yet: the vault is older than the pin.
    Nothing,
    /// These.
    Keys(EhrKeys),
    /// Something that cannot be read. Only a sign-in replaces it.
    Unreadable,
}

impl Pinned {
    /// Whether the EHR's present set may take this one's place without a sign-in.
    pub fn yields_to(&self, present: &EhrKeys) -> bool {
        match self {
            Self::Nothing => true,
            Self::Keys(former) => present.continues(former),
            Self::Unreadable => false,
        }
    }
}

/// Pins the keys.
///
/// # Errors
/// The vault's.
pub fn pin(tx: &Tx<'_>, permit: &Permit<'_, Ingest>, keys: &EhrKeys) -> Result<(), Problem> {
    let text = serde_json::to_string(keys).map_err(|_| ErrorCode::Internal)?;
    Ok(tx.keep_shared(permit, NAME, &Phi::new(text.into()))?)
}

/// What is pinned.
///
/// # Errors
/// The database's.
pub fn pinned(host: &Host) -> Result<Pinned, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<Ingest, _>(gate, tx, &user, Target::workstation().detail("keys of the EHR"))?;
            Ok(match tx.shared(&permit, NAME) {
                Ok(None) => Pinned::Nothing,
                // EXPOSE: public keys.
                Ok(Some(text)) => serde_json::from_str(text.expose()).map_or(Pinned::Unreadable, Pinned::Keys),
                Err(VaultError::Seal) => Pinned::Unreadable,
                Err(error) => return Err(error.into()),
            })
        })
    })
}

/// The EHR has changed its keys.
///
/// # Errors
/// The vault's.
pub fn pin_changed(host: &Host, keys: &EhrKeys) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            pin(tx, &admit::<Ingest, _>(gate, tx, &user, Target::workstation().detail("keys of the EHR changed"))?, keys)
        })
    })
}

/// Takes into the book what the EHR signed to this holder. One incident stands for all that it did not. The answer: whether all was good.
///
/// # Errors
/// The vault's.
pub fn take_in(
    host: &Host,
    issued: Vec<IssuedNumber>,
    unused: &[GrantNumber],
    keys: Option<&EhrKeys>,
    holder: &Holder,
) -> Result<bool, Problem> {
    let unknown = Fault::NotSigned(remote::NotSigned::UnknownKey);
    let (mut good, mut faults, mut refused) = (Vec::new(), BTreeSet::new(), 0);
    for number in issued {
        match keys.map_or(Err(unknown), |keys| verify(&number, keys, holder)) {
            Ok(()) => good.push(number),
            Err(fault) => {
                refused += 1;
                faults.insert(fault.code());
            }
        }
    }
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("grant numbers"))?;
            let mut book = kept_or_new(tx, &own)?;
            book.stock.arrived(origin.at.wall, good, unused);
            if refused > 0 {
                let why = faults.into_iter().collect::<Vec<_>>().join(" ");
                let detail = Some(format!("grant_not_signed alarm numbers {refused} {why}"));
                record(tx, Action::Incident, Outcome::Refused, Subject { detail, ..Subject::default() })?;
            }
            keep(tx, &own, &book)
        })
    })?;
    Ok(refused == 0)
}
