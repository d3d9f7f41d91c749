//! chart
pub mod view;
