//! Names as search sees them: without case, accents, width or script variants.
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Compatibility-decomposed (NFKD), marks that only colour a letter removed, lower case, letters outside NFKD spelled out.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd() {
        if is_accent(c) {
            continue;
        }
        for c in c.to_lowercase() {
            match c {
                'ß' => out.push_str("ss"),
                'æ' => out.push_str("ae"),
                'œ' => out.push_str("oe"),
                'þ' => out.push_str("th"),
                'ø' => out.push('o'),
                'ł' => out.push('l'),
                'đ' | 'ð' => out.push('d'),
                'ħ' => out.push('h'),
                'ı' => out.push('i'),
                'ς' => out.push('σ'),
                // Hiragana as katakana: the same reading.
                'ぁ'..='ゖ' => out.push(char::from_u32(u32::from(c) + 0x60).unwrap_or(c)),
                // Arabic tatweel stretches a word and means nothing.
                '\u{640}' => {}
                c if is_accent(c) => {}
                c => out.push(c),
            }
        }
    }
    out
}

/// The words of a name to be found by. "O'Brien" is found as "obrien" and as "brien", "Smith-Jones" as "smithjones" too.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for word in fold(text).split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '(' | ')' | '・' | '、')) {
        let parts: Vec<&str> = word.split(|c| !is_letter(c)).filter(|part| !part.is_empty()).collect();
        if parts.len() > 1 {
            all.push(parts.concat());
        }
        all.extend(parts.into_iter().map(ToOwned::to_owned));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// A number without its separators: "999-38-6256" as "999386256".
pub(crate) fn number(text: &str) -> String {
    fold(text).chars().filter(|c| is_letter(*c)).collect()
}

pub(crate) fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Marks of Latin, Greek, Cyrillic, Hebrew and Arabic, and of kana voicing. The vowel signs of Indic and Thai scripts are
/// letters in all but name, and stay.
fn is_accent(c: char) -> bool {
    matches!(u32::from(c),
        0x300..=0x36F | 0x483..=0x487 | 0x591..=0x5BD | 0x5BF | 0x5C1..=0x5C7 | 0x610..=0x61A | 0x64B..=0x65F | 0x670
        | 0x6D6..=0x6DC | 0x6DF..=0x6E8 | 0x6EA..=0x6ED | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF
        | 0x3099..=0x309A | 0xFE20..=0xFE2F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds() {
        for (text, folded) in [
            ("Müller", "muller"),
            ("GODÍNEZ", "godinez"),
            ("Łukasz", "lukasz"),
            ("Straße", "strasse"),
            ("İnönü", "inonu"),
            ("Ｔａｎａｋａ", "tanaka"),
            ("やまだ", "ヤマタ"),
            ("ﾔﾏﾀﾞ", "ヤマタ"),
            ("Παπαδόπουλος", "παπαδοπουλοσ"),
            ("مُحَمَّد", "محمد"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn splits() {
        assert_eq!(words("Ó'Brien, Mary-Ann"), ["ann", "brien", "mary", "maryann", "o", "obrien"]);
        assert_eq!(words("山田 太郎"), ["太郎", "山田"]);
        assert_eq!(words("प्रिया"), ["प्रिया"]);
        assert_eq!(number("999-38-6256 a"), "999386256a");
        assert!(words(" -,' ").is_empty());
    }
}
