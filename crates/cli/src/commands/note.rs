//! A progress note: written, signed, in the outbox.
use std::path::PathBuf;

use chart::notes::NoteType;
use chart::view::RecordState;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use desk::view::{NoteSigned, OutboxRow, SaveDraft};
use desk::{Passphrase, parse};
use kernel::ErrorCode;
use serde::Serialize;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::page::Page;
use crate::show;
use crate::stdin;
use crate::terminal::Terminal;

/// Longest text the core takes, bytes.
const LIMIT: usize = 1 << 20;

/// Write a note into a chart and sign it.
///
/// The text is what follows the passphrase on standard input, or a file's. It is on disk when the command ends; `sync` sends it.
#[derive(Args)]
pub struct Note {
    /// The patient's id.
    patient: String,
    /// Read the text from a file.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// LOINC code of the document's type.
    #[arg(long = "type", value_name = "CODE", default_value = NoteType::Progress.code(), value_parser = note_types())]
    note_type: String,
}

fn note_types() -> PossibleValuesParser {
    PossibleValuesParser::new(NoteType::ALL.map(|kind| PossibleValue::new(kind.code()).help(kind.display())))
}

/// A signed note and how far it has got.
#[derive(Serialize)]
struct Filed {
    #[serde(flatten)]
    signed: NoteSigned,
    state: RecordState,
}

impl Note {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        let own = Passphrase::new(passphrase.as_str());
        let text = match &self.file {
            Some(path) => stdin::file(path, LIMIT)?,
            None => stdin::rest(LIMIT)?,
        };
        if text.trim().is_empty() {
            return Err(Failure::named(ErrorCode::EmptyNote));
        }
        let begun = desk.ask(|host| desk::start_note(host, &parse::patient(&self.patient)?, &self.note_type))?;
        let saved = desk.ask(|host| {
            let (patient, draft) = (begun.patient.clone(), begun.draft.clone());
            desk::save_draft(host, SaveDraft { patient, draft, text: text.to_string(), caret: 0, revision: begun.revision })
        })?;
        let signed = desk
            .ask(|host| desk::sign_note(host, &parse::patient(&begun.patient)?, parse::draft(&begun.draft)?, saved.revision, Some(&own)));
        let signed =
            signed.inspect_err(|_| terminal.progress(&begun.draft, |draft| format!("Not signed; the text is kept as draft {draft}.")))?;
        let waiting = desk.ask(|host| desk::outbox(host))?;
        terminal.answer(&Filed { state: state_of(&signed.id, &waiting), signed }, show_filed)
    }
}

/// What is no longer in the outbox has been acknowledged.
fn state_of(note: &str, outbox: &[OutboxRow]) -> RecordState {
    outbox.iter().find(|row| row.id == note).map_or(RecordState::Synced, |row| row.state)
}

fn show_filed(filed: &Filed, page: &mut Page) {
    page.fields([("note", Some(filed.signed.id.clone())), ("state", Some(show::state(filed.state).to_owned()))]);
}
