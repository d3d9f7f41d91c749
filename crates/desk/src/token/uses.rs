//! Every use of a key in a token, on its way into the audit chain.
//!
//! It goes to the door, open desk or not: the use may be part of work that holds the desk and its vault.
use std::sync::{Arc, Mutex, PoisonError};

use audit::Action;
use chrono::SecondsFormat;
use kernel::{Clock, UserId};
use keys::{KeyUse, KeyUseLog, NotRecorded};
use vault::{DoorEvent, DoorLog, VaultError};

/// The record of one piece of work's uses.
pub(crate) struct KeyUses {
    clock: Arc<dyn Clock>,
    boot_id: Box<str>,
    claimed: Option<UserId>,
    kept: Mutex<Kept>,
}

enum Kept {
    /// There is no vault yet, whose door it could be.
    Waiting(Vec<DoorEvent>),
    Door(DoorLog),
}

impl KeyUses {
    pub(super) fn new(clock: Arc<dyn Clock>, boot_id: Box<str>, claimed: Option<UserId>, door: Option<DoorLog>) -> Self {
        let kept = Mutex::new(door.map_or_else(|| Kept::Waiting(Vec::new()), Kept::Door));
        Self { clock, boot_id, claimed, kept }
    }

    /// The vault is made: what waited goes to its door, and everything from here on.
    ///
    /// # Errors
    /// [`VaultError`] if it is not on disk.
    pub(crate) fn settle(&self, door: DoorLog) -> Result<(), VaultError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Kept::Waiting(events) = &*kept {
            events.iter().try_for_each(|event| door.append(event))?;
        }
        *kept = Kept::Door(door);
        Ok(())
    }

    fn event(&self, KeyUse { operation, outcome }: KeyUse) -> DoorEvent {
        let now = self.clock.now();
        DoorEvent {
            action: Action::UseToken,
            at: now.wall.to_rfc3339_opts(SecondsFormat::Millis, true),
            boot_id: self.boot_id.to_string(),
            boot_ms: now.boot.0,
            claimed: self.claimed.clone(),
            // Ends with `vault::TOKEN_DID_IT` if it did.
            why: format!("{} {}", operation.as_str(), outcome.as_str()),
        }
    }
}

impl KeyUseLog for KeyUses {
    fn record(&self, key_use: KeyUse) -> Result<(), NotRecorded> {
        let event = self.event(key_use);
        match &mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner) {
            Kept::Waiting(events) => events.push(event),
            Kept::Door(door) => door.append(&event).map_err(|_| NotRecorded)?,
        }
        Ok(())
    }
}

/// Whoever only looks at a token uses no key; a use all the same would be refused.
pub(super) struct NoUse;

impl KeyUseLog for NoUse {
    fn record(&self, _: KeyUse) -> Result<(), NotRecorded> {
        Err(NotRecorded)
    }
}

#[cfg(test)]
mod tests {
    use keys::KeyOutcome;
    use vault::TOKEN_DID_IT;

    #[test]
    fn only_what_the_token_did_reads_as_done() {
        for outcome in [KeyOutcome::Done, KeyOutcome::Failed, KeyOutcome::Unanswered] {
            assert_eq!(format!("unwrap {}", outcome.as_str()).ends_with(TOKEN_DID_IT), outcome == KeyOutcome::Done);
        }
    }
}
