#![doc = include_str!("../README.md")]

pub mod args;
mod audit_intake;
mod break_glass;
mod countersign;
mod counting;
mod faults;
mod front;
mod listener;
mod load;
mod outcome;
mod records;
mod seed;
pub mod serve;
pub mod sign_in;
mod smart;
mod store;
mod tls;
