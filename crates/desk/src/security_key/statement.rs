//! What is put before someone to sign with their key, in words, for each act.
use chart::notes::NoteType;
use factor::{Act, Line, Statement};
use kernel::{ErrorCode, PatientId, Phi, UserId};
use sha2::{Digest, Sha256};

use crate::person::Person;
use crate::problem::Problem;
use crate::state::Open;

/// Bytes of text in one line, and lines of text in one statement, at most; [`Statement::new`] takes little more.
const LINE: usize = 4_000;
const LINES: usize = 56;

/// Puts statements into words for whoever is working.
pub(crate) struct Wording {
    user: UserId,
    /// The patient's tag, and the lines that name the patient.
    patient: Option<([u8; 16], Vec<Line>)>,
}

impl Wording {
    /// About a patient.
    pub fn of(open: &Open, patient: &PatientId) -> Self {
        // The age would be another tomorrow, and is not used.
        let row = open.index.row(patient, chrono::DateTime::UNIX_EPOCH.fixed_offset());
        let (name, born) = row.map_or_else(|| (patient.to_string(), None), |row| (row.name, row.born));
        let born = born.map(|born| line("Born", &born));
        let lines = [line("Patient", &name)].into_iter().chain(born).collect();
        Self { user: open.user.user.clone(), patient: Some((open.vault.keys().tag("patient", patient.as_str()), lines)) }
    }

    /// About nobody's chart.
    pub fn of_nobody(open: &Open) -> Self {
        Self { user: open.user.user.clone(), patient: None }
    }

    /// A note, as it would be signed.
    pub fn note(&self, note_type: NoteType, text: &str) -> Result<Statement, Problem> {
        let lines = [line("Signs", "This note, as the one who wrote it"), line("Note", note_type.display())];
        self.statement(Act::Sign, lines.into_iter().chain(long("Text", text)))
    }

    /// An emergency access.
    pub fn emergency(&self, reason: &str, text: &str) -> Result<Statement, Problem> {
        let lines = [line("Opens", "This chart, in an emergency"), line("Reason", reason)];
        self.statement(Act::BreakGlass, lines.into_iter().chain(long("In words", text)))
    }

    /// The audit trail leaves the workstation.
    pub fn audit_export(&self) -> Result<Statement, Problem> {
        self.statement(Act::Export, [line("Exports", "The audit trail of this workstation")])
    }

    /// Something is done to keys, or to what they keep. `about` names a colleague, a key or a chart, if it is of one.
    pub fn key_operation(&self, does: &str, about: Option<&str>) -> Result<Statement, Problem> {
        let about = about.map(|about| line("About", about));
        self.statement(Act::KeyOperation, [line("Action", does)].into_iter().chain(about))
    }

    fn statement(&self, act: Act, lines: impl IntoIterator<Item = Line>) -> Result<Statement, Problem> {
        let (tag, patient) = self.patient.clone().unzip();
        made(act, &self.user, tag, patient.into_iter().flatten().chain(lines).collect())
    }
}

/// Opening the vault. Nothing of it is known yet but who asks.
pub(super) fn unlock(user: &UserId) -> Result<Statement, Problem> {
    made(Act::Unlock, user, None, vec![line("Opens", "The charts on this workstation")])
}

/// Enrolment with a key, by whoever is about to be enrolled: no desk of theirs is open.
pub(super) fn enrolment(person: &Person) -> Result<Statement, Problem> {
    let lines = vec![line("Action", "Makes this security key part of unlocking this workstation"), line("About", &person.name)];
    made(Act::KeyOperation, &person.user, None, lines)
}

fn made(act: Act, user: &UserId, patient: Option<[u8; 16]>, lines: Vec<Line>) -> Result<Statement, Problem> {
    Statement::new(act, user.clone(), patient, lines).map_err(|_| ErrorCode::Internal.into())
}

fn line(label: &str, value: &str) -> Line {
    Line { label: label.to_owned(), value: Phi::new(showable(value)) }
}

/// The whole text in lines that fit; of one that does not fit, the beginning and the digest of all of it.
fn long(label: &str, text: &str) -> Vec<Line> {
    let shown = showable(text);
    let mut rest = shown.as_str();
    let mut lines = Vec::new();
    while !rest.is_empty() && lines.len() < LINES {
        let (piece, left) = rest.split_at(rest.floor_char_boundary(LINE));
        lines.push(line(label, piece));
        rest = left;
    }
    if !rest.is_empty() {
        let digest: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        lines.push(line("The whole text's SHA-256", &digest));
    }
    lines
}

/// What would show as something else, or not at all, is written out: the signer sees that it is there.
fn showable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if factor::is_showable(c) { shown.push(c) } else { shown.extend(c.escape_unicode()) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_whole_or_named_by_its_digest() {
        assert!(long("Text", "").is_empty());
        let whole = "é".repeat(LINE);
        let lines = long("Text", &whole);
        assert_eq!(lines.iter().map(|line| line.value.expose().as_str()).collect::<String>(), whole);
        let beyond = long("Text", &"x".repeat(LINE * LINES + 1));
        assert_eq!((beyond.len(), beyond.last().map(|line| line.value.expose().len())), (LINES + 1, Some(64)));
    }

    #[test]
    fn what_hides_is_written_out() {
        assert_eq!(showable("5\u{202e}0 mg\n"), "5\\u{202e}0 mg\n");
    }
}
