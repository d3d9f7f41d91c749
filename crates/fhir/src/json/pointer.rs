//! JSON Pointer (RFC 6901), for edits that touch nothing else.
use std::borrow::Cow;

use super::tree::Json;

/// Why a pointer leads nowhere.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum PointerError {
    /// Not empty and not beginning with `/`.
    #[error("not a JSON Pointer")]
    NotAPointer,
    /// The parent does not exist or is no container, or the index is out of the array.
    #[error("the pointer leads nowhere")]
    Nowhere,
}

impl Json {
    /// The value at `pointer`, "/name/0/family"; the whole for "".
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        tokens(pointer).ok()?.try_fold(self, |at, token| match at {
            Self::Object(object) => object.get(&token),
            Self::Array(items) => items.get(index(&token)?),
            _ => None,
        })
    }

    /// The value at `pointer`, to change.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Json> {
        tokens(pointer).ok()?.try_fold(self, |at, token| match at {
            Self::Object(object) => object.get_mut(&token),
            Self::Array(items) => items.get_mut(index(&token)?),
            _ => None,
        })
    }

    /// Puts `value` at `pointer`: replaces what is there, adds a member to an object, or appends to an array (`-`).
    /// Everything else keeps its place and digits.
    pub fn set(&mut self, pointer: &str, value: Json) -> Result<(), PointerError> {
        let Some((parent, _)) = pointer.rsplit_once('/') else {
            return if pointer.is_empty() {
                *self = value;
                Ok(())
            } else {
                Err(PointerError::NotAPointer)
            };
        };
        let last = tokens(pointer)?.last().ok_or(PointerError::NotAPointer)?;
        match self.pointer_mut(parent).ok_or(PointerError::Nowhere)? {
            Self::Object(object) => object.insert(&last, value),
            Self::Array(items) if last == "-" => items.push(value),
            Self::Array(items) => *index(&last).and_then(|i| items.get_mut(i)).ok_or(PointerError::Nowhere)? = value,
            _ => return Err(PointerError::Nowhere),
        }
        Ok(())
    }
}

fn tokens(pointer: &str) -> Result<impl Iterator<Item = Cow<'_, str>>, PointerError> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(PointerError::NotAPointer);
    }
    Ok(pointer
        .split('/')
        .skip(1)
        .map(|token| if token.contains('~') { Cow::Owned(token.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(token) }))
}

fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    (canonical && token.bytes().all(|b| b.is_ascii_digit())).then(|| token.parse().ok()).flatten()
}
