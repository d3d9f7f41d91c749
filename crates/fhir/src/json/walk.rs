//! One pass over a JSON text with an explicit stack: whoever listens decides what is built.
use std::borrow::Cow;

use super::lexer::{Lexer, RawString};
use super::limits::{JsonError, Limits};

/// Hears the values of a text in order. For a member the name comes first, then its value.
pub(crate) trait Listener<'a> {
    fn null(&mut self);
    fn bool(&mut self, value: bool);
    fn number(&mut self, digits: &'a str);
    fn string(&mut self, text: RawString<'a>);
    fn name(&mut self, name: &str);
    fn begin(&mut self, object: bool);
    fn end(&mut self);
}

enum Open {
    Array,
    /// The names of an object start here in `names`.
    Object(usize),
}

/// Checks `bytes` whole and tells `listener` what stands in them; returns the text and how many values it holds.
pub(crate) fn walk<'a>(bytes: &'a [u8], limits: &Limits, listener: &mut impl Listener<'a>) -> Result<(&'a str, usize), JsonError> {
    if bytes.len() > limits.bytes {
        return Err(JsonError::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    let mut lexer = Lexer::new(text);
    let mut open: Vec<Open> = Vec::new();
    let mut names: Vec<Cow<'a, str>> = Vec::new();
    let mut nodes = 0usize;
    loop {
        // A value is due.
        nodes += 1;
        if nodes > limits.nodes {
            return Err(JsonError::TooMany);
        }
        match lexer.peek().ok_or(JsonError::Syntax)? {
            start @ (b'{' | b'[') => {
                if open.len() >= limits.deepest() {
                    return Err(JsonError::TooDeep);
                }
                lexer.bump();
                let object = start == b'{';
                listener.begin(object);
                let end = if object { b'}' } else { b']' };
                if lexer.peek() == Some(end) {
                    lexer.bump();
                    listener.end();
                } else if object {
                    open.push(Open::Object(names.len()));
                    member(&mut lexer, &mut names, listener)?;
                    continue;
                } else {
                    open.push(Open::Array);
                    continue;
                }
            }
            b'"' => listener.string(lexer.string()?),
            b't' => {
                lexer.literal("true")?;
                listener.bool(true);
            }
            b'f' => {
                lexer.literal("false")?;
                listener.bool(false);
            }
            b'n' => {
                lexer.literal("null")?;
                listener.null();
            }
            _ => listener.number(lexer.number()?),
        }
        // A value is done: close what ends here, until another is due.
        loop {
            let Some(innermost) = open.last() else {
                return if lexer.peek().is_none() { Ok((text, nodes)) } else { Err(JsonError::Trailing) };
            };
            match (lexer.peek().ok_or(JsonError::Syntax)?, innermost) {
                (b',', Open::Array) => {
                    lexer.bump();
                    break;
                }
                (b',', Open::Object(_)) => {
                    lexer.bump();
                    member(&mut lexer, &mut names, listener)?;
                    break;
                }
                (b']', Open::Array) => {}
                (b'}', Open::Object(first)) => {
                    refuse_duplicates(&mut names[*first..])?;
                    names.truncate(*first);
                }
                _ => return Err(JsonError::Syntax),
            }
            lexer.bump();
            open.pop();
            listener.end();
        }
    }
}

fn member<'a>(lexer: &mut Lexer<'a>, names: &mut Vec<Cow<'a, str>>, listener: &mut impl Listener<'a>) -> Result<(), JsonError> {
    if lexer.peek() != Some(b'"') {
        return Err(JsonError::Syntax);
    }
    let name = lexer.string()?.decode();
    lexer.expect(b':')?;
    listener.name(&name);
    names.push(name);
    Ok(())
}

/// Pairwise for the few members a resource has; sorted for more, so that a hostile object costs n log n.
fn refuse_duplicates(names: &mut [Cow<'_, str>]) -> Result<(), JsonError> {
    let duplicate = if names.len() <= 16 {
        names.iter().enumerate().any(|(i, name)| names[..i].contains(name))
    } else {
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    };
    if duplicate { Err(JsonError::DuplicateKey) } else { Ok(()) }
}
