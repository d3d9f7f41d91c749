//! Words in order, each with the patients that have it.
use zeroize::{Zeroize, Zeroizing};

use super::distance::{Slips, tolerance};

/// Distinct words, sorted, in one wiped buffer; per word the patients (by place in the index) that have it.
#[derive(Default)]
pub(super) struct Dictionary {
    text: Zeroizing<Vec<u8>>,
    /// Where word `i` begins; one more for the end.
    text_at: Vec<u32>,
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
        let by_word = || keyed.chunk_by(|(_, a, _), (_, b, _)| a == b).filter_map(|group| Some((group.first()?.1, group)));
        let (count, length) = by_word().fold((0, 0), |(count, length), (word, _)| (count + 1, length + word.len()));
        // Sized in advance: growing would leave a copy behind that nobody wipes.
        let mut dictionary = Self {
            text: Zeroizing::new(Vec::with_capacity(length)),
            text_at: Vec::with_capacity(count + 1),
            postings: Vec::with_capacity(keyed.len()),
            postings_at: Vec::with_capacity(count + 1),
        };
        for (word, group) in by_word() {
            dictionary.text_at.push(offset(dictionary.text.len()));
            dictionary.postings_at.push(offset(dictionary.postings.len()));
            dictionary.text.extend_from_slice(word.as_bytes());
            dictionary.postings.extend(group.iter().map(|(.., place)| *place));
        }
        dictionary.text_at.push(offset(dictionary.text.len()));
        dictionary.postings_at.push(offset(dictionary.postings.len()));
        // The keys spell names too.
        keyed.iter_mut().for_each(|(key, ..)| key.zeroize());
        dictionary
    }

    /// Calls `hit` with each patient that has a word beginning with `prefix`, and whether it is the whole word.
    pub(super) fn prefix(&self, prefix: &str, mut hit: impl FnMut(u32, bool)) {
        let from = self.partition(0, |word| word < prefix.as_bytes());
        for i in from..self.len() {
            let word = self.word(i);
            if !word.starts_with(prefix.as_bytes()) {
                break;
            }
            self.patients(i).iter().for_each(|place| hit(*place, word.len() == prefix.len()));
        }
    }

    /// Calls `hit` with each patient that has a word beginning like `typed` but for one to [`tolerance`] slips, and how many.
    ///
    /// Walks the words in order as a tree of their letters: a beginning that is out of reach is left with all its words.
    pub(super) fn similar(&self, typed: &str, mut hit: impl FnMut(u32, u8)) {
        let most = tolerance(typed.chars().count());
        let Some(mut table) = Slips::of(typed, most).filter(|_| most > 0) else { return };
        // How many letters of the last word the table has rows for.
        let mut known = 0;
        let mut i = 0;
        while i < self.len() {
            let word = std::str::from_utf8(self.word(i)).unwrap_or_default();
            let mut fewest = u8::MAX;
            let mut out_of_reach = None;
            let mut shared = true;
            for (depth, (at, letter)) in word.char_indices().enumerate() {
                shared = shared && depth < known && table.has(depth, letter);
                if !shared {
                    let within = table.step(depth, letter);
                    known = depth + usize::from(within);
                    if !within {
                        out_of_reach = Some(at + letter.len_utf8());
                        break;
                    }
                }
                fewest = fewest.min(table.at(depth + 1).unwrap_or(u8::MAX));
            }
            match out_of_reach.and_then(|end| word.get(..end)) {
                // What follows is the same for every word that begins so.
                Some(beginning) if fewest > most => i = self.partition(i + 1, |other| other.starts_with(beginning.as_bytes())),
                _ => {
                    if (1..=most).contains(&fewest) {
                        self.patients(i).iter().for_each(|place| hit(*place, fewest));
                    }
                    i += 1;
                }
            }
        }
    }

    fn len(&self) -> usize {
        self.text_at.len().saturating_sub(1)
    }

    /// The first word from `from` on for which `before` no longer holds. Looks near first: skips are short as a rule.
    fn partition(&self, from: usize, before: impl Fn(&[u8]) -> bool) -> usize {
        let mut step = 1;
        let mut low = from;
        let mut high = from;
        while high < self.len() && before(self.word(high)) {
            low = high + 1;
            high += step;
            step *= 2;
        }
        high = high.min(self.len());
        while low < high {
            let middle = low.midpoint(high);
            if before(self.word(middle)) { low = middle + 1 } else { high = middle }
        }
        low
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
