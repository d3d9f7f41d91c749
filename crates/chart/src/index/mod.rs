//! Patient search, in memory while the desk is open (DESIGN: 100,000 patients, typeahead).
//!
//! The bulk lies in one buffer of entries in name order with three dictionaries over it (names, numbers, birth dates);
//! changes since lie in a short list that is searched one by one and merged when it grows. Everything that spells a
//! patient is zeroized on drop; nothing has `Debug`.
mod base;
mod dictionary;
mod distance;
mod entry;
pub(crate) mod fold;
mod query;
mod similar;

use chrono::{DateTime, FixedOffset};
use kernel::PatientId;
use zeroize::Zeroizing;

pub use entry::{IndexEntry, IndexError};
pub use similar::{Namesake, PatientName, mark_similar};

use base::{Base, NONE, score};
use entry::Fields;
use query::{Term, terms};
use similar::Look;

use crate::view::PatientRow;

/// Most rows of one answer.
const ROWS: usize = 50;
/// Changes are merged into the bulk beyond this many, or a sixteenth of it.
const RECENT: usize = 1024;

/// The patients on this workstation, to be found by name, number and birth date.
#[derive(Default)]
pub struct PatientIndex {
    base: Base,
    recent: Vec<IndexEntry>,
}

/// An answer.
pub struct Found {
    /// Best first, equals in name order; at most 50.
    pub rows: Vec<PatientRow>,
    /// How many patients match in all.
    pub total: u32,
}

impl PatientIndex {
    /// No patients.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of one entry per patient; of several with one id the last counts.
    pub fn from_entries(entries: impl IntoIterator<Item = IndexEntry>) -> Self {
        let mut all: Vec<IndexEntry> = entries.into_iter().collect();
        all.reverse();
        all.sort_by(|a, b| id_of(a).cmp(id_of(b)));
        all.dedup_by(|later, first| id_of(later) == id_of(first));
        Self { base: Base::build(all.iter().map(IndexEntry::as_bytes)), recent: Vec::new() }
    }

    /// Of a snapshot once taken by [`Self::snapshot`].
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, IndexError> {
        Ok(Self { base: Base::from_snapshot(bytes).ok_or(IndexError::Unreadable)?, recent: Vec::new() })
    }

    /// Every patient, as bytes to be sealed (frozen form, version 1: version, then each entry after its length in LEB128).
    #[must_use]
    pub fn snapshot(&self) -> Zeroizing<Vec<u8>> {
        base::snapshot(&self.entries())
    }

    /// How many patients.
    #[must_use]
    pub fn len(&self) -> usize {
        self.base.len() + self.recent.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a patient, or replaces the one of the same id.
    pub fn upsert(&mut self, entry: IndexEntry) {
        self.remove_id(id_of(&entry));
        self.recent.push(entry);
        if self.recent.len() > RECENT.max(self.base.len() / 16) {
            let merged = Base::build(self.entries().into_iter());
            self.base = merged;
            self.recent.clear();
        }
    }

    /// Takes a patient out; false if there was none.
    pub fn remove(&mut self, patient: &PatientId) -> bool {
        self.remove_id(patient.as_str())
    }

    fn remove_id(&mut self, id: &str) -> bool {
        let before = self.recent.len();
        self.recent.retain(|entry| id_of(entry) != id);
        let was_recent = self.recent.len() != before;
        self.base.remove(id) || was_recent
    }

    /// Finds patients who have every word of the query: by name (a beginning of any of their names, in any order, accents
    /// and case aside), number (its beginning) or birth date. Where that fills less than an answer, names with one slip
    /// (from four letters) or two (from eight) follow. An empty query lists everybody by name.
    #[must_use]
    pub fn search(&self, query: &str, now: DateTime<FixedOffset>) -> Found {
        let terms = terms(query);
        let mut found = self.rank(&terms, false);
        if found.total < ROWS {
            found = self.rank(&terms, true);
        }
        let mut rows: Vec<PatientRow> = found.best.into_iter().map(|(_, fields)| fields.row(now)).collect();
        mark_similar(&mut rows);
        Found { rows, total: u32::try_from(found.total).unwrap_or(u32::MAX) }
    }

    /// One patient's row, with `similar_name` against everybody here.
    #[must_use]
    pub fn row(&self, patient: &PatientId, now: DateTime<FixedOffset>) -> Option<PatientRow> {
        let fields = self.fields(patient.as_str())?;
        Some(PatientRow { similar_name: self.is_mistakable(fields), ..fields.row(now) })
    }

    /// Whether another patient here has the same or a similar name.
    #[must_use]
    pub fn has_similar(&self, patient: &PatientId) -> bool {
        self.fields(patient.as_str()).is_some_and(|fields| self.is_mistakable(fields))
    }

    /// A patient's name, to be held against those of the staff.
    #[must_use]
    pub fn name_of(&self, patient: &PatientId) -> Option<PatientName> {
        self.fields(patient.as_str()).map(|fields| PatientName(Look::of(fields.name)))
    }

    /// A patient's birth date as recorded; empty where it is not.
    #[must_use]
    pub fn born(&self, patient: &PatientId) -> Option<String> {
        self.fields(patient.as_str()).map(|fields| fields.born().to_owned())
    }

    /// How many patients here bear that surname.
    #[must_use]
    pub fn surname_bearers(&self, name: &PatientName) -> u32 {
        let bears = |fields: &Fields<'_>| Look::of(fields.name).family == name.0.family;
        let in_base = fold::words(&name.0.family).first().map_or(0, |word| self.base.with_name(word).filter(bears).count());
        let since = self.recent.iter().filter_map(|entry| Fields::read(entry.as_bytes())).filter(bears).count();
        u32::try_from(in_base + since).unwrap_or(u32::MAX)
    }

    fn is_mistakable(&self, fields: Fields<'_>) -> bool {
        let own = Look::of(fields.name);
        let like = |other: Fields<'_>| other.id != fields.id && own.is_like(&Look::of(other.name));
        let in_base = fold::words(&own.family).iter().any(|word| self.base.with_name_like(word).any(like));
        in_base || self.recent.iter().filter_map(|entry| Fields::read(entry.as_bytes())).any(like)
    }

    fn fields(&self, id: &str) -> Option<Fields<'_>> {
        let recent = self.recent.iter().find(|entry| id_of(entry) == id);
        recent.and_then(|entry| Fields::read(entry.as_bytes())).or_else(|| self.base.fields_of(id))
    }

    fn entries(&self) -> Vec<&[u8]> {
        self.base.entries().chain(self.recent.iter().map(IndexEntry::as_bytes)).collect()
    }

    fn rank(&self, terms: &[Term], similar: bool) -> Ranked<'_> {
        let (mut best, mut total) = self.base.rank(terms, similar, ROWS);
        for entry in &self.recent {
            if let Some(fields) = Fields::read(entry.as_bytes()) {
                let score = score(fields, terms, similar);
                if score != NONE {
                    total += 1;
                    best.push((score, fields));
                }
            }
        }
        best.sort_by(|(score, a), (other, b)| (score, a.sort, a.id).cmp(&(other, b.sort, b.id)));
        best.truncate(ROWS);
        Ranked { best, total }
    }
}

struct Ranked<'a> {
    best: Vec<(u8, Fields<'a>)>,
    total: usize,
}

fn id_of(entry: &IndexEntry) -> &str {
    entry::id(entry.as_bytes())
}
