//! Text of the EHR on a terminal: nothing in it may move the cursor, change the screen or turn the reading direction.

/// The text with every control and direction-overriding character replaced by U+FFFD; line breaks and tabs become a blank.
pub fn line(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { harmless(c) }).collect()
}

/// As [`line`], but several lines stay several.
pub fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().map(line)
}

const fn harmless(c: char) -> char {
    match c {
        // C0 and C1 controls; embeddings, overrides and isolates of the bidirectional algorithm (UAX #9).
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        // Line and paragraph separator.
        '\u{2028}' | '\u{2029}' => ' ',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        assert_eq!(line("Ada\x1b[2J\u{9b}31m\u{202e}ecalevoL"), "Ada\u{fffd}[2J\u{fffd}31m\u{fffd}ecalevoL");
        assert_eq!(line("Zoë 王秀英 عائشة"), "Zoë 王秀英 عائشة");
        assert_eq!(line("one\r\ntwo\tthree"), "one  two three");
    }

    #[test]
    fn a_note_keeps_its_lines() {
        assert_eq!(lines("a\nb\x07\n").collect::<Vec<_>>(), ["a", "b\u{fffd}"]);
    }
}
