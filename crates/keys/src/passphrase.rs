//! The passphrase: held wiped-on-drop, judged by NIST SP 800-63B §3.1.1.2 (length and known-bad words, no composition rules).
use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::blocklist::BLOCKLIST;

/// What someone typed to open the vault. Normalised to NFKC (SP 800-63B), so that every keyboard spells it alike.
pub struct Passphrase(Zeroizing<String>);

/// Why a new passphrase is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum WeakPassphrase {
    /// Fewer than [`Passphrase::MIN_CHARS`] characters.
    #[error("passphrase is too short")]
    TooShort,
    /// More than [`Passphrase::MAX_CHARS`] characters.
    #[error("passphrase is too long")]
    TooLong,
    /// Little more than the person's own name or user name.
    #[error("passphrase is built on the person's name")]
    OwnName,
    /// Little more than a word that guessers try first, a row of keys, or one thing repeated.
    #[error("passphrase is easy to guess")]
    Common,
}

impl Passphrase {
    /// Fewest characters of a new passphrase. It is one of two factors (the device's secret is the other), for which SP
    /// 800-63B-4 asks 8; the vault's files may be attacked offline by whoever also took the keyring, hence more.
    pub const MIN_CHARS: usize = 12;
    /// Most characters of a new passphrase.
    pub const MAX_CHARS: usize = 256;

    /// Takes what was typed; `typed` is wiped.
    pub fn new(typed: impl Into<String>) -> Self {
        let typed = Zeroizing::new(typed.into());
        // Room for the worst that NFKC makes of three bytes (U+FDFA): a growing string would leave copies behind.
        let mut normal = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(11)));
        normal.extend(typed.nfkc());
        Self(normal)
    }

    /// Whether this may become `user`'s passphrase. Existing ones are not judged again.
    pub fn check(&self, user: &str, display_name: &str) -> Result<(), WeakPassphrase> {
        match self.0.chars().count() {
            ..Self::MIN_CHARS => return Err(WeakPassphrase::TooShort),
            Self::MIN_CHARS..=Self::MAX_CHARS => {}
            _ => return Err(WeakPassphrase::TooLong),
        }
        let folded = Zeroizing::new(self.0.to_lowercase());
        let (squeezed, unmasked) = (squeezed(&folded), unmasked(&folded));
        let is_built_on = |word: &str| [&folded, &squeezed, &unmasked].into_iter().any(|text| left_without(text, word) < OWN_CHARS);
        let names = display_name.split(|c: char| !c.is_alphanumeric()).chain([user, display_name]);
        if names.map(str::to_lowercase).any(|name| name.chars().count() >= 3 && left_without(&folded, &name) < OWN_CHARS) {
            return Err(WeakPassphrase::OwnName);
        }
        if BLOCKLIST.iter().any(|word| is_built_on(word)) || is_row(&folded) || is_repetition(&folded) {
            return Err(WeakPassphrase::Common);
        }
        Ok(())
    }

    /// Whether it is so many characters long, for a policy that asks for more than [`Passphrase::MIN_CHARS`].
    pub fn has_chars(&self, at_least: u64) -> bool {
        u64::try_from(self.0.chars().count()).is_ok_and(|chars| chars >= at_least)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(redacted)")
    }
}

/// Letters that must be left once a guessable word is taken out.
const OWN_CHARS: usize = 6;

/// How many letters are left of `text` when every `word` in it is taken out; `usize::MAX` if none is in it.
fn left_without(text: &str, word: &str) -> usize {
    if !text.contains(word) {
        return usize::MAX;
    }
    text.split(word).flat_map(str::chars).filter(|c| c.is_alphabetic()).count()
}

/// Without what stands between its words.
fn squeezed(text: &str) -> Zeroizing<String> {
    respelt(text, |c| c)
}

/// The same, with the signs that commonly stand for letters read as these.
fn unmasked(text: &str) -> Zeroizing<String> {
    respelt(text, |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    })
}

fn respelt(text: &str, letter: impl Fn(char) -> char) -> Zeroizing<String> {
    // Room for all of it: a growing string would leave copies behind.
    let mut spelt = Zeroizing::new(String::with_capacity(text.len()));
    spelt.extend(text.chars().map(letter).filter(|c| c.is_alphanumeric()));
    spelt
}

/// Whether the text is a walk along the alphabet, the digits or a row of keys, in either direction.
fn is_row(text: &str) -> bool {
    const ROWS: [&str; 5] = ["abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let neighbours = |a: char, b: char| {
        a == b
            || ROWS.iter().any(|row| {
                let mut pairs = row.chars().zip(row.chars().skip(1));
                pairs.any(|pair| pair == (a, b) || pair == (b, a))
            })
    };
    let steps = text.chars().zip(text.chars().skip(1));
    let walked = steps.clone().filter(|(a, b)| neighbours(*a, *b)).count();
    walked * 4 >= steps.count() * 3
}

/// Whether the text has fewer than five different characters, or is one short piece over and over.
fn is_repetition(text: &str) -> bool {
    let chars = Zeroizing::new(text.chars().collect::<Vec<_>>());
    let mut distinct = Zeroizing::new(chars.to_vec());
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() < 5 || (1..=chars.len() / 2).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::{Passphrase, WeakPassphrase as Weak};

    #[test]
    fn good_ones_pass_and_weak_ones_are_told_why() {
        let check = |text: &str| Passphrase::new(text).check("okonkwo", "Dr. Adaeze Okonkwo");
        for good in
            ["correct horse battery", "blaue Katze im Regen", "T7#kd0-pq!Lx2", "Wäsche auf dem Balkon", "十二文字以上の長い合言葉です"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (weak, why) in [
            ("elevenchars", Weak::TooShort),
            ("", Weak::TooShort),
            ("okonkwo12345", Weak::OwnName),
            ("Adaeze-2024-!", Weak::OwnName),
            ("Password1234", Weak::Common),
            ("Satchel2024!!", Weak::Common),
            ("hospital-99999", Weak::Common),
            ("P@ssw0rd2024!", Weak::Common),
            ("$ummer-2026-$un", Weak::Common),
            ("Correct Horse Battery Staple", Weak::Common),
            ("To be, or not to be: 7", Weak::Common),
            ("1qaz2wsx3edc", Weak::Common),
            ("m4y the f0rce be with you", Weak::Common),
            ("123456789012", Weak::Common),
            ("abcdefghijklm", Weak::Common),
            ("lkjhgfdsapoi", Weak::Common),
            ("aaaaaaaaaaaaaaa", Weak::Common),
            ("blue7blue7blue7", Weak::Common),
        ] {
            assert_eq!(check(weak), Err(why), "{weak}");
        }
        assert_eq!(check(&"correct horse ".repeat(40)), Err(Weak::TooLong));
    }

    #[test]
    fn whoever_builds_on_a_known_phrase_with_words_of_their_own_is_not_refused() {
        for good in ["once upon a time seven owls", "my dog reads to be or not", "hospital gardens in the rain"] {
            assert_eq!(Passphrase::new(good).check("okonkwo", "Dr. Adaeze Okonkwo"), Ok(()), "{good}");
        }
    }

    #[test]
    fn sixty_four_characters_and_more_are_taken_whole() {
        let words = "seven grey herons stand in the shallow water below the old weir and wait for the tide";
        assert!(words.len() > 64);
        assert_eq!(Passphrase::new(words).check("", ""), Ok(()));
        assert_ne!(Passphrase::new(words).bytes(), Passphrase::new(&words[..words.len() - 1]).bytes(), "nothing is cut off");
        assert_eq!(Passphrase::new("x".repeat(300)).bytes().len(), 300, "nor from what is merely typed");
    }

    #[test]
    fn spellings_of_one_text_are_one_passphrase() {
        assert_eq!(Passphrase::new("Wa\u{308}sche").bytes(), Passphrase::new("W\u{e4}sche").bytes());
        assert_eq!(format!("{:?}", Passphrase::new("x")), "Passphrase(redacted)");
    }
}
