//! The bulk of the index: entries in name order and the dictionaries over them.
use zeroize::Zeroizing;

use super::dictionary::Dictionary;
use super::distance::{slips_to_prefix, tolerance};
use super::entry::{self, Fields, read_length, write_length};
use super::query::Term;

/// Score of one who does not match. Lower is better.
pub(super) const NONE: u8 = u8::MAX;
const WHOLE: u8 = 0;
const BEGINNING: u8 = 1;
/// Plus the slips.
const SIMILAR: u8 = 2;

const VERSION: u8 = 1;

#[derive(Default)]
pub(super) struct Base {
    entries: Zeroizing<Vec<u8>>,
    /// Where entry `i` begins; one more for the end.
    entries_at: Vec<u32>,
    /// Places in the order of ids.
    by_id: Vec<u32>,
    gone: Vec<bool>,
    left: usize,
    names: Dictionary,
    numbers: Dictionary,
    births: Dictionary,
}

/// Entries as bytes to be sealed, in name order so that reading them back need not sort.
pub(super) fn snapshot(entries: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut entries: Vec<(Fields<'_>, &[u8])> = entries.iter().filter_map(|bytes| Some((Fields::read(bytes)?, *bytes))).collect();
    entries.sort_by(|(a, _), (b, _)| (a.sort, a.id).cmp(&(b.sort, b.id)));
    let length = entries.iter().map(|(_, bytes)| bytes.len() + 5).sum::<usize>() + 1;
    let mut out = Zeroizing::new(Vec::with_capacity(length));
    out.push(VERSION);
    for (_, bytes) in entries {
        write_length(&mut out, bytes.len());
        out.extend_from_slice(bytes);
    }
    out
}

impl Base {
    pub(super) fn from_snapshot(bytes: &[u8]) -> Option<Self> {
        let (version, mut rest) = bytes.split_first()?;
        if *version != VERSION {
            return None;
        }
        let mut entries = Vec::new();
        while !rest.is_empty() {
            let length = read_length(&mut rest)?;
            let (entry, after) = rest.split_at_checked(length)?;
            Fields::read(entry)?;
            entries.push(entry);
            rest = after;
        }
        Some(Self::build(entries.into_iter()))
    }

    /// Of whole entries with distinct ids.
    pub(super) fn build<'a>(entries: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut all: Vec<(Fields<'_>, &[u8])> = entries.filter_map(|bytes| Some((Fields::read(bytes)?, bytes))).collect();
        all.sort_by(|(a, _), (b, _)| (a.sort, a.id).cmp(&(b.sort, b.id)));
        let births = Zeroizing::new(all.iter().map(|(fields, _)| fields.birth_digits()).collect::<Vec<_>>());
        let (mut names, mut numbers) = (Vec::with_capacity(all.len() * 6), Vec::with_capacity(all.len() * 4));
        for (place, (fields, _)) in (0u32..).zip(&all) {
            names.extend(fields.words().map(|word| (word, place)));
            numbers.extend(fields.numbers().map(|number| (number, place)));
        }
        let mut by_id: Vec<u32> = (0u32..).take(all.len()).collect();
        by_id.sort_unstable_by_key(|place| all.get(*place as usize).map(|(fields, _)| fields.id));
        let mut bytes = Zeroizing::new(Vec::with_capacity(all.iter().map(|(_, entry)| entry.len()).sum()));
        let mut entries_at = Vec::with_capacity(all.len() + 1);
        for (_, entry) in &all {
            entries_at.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
            bytes.extend_from_slice(entry);
        }
        entries_at.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        Self {
            entries_at,
            by_id,
            gone: vec![false; all.len()],
            left: all.len(),
            names: Dictionary::build(names),
            numbers: Dictionary::build(numbers),
            births: Dictionary::build(births.iter().map(String::as_str).zip(0u32..).filter(|(birth, _)| !birth.is_empty()).collect()),
            entries: bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.left
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.gone.len()).filter(|place| !self.gone[*place]).map(|place| self.entry(place))
    }

    pub(super) fn fields_of(&self, id: &str) -> Option<Fields<'_>> {
        self.fields(self.place(id)?)
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some(gone) = self.place(id).and_then(|place| self.gone.get_mut(place)) else { return false };
        *gone = true;
        self.left -= 1;
        true
    }

    /// Patients with that word among their names.
    pub(super) fn with_name(&self, word: &str) -> impl Iterator<Item = Fields<'_>> {
        let mut places = Vec::new();
        self.names.prefix(word, |place, whole| places.extend(whole.then_some(place)));
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| place as usize).filter(|place| !self.gone[*place]).filter_map(|place| self.fields(place))
    }

    /// Patients with a name like that word, slips included.
    pub(super) fn with_name_like(&self, word: &str) -> impl Iterator<Item = Fields<'_>> {
        let mut places = Vec::new();
        self.names.prefix(word, |place, whole| places.extend(whole.then_some(place)));
        self.names.similar(word, |place, _| places.push(place));
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| place as usize).filter(|place| !self.gone[*place]).filter_map(|place| self.fields(place))
    }

    /// The best `most` with their scores, and how many match.
    pub(super) fn rank(&self, terms: &[Term], similar: bool, most: usize) -> (Vec<(u8, Fields<'_>)>, usize) {
        let Some((first, others)) = terms.split_first() else {
            let all = (0..self.gone.len()).filter(|place| !self.gone[*place]);
            return (all.filter_map(|place| Some((0, self.fields(place)?))).take(most).collect(), self.left);
        };
        let mut scores = vec![NONE; self.gone.len()];
        let mut candidates: Vec<(u8, u32)> = Vec::new();
        for place in self.hits(first, similar, &mut scores) {
            if !self.gone[place as usize] {
                candidates.push((scores[place as usize], place));
            }
        }
        for term in others {
            scores.fill(NONE);
            self.hits(term, similar, &mut scores);
            candidates.retain_mut(|(sum, place)| {
                *sum = add(*sum, scores[*place as usize]);
                *sum != NONE
            });
        }
        let total = candidates.len();
        // Places are in name order, so of equal scores the first by name win.
        if total > most {
            candidates.select_nth_unstable(most);
            candidates.truncate(most);
        }
        (candidates.into_iter().filter_map(|(score, place)| Some((score, self.fields(place as usize)?))).collect(), total)
    }

    /// Sets the scores of those who have the term; returns who they are.
    fn hits(&self, term: &Term, similar: bool, scores: &mut [u8]) -> Vec<u32> {
        let mut found = Vec::new();
        let mut hit = |place: u32, score: u8| {
            if let Some(best) = scores.get_mut(place as usize) {
                if *best == NONE {
                    found.push(place);
                }
                *best = score.min(*best);
            }
        };
        let graded = |whole| if whole { WHOLE } else { BEGINNING };
        self.names.prefix(&term.text, |place, whole| hit(place, graded(whole)));
        self.numbers.prefix(&term.text, |place, whole| hit(place, graded(whole)));
        for date in &term.dates {
            self.births.prefix(date, |place, whole| hit(place, graded(whole)));
        }
        if similar {
            self.names.similar(&term.text, |place, slips| hit(place, SIMILAR + slips));
        }
        found
    }

    fn place(&self, id: &str) -> Option<usize> {
        let at = self.by_id.binary_search_by(|place| entry::id(self.entry(*place as usize)).cmp(id)).ok()?;
        let place = *self.by_id.get(at)? as usize;
        (!self.gone.get(place)?).then_some(place)
    }

    fn entry(&self, place: usize) -> &[u8] {
        match (self.entries_at.get(place), self.entries_at.get(place + 1)) {
            (Some(from), Some(to)) => self.entries.get(*from as usize..*to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    fn fields(&self, place: usize) -> Option<Fields<'_>> {
        Fields::read(self.entry(place))
    }
}

/// The score of one entry, as [`Base::rank`] gives it.
pub(super) fn score(fields: Fields<'_>, terms: &[Term], similar: bool) -> u8 {
    let birth = fields.birth_digits();
    let graded = |has: &str, typed: &str| match has.strip_prefix(typed) {
        Some("") => WHOLE,
        Some(_) => BEGINNING,
        None => NONE,
    };
    terms.iter().fold(0, |sum, term| {
        let direct = fields.words().chain(fields.numbers()).map(|word| graded(word, &term.text));
        let dates = term.dates.iter().map(|date| graded(&birth, date));
        let slips = fields.words().filter(|_| similar).map(|word| slips_score(&term.text, word));
        add(sum, direct.chain(dates).chain(slips).min().unwrap_or(NONE))
    })
}

fn slips_score(typed: &str, word: &str) -> u8 {
    slips_to_prefix(typed, word, tolerance(typed.chars().count())).filter(|slips| *slips > 0).map_or(NONE, |slips| SIMILAR + slips)
}

fn add(sum: u8, own: u8) -> u8 {
    if sum == NONE || own == NONE { NONE } else { sum.saturating_add(own).min(NONE - 1) }
}
