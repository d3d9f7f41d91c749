//! The key file as it changes while the desk is open.
use audit::{Action, Origin, Outcome, Subject, record};
use keys::KeyFile;
use vault::VaultError;

use crate::problem::Problem;
use crate::state::Open;

/// Puts `changed` in the place of the key file. What it changes has its entry on disk already; if it cannot be written, that is an
/// entry too, and the former file holds.
///
/// # Errors
/// The disk's.
pub(crate) fn replace(open: &mut Open, origin: &Origin, changed: KeyFile, action: Action) -> Result<(), Problem> {
    if let Err(error) = changed.write(&open.vault.files().keys()) {
        open.vault.transact(origin, |tx| {
            let detail = Some("the key file could not be written".to_owned());
            record(tx, action, Outcome::Failed, Subject { detail, ..Subject::default() })?;
            Ok::<_, VaultError>(())
        })?;
        return Err(VaultError::from(error).into());
    }
    open.key_file = changed;
    Ok(())
}
