//! What was typed into the search.
use chrono::NaiveDate;

use super::fold;

/// One word of a query: it may be a name, a number, a birth date.
pub(super) struct Term {
    /// Folded, without separators.
    pub(super) text: String,
    /// "19610312", "196103", "1961": readings as a birth date or the beginning of one.
    pub(super) dates: Vec<String>,
}

/// The words of a query; all must be found. At most eight: nobody types more, and each costs.
pub(super) fn terms(query: &str) -> Vec<Term> {
    let mut all = Vec::new();
    // A title in brackets, as the banner shows it, is no name.
    let query =
        query.split('(').enumerate().map(|(i, part)| if i == 0 { part } else { part.split_once(')').map_or("", |(_, after)| after) });
    for word in query.flat_map(|part| part.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))) {
        let dates = dates(word);
        let has_digit = word.chars().any(|c| c.is_ascii_digit());
        let without_apostrophes: String = word.chars().filter(|c| !matches!(c, '\'' | '’' | 'ʼ' | '`')).collect();
        if has_digit || !dates.is_empty() {
            let text = fold::number(&without_apostrophes);
            if !text.is_empty() {
                all.push(Term { text, dates });
            }
        } else {
            let folded = fold::fold(&without_apostrophes);
            let parts = folded.split(|c| !fold::is_letter(c)).filter(|part| !part.is_empty());
            all.extend(parts.map(|part| Term { text: part.to_owned(), dates: Vec::new() }));
        }
    }
    all.truncate(8);
    all
}

/// Readings of "1961", "03/1961", "1961-03-12", "12/03/1961" (day or month first), "12-Mar-1961", "19610312".
fn dates(word: &str) -> Vec<String> {
    let parts: Vec<&str> = word.split(['/', '-', '.']).collect();
    let found: Vec<Option<String>> = match parts.as_slice() {
        [digits] if digits.bytes().all(|b| b.is_ascii_digit()) => match digits.len() {
            4 => vec![year(digits)],
            6 => vec![digits.get(..4).and_then(|y| month_of(y, digits.get(4..)?))],
            8 => vec![digits.get(..4).and_then(|y| day_of(y, digits.get(4..6)?, digits.get(6..)?))],
            _ => Vec::new(),
        },
        [a, b] if a.len() == 4 => vec![month_of(a, b)],
        [a, b] => vec![month_of(b, a)],
        [y, m, d] if y.len() == 4 => vec![day_of(y, m, d)],
        [a, b, y] => vec![day_of(y, b, a), day_of(y, a, b)],
        _ => Vec::new(),
    };
    let mut found: Vec<String> = found.into_iter().flatten().collect();
    found.dedup();
    found
}

fn year(text: &str) -> Option<String> {
    let year: u16 = text.parse().ok()?;
    (text.len() == 4 && (1850..=2150).contains(&year)).then(|| text.to_owned())
}

fn month_of(y: &str, m: &str) -> Option<String> {
    Some(format!("{}{:02}", year(y)?, month(m)?))
}

fn day_of(y: &str, m: &str, d: &str) -> Option<String> {
    let (y, m, d): (String, u32, u32) = (year(y)?, month(m)?, d.parse().ok()?);
    NaiveDate::from_ymd_opt(y.parse().ok()?, m, d)?;
    Some(format!("{y}{m:02}{d:02}"))
}

/// "3", "03", "Mar", "march"
fn month(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().filter(|month| (1..=12).contains(month));
    }
    let text = text.to_ascii_lowercase();
    let at = NAMES.iter().position(|name| text.len() >= 3 && name.starts_with(&text))?;
    u32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_dates() {
        for (word, expected) in [
            ("1961", &["1961"][..]),
            ("196103", &["196103"]),
            ("19610312", &["19610312"]),
            ("1961-03-12", &["19610312"]),
            ("12/03/1961", &["19610312", "19611203"]),
            ("31/03/1961", &["19610331"]),
            ("3.3.1961", &["19610303"]),
            ("12-Mar-1961", &["19610312"]),
            ("mar-1961", &["196103"]),
            ("03/1961", &["196103"]),
            ("9999", &[]),
            ("30-Feb-1961", &[]),
            ("Smith-Jones", &[]),
            ("a-b-c", &[]),
            ("", &[]),
        ] {
            assert_eq!(dates(word), expected, "{word}");
        }
    }

    #[test]
    fn words() {
        let texts = |query: &str| terms(query).into_iter().map(|term| term.text).collect::<Vec<_>>();
        assert_eq!(texts("  Ó'Brien, Mary-Ann "), ["obrien", "mary", "ann"]);
        assert_eq!(texts("HELLER342, Christa (Mrs.) x"), ["heller342", "christa", "x"]);
        assert_eq!(texts("Heller (Mr"), ["heller"]);
        assert_eq!(texts("999-38-6256"), ["999386256"]);
        assert_eq!(texts("12-Mar-1961"), ["12mar1961"]);
        assert!(texts(" ,-' ").is_empty());
        assert_eq!(terms("a b c d e f g h i j").len(), 8);
    }
}
