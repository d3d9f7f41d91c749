//! What happens while the vault is locked: sealed to the door's public key, appended, absorbed by the next unlock.
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use audit::{Action, Digest, Outcome, Subject, record};
use kernel::UserId;
use keys::DoorSeal;
use serde::{Deserialize, Serialize};

use crate::error::VaultError;
use crate::tx::Tx;

/// An event at the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorEvent {
    /// What: [`Action::Start`], [`Action::UnlockFailed`], [`Action::Lock`], [`Action::Recovery`] or [`Action::UseToken`]; the chain
    /// takes nothing else from the door.
    pub action: Action,
    /// Wall clock, RFC 3339.
    pub at: String,
    /// Boot the boot clock counts from.
    pub boot_id: String,
    /// Boot clock, ms.
    pub boot_ms: u64,
    /// Whom the person at the screen claimed to be.
    pub claimed: Option<UserId>,
    /// Static words: why. Of [`Action::UseToken`]: what was done with the key, and [`TOKEN_DID_IT`] if the token did it.
    pub why: String,
}

/// How `why` ends where a token did what it was asked.
pub const TOKEN_DID_IT: &str = " done";

/// `door.log`: one sealed line an event, each bound to the digest of the one before.
pub struct DoorLog {
    path: PathBuf,
    seal: DoorSeal,
}

/// So much of the log is absorbed; that there was more is recorded.
const MOST: u64 = 8 << 20;
const MOST_LINES: usize = 10_000;
/// Longer than any line of ours.
const LONGEST_LINE: u64 = 16 << 10;
/// Longest texts an event may bring into the chain: a line proves nothing about who sealed it.
const LONGEST_WORD: usize = 64;

impl DoorLog {
    /// Of the vault whose door this is.
    #[must_use]
    pub const fn new(path: PathBuf, seal: DoorSeal) -> Self {
        Self { path, seal }
    }

    /// Appends an event and waits for the disk.
    ///
    /// # Errors
    /// [`VaultError`] if it is not on disk.
    pub fn append(&self, event: &DoorEvent) -> Result<(), VaultError> {
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        if !lock(&file)? {
            return Err(VaultError::InUse);
        }
        let end = tail(&mut file)?;
        let previous = end.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).map_or(Digest::GENESIS, Digest::of);
        let plain = serde_json::to_vec(event).map_err(|_| VaultError::Fault)?;
        let sealed = self.seal.seal(&previous.0, &plain)?;
        // A line cut off by a crash must not swallow this one.
        let begin = if end.last().is_some_and(|byte| *byte != b'\n') { "\n" } else { "" };
        file.write_all(format!("{begin}{}\n", hex(&sealed)).as_bytes())?;
        Ok(file.sync_data()?)
    }
}

/// The log, held while it is being absorbed, so that no event comes in between.
pub struct Door {
    /// Whether there is one, and whether it can be read.
    log: Result<Option<File>, ()>,
    locked: bool,
}

impl Door {
    pub fn hold(path: &Path) -> Self {
        match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => {
                let locked = lock(&file).unwrap_or(false);
                Self { log: Ok(Some(file)), locked }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self { log: Ok(None), locked: false },
            Err(_) => Self { log: Err(()), locked: false },
        }
    }

    /// Takes the log into the chain. What does not open, or does not follow one another, is recorded as such: never dropped
    /// silently, never a reason to stay locked (emergency access must not hang on our own log).
    pub fn absorb(&mut self, tx: &Tx<'_>) -> Result<(), VaultError> {
        let (log, mut whole) = match &mut self.log {
            Ok(None) => return Ok(()),
            Ok(Some(file)) => read(file),
            Err(()) => (Vec::new(), false),
        };
        let mut previous = Digest::GENESIS;
        let lines = || log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        whole &= lines().nth(MOST_LINES).is_none();
        for line in lines().take(MOST_LINES) {
            let opened = unhex(line).and_then(|sealed| tx.keys().open_door(&previous.0, &sealed).ok());
            let event = opened.and_then(|plain| serde_json::from_slice::<DoorEvent>(&plain).ok());
            let (action, outcome, detail) = event.as_ref().and_then(entry).unwrap_or_else(|| unreadable("line unreadable or out of order"));
            record(tx, action, outcome, Subject { detail: Some(detail), ..Subject::default() })?;
            previous = Digest::of(line);
        }
        if !whole {
            let (action, outcome, detail) = unreadable("log unreadable or too long from here on");
            record(tx, action, outcome, Subject { detail: Some(detail), ..Subject::default() })?;
        }
        Ok(())
    }

    /// Empties the log once its lines are in the committed chain. If that fails they are absorbed once more: twice recorded is
    /// better than not at all.
    pub fn clear(self) {
        if let (Ok(Some(file)), true) = (self.log, self.locked) {
            let _ = file.set_len(0);
        }
    }
}

/// How the chain says it; `None` for what does not happen at a door.
fn entry(event: &DoorEvent) -> Option<(Action, Outcome, String)> {
    let outcome = match event.action {
        Action::UnlockFailed => Outcome::Failed,
        Action::Start | Action::Lock | Action::Recovery => Outcome::Allowed,
        Action::UseToken if event.why.ends_with(TOKEN_DID_IT) => Outcome::Allowed,
        Action::UseToken => Outcome::Failed,
        _ => return None,
    };
    if [&event.at, &event.boot_id, &event.why].iter().any(|word| word.len() > LONGEST_WORD) {
        return None;
    }
    let claimed = event.claimed.as_ref().map_or("nobody", UserId::as_str);
    let DoorEvent { at, boot_id, boot_ms, why, .. } = event;
    Some((event.action, outcome, format!("door {at} boot {boot_id} {boot_ms} claimed {claimed} {why}")))
}

fn unreadable(what: &str) -> (Action, Outcome, String) {
    (Action::UnlockFailed, Outcome::Failed, format!("door {what}"))
}

/// The log as far as it is absorbed, and whether that is all of it.
fn read(file: &mut File) -> (Vec<u8>, bool) {
    let mut log = Vec::new();
    let read = file.take(MOST).read_to_end(&mut log);
    let whole = file.metadata().is_ok_and(|meta| meta.len() <= MOST);
    (log, read.is_ok() && whole)
}

fn tail(file: &mut File) -> Result<Vec<u8>, VaultError> {
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(file.metadata()?.len().saturating_sub(LONGEST_LINE)))?;
    file.take(LONGEST_LINE).read_to_end(&mut end)?;
    Ok(end)
}

/// Holds the file for this writer or reader; `false` if another does and does not let go.
fn lock(file: &File) -> Result<bool, VaultError> {
    for _ in 0..100 {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    Ok(false)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |d: u8| char::from(d).to_digit(16).and_then(|d| u8::try_from(d).ok());
    digits.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
