//! Tokens of the EHR's sign-in, sealed for their owner between sessions.
use access::{DeskMemory, Enrol, Permit};
use chrono::{DateTime, Utc};
use kernel::ErrorCode;
use keys::Newcomer;
use remote::{Secret, Tokens};
use serde::{Deserialize, Serialize};
use vault::Tx;
use zeroize::Zeroizing;

use crate::problem::Problem;

const PURPOSE: &str = "tokens";

#[derive(Serialize, Deserialize)]
struct Written {
    access: Zeroizing<String>,
    expires_at: Option<DateTime<Utc>>,
    refresh: Option<Zeroizing<String>>,
}

/// Keeps the tokens in place of former ones.
pub fn keep(tx: &Tx<'_>, permit: &Permit<'_, DeskMemory>, tokens: &Tokens) -> Result<(), Problem> {
    Ok(tx.keep_own(permit, PURPOSE, &written(tokens)?)?)
}

/// Leaves a newcomer's tokens for the first unlock.
pub fn leave(tx: &Tx<'_>, permit: &Permit<'_, Enrol>, newcomer: &Newcomer, tokens: &Tokens) -> Result<(), Problem> {
    Ok(tx.leave_for(permit, newcomer, PURPOSE, &written(tokens)?)?)
}

fn written(tokens: &Tokens) -> Result<Zeroizing<Vec<u8>>, Problem> {
    // EXPOSE: written down only to be sealed at once.
    let written = Written {
        access: Zeroizing::new(tokens.access.expose().to_owned()),
        expires_at: tokens.expires_at,
        refresh: tokens.refresh.as_ref().map(|refresh| Zeroizing::new(refresh.expose().to_owned())),
    };
    serde_json::to_vec(&written).map(Zeroizing::new).map_err(|_| Problem::Named(ErrorCode::Internal))
}

/// The tokens kept, if any.
pub fn kept(tx: &Tx<'_>, permit: &Permit<'_, DeskMemory>) -> Result<Option<Tokens>, Problem> {
    let Some(plain) = tx.own(permit, PURPOSE)? else { return Ok(None) };
    let written: Written = serde_json::from_slice(&plain).map_err(|_| Problem::Named(ErrorCode::VaultUnreadable))?;
    Ok(Some(Tokens {
        access: Secret::new(written.access.to_string()),
        expires_at: written.expires_at,
        refresh: written.refresh.map(|refresh| Secret::new(refresh.to_string())),
    }))
}
