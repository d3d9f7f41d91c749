//! FHIR R4 JSON as it comes from a server that may be wrong or hostile. No I/O.
//!
//! Three ways in, by cost:
//! * [`scan`] checks a text against [`Limits`] without building anything: what is kept has passed it;
//! * [`Index::read`] and [`Bundle::parse`] read only what filing a record needs (type, id, whose, when, which code);
//! * [`Json::parse`] builds the lossless tree for edit and comparison: member order and number digits survive.
//!
//! INVARIANT: no function here panics or recurses without bound, whatever the input; errors are static text.
mod bundle;
mod compartment;
mod date;
mod index;
mod json;
mod loose;
mod outcome;
mod reference;

pub use bundle::{Bundle, BundleError, Content, Entry, Method, SearchMode};
pub use date::{FhirDate, Precision};
pub use index::{Header, Index, Label, ReadError, is_restricted};
pub use json::{Json, JsonError, Limits, Number, Object, PointerError, equal_apart_from_server_meta, scan};
pub use outcome::{Issue, Outcome, Severity};
pub use reference::Reference;
