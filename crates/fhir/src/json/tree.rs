//! The lossless tree.
use std::fmt;

use super::lexer::Lexer;

/// A JSON value: members in the order written, numbers by their digits.
///
/// Equality is that of JSON values with digits kept: objects compare without order, `1.10` is not `1.1`.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as written.
    Number(Number),
    /// A string, decoded.
    String(Box<str>),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

impl Json {
    /// The characters, if this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number's digits, if this is a number.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements; none if this is no array.
    #[must_use]
    pub fn items(&self) -> &[Json] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// The members, if this is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The members to change, if this is an object.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The member `name`, if this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.get(name)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::Array(items)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

/// A tree holds a patient's record: its `Debug` tells nothing.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json(redacted)")
    }
}

/// A number as written: FHIR gives meaning to the digits of a decimal (R4 §2.24.0.1, "precision").
#[derive(Clone, PartialEq, Eq)]
pub struct Number(Box<str>);

impl Number {
    /// Takes a text that is one JSON number and nothing else.
    #[must_use]
    pub fn new(digits: &str) -> Option<Self> {
        let mut lexer = Lexer::new(digits);
        (lexer.number() == Ok(digits)).then(|| Self(digits.into()))
    }

    pub(super) fn checked(digits: &str) -> Self {
        Self(digits.into())
    }

    /// The digits as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest double, for plots only; `None` beyond its range.
    #[must_use]
    pub fn to_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|value: &f64| value.is_finite())
    }
}

/// The members of an object in the order written. INVARIANT: no name twice.
#[derive(Clone, Default)]
pub struct Object {
    members: Vec<(Box<str>, Json)>,
}

impl Object {
    /// An empty object.
    #[must_use]
    pub const fn new() -> Self {
        Self { members: Vec::new() }
    }

    /// How many members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The member of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.members.iter().find(|(own, _)| **own == *name).map(|(_, value)| value)
    }

    /// The member of that name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.members.iter_mut().find(|(own, _)| **own == *name).map(|(_, value)| value)
    }

    /// Replaces the member in its place, or appends it.
    pub fn insert(&mut self, name: &str, value: Json) {
        match self.get_mut(name) {
            Some(old) => *old = value,
            None => self.members.push((name.into(), value)),
        }
    }

    /// Takes the member out.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.members.iter().position(|(own, _)| **own == *name)?;
        Some(self.members.remove(at).1)
    }

    /// Members in the order written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.members.iter().map(|(name, value)| (&**name, value))
    }

    /// For the parser, which has refused duplicates by the time the object is seen.
    pub(super) fn push_unique(&mut self, name: Box<str>, value: Json) {
        self.members.push((name, value));
    }
}

impl FromIterator<(String, Json)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(members: I) -> Self {
        let mut object = Self::new();
        for (name, value) in members {
            object.insert(&name, value);
        }
        object
    }
}
