//! JSON (RFC 8259) with bounds, in two forms: a scan and a lossless tree.
mod compare;
mod lexer;
mod limits;
mod parse;
mod pointer;
mod scan;
mod tree;
mod walk;
mod write;

pub use compare::equal_apart_from_server_meta;
pub use limits::{JsonError, Limits};
pub use pointer::PointerError;
pub use scan::scan;
pub(crate) use scan::scan_counting;
pub use tree::{Json, Number, Object};
