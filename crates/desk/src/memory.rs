//! What the clinician's window looked like: tabs, scroll, caret. Opaque here, sealed for its owner alone.
use access::{DeskMemory, Gate, Target, admit};
use audit::Origin;
use kernel::ErrorCode;

use crate::host::Host;
use crate::problem::Problem;
use crate::state::Open;

const LIMIT: usize = 64 * 1024;
const PURPOSE: &str = "memory";

/// Keeps the window's memory.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`] beyond 64 KiB.
pub fn keep_memory(host: &Host, memory: &str) -> Result<(), Problem> {
    if memory.len() > LIMIT {
        return Err(ErrorCode::InvalidRequest.into());
    }
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("keep"))?;
            Ok(tx.keep_own(&permit, PURPOSE, memory.as_bytes())?)
        })
    })
}

/// The window's memory as it was kept; one that does not open is forgotten, for it holds nothing entered.
pub(crate) fn recall(open: &mut Open, gate: &Gate, origin: &Origin) -> Result<Option<String>, Problem> {
    let user = open.user.clone();
    open.vault.transact(origin, |tx| {
        let permit = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("recall"))?;
        let kept = tx.own(&permit, PURPOSE).unwrap_or(None);
        Ok(kept.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()))
    })
}
