//! How many slips lie between what was typed and a name.

/// Longest word compared: more letters need no tolerance.
const LONGEST: usize = 24;

/// Slips allowed for a word of that many letters.
pub(super) fn tolerance(letters: usize) -> u8 {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// The slips between two whole words, if no more than `most`.
pub(super) fn slips(a: &str, b: &str, most: u8) -> Option<u8> {
    let mut table = Slips::of(a, most)?;
    let mut within = true;
    for (depth, letter) in b.chars().enumerate() {
        within = within && table.step(depth, letter);
    }
    let slips = table.at(b.chars().count())?;
    (within && slips <= most).then_some(slips)
}

/// The fewest slips (a letter missing, added, replaced, or two swapped) that turn `typed` into a beginning of `name`, if no
/// more than `most`.
pub(super) fn slips_to_prefix(typed: &str, name: &str, most: u8) -> Option<u8> {
    let mut table = Slips::of(typed, most)?;
    let mut fewest = table.at(0)?;
    for (depth, letter) in name.chars().enumerate() {
        if !table.step(depth, letter) {
            break;
        }
        fewest = fewest.min(table.at(depth + 1)?);
    }
    (fewest <= most).then_some(fewest)
}

/// The table of optimal string alignment, a row per letter of a name: names in alphabetical order share the rows of the
/// letters they begin with.
pub(super) struct Slips {
    typed: Vec<char>,
    most: u8,
    /// Row `d` holds the slips from the first `d` letters of the name to each beginning of what was typed.
    rows: Vec<[u8; LONGEST + 1]>,
    letters: Vec<char>,
}

impl Slips {
    /// `None` if more was typed than is compared.
    pub(super) fn of(typed: &str, most: u8) -> Option<Self> {
        let typed: Vec<char> = typed.chars().take(LONGEST + 1).collect();
        let deepest = typed.len() + usize::from(most);
        let mut first = [0; LONGEST + 1];
        first.iter_mut().zip(0u8..).for_each(|(slips, j)| *slips = j);
        (typed.len() <= LONGEST).then(|| Self { typed, most, rows: vec![first; deepest + 2], letters: vec!['\0'; deepest + 1] })
    }

    /// Takes the letter that follows the first `depth` of a name. False if no name that begins so can be within reach, or all
    /// that can be told has been.
    pub(super) fn step(&mut self, depth: usize, letter: char) -> bool {
        let before_last = depth.checked_sub(1).and_then(|at| self.letters.get(at).copied());
        let (Some(slot), Some((done, [row, ..]))) = (self.letters.get_mut(depth), self.rows.split_at_mut_checked(depth + 1)) else {
            return false;
        };
        *slot = letter;
        let Some(above) = done.last() else { return false };
        let two_above = done.len().checked_sub(2).and_then(|at| done.get(at));
        let mut last = u8::try_from(depth + 1).unwrap_or(u8::MAX);
        let mut least = last;
        row[0] = last;
        for (j, &typed) in self.typed.iter().enumerate() {
            let mut slips = (above[j] + u8::from(typed != letter)).min(above[j + 1] + 1).min(last + 1);
            if let (Some(two_above), Some(before)) = (two_above, j.checked_sub(1))
                && before_last == Some(typed)
                && self.typed.get(before) == Some(&letter)
            {
                slips = slips.min(two_above[before] + 1);
            }
            row[j + 1] = slips;
            last = slips;
            least = least.min(slips);
        }
        // A swap reaches back two rows, so the row above must be out of reach as well.
        least <= self.most || above.iter().take(self.typed.len() + 1).min() < Some(&self.most)
    }

    /// The slips from the first `depth` letters of the name to all that was typed.
    pub(super) fn at(&self, depth: usize) -> Option<u8> {
        self.rows.get(depth)?.get(self.typed.len()).copied()
    }

    /// Whether the letters taken so far are the first `depth + 1` of this name, given that the first `depth` are.
    pub(super) fn has(&self, depth: usize, letter: char) -> bool {
        self.letters.get(depth) == Some(&letter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(typed: &str, name: &str, most: u8) -> Option<u8> {
        slips_to_prefix(typed, name, most)
    }

    #[test]
    fn counts_slips() {
        for (typed, name, expected) in [
            ("johnson", "johnson", Some(0)),
            ("john", "johnson", Some(0)),
            ("jonh", "johnson", Some(1)),
            ("jhon", "johnson", Some(1)),
            ("ohnson", "johnson", Some(1)),
            ("johnsonn", "johnson", Some(1)),
            ("xohn", "johnson", Some(1)),
            ("jaansen", "johnson", None),
            ("okonwko", "okonkwo", Some(1)),
            ("okonkov", "okonkwo", None),
        ] {
            assert_eq!(prefix(typed, name, 1), expected, "{typed} {name}");
        }
        assert_eq!(prefix("schwartzenegger", "schwarzenegger", 2), Some(1));
        assert_eq!(slips("smith", "smyth", 1), Some(1));
        assert_eq!(slips("smith", "smithson", 1), None);
        assert_eq!(slips("", "", 0), Some(0));
    }

    proptest::proptest! {
        /// Against the textbook recurrence over the whole table.
        #[test]
        fn agrees_with_the_full_table(a in "[abc]{0,10}", b in "[abc]{0,10}", most in 0u8..4) {
            let (x, y) = (a.as_bytes(), b.as_bytes());
            let mut table = vec![vec![0usize; y.len() + 1]; x.len() + 1];
            for i in 0..=x.len() {
                for j in 0..=y.len() {
                    table[i][j] = match (i, j) {
                        (0, j) => j,
                        (i, 0) => i,
                        _ => {
                            let mut d = (table[i - 1][j - 1] + usize::from(x[i - 1] != y[j - 1])).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                            if i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1] {
                                d = d.min(table[i - 2][j - 2] + 1);
                            }
                            d
                        }
                    };
                }
            }
            let within = |d: usize| u8::try_from(d).ok().filter(|d| *d <= most);
            proptest::prop_assert_eq!(slips(&a, &b, most), within(table[x.len()][y.len()]));
            proptest::prop_assert_eq!(slips_to_prefix(&a, &b, most), table[x.len()].iter().copied().min().and_then(within));
        }
    }
}
