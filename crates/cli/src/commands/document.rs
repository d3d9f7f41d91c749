//! A document of a chart.
use clap::Args;
use desk::parse;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::terminal::Terminal;

/// Read a note or document of a chart.
#[derive(Args)]
pub struct Document {
    /// The patient's id.
    patient: String,
    /// FHIR resource type, as `chart` shows it: DocumentReference, DiagnosticReport.
    kind: String,
    /// The document's id.
    id: String,
}

impl Document {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        let Unlocked { desk, .. } = terminal.unlock()?;
        let document = desk.ask(|host| desk::open_document(host, &parse::patient(&self.patient)?, &self.kind, &self.id))?;
        terminal.answer(&document, show::document)
    }
}
