//! Tokens of the EHR's sign-in, sealed for their owner between sessions.
use access::{DeskMemory, Permit};
use chrono::{DateTime, Utc};
use kernel::ErrorCode;
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
    // EXPOSE: written down only to be sealed at once.
    let written = Written {
        access: Zeroizing::new(tokens.access.expose().to_owned()),
        expires_at: tokens.expires_at,
        refresh: tokens.refresh.as_ref().map(|refresh| Zeroizing::new(refresh.expose().to_owned())),
    };
    let plain = Zeroizing::new(serde_json::to_vec(&written).map_err(|_| Problem::Named(ErrorCode::Internal))?);
    Ok(tx.keep_own(permit, PURPOSE, &plain)?)
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
