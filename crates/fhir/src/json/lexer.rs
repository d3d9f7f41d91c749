//! Tokens of one JSON text.
use std::borrow::Cow;

use super::limits::JsonError;

/// A string as it stands between its quotes; its escapes have been checked.
#[derive(Clone, Copy)]
pub(crate) struct RawString<'a> {
    inner: &'a str,
    escaped: bool,
}

impl<'a> RawString<'a> {
    /// The characters meant.
    pub(crate) fn decode(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(unescape(self.inner)) } else { Cow::Borrowed(self.inner) }
    }
}

pub(crate) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0 }
    }

    /// The next byte that is not white space, not consumed.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Consumes the byte just peeked.
    pub(crate) fn bump(&mut self) {
        self.at += 1;
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.bump();
            Ok(())
        } else {
            Err(JsonError::Syntax)
        }
    }

    pub(crate) fn literal(&mut self, word: &str) -> Result<(), JsonError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(JsonError::Syntax)
        }
    }

    /// A number (RFC 8259 §6), its digits untouched.
    pub(crate) fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        self.skip(b'-');
        if !self.skip(b'0') && self.digits() == 0 {
            return Err(JsonError::Syntax);
        }
        if self.skip(b'.') && self.digits() == 0 {
            return Err(JsonError::Syntax);
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _sign = self.skip(b'+') || self.skip(b'-');
            if self.digits() == 0 {
                return Err(JsonError::Syntax);
            }
        }
        Ok(&self.text[start..self.at])
    }

    /// A string from its opening quote to its closing one.
    pub(crate) fn string(&mut self) -> Result<RawString<'a>, JsonError> {
        self.expect(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            match *self.bytes.get(self.at).ok_or(JsonError::Syntax)? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.at += 1;
                    self.escape()?;
                }
                0..=0x1f => return Err(JsonError::Syntax),
                _ => self.at += 1,
            }
        }
        let inner = &self.text[start..self.at];
        self.at += 1;
        Ok(RawString { inner, escaped })
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let byte = *self.bytes.get(self.at).ok_or(JsonError::Syntax)?;
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.hex4()? {
                0xD800..=0xDBFF => {
                    if !(self.skip(b'\\') && self.skip(b'u')) {
                        return Err(JsonError::LoneSurrogate);
                    }
                    match self.hex4()? {
                        0xDC00..=0xDFFF => Ok(()),
                        _ => Err(JsonError::LoneSurrogate),
                    }
                }
                0xDC00..=0xDFFF => Err(JsonError::LoneSurrogate),
                _ => Ok(()),
            },
            _ => Err(JsonError::Syntax),
        }
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(JsonError::Syntax)?;
        self.at += 4;
        hex(digits).ok_or(JsonError::Syntax)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
}

/// INVARIANT: `inner` was checked by [`Lexer::string`], so every escape is whole; a broken one would become U+FFFD.
fn unescape(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        let (meant, length) = match code {
            b'b' => ('\u{8}', 2),
            b'f' => ('\u{c}', 2),
            b'n' => ('\n', 2),
            b'r' => ('\r', 2),
            b't' => ('\t', 2),
            b'u' => unicode(rest.as_bytes().get(at..).unwrap_or_default()),
            other => (char::from(other), 2),
        };
        out.push(meant);
        rest = rest.get(at + length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The character of `\uXXXX` or of a surrogate pair at the start of `bytes`, and how long the escape is.
fn unicode(bytes: &[u8]) -> (char, usize) {
    let unit = |from: usize| bytes.get(from..from + 4).and_then(hex).unwrap_or(0xFFFD);
    let first = unit(2);
    if (0xD800..0xDC00).contains(&first) {
        let pair = 0x10000 + ((first - 0xD800) << 10) + (unit(8).saturating_sub(0xDC00) & 0x3FF);
        (char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
    } else {
        (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
    }
}
