//! What happens while the vault is locked: sealed to the door's public key, appended, absorbed by the next unlock.
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use audit::{Action, Digest, Outcome, Subject, record};
use keys::DoorSeal;
use kernel::UserId;
use serde::{Deserialize, Serialize};

use crate::error::VaultError;
use crate::tx::Tx;

/// An event at the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorEvent {
    /// What.
    pub action: Action,
    /// Wall clock, RFC 3339.
    pub at: String,
    /// Boot the boot clock counts from.
    pub boot_id: String,
    /// Boot clock, ms.
    pub boot_ms: u64,
    /// Whom the person at the screen claimed to be.
    pub claimed: Option<UserId>,
    /// Static word: why.
    pub why: String,
}

/// `door.log`: one sealed line an event, each naming the digest of the one before.
pub struct DoorLog {
    path: PathBuf,
    seal: DoorSeal,
}

/// At most so many lines are absorbed; a log grown beyond is itself reported.
const MAX_LINES: usize = 10_000;

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
        let previous = lines(&self.path)?.last().map_or(Digest::GENESIS, |line| Digest::of(line.as_bytes()));
        let plain = serde_json::to_vec(event).map_err(|_| VaultError::Fault)?;
        let sealed = self.seal.seal(&previous.0, &plain)?;
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        file.write_all(format!("{}\n", hex(&sealed)).as_bytes())?;
        file.sync_data()?;
        Ok(())
    }
}

/// Takes the log into the chain. Lines that do not open, or do not follow one another, are recorded as such: never dropped
/// silently, never a reason to stay locked (emergency access must not hang on our own log).
pub fn absorb(tx: &Tx<'_>, path: &Path) -> Result<(), VaultError> {
    let mut previous = Digest::GENESIS;
    for line in lines(path)? {
        let opened = unhex(&line).and_then(|sealed| tx.keys().open_door(&previous.0, &sealed).ok());
        let event = opened.and_then(|plain| serde_json::from_slice::<DoorEvent>(&plain).ok());
        let (action, detail) = match event {
            Some(event) => {
                let claimed = event.claimed.as_ref().map_or("nobody", UserId::as_str);
                (event.action, format!("door {} boot {} {} claimed {} {}", event.at, event.boot_id, event.boot_ms, claimed, event.why))
            }
            None => (Action::UnlockFailed, "door line unreadable or out of order".to_owned()),
        };
        record(tx, action, Outcome::Failed, Subject { detail: Some(detail), ..Subject::default() })?;
        previous = Digest::of(line.as_bytes());
    }
    Ok(())
}

/// Empties the log once its lines are in the committed chain.
pub fn clear(path: &Path) {
    // If this fails the lines are absorbed once more: twice recorded is better than not at all.
    let _ = std::fs::remove_file(path);
}

fn lines(path: &Path) -> Result<Vec<String>, VaultError> {
    let file = match OpenOptions::new().read(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    Ok(BufReader::new(file).lines().map_while(Result::ok).filter(|line| !line.is_empty()).take(MAX_LINES).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |d: u8| char::from(d).to_digit(16).and_then(|d| u8::try_from(d).ok());
    digits.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
