//! desk
pub mod view;
