//! Words in order, each with the patients that have it.
use zeroize::Zeroizing;

use super::distance::{slips_to_prefix, tolerance};

/// Distinct words, sorted, in one wiped buffer; per word the patients (by place in the index) that have it.
#[derive(Default)]
pub(super) struct Dictionary {
    text: Zeroizing<Vec<u8>>,
    /// Where word `i` begins; one more for the end.
    text_at: Vec<u32>,
    /// Which letters word `i` has, see [`letters`].
    letters: Zeroizing<Vec<u32>>,
    postings: Vec<u32>,
    /// Where the patients of word `i` begin; one more for the end.
    postings_at: Vec<u32>,
}

impl Dictionary {
    /// Of pairs in any order. Words are borrowed until they stand in the dictionary: no copy is left behind.
    pub(super) fn build(pairs: Vec<(&str, u32)>) -> Self {
        // The first eight bytes as a number decide nearly every comparison.
        let mut keyed: Vec<(u64, &str, u32)> = pairs.into_iter().map(|(word, place)| (first_eight(word), word, place)).collect();
        keyed.sort_unstable();
        keyed.dedup();
        let distinct = || {
            keyed
                .iter()
                .zip(std::iter::once(None).chain(keyed.iter().map(Some)))
                .filter(|(own, last)| last.is_none_or(|last| last.1 != own.1))
        };
        let (count, length) = distinct().fold((0, 0), |(count, length), ((_, word, _), _)| (count + 1, length + word.len()));
        let mut dictionary = Self {
            text: Zeroizing::new(Vec::with_capacity(length)),
            text_at: Vec::with_capacity(count + 1),
            letters: Zeroizing::new(Vec::with_capacity(count)),
            postings: keyed.iter().map(|(.., place)| *place).collect(),
            postings_at: Vec::with_capacity(count + 1),
        };
        let mut last = None;
        for (i, (_, word, _)) in keyed.iter().enumerate() {
            if last != Some(*word) {
                last = Some(*word);
                dictionary.text_at.push(offset(dictionary.text.len()));
                dictionary.postings_at.push(offset(i));
                dictionary.letters.push(letters(word));
                dictionary.text.extend_from_slice(word.as_bytes());
            }
        }
        dictionary.text_at.push(offset(dictionary.text.len()));
        dictionary.postings_at.push(offset(keyed.len()));
        dictionary
    }

    /// Calls `hit` with each patient that has a word beginning with `prefix`, and whether it is the whole word.
    pub(super) fn prefix(&self, prefix: &str, mut hit: impl FnMut(u32, bool)) {
        let prefix = prefix.as_bytes();
        let mut low = 0;
        let mut high = self.letters.len();
        while low < high {
            let middle = low.midpoint(high);
            if self.word(middle) < prefix { low = middle + 1 } else { high = middle }
        }
        for i in low..self.letters.len() {
            let word = self.word(i);
            if !word.starts_with(prefix) {
                break;
            }
            self.patients(i).iter().for_each(|place| hit(*place, word.len() == prefix.len()));
        }
    }

    /// Calls `hit` with each patient that has a word beginning like `typed` but for one to [`tolerance`] slips, and how many.
    pub(super) fn similar(&self, typed: &str, mut hit: impl FnMut(u32, u8)) {
        let typed_chars: Vec<char> = typed.chars().collect();
        let most = tolerance(typed_chars.len());
        if most == 0 {
            return;
        }
        let wanted = letters(typed);
        let mut word_chars: Vec<char> = Vec::new();
        for (i, has) in self.letters.iter().enumerate() {
            // Each slip accounts for at most one letter that the word lacks.
            if (wanted & !has).count_ones() > u32::from(most) {
                continue;
            }
            let word = self.word(i);
            let slips = if word.is_ascii() && typed.is_ascii() {
                slips_to_prefix(typed.as_bytes(), word, most)
            } else {
                word_chars.clear();
                word_chars.extend(std::str::from_utf8(word).unwrap_or_default().chars());
                slips_to_prefix(&typed_chars, &word_chars, most)
            };
            if let Some(slips @ 1..) = slips {
                self.patients(i).iter().for_each(|place| hit(*place, slips));
            }
        }
    }

    fn word(&self, i: usize) -> &[u8] {
        slice(&self.text, &self.text_at, i)
    }

    fn patients(&self, i: usize) -> &[u32] {
        slice(&self.postings, &self.postings_at, i)
    }
}

fn slice<'a, T>(all: &'a [T], at: &[u32], i: usize) -> &'a [T] {
    match (at.get(i), at.get(i + 1)) {
        (Some(from), Some(to)) => all.get(*from as usize..*to as usize).unwrap_or_default(),
        _ => &[],
    }
}

/// INVARIANT: the buffers stay below 4 GiB; [`super::PatientIndex`] holds far fewer patients.
fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn first_eight(word: &str) -> u64 {
    let mut eight = [0; 8];
    eight.iter_mut().zip(word.bytes()).for_each(|(to, byte)| *to = byte);
    u64::from_be_bytes(eight)
}

/// A bit per letter, letters beyond 32 sharing bits: sharing only makes the filter let more through.
pub(super) fn letters(word: &str) -> u32 {
    word.chars().fold(0, |bits, c| bits | 1 << (u32::from(c) & 31))
}
