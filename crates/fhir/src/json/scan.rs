//! Validation alone.
use super::lexer::RawString;
use super::limits::{JsonError, Limits};
use super::walk::{Listener, walk};

/// Checks that `bytes` are one JSON value within `limits`, no name twice in an object, every string whole; returns the text.
///
/// Builds no tree. What this accepts, [`super::Json::parse`] and `serde_json` read alike.
pub fn scan<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, JsonError> {
    scan_counting(bytes, limits).map(|(text, _)| text)
}

/// As [`scan`], with the number of values found.
pub(crate) fn scan_counting<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(&'a str, usize), JsonError> {
    walk(bytes, limits, &mut Nobody)
}

struct Nobody;

impl<'a> Listener<'a> for Nobody {
    fn null(&mut self) {}
    fn bool(&mut self, _: bool) {}
    fn number(&mut self, _: &'a str) {}
    fn string(&mut self, _: RawString<'a>) {}
    fn name(&mut self, _: &str) {}
    fn begin(&mut self, _: bool) {}
    fn end(&mut self) {}
}
