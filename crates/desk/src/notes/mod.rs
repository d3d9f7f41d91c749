//! Progress notes: drafts that survive anything, and signing.
mod draft;
mod sign;
#[cfg(test)]
mod tests;
mod unsigned;

pub(crate) use draft::draft_view;
pub use draft::{discard_draft, save_draft, start_note};
pub use sign::sign_note;
pub use unsigned::unsigned_notes;
