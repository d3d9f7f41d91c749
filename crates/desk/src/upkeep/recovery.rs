//! The recovery key: made once, tried now and then, used when the keyring is lost.
use std::path::Path;
use std::sync::Arc;

use access::{Recovery, Target, admit};
use audit::Action;
use chrono::SecondsFormat;
use kernel::{ErrorCode, Phi};
use keys::{Passphrase, RecoveryKey};
use vault::{DoorEvent, DoorLog, Unsent, VaultError};
use zeroize::Zeroizing;

use crate::door::key_file;
use crate::host::Host;
use crate::problem::Problem;
use crate::security_key::key_operation;
use crate::state::Desk;
use crate::view::{DrillView, RecoveryCodeView};

/// Unsent work, recovered.
pub struct RecoveredWork {
    /// What could be read, oldest first.
    pub work: Vec<Phi<Unsent>>,
    /// Pieces of work without a copy, or whose copy does not open.
    pub missing: u32,
}

/// Makes a recovery key, in the place of any former one, and copies of everything unsent for it. The code is shown this once and
/// kept nowhere: it belongs on paper, in the organisation's safe.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::Forbidden`], the disk's.
pub fn make_recovery_key(host: &Arc<Host>, passphrase: &Passphrase) -> Result<RecoveryCodeView, Problem> {
    key_operation(host, Some(passphrase), "Makes a recovery key", None)?;
    let key = RecoveryKey::generate().map_err(|_| ErrorCode::Internal)?;
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            admit::<Recovery, _>(gate, tx, &user, Target::workstation().detail("key made"))?;
            Ok::<_, Problem>(())
        })?;
        let (changed, seal) = open.vault.keys().adopt_recovery(&open.key_file, key.public()).map_err(|_| ErrorCode::VaultUnreadable)?;
        // INVARIANT: nothing is sealed to a key that no file on disk names.
        key_file::replace(open, origin, changed, Action::Recovery)?;
        open.vault.take_up_recovery(seal);
        open.vault.transact(origin, |tx| {
            let permit = admit::<Recovery, _>(gate, tx, &user, Target::workstation().detail("copies made"))?;
            Ok::<_, Problem>(tx.copy_unsent(&permit)?)
        })
    })?;
    // EXPOSE: to whoever looks after this workstation, once.
    Ok(RecoveryCodeView { code: key.code().to_string() })
}

/// Tries a recovery key on this very vault, without showing anything: whether it opens the database, and every copy of what the
/// EHR has not taken says what its original says.
///
/// # Errors
/// [`ErrorCode::RecoveryCode`] for anything but this vault's recovery key; [`Problem::Forbidden`].
pub fn recovery_drill(host: &Arc<Host>, code: &str) -> Result<DrillView, Problem> {
    let key = RecoveryKey::from_code(code).map_err(|_| ErrorCode::RecoveryCode)?;
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let originals = open.vault.transact(origin, |tx| {
            let permit = admit::<Recovery, _>(gate, tx, &user, Target::workstation().detail("drill"))?;
            Ok::<_, Problem>(tx.unsent_work(&permit)?)
        })?;
        match open.vault.drill(origin, &open.key_file, &key, &originals) {
            Ok(drill) => Ok(DrillView { of: drill.of, recovered: drill.recovered }),
            Err(VaultError::Seal) => Err(ErrorCode::RecoveryCode.into()),
            Err(error) => Err(error.into()),
        }
    })
}

/// Reads what was not sent, from a vault that nobody can unlock any more. It takes no passphrase and no keyring; that it was done
/// is noted at the door first.
///
/// # Errors
/// [`ErrorCode::RecoveryCode`]; [`ErrorCode::InvalidRequest`] while the desk is open; the vault's.
pub fn recover_unsent(host: &Host, code: &str) -> Result<RecoveredWork, Problem> {
    let key = RecoveryKey::from_code(code).map_err(|_| ErrorCode::RecoveryCode)?;
    let mut desk = host.desk();
    let Desk::Locked(locked) = &mut *desk else { return Err(ErrorCode::InvalidRequest.into()) };
    let (now, files) = (host.now(), locked.vault.files());
    let event = DoorEvent {
        action: Action::Recovery,
        at: now.wall.to_rfc3339_opts(SecondsFormat::Millis, true),
        boot_id: host.boot_id().to_owned(),
        boot_ms: now.boot.0,
        claimed: None,
        why: "recovery_key".to_owned(),
    };
    // INVARIANT: the entry is on disk before anything is read.
    DoorLog::new(files.door(), locked.key_file.door()).append(&event)?;
    match locked.vault.recover(&locked.key_file, &key) {
        Ok(found) => Ok(RecoveredWork { work: found.work, missing: found.missing }),
        Err(VaultError::Seal) => Err(ErrorCode::RecoveryCode.into()),
        Err(error) => Err(error.into()),
    }
}

impl RecoveredWork {
    /// Writes a file that only its owner reads: one JSON object a line.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(&self, path: &Path) -> Result<(), Problem> {
        Ok(keys::replace_file(path, self.lines()?.as_bytes()).map_err(VaultError::from)?)
    }

    pub(super) fn lines(&self) -> Result<Zeroizing<String>, Problem> {
        let mut lines = Zeroizing::new(String::new());
        for work in &self.work {
            // EXPOSE: into the file that whoever recovers it asked for.
            let line = Zeroizing::new(serde_json::to_string(work.expose()).map_err(|_| ErrorCode::Internal)?);
            lines.push_str(&line);
            lines.push('\n');
        }
        Ok(lines)
    }
}
