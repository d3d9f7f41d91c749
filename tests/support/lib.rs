//! What the journeys run on: a display, a keyring, the practice EHR and Satchel itself, each the real program in a process of its own.
//!
//! Nothing here is replaced by an imitation. The one stand-in is the clinician's browser: `practice-ehr sign-in`
//! follows the sign-in pages as a browser would, since no browser is part of Satchel.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a part of the harness that does not work fails the test that asked for it"
)]
mod app;
mod browser;
mod bus;
pub mod canary;
mod desktop;
mod display;
mod driven;
mod hands;
mod keyring;
pub mod memory;
mod practice;
mod process;
mod records;
mod screens;
pub mod terminal;
mod wait;
mod window;

pub use app::App;
pub use browser::Browser;
pub use desktop::Desktop;
pub use display::Display;
pub use hands::Hands;
pub use keyring::Keyring;
pub use practice::{Clinician, PracticeEhr};
pub use records::Records;
pub use wait::until;
pub use window::Window;
