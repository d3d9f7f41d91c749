//! The practice EHR as its clients see it: its own process, real TLS, real sign-in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod break_glass;
mod countersign;
mod faults;
mod fhir;
mod loading;
mod restore;
mod sign_in;
mod support;
mod visibility;
