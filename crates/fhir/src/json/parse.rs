//! Text to tree.
use super::lexer::RawString;
use super::limits::{JsonError, Limits};
use super::tree::{Json, Number, Object};
use super::walk::{Listener, walk};

impl Json {
    /// Reads one JSON value within `limits`, losslessly: member order and number digits are kept.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, JsonError> {
        let mut builder = Builder::default();
        walk(bytes, limits, &mut builder)?;
        Ok(builder.done)
    }
}

/// Containers still open, innermost last, each with the name of the member whose value is due.
#[derive(Default)]
struct Builder {
    open: Vec<(Json, Option<Box<str>>)>,
    done: Json,
}

impl Builder {
    fn value(&mut self, value: Json) {
        match self.open.last_mut() {
            Some((Json::Array(items), _)) => items.push(value),
            // INVARIANT: `walk` names every member before its value.
            Some((Json::Object(object), name)) => object.push_unique(name.take().unwrap_or_default(), value),
            _ => self.done = value,
        }
    }
}

impl<'a> Listener<'a> for Builder {
    fn null(&mut self) {
        self.value(Json::Null);
    }
    fn bool(&mut self, value: bool) {
        self.value(Json::Bool(value));
    }
    fn number(&mut self, digits: &'a str) {
        self.value(Json::Number(Number::checked(digits)));
    }
    fn string(&mut self, text: RawString<'a>) {
        self.value(Json::String(text.decode().into()));
    }
    fn name(&mut self, name: &str) {
        if let Some((_, due)) = self.open.last_mut() {
            *due = Some(name.into());
        }
    }
    fn begin(&mut self, object: bool) {
        let empty = if object { Json::Object(Object::new()) } else { Json::Array(Vec::new()) };
        self.open.push((empty, None));
    }
    fn end(&mut self) {
        if let Some((container, _)) = self.open.pop() {
            self.value(container);
        }
    }
}
