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

/// The fewest slips (a letter missing, added, replaced, or two swapped) that turn `typed` into a beginning of `name`, if no
/// more than `most`.
pub(super) fn slips_to_prefix<T: PartialEq + Copy>(typed: &[T], name: &[T], most: u8) -> Option<u8> {
    let row = last_row(typed, name, most)?;
    let fewest = row.iter().copied().min()?;
    (fewest <= most).then_some(fewest)
}

/// The slips between two whole words, if no more than `most`.
pub(super) fn slips<T: PartialEq + Copy>(a: &[T], b: &[T], most: u8) -> Option<u8> {
    if a.len().abs_diff(b.len()) > usize::from(most) {
        return None;
    }
    let row = last_row(a, b, most)?;
    row.get(b.len()).copied().filter(|slips| *slips <= most)
}

/// Optimal string alignment, row by row; entry `j` holds the slips from `typed` to the first `j` letters of `name`. Letters of
/// `name` beyond reach are left out.
fn last_row<T: PartialEq + Copy>(typed: &[T], name: &[T], most: u8) -> Option<[u8; LONGEST + 3]> {
    const FAR: u8 = u8::MAX / 2;
    let width = name.len().min(typed.len() + usize::from(most));
    if typed.len() > LONGEST || width > LONGEST + 2 {
        return None;
    }
    let (mut before, mut above) = ([FAR; LONGEST + 3], [FAR; LONGEST + 3]);
    for (j, slips) in above.iter_mut().enumerate().take(width + 1) {
        *slips = u8::try_from(j).unwrap_or(FAR);
    }
    for (i, &letter) in typed.iter().enumerate() {
        let mut row = [FAR; LONGEST + 3];
        row[0] = u8::try_from(i + 1).unwrap_or(FAR);
        let mut least = row[0];
        for j in 1..=width {
            let same = name[j - 1] == letter;
            let mut slips = (above[j - 1] + u8::from(!same)).min(above[j] + 1).min(row[j - 1] + 1);
            if i > 0 && j > 1 && name[j - 2] == letter && typed[i - 1] == name[j - 1] {
                slips = slips.min(before[j - 2] + 1);
            }
            row[j] = slips;
            least = least.min(slips);
        }
        // A swap can reach back two rows, so the row above counts as well.
        if least > most && above[..=width].iter().min() > Some(&most) {
            return None;
        }
        (before, above) = (above, row);
    }
    Some(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(typed: &str, name: &str, most: u8) -> Option<u8> {
        slips_to_prefix(typed.as_bytes(), name.as_bytes(), most)
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
        assert_eq!(slips(b"smith", b"smyth", 1), Some(1));
        assert_eq!(slips(b"smith", b"smithson", 1), None);
        assert_eq!(slips(b"", b"", 0), Some(0));
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
            proptest::prop_assert_eq!(slips(x, y, most), within(table[x.len()][y.len()]));
            proptest::prop_assert_eq!(slips_to_prefix(x, y, most), table[x.len()].iter().copied().min().and_then(within));
        }
    }
}
